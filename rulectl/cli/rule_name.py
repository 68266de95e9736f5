"""What a person may call a rule, where the name comes from the command line."""

from __future__ import annotations

import re

from rulectl.errors import UsageError

_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


def refuse_bad_name(name: str) -> None:
    """Nothing, if a rule may have this name.

    Raises:
        UsageError: it may not; the message has one like it that may.
    """
    if _NAME.fullmatch(name):
        return
    lowered = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:63].rstrip("-")
    hint = f"write it like {lowered!r}" if lowered else "write it like image-changed"
    raise UsageError(f"{name!r} cannot be a rule's name: lower case letters, digits and dashes; {hint}")
