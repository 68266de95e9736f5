"""What tells an edited rule from the same rule read again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from rulectl.value import Value, encode_sorted, mapping


def rule_digest(value: Value, env: Mapping[str, str]) -> str:
    """Equal for rules that say the same, defaults included; comments, order of keys and places do not count."""
    return _sha256({"spec": mapping(value).get("spec"), "env": dict(env)})


def scope_digest(value: Value) -> str:
    """Equal as long as a rule watches the same objects."""
    return _sha256(mapping(mapping(value).get("spec")).get("watch"))


def _sha256(value: object) -> str:
    return hashlib.sha256(encode_sorted(value)).hexdigest()
