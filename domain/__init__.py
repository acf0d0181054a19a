"""What things are and what the rules are: pure values and functions, no I/O, no clock, no environment."""
