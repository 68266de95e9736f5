"""The actions that rulectl brings, one per file."""
