"""Expressions: what a subscription asks of an event besides its type and sender, in CEL."""
