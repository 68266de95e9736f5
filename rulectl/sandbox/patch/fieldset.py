"""Sets of field paths, and their JSON form FieldsV1 in managedFields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rulectl.sandbox.patch.element import Element, Path, canonical, order
from rulectl.value import Value


class FieldSet:
    """An immutable set of paths, kept as a tree.

    A path being in the set says nothing about what lies below it or above it: ``.spec.a`` may be a
    member without ``.spec``. The empty path (the whole object) is never a member.
    """

    __slots__ = ("children", "members")

    def __init__(
        self, members: frozenset[Element] = frozenset(), children: Mapping[Element, FieldSet] | None = None
    ) -> None:
        self.members = members
        """The elements whose path ends here."""
        self.children: Mapping[Element, FieldSet] = {
            element: below for element, below in (children or {}).items() if below
        }
        """What lies below an element, member or not; never empty sets."""

    @staticmethod
    def of(paths: Iterable[Path]) -> FieldSet:
        """The set of these paths; the empty path is left out."""
        ends: set[Element] = set()
        below: dict[Element, list[Path]] = {}
        for path in paths:
            if len(path) == 1:
                ends.add(path[0])
            elif path:
                below.setdefault(path[0], []).append(path[1:])
        return FieldSet(frozenset(ends), {element: FieldSet.of(rest) for element, rest in below.items()})

    @staticmethod
    def from_fields_v1(fields: Mapping[str, Value]) -> FieldSet:
        """The set that a ``fieldsV1`` object writes down.

        Raises:
            ValueError: a key is no path element, or its value no object.
        """
        members: set[Element] = set()
        children: dict[Element, FieldSet] = {}
        for key, below in fields.items():
            if key == ".":
                continue
            if not isinstance(below, Mapping):
                raise ValueError(f"fieldsV1: {key!r} must hold an object")  # noqa: TRY004 - the data's fault
            element = canonical(key)
            if not below or "." in below:
                members.add(element)
            children[element] = FieldSet.from_fields_v1(below)
        return FieldSet(frozenset(members), children)

    def to_fields_v1(self) -> dict[str, Value]:
        """The ``fieldsV1`` object of this set; equal sets give equal objects, in equal order."""
        result: dict[str, Value] = {}
        for element in sorted(self.members | self.children.keys(), key=order):
            below: dict[str, Value] = {}
            if element in self.children:
                if element in self.members:
                    below["."] = {}
                below.update(self.children[element].to_fields_v1())
            result[element] = below
        return result

    def __bool__(self) -> bool:
        return bool(self.members or self.children)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FieldSet):
            return NotImplemented
        return self.members == other.members and self.children == other.children

    def __hash__(self) -> int:
        return hash((self.members, frozenset(self.children.items())))

    def __repr__(self) -> str:
        return f"FieldSet({self.to_fields_v1()!r})"

    def __iter__(self) -> Iterator[Path]:
        """The paths, sorted, those of this level first."""
        yield from ((element,) for element in sorted(self.members, key=order))
        for element in sorted(self.children, key=order):
            yield from ((element, *rest) for rest in self.children[element])

    def __contains__(self, path: object) -> bool:
        if not isinstance(path, tuple) or not path:
            return False
        here = self
        for element in path[:-1]:
            here = here.below(element)
        return path[-1] in here.members

    def below(self, element: Element) -> FieldSet:
        """The paths that begin with `element`, without it."""
        return self.children.get(element, EMPTY)

    def __or__(self, other: FieldSet) -> FieldSet:
        children = dict(self.children)
        for element, below in other.children.items():
            children[element] = children[element] | below if element in children else below
        return FieldSet(self.members | other.members, children)

    def __and__(self, other: FieldSet) -> FieldSet:
        shared = self.children.keys() & other.children.keys()
        return FieldSet(
            self.members & other.members,
            {element: self.children[element] & other.children[element] for element in shared},
        )

    def __sub__(self, other: FieldSet) -> FieldSet:
        """Without the paths of `other`; what lies below those stays."""
        return FieldSet(
            self.members - other.members,
            {element: below - other.below(element) for element, below in self.children.items()},
        )

    def without_trees(self, other: FieldSet) -> FieldSet:
        """Without the paths of `other` and all that lies below them."""
        return FieldSet(
            self.members - other.members,
            {
                element: below.without_trees(other.below(element))
                for element, below in self.children.items()
                if element not in other.members
            },
        )


EMPTY = FieldSet()
