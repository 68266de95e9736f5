"""One expression against the types of its roots: the type of every part, and what cannot be meant."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from rulectl.check.types.calls import Calls
from rulectl.check.types.comparison import compared
from rulectl.check.types.declared import ELEMENT, entries_of, field_of, names_of
from rulectl.check.types.finding import Findings, last
from rulectl.check.types.type import (
    ANYTHING,
    BOOLEAN,
    FAULTY,
    NEVER,
    Declared,
    Type,
    constant,
    join,
    list_of,
    record,
    truths,
    when_false,
    when_true,
    words,
)
from rulectl.expression.kind import Kind
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
from rulectl.problem import Severity, nearest

_MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class Walk:
    """Finds types; what is wrong goes to `findings`, and is `ANYTHING` from there on, so that it is told once."""

    findings: Findings
    calls: Calls

    def tested(self, node: Syntax, current: Type) -> Type:
        """The type of what a test is made of; told when the test always gives the same."""
        before = len(self.findings.found)
        found = self.type(node, current)
        answers = truths(found)
        if len(answers) != 1 or len(self.findings.found) > before:
            return found
        is_number = found.kinds == Kind.NUMBER and not isinstance(node, Literal)
        name = self.findings.written(node)
        if is_number:
            message, hint = f"{name} is a number, and every number counts as true, 0 too", "compare it with > `0`"
        else:
            message, hint = f"{name} is always {'true' if True in answers else 'false'}", ""
        self.findings.tell("RC701", message, node, hint, Severity.WARNING)
        return FAULTY

    def type(self, node: Syntax, current: Type) -> Type:  # noqa: PLR0912 - one branch for each kind of node
        """The type of `node`'s value where the current value has the type `current`."""
        match node:
            case Current() | Identity():
                return current
            case Field():
                return self._field(node, current)
            case Literal(value=value):
                return constant(value)
            case Index():
                return self._element(
                    node, current, f"{self.findings.written(node)} takes an element of a list"
                ).or_null()
            case Slice():
                return self._list(self._element(node, current, "a slice takes elements of a list"), current)
            case Subexpression(steps=steps) | IndexExpression(steps=steps) | Pipe(steps=steps):
                for step in steps:
                    current = self.type(step, current)
                return current
            case Or(operands=operands):
                first = [when_true(self.tested(operand, current)) for operand in operands[:-1]]
                return join([*first, self.type(operands[-1], current)])
            case And(operands=operands):
                first = [when_false(self.tested(operand, current)) for operand in operands[:-1]]
                return join([*first, self.type(operands[-1], current)])
            case Not(operand=operand):
                self.tested(operand, current)
                return BOOLEAN
            case Comparator():
                return self._compared(node, current)
            case Projection(base=base, body=body):
                listed = self.type(base, current)
                element = self._element(base, listed, "[] and [*] go over a list")
                return self._list(self.type(body, element), listed)
            case ValueProjection(base=base, body=body):
                owner = self.type(base, current)
                return self._list(self.type(body, self._entries(node, owner)), owner, Kind.OBJECT)
            case FilterProjection(base=base, body=body, condition=condition):
                listed = self.type(base, current)
                element = self._element(base, listed, "a filter goes over a list")
                self.tested(condition, element)
                return self._list(self.type(body, element), listed)
            case Flatten(base=base):
                listed = self.type(base, current)
                return self._list(_flat(self._element(base, listed, "[] goes over a list")), listed)
            case MultiSelectList(parts=parts):
                return _like(current, list_of(join([self.type(part, current) for part in parts])))
            case MultiSelectHash(pairs=pairs):
                return _like(current, record({pair.key: self.type(pair.value, current) for pair in pairs}))
            case Call():
                return self.calls.type(node, current, self.type, self.findings)
            case Reference():
                return ANYTHING
            case _:
                assert_never(node)

    def _field(self, field: Field, current: Type) -> Type:
        if not current.may_be(Kind.OBJECT):
            return self._fieldless(field, current)
        if current.objects is None:
            return FAULTY if current is FAULTY else ANYTHING
        found = [field_of(part, field.name, is_sure=current.is_sure) for part in current.objects]
        known = [one for one in found if one is not None]
        if not known:
            self._unknown(field, current)
            return FAULTY
        result = known[0] if len(known) == 1 else join(known)
        is_always = current.kinds == Kind.OBJECT and len(known) == len(found)
        return result if is_always else result.or_null()

    def _fieldless(self, field: Field, current: Type) -> Type:
        if not current.kinds:
            return NEVER
        name = f" of {current.name}" if current.name else ""
        if current.may_be(Kind.ARRAY):
            what = f"{current.name}, which is a list" if name else "a list, which has no fields"
            hint = f"write [].{field.name} to have it of each element"
        else:
            what = f"{current.name}, which is {words(current)} and has no fields" if name else words(current)
            hint = ""
        self.findings.tell("RC423", f"{field.name} is asked of {what}", field, hint)
        return FAULTY

    def _unknown(self, field: Field, owner: Type) -> None:
        parts = owner.objects or ()
        names = sorted({name for part in parts for name in names_of(part)})
        deeper = next((path for part in parts if isinstance(part, Declared) for path in _below(part, field.name)), "")
        close = nearest(field.name, names)
        if deeper and (close is None or close.lower() != field.name.lower()):
            hint = f"did you mean {deeper}?"
        else:
            hint = f"did you mean {close!r}?" if close else f"known: {', '.join(names[:_MOST_NAMED])}"
        where = f" of {owner.name}" if owner.name else ""
        self.findings.tell("RC421", f"there is no field {field.name!r}{where}", field, hint)

    def _element(self, node: Syntax, current: Type, what: str) -> Type:
        """What the elements are of what is gone over; told when it is no list."""
        if current is FAULTY:
            return FAULTY
        if current.may_be(Kind.ARRAY):
            return current.items()
        if not current.kinds:
            return NEVER
        called = f"{current.name} is" if current.name else "this is"
        hint = "its values are taken with .*" if current.may_be(Kind.OBJECT) else ""
        self.findings.tell("RC423", f"{what}; {called} {words(current)}", last(node), hint)
        return FAULTY

    def _entries(self, node: ValueProjection, owner: Type) -> Type:
        if owner is FAULTY:
            return FAULTY
        if owner.may_be(Kind.OBJECT):
            return ANYTHING if owner.objects is None else join(entries_of(part) for part in owner.objects)
        if not owner.kinds:
            return NEVER
        called = f"{owner.name} is" if owner.name else "this is"
        hint = "its elements are taken with []" if owner.may_be(Kind.ARRAY) else ""
        self.findings.tell("RC423", f".* goes over an object; {called} {words(owner)}", last(node.base), hint)
        return FAULTY

    def _compared(self, node: Comparator, current: Type) -> Type:
        before = len(self.findings.found)
        left, right = self.type(node.left, current), self.type(node.right, current)
        unknown = [index for index, one in enumerate(self.findings.found) if index >= before and one.code == "RC421"]
        if node.operator == "!=" and unknown:
            told = self.findings.found[unknown[0]]
            message = f"{told.message}: it is null everywhere, and this != does not see that"
            self.findings.found[unknown[0]] = replace(told, message=message)
        return compared(node, left, right, self.findings)

    @staticmethod
    def _list(element: Type, base: Type, over: Kind = Kind.ARRAY) -> Type:
        """What a projection gives: nulls are left out, and of anything but a list it is null."""
        if element is FAULTY:
            return FAULTY
        name = base.name if element.name.startswith(ELEMENT) else element.name
        listed = list_of(element.without_null(), name=name)
        return listed if base.kinds == over else listed.or_null()


def _like(current: Type, made: Type) -> Type:
    """What a multi-select makes of `current`: null of null."""
    return made.or_null() if current.may_be(Kind.NULL) else made


def _flat(element: Type) -> Type:
    """The elements of a list whose elements may be lists, which are then merged into it."""
    if not element.may_be(Kind.ARRAY):
        return element
    rest = replace(element, kinds=element.kinds & ~Kind.ARRAY, element=NEVER)
    return join([rest, element.items()])


def _below(owner: Declared, name: str) -> list[str]:
    """Where an object has a field of that name one level below."""
    if not owner.is_whole:
        return []
    parts = [(part, owner.node.child(part)) for part in ("metadata", "spec", "status")]
    return [f"{part}.{name}" for part, node in parts if node is not None and name in node.properties]
