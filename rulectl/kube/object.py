"""What caches hold of an object: its identity, and the fields that somebody reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from rulectl.resource import ObjectKey
from rulectl.value import Value, encode, mapping, same, text


class KubeObject(Protocol):
    """One state of one object, immutable, shared between threads."""

    @property
    def key(self) -> ObjectKey:
        """Where the object is; another object may come to stand there, see `uid`."""
        ...

    @property
    def uid(self) -> str:
        """The identity; empty for the few APIs that have none."""
        ...

    @property
    def resource_version(self) -> str:
        """The version of the whole object, also when `value` does not show it."""
        ...

    def value(self) -> Mapping[str, Value]:
        """The kept fields as plain JSON, read-only by contract.

        metadata.name, namespace and uid are always kept. metadata.resourceVersion is there only
        if the tree reads it. null, absent and empty are told apart.
        """
        ...

    def same_fields(self, other: KubeObject) -> bool:
        """Whether both say the same in all kept fields, as JSON (true is not 1).

        metadata.resourceVersion does not count, unless the tree names it.
        """
        ...


class PlainObject:
    """A `KubeObject` around a decoded JSON value: whole objects, and those that fit no generated type."""

    __slots__ = ("_value", "_versioned", "key", "resource_version", "uid")

    def __init__(
        self,
        value: Mapping[str, Value],
        *,
        key: ObjectKey | None = None,
        resource_version: str | None = None,
        versioned: bool = False,
    ) -> None:
        """`key`, `resource_version` default to those in `value`; `versioned`: the version is a field."""
        metadata = mapping(value.get("metadata"))
        self.key = key or ObjectKey(text(metadata.get("namespace")), text(metadata.get("name")))
        self.uid = text(metadata.get("uid"))
        version = text(metadata.get("resourceVersion"))
        self.resource_version = version if resource_version is None else resource_version
        self._value = value
        self._versioned = versioned

    def value(self) -> Mapping[str, Value]:
        """See `KubeObject.value`."""
        return self._value

    def same_fields(self, other: KubeObject) -> bool:
        """See `KubeObject.same_fields`."""
        if self._versioned and self.resource_version != other.resource_version:
            return False
        return same_json(without_version(self._value), without_version(other.value()))

    def __repr__(self) -> str:
        return f"PlainObject({self.key}, uid={self.uid}, resource_version={self.resource_version})"


def same_json(left: Mapping[str, Value], right: Mapping[str, Value]) -> bool:
    """`rulectl.value.same`, nearly always answered in C."""
    if left != right:
        return False
    # Python holds true == 1; JSON does not. Equal bytes settle it, else it may still be the order of keys.
    return encode(left) == encode(right) or same(left, right)


def without_version(value: Mapping[str, Value]) -> Mapping[str, Value]:
    """`value` without its metadata.resourceVersion; a copy where it has one."""
    metadata = mapping(value.get("metadata"))
    if "resourceVersion" not in metadata:
        return value
    return {**value, "metadata": {name: part for name, part in metadata.items() if name != "resourceVersion"}}
