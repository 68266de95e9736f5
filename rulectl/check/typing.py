"""Expressions against the schemas of the objects they read: misspelt fields, comparisons that never hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from rulectl.check.absence import Terms, fallback, guards, is_path
from rulectl.check.shape import (
    ANYTHING,
    TEXT,
    Anything,
    Listing,
    Of,
    Record,
    Shape,
    is_object,
    kinds_of,
    known_names,
)
from rulectl.expression.kind import Kind, kind_of
from rulectl.expression.syntax import (
    And,
    Call,
    Comparator,
    Current,
    Field,
    FilterProjection,
    Flatten,
    Identity,
    Index,
    IndexExpression,
    Literal,
    MultiSelectHash,
    MultiSelectList,
    Not,
    Or,
    Pipe,
    Projection,
    Reference,
    Slice,
    Subexpression,
    Syntax,
    ValueProjection,
)
from rulectl.openapi import Node
from rulectl.plan.located import Located
from rulectl.plan.roots import Place
from rulectl.problem import Problem, Severity, nearest
from rulectl.resource import Kind as ResourceKind
from rulectl.rule.model import LookupText, Rule

Schemas: TypeAlias = Callable[[ResourceKind], Node | None]
"""The schema of a kind's objects; None when it is not known."""

_SURE_OF_ALL = frozenset({"apiVersion", "kind", "metadata", "spec"})
_SURE_OF_METADATA = frozenset({"name", "namespace", "uid", "creationTimestamp", "resourceVersion"})
_EVENT = Record(dict.fromkeys(("type", "time", "finalState", "cause", "since"), TEXT))
_CHANGE = Record({"path": TEXT, "old": ANYTHING, "new": ANYTHING})
_RULE = Record({"name": TEXT, "description": TEXT})


def type_problems(expressions: Iterable[Located], schemas: Schemas) -> list[Problem]:
    """Everything in `expressions` that contradicts the schemas, each at its place."""
    problems: list[Problem] = []
    lets: dict[int, dict[str, Shape]] = {}
    terms = Terms()
    for located in expressions:
        known = lets.setdefault(id(located.rule), {})
        typist = _Typist(located, problems, guards(located, terms.before(located)))
        shape = typist.shape(located.expression.syntax, _scope(located, schemas, known))
        if located.place is Place.LET:
            known[str(located.path[-1])] = shape
    return problems


def _scope(located: Located, schemas: Schemas, lets: Mapping[str, Shape]) -> Shape:
    """What the roots are; for a relative expression the object itself."""
    rule = located.rule
    watched = _object(rule.watch.kind, schemas)
    if located.expression.relative:
        return watched
    roots: dict[str, Shape] = {
        "object": watched,
        "old": watched,
        "event": _EVENT,
        "changes": Listing(_CHANGE),
        "rule": _RULE,
        "let": Record(dict(lets), is_closed=False),
        "lookup": Record({lookup.name: _lookup(lookup, schemas) for lookup in rule.lookups}, is_closed=False),
        "target": ANYTHING if rule.for_each is None else _object(rule.for_each.kind, schemas),
        "sources": Listing(watched),
        "item": _item(rule, located, schemas),
    }
    return Record({name: roots.get(name, ANYTHING) for name in located.expression.roots}, is_closed=False)


def _object(kind: ResourceKind, schemas: Schemas) -> Shape:
    node = schemas(kind)
    return ANYTHING if node is None else Of(node, kind.kind, is_sure=True, is_whole=True)


def _lookup(lookup: LookupText, schemas: Schemas) -> Shape:
    found = _object(lookup.kind, schemas)
    return found if lookup.object_name is not None else Listing(found)


def _item(rule: Rule, located: Located, schemas: Schemas) -> Shape:
    by_name = {lookup.name: lookup for lookup in rule.lookups}
    lookup = by_name.get(str(located.path[2])) if len(located.path) > 2 else None
    return ANYTHING if lookup is None else _object(lookup.kind, schemas)


