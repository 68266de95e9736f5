"""Whole controllers on the bench: what a rule does to a cluster that changes."""
