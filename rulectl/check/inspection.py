"""Everything that `validate` tells: what loading found, kinds, loops, traps, types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from rulectl.check.baseline import baseline_problems
from rulectl.check.kinds import kind_problems
from rulectl.check.loops import loops
from rulectl.check.names import name_problems
from rulectl.check.schemas import packaged_schemas
from rulectl.check.silence import silenced
from rulectl.check.transitions import transition_notes
from rulectl.check.traps import traps
from rulectl.check.types import Schemas, type_problems, unchecked
from rulectl.plan.compiler import Compilation
from rulectl.problem import Problem, Severity, in_order

_EXPLAINED = frozenset({("RC412", "RC423"), ("RC413", "RC421"), ("RC414", "RC421"), ("RC415", "RC422")})
"""Traps, and what the types say of the same slip."""
HINT = "give its CRD with --schemas, or ask a cluster with --cluster"


def inspect(
    compilation: Compilation, schemas: Schemas | None = None, *, version: str | None = None, hint: str = HINT
) -> tuple[Problem, ...]:
    """The compilation's problems and what else is found about its rules, in the order of files and lines.

    What a rule silences by its annotation `rulectl.dev/ignore` is left out.

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
        *of_kinds,
        *name_problems(compilation.plan, compilation.written),
        *loops(compilation.plan, compilation.written),
        *baseline_problems(compilation.expressions),
        *_each_once(of_traps, of_types),
        *transition_notes(compilation),
        *(note for note in unchecked(compilation.written, known, hint=hint) if note.place not in misspelt),
    ]
    return tuple(in_order(silenced(compilation.problems, found, compilation.written)))


def _each_once(of_traps: Iterable[Problem], of_types: Iterable[Problem]) -> Iterator[Problem]:
    """Both, but of what a trap explains only the trap, which knows better what was meant.

    It weighs as much as what it stands for.
    """
    left = list(of_types)
    for trap in of_traps:
        explained = [problem for problem in left if _explains(trap, problem)]
        is_error = any(problem.severity is Severity.ERROR for problem in explained)
        left = [problem for problem in left if problem not in explained]
        yield replace(trap, severity=Severity.ERROR) if is_error else trap
    yield from left


def _explains(trap: Problem, problem: Problem) -> bool:
    one, other = trap.place, problem.place
    if (one.file, one.line) != (other.file, other.line) or (trap.code, problem.code) not in _EXPLAINED:
        return False
    return one.column == other.column or (trap.code == "RC412" and one.column < other.column < one.end_column)
