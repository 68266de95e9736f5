"""Keyed digests that stand for the values of Secrets in records."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping

from rulectl.value import Value, encode_sorted

KEY = "digest-key"
"""Where the key lies in a store's `meta`, in hexadecimal."""
_MARK = "rulectl.dev/hmac-sha256:"
_BYTES = 16


def digest(value: Value, key: bytes) -> str:
    """What is recorded instead of `value`: equal for values that are equal as JSON, marked as a digest.

    128 bits of an HMAC-SHA256, so nothing about `value` can be read from it or looked up in tables. It does
    not hide a guessable value from somebody who has the key too, and the key lies in the state beside
    the digests: who may read the state may test guesses.
    """
    return _MARK + hmac.digest(key, encode_sorted(_canonical(value)), "sha256")[:_BYTES].hex()


def is_digest(value: object) -> bool:
    """Whether `value` looks like one that `digest` made (a plain value could only by intent)."""
    return isinstance(value, str) and value.startswith(_MARK) and len(value) == len(_MARK) + 2 * _BYTES


def new_meta() -> dict[str, str]:
    """What a store that begins anew keeps for good: a fresh random key."""
    return {KEY: secrets.token_hex(32)}


def digest_key(meta: Mapping[str, str]) -> bytes:
    """The key in a store's `meta`.

    Raises:
        KeyError, ValueError: there is none, which no store of this version leaves so.
    """
    return bytes.fromhex(meta[KEY])


def _canonical(value: Value) -> Value:
    """JSON knows one kind of number: 1.0 and 1 are to give the same bytes."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {name: _canonical(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(part) for part in value]
    return value
