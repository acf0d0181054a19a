"""What makes a benchmark worthless, and therefore ends it."""


class BenchError(Exception):
    """A measurement did not measure what it says; the text tells why."""
