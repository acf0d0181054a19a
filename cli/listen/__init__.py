"""Listening: a webhook, a subscription and a tunnel in one command, for who develops a program."""
