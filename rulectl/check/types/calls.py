"""Calls of functions: the types of their arguments against the signature, and the type of what they give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from rulectl.check.absence import fallback, is_path
from rulectl.check.types.comparison import may_equal, near_miss, never, shown, single
from rulectl.check.types.declared import field_of, names_of
from rulectl.check.types.finding import Findings
from rulectl.check.types.results import RESULTS, Arguments, below
from rulectl.check.types.type import ANYTHING, FAULTY, NONE, Declared, Type, constant, words
from rulectl.expression import BUILTIN, Functions
from rulectl.expression.function import Function
from rulectl.expression.kind import Kind
from rulectl.expression.syntax import Call, Literal, MultiSelectList, Reference, Syntax
from rulectl.problem import Severity, nearest

TypeOf: TypeAlias = Callable[[Syntax, Type], Type]

_OF_ELEMENTS = frozenset({"map", "sort_by", "max_by", "min_by", "group_by"})
"""Functions whose ``&expression`` is evaluated on each element of their array."""
_ORDERED = Kind.STRING | Kind.NUMBER
_KEYS = {"sort_by": _ORDERED, "max_by": _ORDERED, "min_by": _ORDERED, "group_by": Kind.STRING}
_PARTS = {
    "annotation": ("metadata", "annotations"),
    "label": ("metadata", "labels"),
    "owner": ("metadata", "ownerReferences"),
    "condition": ("status", "conditions"),
}
"""What accessors look up in the object that they are given."""


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of one expression. `guards` are the texts of paths that are known to be present."""

    functions: Functions
    guards: frozenset[str]

    def type(self, node: Call, current: Type, type_of: TypeOf, findings: Findings) -> Type:
        """What the call gives; what is wrong with its arguments is told, and then nothing is known of it."""
        before = len(findings.found)
        function = self.functions.get(node.name)
        arguments = self._arguments(node, function, current, type_of)
        if function is None or len(findings.found) > before:
            return FAULTY
        for position, argument in enumerate(node.arguments):
            self._argument(function, position, argument, arguments.types[position], findings)
        is_builtin = BUILTIN.get(node.name) is function
        if is_builtin and not _has_errors(findings, before):
            _special(node.name, arguments, findings)
        if _has_errors(findings, before):
            return FAULTY
        special = RESULTS.get(node.name) if is_builtin else None
        return special(arguments) if special is not None else _plain(function, arguments)

    @staticmethod
    def _arguments(node: Call, function: Function | None, current: Type, type_of: TypeOf) -> Arguments:
        plain = {
            position: type_of(argument, current)
            for position, argument in enumerate(node.arguments)
            if not isinstance(argument, Reference)
        }
        is_known = node.name in _OF_ELEMENTS and function is not None and BUILTIN.get(node.name) is function
        element = next((one.items() for one in plain.values()), ANYTHING) if is_known else ANYTHING
        types = [
            type_of(argument.expression, element) if isinstance(argument, Reference) else plain[position]
            for position, argument in enumerate(node.arguments)
        ]
        return Arguments(node.arguments, tuple(types))

    def _argument(self, function: Function, position: int, node: Syntax, given: Type, findings: Findings) -> None:
        if isinstance(node, Literal):
            return
        written = findings.written(node)
        if isinstance(node, Reference):
            wanted = _KEYS.get(function.name)
            if wanted is not None and given.kinds & ~Kind.NULL and not given.kinds & wanted:
                message = f"{function.name}() takes keys that are {wanted}, and {written[1:]} is {words(given)}"
                findings.tell("RC422", message, node.expression, "it fails for every object")
            return
        kind = function.parameter(position).kind
        mine = given.kinds & ~Kind.NULL
        if mine and not mine & kind.loose:
            message = f"{function.name}() takes {kind}, and {written} is {words(given)}"
            findings.tell("RC422", message, node, "it fails for every object")
            return
        elements = _wanted_elements(kind)
        if elements and mine == Kind.ARRAY and given.items().kinds and not given.items().kinds & elements:
            message = f"{function.name}() takes {kind}, and each element of {written} is {words(given.items())}"
            findings.tell("RC422", message, node, "it fails for every object that has one")
            return
        is_fine = function.strict or given.is_sure or not given.may_be(Kind.NULL) or Kind.NULL in kind
        text = findings.text[node.start : node.end]
        if is_fine or text in self.guards or not is_path(node):
            return
        message = f"{function.name}() fails where {written} is absent, and then nothing is known"
        hint = f"write ({text} || {fallback(mine & kind.loose or kind)}) if it may be"
        findings.tell("RC416", message, node, hint, Severity.WARNING)


def _has_errors(findings: Findings, before: int) -> bool:
    return any(one.severity is Severity.ERROR for one in findings.found[before:])


