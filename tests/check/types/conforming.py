"""Objects that conform to a schema, and expressions about them, made at random."""

from __future__ import annotations

import random
from collections.abc import Callable

from rulectl.check.types.declared import kinds_of
from rulectl.check.types.known import closed, usual
from rulectl.check.types.type import Declared, Record, Type, among
from rulectl.expression.kind import Kind, kind_of
from rulectl.openapi import Node
from rulectl.value import Value, mapping

_TEXTS = ("", "a", "web-0", "Running", "True", "10", "2026-01-02T03:04:05Z", "Ready")
_NUMBERS = (0, 1, -1, 5, 2.5)


class Maker:
    """Makes values from one source of randomness."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def value(self, node: Node, depth: int = 7, owner: Node | None = None, field: str = "") -> Value:
        """A value that `node` allows; deep parts are left out."""
        pick = self.random
        if node.nullable and pick.random() < 0.2:
            return None
        if node.enum:
            return pick.choice(node.enum)
        known = closed(owner, field) or usual(owner, field) if owner is not None else ()
        kinds = kinds_of(node)
        if known and kinds == Kind.STRING:
            return pick.choice(known)
        if node.anything:
            return self.anything(2)
        if Kind.OBJECT in kinds and (node.properties or node.additional is not None or kinds == Kind.OBJECT):
            return self.object(node, depth)
        if Kind.ARRAY in kinds:
            items = node.items
            some = range(pick.randint(0, 3) if depth > 0 else 0)
            return [self.value(items, depth - 1) if items is not None else self.anything(1) for _ in some]
        return self.scalar(kinds)

    def object(self, node: Node, depth: int) -> Value:
        """An object with some of its fields; the required ones are there."""
        made: dict[str, Value] = {}
        share = 0.75 if depth > 5 else 0.35
        for name in node.properties:
            if name in node.required or (depth > 0 and self.random.random() < share):
                made[name] = self.value(node.properties[name], depth - 1, node, name)
        if node.additional is not None:
            for name in self.random.sample(["app", "a.io/x", "cpu", "memory"], self.random.randint(0, 3)):
                made[name] = self.value(node.additional, depth - 1)
        if node.preserve_unknown and self.random.random() < 0.5:
            made["extra"] = self.anything(2)
        return made

    def scalar(self, kinds: Kind) -> Value:
        """A text, a number, true or false."""
        made: list[Value] = []
        made += [self.random.choice(_TEXTS)] if Kind.STRING in kinds else []
        made += [self.random.choice(_NUMBERS)] if Kind.NUMBER in kinds else []
        made += [self.random.choice((True, False))] if Kind.BOOLEAN in kinds else []
        return self.random.choice(made) if made else None

    def anything(self, depth: int) -> Value:
        """Any JSON value."""
        if depth <= 0 or self.random.random() < 0.5:
            return self.random.choice((None, True, 3, "x", ""))
        if self.random.random() < 0.5:
            return [self.anything(depth - 1) for _ in range(self.random.randint(0, 2))]
        return {key: self.anything(depth - 1) for key in self.random.sample("abc", self.random.randint(0, 2))}

    def path(self, node: Node | None, length: int) -> str:
        """Steps below `node`, each of them with a dot or bracket; sometimes one that is wrong."""
        pick, steps = self.random, ""
        while node is not None and length > 0:
            length -= 1
            if pick.random() < 0.02:
                return steps + pick.choice((".nowhere", "[0]", "[]", ".*", "[*].name"))
            if node.properties and pick.random() < 0.05:
                name = pick.choice([one for one in node.properties if one.isidentifier()] or ["name"])
                return f"{steps}.{pick.choice((f'[{name}]', f'{{a: {name}}}', f'{{a: {name}}}.a'))}"
            if Kind.ARRAY in kinds_of(node) and node.type == "array":
                node = node.items
                inner = self.filter(node) if node is not None else "[0]"
                steps += pick.choice(("[]", "[*]", "[0]", "[-1]", "[1:]", inner))
            elif node.properties:
                name = pick.choice(list(node.properties))
                steps += f".{name}" if name.isidentifier() else f'."{name}"'
                node = node.properties[name]
            elif node.additional is not None:
                steps += pick.choice((".*", '."a.io/x"', ".app", ".cpu"))
                node = node.additional
            else:
                return steps
        return steps

    def listing(self, root: str, node: Node) -> str:
        """A path to a list, or a list of lists."""
        for _ in range(20):
            path = self.path(node, self.random.randint(2, 6))
            if path.endswith(("[]", "[*]", "[1:]", "]")) and not path.endswith(("[0]", "[-1]")):
                return f"{root}{path}"
        texts = f"[{root}.metadata.name, 'a', {root}.kind]"
        return self.random.choice((f"[{texts}, {root}.metadata.finalizers]", texts, f"[{texts}, {root}.kind][]"))

    def filter(self, node: Node) -> str:
        """A filter over elements of `node`."""
        path = self.path(node, 2).lstrip(".")
        if not path or path.startswith("["):
            return "[?@]"
        return f"[?{path} {self.random.choice(('==', '!=', '<', '>='))} {self.literal()}]"

    def literal(self) -> str:
        """A literal as expressions write it."""
        return self.random.choice(
            (
                "'a'",
                "''",
                "'Running'",
                "'True'",
                "'Ready'",
                "'10'",
                "`0`",
                "`5`",
                "`-1`",
                "`true`",
                "`null`",
                "`[]`",
                "`{}`",
            )
        )

    def expression(self, root: str, node: Node, depth: int) -> str:
        """An expression about an object `root` of the schema `node`."""
        pick = self.random

        def below(less: int = 1) -> str:
            return self.expression(root, node, depth - less)

        if depth <= 0 or pick.random() < 0.35:
            return f"{root}{self.path(node, pick.randint(1, 6))}"
        made: list[Callable[[], str]] = [
            lambda: f"({below()} {pick.choice(('==', '!=', '<', '<=', '>', '>='))} {below()})",
            lambda: f"({below()} {pick.choice(('==', '!=', '<', '>='))} {self.literal()})",
            lambda: f"(length({self.listing(root, node)}) {pick.choice(('<', '<=', '>', '>='))} {self.literal()})",
            lambda: f"({below()} && {below()})",
            lambda: f"({below()} || {pick.choice((below(), self.literal()))})",
            lambda: f"(!({below()}))",
            lambda: f"[{below()}, {below()}]",
            lambda: f"{{a: {below()}, b: {below()}}}",
            lambda: f"({below()}){self.path(node, 2) or '.name'}",
            lambda: f"({below()} | {pick.choice(('@', '[0]', 'name', 'keys(@)', 'length(@)', '[]'))})",
            lambda: f"({self.listing(root, node)})[]",
            lambda: self.call(below, lambda: self.listing(root, node)),
            lambda: self.call(below, lambda: self.listing(root, node)),
        ]
        return pick.choice(made)()

    def call(self, below: Callable[[], str], listing: Callable[[], str]) -> str:
        """A call of one of the functions whose result has a type of its own, or of some others."""
        made = {"X": below, "Y": below, "A": listing, "B": listing, "L": self.literal}
        words = self.random.choice(_CALLS).split("%")
        return "".join(made[word]() if word in made else word for word in words)


_CALLS = (
    "annotation(object, 'a.io/x')", "label(%X%, 'app')", "condition(object, 'Ready')",
    "condition(object, 'Ready').status", "owner(object)", "owner(%X%, 'Job').name", "default(%X%, %Y%)",
    "default(%X%, %L%)", "not_null(%X%, %Y%, %L%)", "get(%X%, 'name')", "get(%X%, ['metadata', 'name'], %L%)",
    "lookup(%X%, 'app')", "keys(%X%)", "values(%X%)", "sort(%A%)", "sort_by(%A%, &name)", "max_by(%A%, &name)",
    "min_by(%A%, &@)", "unique(%A%)", "difference(%A%, %B%)", "intersection(%A%, %A%)", "max(%A%)", "min(%A%)",
    "map(&name, %A%)", "map(&[@], %A%)", "to_array(%X%)", "split(%X%, '-')", "items(%X%, 'k', 'v')", "length(%A%)",
    "contains(%X%, %L%)", "contains(%A%, %Y%)", "merge(%X%, %Y%)", "join('-', %A%)", "zip(%A%, %B%)", "to_string(%X%)",
    "to_number(%X%)", "type(%X%)", "reverse(%A%)", "group_by(%A%, &name)", "quantity(%X%)", "starts_with(%X%, %L%)",
    "unique(%X%)", "sort_by(%A%, &@)", "values(object.metadata.labels)", "keys(object.metadata.labels || `{}`)",
)  # fmt: skip


def is_in(value: Value, one: Type) -> bool:
    """Whether `value` is one of those that the type stands for."""
    kind = kind_of(value)
    if kind not in one.kinds:
        return False
    match kind:
        case Kind.NULL:
            return True
        case Kind.OBJECT:
            return one.objects is None or any(_is_like(mapping(value), part) for part in one.objects)
        case Kind.ARRAY:
            element = one.element
            return element is None or (isinstance(value, list | tuple) and all(is_in(each, element) for each in value))
        case _:
            return one.values is None or among(value, one.values)


def _is_like(value: object, fields: Declared | Record) -> bool:
    found = mapping(value)
    match fields:
        case Record(known, rest):
            return all(
                is_in(each, known[key]) if key in known else rest is not None and is_in(each, rest)
                for key, each in found.items()
            )
        case Declared(node):
            return node.open or all(key in node.properties for key in found)
