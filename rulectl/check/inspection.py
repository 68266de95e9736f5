"""Everything that `validate` tells: what loading found, kinds, loops, traps, types."""

from __future__ import annotations

from rulectl.check.kinds import kind_problems
from rulectl.check.loops import loops
from rulectl.check.traps import traps
from rulectl.check.typing import Schemas, type_problems
from rulectl.openapi import Node, Table
from rulectl.plan.compiler import Compilation
from rulectl.problem import Problem, in_order
from rulectl.resource import Kind


def inspect(compilation: Compilation, schemas: Schemas | None = None) -> tuple[Problem, ...]:
    """The compilation's problems and what else is found about its rules, in the order of files and lines.

    `schemas` gives the schema of a kind, from CRDs or a cluster; by default Kubernetes' own kinds are known.
    """
    found = [
        *compilation.problems,
        *kind_problems(compilation.written),
        *loops(compilation.plan, compilation.written),
        *traps(compilation.expressions),
        *type_problems(compilation.expressions, schemas or builtin_schema),
    ]
    return tuple(in_order(found))


def builtin_schema(kind: Kind) -> Node | None:
    """The schema of a kind of Kubernetes' own, of the newest version that is known; None for others."""
    return Table.packaged().schema(kind)
