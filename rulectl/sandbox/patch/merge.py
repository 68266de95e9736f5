"""JSON merge patch (RFC 7386)."""

from __future__ import annotations

from collections.abc import Mapping

from rulectl.value import Value


def merge_patch(target: Value, patch: Value) -> Value:
    """`target` with `patch` merged in: objects key by key, null removes, everything else replaces.

    Neither is changed; parts that stay as they were are shared with `target`.
    """
    if not isinstance(patch, Mapping):
        return patch
    result: dict[str, Value] = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge_patch(result.get(key), value)
    return result
