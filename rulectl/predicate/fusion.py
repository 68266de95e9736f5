"""Many rules' terms about one object as one function: what they have in common is evaluated once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias, assert_never

from rulectl.expression import BUILTIN
from rulectl.expression.codegen.emitter import Emitter
from rulectl.expression.codegen.operand import SCOPE, Operand, truth
from rulectl.expression.syntax import (
    Call,
    FilterProjection,
    Flatten,
    IndexExpression,
    Node,
    Pipe,
    Projection,
    Reference,
    Subexpression,
    Syntax,
    ValueProjection,
    children,
    walk,
)
from rulectl.predicate.term import All, AnyOf, Expr, Not, Term, expressions
from rulectl.value import Value

Fused: TypeAlias = Callable[[Mapping[str, Value], int], list[int]]
"""Takes the roots and a bit for each term that is asked; gives the positions of those that hold, or may."""

_WORTH_SHARING = (Projection, ValueProjection, FilterProjection, Flatten, IndexExpression, Pipe, Subexpression)


def can_fuse(term: Term) -> bool:
    """Whether `term` is about the object alone: no other roots, no time, no plugin's functions."""
    return all(
        one.roots <= {"object"} and not one.uses_time and not one.relative and one.functions is BUILTIN
        for one in expressions(term)
    )


def fuse(terms: Sequence[Term]) -> Fused:
    """One function for `terms`, each of which `can_fuse`.

    For each it answers as `rulectl.predicate.term.holds` does; a term with an error, whose answer is unknown, is
    given among those that hold, for whoever looks at it alone to tell. An error in one is none in the others.
    Values that several terms use, and that cannot fail, are made once, before the first.
    """
    emitter = _Sharing(BUILTIN)
    out = emitter.out
    out.namespace["Exception"] = Exception
    with out.function("def fused(scope, now, asked):"):
        out.line("found = []")
        for key, node in _shared(terms).items():
            out.remember(key, emitter.emit(node, SCOPE))
        for position, term in enumerate(terms):
            with out.block(f"if asked & {1 << position}:"):
                with out.block("try:"):
                    result = _write(emitter, term)
                    out.line(f"if {result}: found.append({position})")
                with out.block("except Exception:"):
                    out.line(f"found.append({position})")
        out.line("return found")
    function: Callable[..., list[int]] = emitter.program("fused").function  # type: ignore[assignment]  # it lists places
    return lambda scope, asked: function(scope, 0.0, asked)


def _write(emitter: Emitter, term: Term) -> str:
    """Writes what judges `term`, in order and no further than needed; the variable that has the answer."""
    out = emitter.out
    result = out.name()
    match term:
        case Expr(expression):
            value = emitter.emit(expression.syntax, SCOPE)
            out.line(f"{result} = True if {truth(value)} else False")
        case All(terms) | AnyOf(terms):
            is_all = isinstance(term, All)
            out.line(f"{result} = {is_all}")
            for part in terms:
                with out.block(f"if {result}:" if is_all else f"if not {result}:"):
                    out.line(f"{result} = {_write(emitter, part)}")
        case Not(inner):
            out.line(f"{result} = not {_write(emitter, inner)}")
        case _:
            assert_never(term)
    return result


class _Sharing(Emitter):
    """Does not write again what is remembered of the whole scope."""

    def emit(self, node: Syntax, current: Operand) -> Operand:
        """See `Emitter.emit`."""
        known = self.out.recall(_key(node)) if current.is_scope and isinstance(node, _WORTH_SHARING) else None
        return super().emit(node, current) if known is None else known


def _shared(terms: Sequence[Term]) -> dict[str, Syntax]:
    """What at least two terms evaluate, and what cannot fail; the smallest first, as the others may be made of them."""
    found: dict[str, Syntax] = {}
    counts: Counter[str] = Counter()
    for term in terms:
        nodes = {
            _key(node): node
            for expression in expressions(term)
            for node in _on_scope(expression.syntax)
            if isinstance(node, _WORTH_SHARING) and not any(isinstance(part, Call) for part in walk(node))
        }
        counts.update(list(nodes))
        found |= nodes
    return {key: found[key] for key in sorted(counts, key=lambda key: (len(key), key)) if counts[key] > 1}


def _on_scope(root: Syntax) -> Iterator[Syntax]:
    """The parts that are evaluated on all roots, not on a part of a value."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        match node:
            case Subexpression(steps=(first, *_)) | IndexExpression(steps=(first, *_)) | Pipe(steps=(first, *_)):
                waiting.append(first)
            case Projection(base=base) | ValueProjection(base=base) | FilterProjection(base=base) | Flatten(base=base):
                waiting.append(base)
            case Reference():
                pass  # evaluated on whatever its function hands to it
            case _:
                waiting.extend(children(node))


def _key(node: Node) -> str:
    """The same for nodes that mean the same, wherever they stand; for Python ``true`` would be ``1``."""
    return f"{type(node).__name__}({','.join(map(_part_key, node.content()))})"


def _part_key(part: object) -> str:
    if isinstance(part, Node):
        return _key(part)
    if isinstance(part, tuple):
        return f"({','.join(map(_part_key, part))})"
    return repr(part)
