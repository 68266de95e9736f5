"""One version of one object, with the bytes that lists and watches send for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rulectl.value import Value, encode, mapping

Convert = Callable[[Mapping[str, Value]], Mapping[str, Value]]
"""From the stored form of an object to the form that another version serves."""


class Stored:
    """An object as it was at resourceVersion `rv`; never changed, encoded at most once per form.

    The cached bytes leave out `kind` and `apiVersion` (their "tail" starts behind them), because lists of
    built-in kinds omit both and because several versions of a resource share one object.
    """

    __slots__ = ("_converted", "_partial", "_tail", "key", "object", "rv")

    def __init__(self, key: str, body: Mapping[str, Value], rv: int) -> None:
        self.key = key
        self.object = body
        self.rv = rv
        self._tail: bytes | None = None
        self._partial: bytes | None = None
        self._converted: bytes | None = None

    @property
    def metadata(self) -> Mapping[str, Value]:
        """The object's metadata."""
        return mapping(self.object.get("metadata"))

    @property
    def uid(self) -> str:
        """The object's identity."""
        return str(self.metadata.get("uid", ""))

    @property
    def namespace(self) -> str:
        """The object's namespace, empty for a cluster-scoped one."""
        return self.key.partition("/")[0] if "/" in self.key else ""

    @property
    def name(self) -> str:
        """The object's name."""
        return self.key.rpartition("/")[2]

    def tail(self) -> bytes:
        """The object's JSON from behind `kind` and `apiVersion` to its closing brace."""
        tail = self._tail
        if tail is None:
            tail = self._tail = tail_of(self.object)
        return tail

    def partial_tail(self) -> bytes:
        """The same of the object's PartialObjectMetadata."""
        tail = self._partial
        if tail is None:
            tail = self._partial = tail_of({"metadata": self.object.get("metadata") or {}})
        return tail

    def converted_tail(self, convert: Convert) -> bytes:
        """The same of the object as another version has it; a resource has at most one such version."""
        tail = self._converted
        if tail is None:
            tail = self._converted = tail_of(convert(self.object))
        return tail


def tail_of(body: Mapping[str, Value]) -> bytes:
    """The bytes of an object behind `kind` and `apiVersion`, closing brace included."""
    return encode({key: value for key, value in body.items() if key not in {"kind", "apiVersion"}})[1:]


def head_of(api_version: str, kind: str) -> bytes:
    """The bytes that go before a tail."""
    return encode({"kind": kind, "apiVersion": api_version})[:-1] + b","
