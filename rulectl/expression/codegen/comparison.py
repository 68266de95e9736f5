"""Code for comparators, as short as the known types allow."""

from __future__ import annotations

from rulectl.expression import runtime
from rulectl.expression.codegen.operand import Operand
from rulectl.expression.kind import Kind, kind_of

_SLOW = {"<": "less", "<=": "less_equal", ">": "greater", ">=": "greater_equal"}


def comparison(operator: str, left: Operand, right: Operand) -> tuple[str, Kind]:
    """Code for ``left operator right`` and the types of its value."""
    if left.is_constant and right.is_constant:
        value = runtime.COMPARATORS[operator](left.value, right.value)
        return repr(value), kind_of(value)
    if operator == "==":
        return _equality(left, right), Kind.BOOLEAN
    if operator == "!=":
        return f"not ({_equality(left, right)})", Kind.BOOLEAN
    return _ordering(operator, left, right)


def _equality(left: Operand, right: Operand) -> str:
    if left.is_constant and not right.is_constant:
        left, right = right, left
    if right.is_constant and (right.value is None or isinstance(right.value, bool)):
        return f"{left.code} is {right.code}"
    plain = f"{left.code} == {right.code}"
    mixed = (left.may_be(Kind.BOOLEAN) and right.may_be(Kind.NUMBER)) or (
        left.may_be(Kind.NUMBER) and right.may_be(Kind.BOOLEAN)
    )
    if not mixed:
        return plain
    if right.is_constant and right.value not in {0, 1}:
        return plain
    return f"{plain} and (type({left.code}) is bool) is (type({right.code}) is bool)"


def _ordering(operator: str, left: Operand, right: Operand) -> tuple[str, Kind]:
    for kind, test in ((Kind.NUMBER, "type({0}) is int or type({0}) is float"), (Kind.STRING, "type({0}) is str")):
        code = f"{left.code} {operator} {right.code}"
        if left.is_only(kind) and right.is_only(kind):
            return code, Kind.BOOLEAN
        for one, other in ((left, right), (right, left)):
            if one.is_only(kind):
                if not other.may_be(kind):
                    return "None", Kind.NULL
                if other.is_only(kind | Kind.NULL):
                    return f"{code} if {other.code} is not None else None", Kind.BOOLEAN | Kind.NULL
                return f"{code} if {test.format(other.code)} else None", Kind.BOOLEAN | Kind.NULL
    ordered = Kind.NUMBER | Kind.STRING
    if not (left.may_be(ordered) and right.may_be(ordered)):
        return "None", Kind.NULL
    return f"{_SLOW[operator]}({left.code}, {right.code})", Kind.BOOLEAN | Kind.NULL
