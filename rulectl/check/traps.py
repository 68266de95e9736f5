"""Expressions that mean something else than they look like: JMESPath's traps, each a warning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rulectl.expression.syntax import (
    And,
    Comparator,
    Field,
    FilterProjection,
    Flatten,
    IndexExpression,
    Literal,
    Not,
    Or,
    Pipe,
    Projection,
    Reference,
    Subexpression,
    Syntax,
    ValueProjection,
    children,
)
from rulectl.plan.located import Located
from rulectl.problem import Problem

_ROOTS_IN_FILTERS = frozenset({"object", "old", "lookup", "let", "env", "target", "results"})
"""Roots whose names no Kubernetes object has as a key where lists are."""
_VALUES = frozenset({"true", "false", "null"})


@dataclass(frozen=True, slots=True)
class _Trap:
    code: str
    message: str
    start: int
    end: int
    hint: str


def traps(expressions: Iterable[Located]) -> list[Problem]:
    """A warning for each trap in `expressions`, at its place."""
    return [
        located.problem(trap.code, trap.message, (trap.start, trap.end), hint=trap.hint)
        for located in expressions
        for trap in _Finder(located).found()
    ]


class _Finder:
    """Looks through one expression. Inside a filter or a projection there are no roots."""

    def __init__(self, located: Located) -> None:
        self._located = located
        self._text = located.expression.text

    def found(self) -> list[_Trap]:
        is_relative = self._located.expression.relative
        return list(self._look(self._located.expression.syntax, has_roots=not is_relative, inside=False))

    def _look(self, node: Syntax, *, has_roots: bool, inside: bool) -> Iterator[_Trap]:
        yield from self._at(node, inside=inside)
        for child, child_has_roots, child_inside in self._below(node, has_roots=has_roots, inside=inside):
            yield from self._look(child, has_roots=child_has_roots, inside=child_inside)

    def _at(self, node: Syntax, *, inside: bool) -> Iterator[_Trap]:
        match node:
            case Pipe(steps=steps):
                yield from self._mixed_pipe(steps)
            case Comparator():
                yield from self._comparison(node)
            case Subexpression(steps=(Not() as first, *_)):
                inner = self._text[first.operand.start : node.end]
                message = "! binds tighter than the dot: this is always null or true"
                yield _Trap("RC412", message, node.start, node.end, f"write !({inner})")
            case Subexpression(steps=(Field(name=name) as first, *_)) if inside and name in _ROOTS_IN_FILTERS:
                message = f"{name} is looked for in each element here: a filter sees no roots"
                hint = "compare in a lookup's where with item, or with a literal"
                yield _Trap("RC413", message, first.start, first.end, hint)
            case _:
                pass

    @staticmethod
    def _below(node: Syntax, *, has_roots: bool, inside: bool) -> Iterator[tuple[Syntax, bool, bool]]:
        match node:
            case FilterProjection(base=base, body=body, condition=condition):
                yield base, has_roots, inside
                yield body, False, True
                yield condition, False, True
            case Projection(base=base, body=body) | ValueProjection(base=base, body=body):
                yield base, has_roots, inside
                yield body, False, True
            case Reference(expression=expression):
                yield expression, False, True
            case Pipe(steps=steps) | Subexpression(steps=steps) | IndexExpression(steps=steps):
                for index, step in enumerate(steps):
                    yield step, has_roots and index == 0, inside or (index > 0 and isinstance(node, Pipe))
            case _:
                for child in children(node):
                    yield child, has_roots, inside

    def _mixed_pipe(self, steps: tuple[Syntax, ...]) -> Iterator[_Trap]:
        for index, step in enumerate(steps):
            if not isinstance(step, And | Or) or self._is_in_parentheses(step):
                continue
            sign = "&&" if isinstance(step, And) else "||"
            side = "left" if index < len(steps) - 1 else "right"
            message = f"the pipe binds last: all of this {sign} stands on its {side} side"
            yield _Trap("RC411", message, step.start, step.end, "put parentheses around what belongs together")

    def _is_in_parentheses(self, node: Syntax) -> bool:
        before, after = self._text[: node.start].rstrip(), self._text[node.end :].lstrip()
        return before.endswith("(") and after.startswith(")")

    def _comparison(self, node: Comparator) -> Iterator[_Trap]:
        right, left = node.right, node.left
        if isinstance(right, Field) and right.name in _VALUES:
            message = f"{right.name} is a field's name here"
            yield _Trap("RC414", message, right.start, right.end, f"the value is written `{right.name}`")
        elif isinstance(right, Field) and self._looks_like_text(right):
            message = f"this compares with the field {right.name!r}, not with the text"
            yield _Trap("RC414", message, right.start, right.end, f"a text is written '{right.name}'")
        for listed, other in ((left, right), (right, left)):
            if node.operator in {"==", "!="} and _is_list(listed) and _is_scalar(other):
                answer = "false" if node.operator == "==" else "true"
                message = f"a list is compared with a single value: this is always {answer}"
                part = self._text[listed.start : listed.end]
                literal = self._text[other.start : other.end]
                yield _Trap("RC415", message, node.start, node.end, f"write contains({part}, {literal})")

    def _looks_like_text(self, field: Field) -> bool:
        return self._text[field.start : field.start + 1] == '"' or field.name[:1].isupper()


def _is_list(node: Syntax) -> bool:
    """Whether the value is a list or null, whatever the object."""
    match node:
        case Projection() | FilterProjection() | ValueProjection() | Flatten():
            return True
        case Subexpression(steps=(*_, last)) | Pipe(steps=(*_, last)):
            return _is_list(last)
        case _:
            return False


def _is_scalar(node: Syntax) -> bool:
    return isinstance(node, Literal) and isinstance(node.value, str | int | float | bool)
