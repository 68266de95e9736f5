"""What of an object goes into its record: the recorded fields, and of Secrets nothing but keyed digests."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field

from rulectl.fields import FieldTree
from rulectl.plan.model import RulePlan
from rulectl.predicate.watched import Field, Watched
from rulectl.resource import Kind
from rulectl.state.digest import digest
from rulectl.state.record import Values
from rulectl.value import Value, encode, mapping

SECRET = Kind("v1", "Secret")
_MOST_PARTS = 256
_LONGEST_PART = 256
_IDENTITY = ("name", "namespace", "uid")


@dataclass(frozen=True, slots=True)
class Recording:
    """`key` None: values are recorded as they are; else digests under that key stand for them."""

    tree: FieldTree
    key: bytes | None = None
    _parts: dict[bytes, Value] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, rule: RulePlan, key: bytes) -> Recording:
        """How objects of a rule are recorded."""
        return cls(rule.recorded, key if rule.select.kind == SECRET else None)

    def object(self, whole: Value) -> Value:
        """The part of an object that is recorded; of a Secret names and uid are as they are."""
        kept = self.tree.prune(whole)
        return self._shared(kept) if self.key is None else _digested(kept, self.key)

    def _shared(self, kept: Value) -> Value:
        """The same with parts that many objects have in common (such as a phase) held once for all of them."""
        if type(kept) is not dict or self.tree.whole:  # what is whole is not a copy
            return kept
        for name, part in kept.items():
            if name != "metadata" and type(part) is dict:
                kept[name] = self._common(part)
        return kept

    def _common(self, part: Value) -> Value:
        data = encode(part)
        known = self._parts.get(data)
        if known is not None:
            return known
        if len(self._parts) < _MOST_PARTS and len(data) < _LONGEST_PART:
            self._parts[data] = part
        return part

    def values(self, values: Values) -> Values:
        """Watched values as they are recorded and compared."""
        key = self.key
        return values if key is None else {name: digest(value, key) for name, value in values.items()}

    def watched(self, watched: tuple[Watched, ...]) -> tuple[Watched, ...]:
        """What a rule watches, with `from` and `to` as the values are compared with."""
        key = self.key
        if key is None:
            return watched
        return tuple(_field(item, key) if isinstance(item, Field) else item for item in watched)


def _field(field: Field, key: bytes) -> Field:
    def many(values: tuple[Value, ...] | None) -> tuple[Value, ...] | None:
        return None if values is None else tuple(None if value is None else digest(value, key) for value in values)

    return dataclasses.replace(field, old=many(field.old), new=many(field.new))


def _digested(value: Value, key: bytes) -> Value:
    whole = mapping(value)
    metadata = mapping(whole.get("metadata"))
    hidden = {name: _leaves(part, key) for name, part in whole.items() if name not in {"apiVersion", "kind"}}
    plain = {name: metadata[name] for name in _IDENTITY if name in metadata}
    if "metadata" in whole:
        rest = {name: _leaves(part, key) for name, part in metadata.items() if name not in _IDENTITY}
        hidden["metadata"] = {**plain, **rest}
    return {**{name: whole[name] for name in ("apiVersion", "kind") if name in whole}, **hidden}


def _leaves(value: Value, key: bytes) -> Value:
    if isinstance(value, Mapping):
        return {name: _leaves(part, key) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_leaves(part, key) for part in value]
    return None if value is None else digest(value, key)
