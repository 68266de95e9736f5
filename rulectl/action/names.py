"""What Kubernetes lets labels and annotations be called."""

from __future__ import annotations

import re
from typing import Final

_NAME: Final = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_PREFIX: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


def refuse_bad_key(key: str) -> None:
    """Nothing, for a key that a label or annotation may have.

    Raises:
        ValueError: it may not; the message says what one looks like.
    """
    prefix, slash, name = key.rpartition("/")
    is_prefix_good = not slash or (len(prefix) <= 253 and _PREFIX.fullmatch(prefix) is not None)
    if not is_prefix_good or not _NAME.fullmatch(name):
        raise ValueError(
            f"{key!r} cannot be a key: write NAME or DOMAIN/NAME, where NAME is at most 63 letters, digits, '-', '_' "
            "or '.' and begins and ends with a letter or digit"
        )


def refuse_bad_label(key: str, value: str) -> None:
    """Nothing, for a value that a label may have.

    Raises:
        ValueError: it may not; the message says what one looks like.
    """
    if value and not _NAME.fullmatch(value):
        raise ValueError(
            f"{value!r} cannot be the value of label {key!r}: at most 63 letters, digits, '-', '_' or '.', "
            "beginning and ending with a letter or digit"
        )


def as_text(value: str | float | bool) -> str:
    """A scalar as YAML would write it: what a label, an annotation or a header takes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
