"""Everything that `validate` tells: what loading found, kinds, loops, traps, types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from rulectl.check.kinds import kind_problems
from rulectl.check.loops import loops
from rulectl.check.schemas import packaged_schemas
from rulectl.check.traps import traps
from rulectl.check.types import Schemas, type_problems, unchecked
from rulectl.plan.compiler import Compilation
from rulectl.problem import Place, Problem, Severity, in_order

HINT = "give its CRD with --schemas, or ask a cluster with --cluster"


def inspect(
    compilation: Compilation, schemas: Schemas | None = None, *, version: str | None = None, hint: str = HINT
) -> tuple[Problem, ...]:
    """The compilation's problems and what else is found about its rules, in the order of files and lines.

    Args:
        compilation: The rules, compiled.
        schemas: Gives the schema of a kind; by default the kinds of Kubernetes `version` are known.
        version: Of Kubernetes, for the kinds that it has; by default the newest that is known.
        hint: What to do about a kind whose schema is not known.
    """
    known = packaged_schemas(version) if schemas is None else schemas
    of_kinds = kind_problems(compilation.written, known, version)
    of_traps = traps(compilation.expressions)
    of_types = type_problems(compilation.expressions, known)
    misspelt = {problem.place for problem in of_kinds}
    found = [
        *compilation.problems,
        *of_kinds,
        *loops(compilation.plan, compilation.written),
        *_each_once(of_traps, of_types),
        *(note for note in unchecked(compilation.written, known, hint=hint) if note.place not in misspelt),
    ]
    return tuple(in_order(found))


def _each_once(of_traps: Iterable[Problem], of_types: Iterable[Problem]) -> Iterator[Problem]:
    """Both, but where they tell of the same place only the trap, which knows better what was meant.

    It weighs as much as what it stands for.
    """
    weights: dict[Place, Severity] = {_start(problem): problem.severity for problem in of_types}
    places: set[Place] = set()
    for trap in of_traps:
        place = _start(trap)
        places.add(place)
        yield replace(trap, severity=weights.get(place, trap.severity))
    yield from (problem for problem in of_types if _start(problem) not in places)


def _start(problem: Problem) -> Place:
    return replace(problem.place, end_column=0)
