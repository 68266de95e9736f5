"""The entry points of installed packages; quick when there are none, which is what most commands start with."""

from __future__ import annotations

import os
import sys
from typing import Final

_BEGINNING: Final = b"[rulectl."
"""How the groups of all entry points for rulectl begin, as packages write them down."""
_SUFFIXES: Final = (".dist-info", ".egg-info")


def entry_points(group: str) -> list[tuple[str, str, str]]:
    """Name, ``module:name`` and package of each entry point in `group`, one of rulectl's groups."""
    if not may_have_plugins(sys.path):
        return []
    from importlib import metadata  # noqa: PLC0415 - reads all packages' metadata, and is slow to import

    found = metadata.entry_points(group=group)
    return [(entry.name, entry.value, entry.dist.name if entry.dist else entry.value) for entry in found]


def may_have_plugins(path: list[str]) -> bool:
    """Whether some package on the import path may have entry points for rulectl.

    Where that cannot be seen in folders, as in a zip file, it may.
    """
    return any(_mentions(entry or ".") for entry in path)


def _mentions(folder: str) -> bool:
    try:
        names = [name for name in os.listdir(folder) if name.endswith(_SUFFIXES)]  # noqa: PTH208 - ten times as fast
    except FileNotFoundError:
        return False
    except OSError:
        return True  # a zip file, or something that cannot be looked into
    return any(_BEGINNING in _read(f"{folder}/{name}/entry_points.txt") for name in names)


def _read(file: str) -> bytes:
    try:
        with open(file, "rb") as stream:  # noqa: PTH123
            return stream.read()
    except (FileNotFoundError, NotADirectoryError):
        return b""
