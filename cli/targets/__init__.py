"""Targets as their owner writes them, in fleet.toml or on the command line, and the objects made of them."""
