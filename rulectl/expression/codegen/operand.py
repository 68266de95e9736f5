"""What generated statements work on: a variable or a constant, with the types that it may have."""

from __future__ import annotations

from dataclasses import dataclass

from rulectl.expression.kind import ANY, Kind
from rulectl.value import Value


@dataclass(frozen=True, slots=True)
class Operand:
    """`code` is a variable or a constant; it has no side effects and may be repeated.

    `is_scope` marks the mapping of the roots. `value` means something only for constants.
    """

    code: str
    kind: Kind = ANY
    is_constant: bool = False
    value: Value = None
    is_scope: bool = False

    def may_be(self, kinds: Kind) -> bool:
        """Whether its value can be of one of `kinds`."""
        return bool(self.kind & kinds)

    def is_only(self, kinds: Kind) -> bool:
        """Whether its value is certainly of one of `kinds`."""
        return not self.kind & ~kinds

    def narrowed(self, kinds: Kind) -> Operand:
        """The same, where it is known to be of one of `kinds`."""
        return Operand(self.code, self.kind & kinds, self.is_constant, self.value, self.is_scope)


NULL = Operand("None", Kind.NULL, is_constant=True)
SCOPE = Operand("scope", Kind.OBJECT, is_scope=True)

_TESTS = {
    Kind.STRING: "type({0}) is str",
    Kind.NUMBER: "type({0}) is int or type({0}) is float",
    Kind.ARRAY: "type({0}) is list",
    Kind.OBJECT: "type({0}) is dict",
    Kind.BOOLEAN: "type({0}) is bool",
    Kind.NULL: "{0} is None",
}


def truth(operand: Operand) -> str:
    """Code that is true (in Python) exactly where JMESPath takes the operand for true.

    The two differ only for numbers: 0 is true in JMESPath.
    """
    code = operand.code
    if operand.is_constant:
        return str(operand.kind is Kind.NUMBER or bool(operand.value))
    if operand.is_only(Kind.NUMBER):
        return "True"
    if not operand.may_be(Kind.NUMBER):
        return code
    return f"{code} or ({code} == 0 and {code} is not False)"


def type_test(operand: Operand, kinds: Kind) -> str:
    """Code that is true where the operand is plainly of one of `kinds`; false may still mean an odd subclass.

    Empty when no test is needed; ``False`` when only the slow check can tell.
    """
    if operand.is_only(kinds):
        return ""
    tests = [test for kind, test in _TESTS.items() if kind in kinds and operand.may_be(kind)]
    return " or ".join(tests).format(operand.code) if tests else "False"


def array_test(operand: Operand) -> str:
    """Code that is true where the operand is an array; empty when it always is."""
    if operand.is_only(Kind.ARRAY):
        return ""
    if operand.is_only(Kind.ARRAY | Kind.NULL):
        return f"{operand.code} is not None"
    return f"type({operand.code}) is list or is_array({operand.code})"


def object_test(operand: Operand) -> str:
    """Code that is true where the operand is an object; empty when it always is."""
    if operand.is_only(Kind.OBJECT):
        return ""
    if operand.is_only(Kind.OBJECT | Kind.NULL):
        return f"{operand.code} is not None"
    return f"type({operand.code}) is dict or is_object({operand.code})"
