"""Benchmarks: ratios measured side by side in one run, against references that are part of this folder."""
