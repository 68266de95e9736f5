"""Leaving out the faulty parts of a document, so that the rest can be checked in the same run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rulectl.rule.node import Path
from rulectl.rule.shape import ShapeFault
from rulectl.value import Value

_FRAME: frozenset[Path] = frozenset({(), ("metadata",), ("spec",), ("spec", "watch")})
"""Parts that are kept although something that they require is missing."""


def prune(value: Value, faults: Iterable[ShapeFault]) -> Value:
    """`value` without the parts that `faults` name; in lists null stands for them, so that indexes stay."""
    doomed = {fault.path for fault in faults if not (fault.missing and fault.path in _FRAME)}
    return _without(value, (), doomed) if doomed else value


def _without(value: Value, path: Path, doomed: set[Path]) -> Value:
    if path in doomed:
        return None
    if not any(one[: len(path)] == path for one in doomed):
        return value
    if isinstance(value, Mapping):
        kept = ((key, part, (*path, key)) for key, part in value.items() if (*path, key) not in doomed)
        return {key: _without(part, below, doomed) for key, part, below in kept}
    if isinstance(value, list | tuple):
        return [_without(part, (*path, index), doomed) for index, part in enumerate(value)]
    return value
