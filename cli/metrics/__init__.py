"""Metrics: what every process tells Prometheus, and whether it is well, on a port of its own."""
