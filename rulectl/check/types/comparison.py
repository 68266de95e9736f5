"""Comparisons: what they can give, and those whose answer is the same for every object."""

from __future__ import annotations

import re

from rulectl.check.types.finding import Findings
from rulectl.check.types.known import slip
from rulectl.check.types.type import BOOLEAN, FAULTY, SCALARS, Type, among, words
from rulectl.expression.kind import Kind, kind_of
from rulectl.expression.runtime import COMPARATORS
from rulectl.expression.syntax import Comparator, Literal, Syntax
from rulectl.problem import Severity, nearest
from rulectl.value import Value

_ORDERED = Kind.NUMBER | Kind.STRING
_DURATION = re.compile(r"([0-9.]+(ms|s|m|h))+")
_QUANTITY = re.compile(r"[0-9.]+([numkMGTPE]|[KMGTPE]i)")
_TIME = re.compile(r"\d{4}-\d\d-\d\d")
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_MANY = 2.0**63
"""More than any list has elements."""
_ANSWERS = {"==": "always false", "!=": "always true"}
_MOST_NAMED = 12


def compared(node: Comparator, left: Type, right: Type, findings: Findings) -> Type:
    """What the comparison gives; when that is the same for every object it is told, and then nothing is known."""
    if not left.kinds or not right.kinds:
        return BOOLEAN
    before = len(findings.found)
    is_same = node.left == node.right and not isinstance(node.left, Literal) and left is not FAULTY
    if node.operator in _ANSWERS and is_same:
        answer = "always true" if node.operator == "==" else "always false"
        findings.tell("RC701", f"both sides are the same: this is {answer}", node, "", Severity.WARNING)
        result = BOOLEAN
    elif node.operator in _ANSWERS:
        _equality(node, left, right, findings)
        result = BOOLEAN
    else:
        _ordering(node, left, right, findings)
        is_pure = left.kinds == right.kinds and left.kinds in {Kind.NUMBER, Kind.STRING}
        result = BOOLEAN if is_pure else BOOLEAN.or_null()
    return result if len(findings.found) == before else FAULTY


def may_equal(left: Type, right: Type) -> bool:
    """Whether a value of one may equal a value of the other."""
    shared = left.kinds & right.kinds
    if shared & ~SCALARS:
        return True
    if not shared:
        return False
    if left.values is None or right.values is None:
        return True
    return any(among(value, right.values) for value in left.values)


def single(one: Type) -> tuple[Value] | None:
    """The only value it can have, or None."""
    if one.kinds == Kind.NULL:
        return (None,)
    if one.values is not None and len(one.values) == 1 and one.kinds == kind_of(one.values[0]):
        return (one.values[0],)
    return None


def never(one: Type, value: Value, called: str) -> tuple[str, str, str]:
    """Code, message and hint for a value that `one`, called so, cannot be."""
    given = kind_of(value)
    if given in one.kinds and one.values is not None:
        names = [str(each) for each in one.values if each != ""]
        close = nearest(str(value), names)
        hint = f"did you mean {close!r}?" if close else f"known: {', '.join(names[:_MOST_NAMED])}"
        return "RC424", f"{called} is never {shown(value)}", hint
    return "RC422", f"{called} is {words(one)}, never {shown(value)}", _conversion(value, one)


def near_miss(one: Type, value: Value) -> str:
    """The usual text of `one` that `value` is a slip of; empty when it is none."""
    return slip(value, one.usual) if isinstance(value, str) else ""


def shown(value: Value) -> str:
    """A value as an expression writes it."""
    match value:
        case str():
            return f"'{value}'"
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case _:
            return str(value)


def _equality(node: Comparator, left: Type, right: Type, findings: Findings) -> None:
    answer = _ANSWERS[node.operator]
    if not may_equal(left, right):
        _different(node, left, right, answer, findings)
        return
    one, other = single(left), single(right)
    if one is not None and other is not None:
        answer = "always true" if node.operator == "==" else "always false"
        findings.tell("RC701", f"this is {answer}", node, "", Severity.WARNING)
        return
    if left.kinds & right.kinds == Kind.NULL and single(left) is None and single(right) is None:
        message = f"{_called(node.left, left, findings)} is {words(left)}, and {words(right)} is on the other side"
        findings.tell("RC422", f"{message}: they are equal only where both are absent", node, "", Severity.WARNING)
    for mine, literal in ((left, node.right), (right, node.left)):
        meant = near_miss(mine, literal.value) if isinstance(literal, Literal) else ""
        if meant and isinstance(literal, Literal):
            message = f"{shown(literal.value)} is no usual {mine.name}"
            findings.tell("RC424", message, literal, f"did you mean {meant!r}?", Severity.WARNING)


