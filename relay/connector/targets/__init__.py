"""The kinds of targets: a local URL, a program, and a program that is given a prompt."""
