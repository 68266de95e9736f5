"""JSON values, as the type checker sees them, and the one codec the package uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import msgspec

Value: TypeAlias = "bool | int | float | str | Sequence[Value] | Mapping[str, Value] | None"
"""Any JSON value. Mappings and sequences are read-only by contract: they may be shared with a cache."""

_encoder = msgspec.json.Encoder()
_sorted_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder()


def encode(value: object) -> bytes:
    """`value` as compact JSON, keys in insertion order."""
    return _encoder.encode(value)


def encode_sorted(value: object) -> bytes:
    """`value` as compact JSON with sorted keys: equal values give equal bytes (used for digests)."""
    return _sorted_encoder.encode(value)


def decode(data: bytes | str) -> Value:
    """The JSON value in `data`.

    Raises:
        ValueError: it is not JSON (msgspec.DecodeError is a ValueError).
    """
    value: Value = _decoder.decode(data)
    return value


def mapping(value: object) -> Mapping[str, Value]:
    """`value` if it is a JSON object, else an empty one: for walking objects that may lack parts."""
    if type(value) is dict:  # nearly always; asking an abstract class takes ten times as long
        return value
    return value if isinstance(value, Mapping) else {}


def text(value: object) -> str:
    """`value` if it is a string, else the empty string."""
    return value if isinstance(value, str) else ""


def same(left: object, right: object) -> bool:
    """Whether two JSON values are equal as JSON: true is not 1, but 1 is 1.0."""
    kind = type(left)
    if kind is str or left is None:
        return left == right
    if kind is bool or isinstance(right, bool):
        return left is right
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))
    return left == right