@dataclass(slots=True)
class _Typist:
    """Finds the shape of every part of one expression, and tells what cannot be meant."""

    located: Located
    problems: list[Problem]
    guards: frozenset[str]

    def shape(self, node: Syntax, current: Shape) -> Shape:  # noqa: PLR0912 - one branch for each kind of node
        """The shape of `node`'s value where the current value has the shape `current`."""
        match node:
            case Current() | Identity():
                return current
            case Field():
                return self._field(node, current)
            case Literal(value=value):
                return Anything(kind_of(value))
            case Index():
                return self._element(node, current, "[0] takes an element of a list")
            case Slice():
                return Listing(self._element(node, current, "a slice takes elements of a list"))
            case Subexpression(steps=steps) | IndexExpression(steps=steps) | Pipe(steps=steps):
                for step in steps:
                    current = self.shape(step, current)
                return current
            case Or(operands=operands):
                shapes = [self.shape(operand, current) for operand in operands]
                return _first(shapes, operands)
            case And(operands=operands):
                return [self.shape(operand, current) for operand in operands][-1]
            case Not(operand=operand):
                self.shape(operand, current)
                return Anything(Kind.BOOLEAN)
            case Comparator():
                self._compare(node, self.shape(node.left, current), self.shape(node.right, current))
                return Anything(Kind.BOOLEAN | Kind.NULL)
            case Projection(base=base, body=body):
                element = self._element(base, self.shape(base, current), "[] and [*] go over a list")
                return Listing(self.shape(body, element))
            case ValueProjection(base=base, body=body):
                return Listing(self.shape(body, _entry(self.shape(base, current))))
            case FilterProjection(base=base, body=body, condition=condition):
                element = self._element(base, self.shape(base, current), "a filter goes over a list")
                self.shape(condition, element)
                return Listing(self.shape(body, element))
            case Flatten(base=base):
                element = self._element(base, self.shape(base, current), "[] goes over a list")
                return Listing(_flat(element))
            case MultiSelectList(parts=parts):
                for part in parts:
                    self.shape(part, current)
                return Anything(Kind.ARRAY | Kind.NULL)
            case MultiSelectHash(pairs=pairs):
                return Record({pair.key: self.shape(pair.value, current) for pair in pairs})
            case Call():
                return self._call(node, current)
            case Reference():
                return ANYTHING
            case _:
                assert_never(node)

    def _tell(self, code: str, message: str, node: Syntax, hint: str, severity: Severity = Severity.ERROR) -> None:
        span = (node.start, node.end)
        self.problems.append(self.located.problem(code, message, span, hint=hint, severity=severity))

    def _field(self, field: Field, current: Shape) -> Shape:
        match current:
            case Anything():
                return ANYTHING
            case Record(fields, is_closed):
                if is_closed and field.name not in fields:
                    self._unknown(field, list(fields), "")
                return fields.get(field.name, ANYTHING)
            case Listing():
                self._tell("RC423", f"{field.name} is asked of a list, which has no fields", field, _each(field))
                return ANYTHING
            case Of():
                return self._property(field, current)
            case _:
                assert_never(current)

    def _property(self, field: Field, owner: Of) -> Shape:
        node = owner.node
        if node.type == "array":
            self._tell("RC423", f"{field.name} is asked of {owner.name}, which is a list", field, _each(field))
            return ANYTHING
        if node.anything or node.int_or_string or node.quantity:
            return ANYTHING
        if not is_object(node):
            message = f"{field.name} is asked of {owner.name}, which is {_words(node)} and has no fields"
            self._tell("RC423", message, field, "")
            return ANYTHING
        child = node.child(field.name)
        if child is None:
            if not node.open:
                self._unknown(field, known_names(node), f" of {owner.name}")
            return ANYTHING
        sure = _SURE_OF_ALL if owner.is_whole else _SURE_OF_METADATA if owner.name == "metadata" else frozenset()
        is_there = field.name in node.required or field.name in sure
        return Of(child, field.name, is_sure=owner.is_sure and is_there)

    def _unknown(self, field: Field, known: list[str], where: str) -> None:
        close = nearest(field.name, known)
        hint = f"did you mean {close!r}?" if close else f"known: {', '.join(sorted(known)[:12])}"
        self._tell("RC421", f"there is no field {field.name!r}{where}", field, hint)

    def _element(self, node: Syntax, current: Shape, what: str) -> Shape:
        """The shape of the elements of what is gone over; told when it is no list."""
        match current:
            case Listing(element):
                return element
            case Of(schema, name):
                if schema.type == "array":
                    return ANYTHING if schema.items is None else Of(schema.items, name)
                if schema.anything or schema.int_or_string or schema.quantity:
                    return ANYTHING
                message = f"{what}; {name} is {_words(schema)}"
                hint = "its values are taken with .*" if is_object(schema) else ""
                self._tell("RC423", message, _last(node), hint)
                return ANYTHING
            case _:
                return ANYTHING

    def _compare(self, node: Comparator, left: Shape, right: Shape) -> None:
        for shape, other, literal in ((left, right, node.right), (right, left, node.left)):
            if not isinstance(shape, Of) or not isinstance(literal, Literal) or literal.value is None:
                continue
            mine, theirs = kinds_of(shape), kinds_of(other)
            if shape.node.quantity and node.operator not in {"==", "!="}:
                message = f"{shape.name} is a quantity; {node.operator} compares numbers"
                self._tell("RC422", message, node, "compare quantity(...) with quantity('...')")
            elif not mine & theirs & ~Kind.NULL:
                answer = {"==": "always false", "!=": "always true"}.get(node.operator, "always null")
                message = f"{shape.name} is {_words(shape.node)}, and is compared with {theirs}: this is {answer}"
                self._tell("RC422", message, node, _literal_hint(literal, shape.node))
            elif shape.node.enum and node.operator in {"==", "!="} and literal.value not in shape.node.enum:
                names = [str(value) for value in shape.node.enum]
                close = nearest(str(literal.value), names)
                hint = f"did you mean {close!r}?" if close else f"known: {', '.join(names)}"
                self._tell("RC424", f"{shape.name} is never {literal.value!r}", literal, hint)

    def _call(self, node: Call, current: Shape) -> Shape:
        shapes: list[Shape] = []
        before = len(self.problems)
        for argument in node.arguments:
            if isinstance(argument, Reference):
                first = shapes[0] if shapes else ANYTHING
                element = first.element if isinstance(first, Listing) else _items(first)
                self.shape(argument.expression, element)
                shapes.append(ANYTHING)
            else:
                shapes.append(self.shape(argument, current))
        function = self.located.expression.functions.get(node.name)
        if function is None or len(self.problems) > before:
            return ANYTHING
        for position, (argument, shape) in enumerate(zip(node.arguments, shapes, strict=True)):
            if not isinstance(argument, Literal | Reference):
                self._argument(node.name, function.parameter(position).kind, argument, shape, strict=function.strict)
        if node.name == "condition" and shapes:
            return _condition(shapes[0])
        return Anything(function.result | (Kind.NULL if function.strict else Kind(0)))

    def _argument(self, name: str, kind: Kind, argument: Syntax, shape: Shape, *, strict: bool) -> None:
        mine = kinds_of(shape)
        if not mine & kind.loose & ~Kind.NULL and mine & ~Kind.NULL:
            written = self.located.expression.text[argument.start : argument.end]
            message = f"{name}() takes {kind}, and {written} is {mine & ~Kind.NULL}"
            self._tell("RC422", message, argument, "it fails for every object")
            return
        is_sure = isinstance(shape, Of) and shape.is_sure
        written = self.located.expression.text[argument.start : argument.end]
        if strict or is_sure or Kind.NULL in kind or written in self.guards or not is_path(argument):
            return
        message = f"{name}() fails where {written} is absent, and then nothing is known"
        hint = f"write ({written} || {fallback(kind)}) if it may be"
        self._tell("RC416", message, argument, hint, Severity.WARNING)


