"""Expressions, evaluated in a process of their own: native code cannot be interrupted, a process can."""
