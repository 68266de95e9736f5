"""Figures, not tests: nothing here asserts a time. Run one with ``python -m tests.benchmarks.NAME``."""