def _plain(function: Function, arguments: Arguments) -> Type:
    """What the signature says: null only where an argument may be null."""
    kinds = function.result
    if function.strict:
        for position, given in enumerate(arguments.types):
            if given.may_be(Kind.NULL) and Kind.NULL not in function.parameter(position).kind:
                kinds |= Kind.NULL
    return Type(kinds.loose)


def _wanted_elements(kind: Kind) -> Kind:
    if kind & Kind.ARRAY:
        return NONE
    texts = Kind.STRING if kind & Kind.STRINGS else NONE
    return texts | (Kind.NUMBER if kind & Kind.NUMBERS else NONE)


def _special(name: str, arguments: Arguments, findings: Findings) -> None:
    """What single functions need beyond their signature."""
    match name:
        case "annotation" | "label" | "owner" | "condition":
            _accessor(name, arguments, findings)
        case "contains":
            _contains(arguments, findings)
        case "get":
            _get(arguments, findings)
        case "to_number" if arguments.types[0].format == "quantity":
            message = f"to_number() of the quantity {findings.written(arguments.nodes[0])} is null for 500m and 1Gi"
            findings.tell("RC422", message, arguments.nodes[0], "write quantity(...)", Severity.WARNING)
        case _:
            pass


def _accessor(name: str, arguments: Arguments, findings: Findings) -> None:
    part, inner = _PARTS[name]
    node, given = arguments.nodes[0], arguments.types[0]
    if not given.objects or not given.may_be(Kind.OBJECT):
        return
    found = [one for fields in given.objects if (one := field_of(fields, part)) is not None]
    if not any(one.may_be(Kind.OBJECT) for one in found):
        is_whole = any(isinstance(fields, Declared) and fields.is_whole for fields in given.objects)
        message = f"{name}() takes a whole object, and {findings.written(node)} has no {part}"
        hint = "objects of this kind have no conditions" if is_whole else f"write {name}(object, ...)"
        findings.tell("RC422", message, node, hint)
        return
    owner = below(given, (part,))
    if owner.objects and not any(field_of(one, inner) for one in owner.objects):
        message = f"{name}() looks for {part}.{inner}, which {given.name or findings.written(node)} does not have"
        findings.tell("RC421", message, node, "")
        return
    if name == "condition":
        wanted = arguments.literal(1)
        named = below(given, (part, inner)).items()
        kind = below(named, ("type",)) if named.objects else ANYTHING
        meant = near_miss(kind, wanted)
        if meant:
            message = f"{shown(wanted)} is no usual condition of {given.name}"
            findings.tell("RC424", message, arguments.nodes[1], f"did you mean {meant!r}?", Severity.WARNING)


def _contains(arguments: Arguments, findings: Findings) -> None:
    (listed, wanted), (subject, search) = arguments.types, arguments.nodes
    if listed.kinds & ~Kind.NULL == Kind.STRING:
        if not wanted.may_be(Kind.STRING):
            message = f"a text contains no {words(wanted).removeprefix('a ')}: this is always false"
            findings.tell("RC422", message, search, "")
        return
    if not listed.may_be(Kind.ARRAY) or listed.may_be(Kind.STRING):
        return
    if isinstance(subject, MultiSelectList):
        for part in subject.parts:
            if isinstance(part, Literal):
                _member(part, wanted, wanted.name or findings.written(search), findings)
        return
    element = listed.items()
    if not element.kinds or may_equal(element, wanted):
        return
    value = single(wanted)
    if value is not None and isinstance(search, Literal):
        _member(search, element, f"an element of {listed.name or findings.written(subject)}", findings)
    else:
        message = f"{findings.written(subject)} has no elements that are {words(wanted)}: this is always false"
        findings.tell("RC422", message, search, "")


def _member(literal: Literal, wanted: Type, called: str, findings: Findings) -> None:
    """A literal in a list of values that `wanted` is looked for in, or the other way round."""
    if wanted.kinds and not may_equal(wanted, constant(literal.value)):
        code, message, hint = never(wanted, literal.value, called)
        findings.tell(code, message, literal, hint)


def _get(arguments: Arguments, findings: Findings) -> None:
    owner, path = arguments.types[0], arguments.literal(1)
    for position, key in enumerate(path if isinstance(path, list | tuple) else [path]):
        if not isinstance(key, str) or not owner.objects or not owner.may_be(Kind.OBJECT):
            return
        if not any(field_of(part, key) for part in owner.objects):
            names = sorted({name for part in owner.objects for name in names_of(part)})
            close = nearest(key, names)
            hint = f"did you mean {close!r}?" if close else f"known: {', '.join(names[:12])}"
            where = f" of {owner.name}" if owner.name else ""
            node = arguments.nodes[1]
            if isinstance(node, MultiSelectList):
                node = node.parts[position]
            findings.tell("RC421", f"there is no field {key!r}{where}", node, hint)
            return
        owner = below(owner, (key,))
