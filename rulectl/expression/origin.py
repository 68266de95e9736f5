"""Where a value comes from: the abstract values of the read-set analysis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rulectl.fields import WHOLE, FieldTree


class Mark:
    """A place in a root that was reached; it grows while the analysis runs and then becomes a FieldTree."""

    __slots__ = ("_entries", "_fields", "_items", "_whole")

    def __init__(self) -> None:
        self._whole = False
        self._fields: dict[str, Mark] = {}
        self._items: Mark | None = None
        self._entries: Mark | None = None

    def field(self, name: str) -> Mark:
        """The place of key `name`."""
        return self._fields.setdefault(name, Mark())

    def item(self) -> Mark:
        """The place of any element of a list."""
        if self._items is None:
            self._items = Mark()
        return self._items

    def entry(self) -> Mark:
        """The place of any value of an object; all keys are then kept."""
        if self._entries is None:
            self._entries = Mark()
        return self._entries

    def keep_whole(self) -> None:
        """All that is here is used."""
        self._whole = True

    def tree(self) -> FieldTree:
        """What has been reached and used so far."""
        if self._whole:
            return WHOLE
        return FieldTree(
            fields={name: mark.tree() for name, mark in self._fields.items()},
            items=self._items.tree() if self._items else None,
            entries=self._entries.tree() if self._entries else None,
        )


@dataclass(frozen=True, slots=True)
class Origin:
    """What a value may be: parts of roots (`marks`), or a new list or object made of such parts.

    Scalars and values that were already marked whole need no origin. An origin with nothing in it
    stands for them.
    """

    marks: tuple[Mark, ...] = ()
    elements: Origin | None = None
    fields: Mapping[str, Origin] = field(default_factory=dict)
    values: Origin | None = None

    def get(self, name: str) -> Origin:
        """The value of key `name`."""
        found = [Origin(tuple(mark.field(name) for mark in self.marks))]
        found += [self.fields[name]] if name in self.fields else []
        found += [self.values] if self.values else []
        return either(found)

    def walk(self, *names: str) -> Origin:
        """The value at a path of keys."""
        origin = self
        for name in names:
            origin = origin.get(name)
        return origin

    def item(self) -> Origin:
        """Any element, where this is a list."""
        found = [Origin(tuple(mark.item() for mark in self.marks))]
        found += [self.elements] if self.elements else []
        return either(found)

    def value(self) -> Origin:
        """Any value, where this is an object."""
        found = [Origin(tuple(mark.entry() for mark in self.marks)), *self.fields.values()]
        found += [self.values] if self.values else []
        return either(found)

    def keep_whole(self) -> None:
        """The value is used in a way that may depend on all of it."""
        for mark in self.marks:
            mark.keep_whole()
        for part in (self.elements, self.values, *self.fields.values()):
            if part is not None:
                part.keep_whole()

    def keep_size(self) -> None:
        """Only whether it is empty, or how long it is, matters: new lists and objects keep their parts back."""
        for mark in self.marks:
            mark.keep_whole()


NOWHERE = Origin()
"""A value that depends on no place any more: a scalar, or made of what is marked whole."""


def either(origins: Iterable[Origin]) -> Origin:
    """A value that is one of several."""
    known = [origin for origin in origins if origin is not NOWHERE and origin != NOWHERE]
    if not known:
        return NOWHERE
    if len(known) == 1:
        return known[0]
    names = dict.fromkeys(name for origin in known for name in origin.fields)
    return Origin(
        marks=tuple(dict.fromkeys(mark for origin in known for mark in origin.marks)),
        elements=_one([origin.elements for origin in known]),
        fields={name: either([o.fields[name] for o in known if name in o.fields]) for name in names},
        values=_one([origin.values for origin in known]),
    )


def _one(origins: list[Origin | None]) -> Origin | None:
    known = [origin for origin in origins if origin is not None]
    return either(known) if known else None
