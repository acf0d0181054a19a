"""Telling: what commands that hold a tunnel say while they do, to people and to programs."""
