"""Code for steps into values: keys, indexes, slices."""

from __future__ import annotations

from rulectl.expression.codegen.operand import NULL, Operand, array_test
from rulectl.expression.codegen.writer import Writer
from rulectl.expression.kind import ANY, Kind
from rulectl.expression.syntax import Slice


def key(out: Writer, value: Operand, name: str) -> Operand:
    """The value of key `name`."""
    if not value.may_be(Kind.OBJECT):
        return NULL
    read = f"{value.code}.get({name!r})"
    if value.is_only(Kind.OBJECT):
        return out.computed(read, ANY)
    return out.computed(f"{read} if type({value.code}) is dict else field({value.code}, {name!r})", ANY)


def index(out: Writer, value: Operand, position: int) -> Operand:
    """The element at `position`."""
    if not value.may_be(Kind.ARRAY):
        return NULL
    place = out.constant(position)
    needed = position + 1 if position >= 0 else -position
    enough = f"len({value.code}) >= {out.constant(needed).code}"
    test = array_test(value)
    test = f"({test}) and {enough}" if test else enough
    return out.computed(f"{value.code}[{place.code}] if {test} else None", ANY)


def part(out: Writer, value: Operand, node: Slice) -> Operand:
    """A slice."""
    if not value.may_be(Kind.ARRAY):
        return NULL
    bounds = [out.constant(bound).code for bound in (node.first, node.last, node.step)]
    taken = f"{value.code}[{':'.join(bounds)}]"
    test = array_test(value)
    if not test:
        return out.computed(taken, Kind.ARRAY)
    return out.computed(f"{taken} if {test} else None", Kind.ARRAY | Kind.NULL)