def _last(node: Syntax) -> Syntax:
    """The end of a path: what is wrong with the path's value is shown there."""
    return _last(node.steps[-1]) if isinstance(node, Subexpression | IndexExpression) else node


def _first(shapes: list[Shape], operands: tuple[Syntax, ...]) -> Shape:
    """The shape of ``a || b``: that of `a` where the rest are only literals to fall back on."""
    if all(isinstance(operand, Literal) for operand in operands[1:]):
        return shapes[0]
    return ANYTHING


def _entry(shape: Shape) -> Shape:
    if isinstance(shape, Of) and shape.node.additional is not None and not shape.node.properties:
        return Of(shape.node.additional, f"an entry of {shape.name}")
    return ANYTHING


def _items(shape: Shape) -> Shape:
    if isinstance(shape, Of) and shape.node.type == "array" and shape.node.items is not None:
        return Of(shape.node.items, shape.name)
    return ANYTHING


def _flat(element: Shape) -> Shape:
    """The elements of a list whose elements were lists, or what they are if they were none."""
    match element:
        case Listing(inner):
            return inner
        case Of(node) if node.type == "array":
            return _items(element)
        case _:
            return element


def _condition(obj: Shape) -> Shape:
    """What ``condition(object, type)`` gives: an element of status.conditions."""
    status = obj.node.child("status") if isinstance(obj, Of) else None
    conditions = status.child("conditions") if status is not None else None
    if conditions is None or conditions.items is None:
        return ANYTHING
    return Of(conditions.items, "a condition")


def _each(field: Field) -> str:
    return f"write [].{field.name} to have it of each element"


def _words(node: Node) -> str:
    if node.int_or_string:
        return "a number or text"
    words = {"object": "an object", "array": "a list", "string": "text", "integer": "a number", "number": "a number"}
    return "true or false" if node.type == "boolean" else words.get(node.type, "an object")


def _literal_hint(literal: Literal, node: Node) -> str:
    match literal.value:
        case str() as text if node.type in {"integer", "number"} and text.lstrip("-").replace(".", "", 1).isdigit():
            return f"a number is written `{text}`"
        case str() as text if node.type == "boolean" and text in {"true", "false"}:
            return f"the value is written `{text}`"
        case bool() | int() | float() as value if node.type == "string":
            return f"a text is written '{str(value).lower() if isinstance(value, bool) else value}'"
        case str() if node.type == "array":
            return "write contains(list, text)"
        case _:
            return ""
