"""Everything that is checked: run all of it with ``python -m tests``."""