def _different(node: Comparator, left: Type, right: Type, answer: str, findings: Findings) -> None:
    for mine, side, other, literal in ((left, node.left, right, node.right), (right, node.right, left, node.left)):
        value = single(other)
        if value is None or single(mine) is not None:
            continue
        called = _called(side, mine, findings)
        if value == (None,):
            findings.tell("RC701", f"{called} is never null: this is {answer}", node, "", Severity.WARNING)
            return
        code, message, hint = never(mine, value[0], called)
        if code == "RC424":
            findings.tell(code, f"{message}: this is {answer}", literal, hint)
        else:
            message = f"{called} is {_kind(mine)}, and is compared with {words(other)}: this is {answer}"
            findings.tell(code, message, node, hint)
        return
    if left.kinds & right.kinds:
        findings.tell("RC701", f"this is {answer}", node, "", Severity.WARNING)
        return
    if single(left) is not None:
        message = f"{words(left)} is compared with {words(right)}: this is {answer}"
    else:
        called = _called(node.left, left, findings)
        message = f"{called} is {words(left)}, and is compared with {words(right)}: this is {answer}"
    findings.tell("RC422", message, node, "")


def _ordering(node: Comparator, left: Type, right: Type, findings: Findings) -> None:
    shared = left.kinds & right.kinds & _ORDERED
    for mine, side in ((left, node.left), (right, node.right)):
        if mine.format == "quantity":
            message = f"{_called(side, mine, findings)} is a quantity; {node.operator} compares numbers"
            findings.tell("RC422", message, node, "compare quantity(...) with quantity('...')")
            return
    if not shared:
        _unordered(node, left, right, findings)
        return
    one, other = single(left), single(right)
    if one is not None and other is not None:
        answer = COMPARATORS[node.operator](one[0], other[0])
        findings.tell("RC701", f"this is always {shown(answer)}", node, "", Severity.WARNING)
        return
    if (left.kinds | right.kinds) & ~Kind.NULL == Kind.STRING:
        _ordered_texts(node, left, right, findings)
    for mine, limit, operator in ((left, other, node.operator), (right, one, _TURNED[node.operator])):
        bound = limit[0] if limit is not None else None
        if mine.format == "count" and isinstance(bound, int | float):
            answers = {COMPARATORS[operator](count, bound) for count in (0, _MANY)}
            if len(answers) == 1 and bound < _MANY:
                message = f"a length is never less than 0: this is always {shown(answers.pop())}"
                findings.tell("RC701", message, node, "", Severity.WARNING)


def _unordered(node: Comparator, left: Type, right: Type, findings: Findings) -> None:
    for mine, side in ((left, node.left), (right, node.right)):
        if not mine.may_be(_ORDERED):
            called = "null" if mine.kinds == Kind.NULL else _called(side, mine, findings)
            what = "" if called == words(mine) else f" is {words(mine)}, and"
            message = f"{called}{what} has no order: {node.operator} is always null here"
            hint = "compare its length()" if mine.may_be(Kind.ARRAY | Kind.OBJECT) else ""
            findings.tell("RC422", message, node, hint)
            return
    message = f"{_called(node.left, left, findings)} is {words(left)}, and is compared with {words(right)}"
    literals = [part for part in (node.left, node.right) if isinstance(part, Literal)]
    hint = _conversion(literals[0].value, left if literals[0] is node.right else right) if literals else ""
    findings.tell("RC422", f"{message}: this is always null", node, hint)


def _ordered_texts(node: Comparator, left: Type, right: Type, findings: Findings) -> None:
    """Texts that are ordered by their characters though something else must be meant."""
    for mine, side, other in ((left, node.left, right), (right, node.right, left)):
        literal = single(other)
        value = literal[0] if literal is not None else None
        if mine.format == "date-time":
            is_odd = isinstance(value, str) and not _TIME.match(value)
            hint = "a time is written '2026-01-31T12:00:00Z'; see age(), too"
        else:
            is_number = isinstance(value, str) and value[:1].isdigit() and not _TIME.match(value)
            is_odd = is_number or (mine.values is not None and literal is not None and single(mine) is None)
            hint = "compare to_number(...) with a number, or see quantity() and semver_compare()"
        if is_odd:
            message = f"{_called(side, mine, findings)} is text: {node.operator} goes by its characters"
            findings.tell("RC702", message, node, hint, Severity.WARNING)
            return


def _kind(one: Type) -> str:
    return "a quantity, which is text" if one.format == "quantity" else words(one)


def _called(node: Syntax, one: Type, findings: Findings) -> str:
    return one.name or findings.written(node)


def _conversion(value: Value, wanted: Type) -> str:
    """How the literal would be written as what it is compared with."""
    kinds = wanted.kinds & ~Kind.NULL
    match value:
        case bool() | int() | float() if wanted.format == "quantity":
            return "compare quantity(...) with it"
        case bool() | int() | float() if wanted.format == "date-time":
            return "compare age(...) with seconds, or with duration('5m')"
        case str() as text if kinds == Kind.NUMBER and text.lstrip("-").replace(".", "", 1).isdigit():
            return f"a number is written `{text}`"
        case str() as text if kinds == Kind.NUMBER and _DURATION.fullmatch(text):
            return f"a time in seconds is written duration('{text}')"
        case str() as text if kinds == Kind.NUMBER and _QUANTITY.fullmatch(text):
            return f"a quantity is written quantity('{text}')"
        case str() as text if kinds == Kind.BOOLEAN and text in {"true", "false"}:
            return f"the value is written `{text}`"
        case bool() | int() | float() if kinds == Kind.STRING:
            return f"a text is written '{shown(value)}'"
        case str() if kinds == Kind.ARRAY:
            return "write contains(list, text)"
        case _:
            return ""
