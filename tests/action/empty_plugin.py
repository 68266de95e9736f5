"""A module without any action."""

MARK = 1
