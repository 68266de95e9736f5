"""Putting an engine together from a plan, and running it: with threads, or one step at a time."""
