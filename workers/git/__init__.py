"""Polling Git: asks the servers of repos where a branch, a tag or HEAD stands, and for nothing more."""
