"""Everything that `validate` tells: what loading found, loops between rules, traps in expressions."""

from __future__ import annotations

from rulectl.check.loops import loops
from rulectl.check.traps import traps
from rulectl.plan.compiler import Compilation
from rulectl.problem import Problem, in_order


def inspect(compilation: Compilation) -> tuple[Problem, ...]:
    """The compilation's problems and the warnings about its rules, in the order of files and lines."""
    found = [
        *compilation.problems,
        *loops(compilation.plan, compilation.written),
        *traps(compilation.expressions),
    ]
    return tuple(in_order(found))
