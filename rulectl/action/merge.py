"""JSON merge patches (RFC 7386)."""

from __future__ import annotations

from collections.abc import Mapping

from rulectl.value import Value


def merged(target: Value, patch: Value) -> Value:
    """`target` after `patch`: objects are merged, null removes a key, everything else replaces."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(target) if isinstance(target, Mapping) else {}
    for key, part in patch.items():
        if part is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), part)
    return result
