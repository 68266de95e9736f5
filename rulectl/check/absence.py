"""Arguments that may be absent where a function needs a value: then nothing is known, and nothing runs."""

from __future__ import annotations

from collections.abc import Iterable

from rulectl.expression.kind import Kind
from rulectl.expression.syntax import And, Field, Subexpression, Syntax, walk
from rulectl.plan.located import Located
from rulectl.plan.roots import Place

_FALLBACKS = ((Kind.ARRAY, "`[]`"), (Kind.STRING, "''"), (Kind.OBJECT, "`{}`"), (Kind.NUMBER, "`0`"))


def is_path(node: Syntax) -> bool:
    """Whether it is a plain path below an object."""
    match node:
        case Subexpression(steps=(Field(name="object" | "old" | "target" | "item" | "lookup"), _, *_)):
            return all(isinstance(step, Field) for step in node.steps)
        case _:
            return False


def fallback(kind: Kind) -> str:
    """What to write behind ``||`` for a function that takes `kind`."""
    return next((text for part, text in _FALLBACKS if part in kind.loose), "''")


def guards(located: Located, earlier: Iterable[str]) -> frozenset[str]:
    """The paths that are known to be present: `earlier` terms, and operands of ``&&`` in the same expression."""
    text = located.expression.text
    if "(" not in text:
        return frozenset()  # no call, so nothing that could fail
    if "&&" not in text:
        return frozenset(earlier)
    conjunctions = (node.operands for node in walk(located.expression.syntax) if isinstance(node, And))
    return frozenset(earlier) | {text[one.start : one.end] for operands in conjunctions for one in operands}


class Terms:
    """The terms of each rule that have been seen: what they ask for is present in later ones."""

    def __init__(self) -> None:
        self._seen: dict[int, set[str]] = {}

    def before(self, located: Located) -> frozenset[str]:
        """The terms of the same rule that come earlier; this one is added."""
        seen = self._seen.setdefault(id(located.rule), set())
        known = frozenset(seen)
        if located.place is Place.WHEN:
            seen.add(located.expression.text.strip())
        return known
