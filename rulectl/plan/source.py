"""Compiling the expressions and templates of one rule, with the roots of their place and the names they may use."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from rulectl.expression import (
    BUILTIN,
    Expression,
    ExpressionError,
    Functions,
    Template,
    compile_expression,
    compile_template,
)
from rulectl.fields import FieldTree
from rulectl.plan.fault import Faults
from rulectl.plan.located import Located
from rulectl.plan.roots import Place, roots_at
from rulectl.problem import nearest
from rulectl.rule.model import Written

_CONDITIONS = frozenset({Place.WHEN, Place.ACTION_IF, Place.LOOKUP_WHERE, Place.FOR_EACH_WHERE, Place.ENABLED_IF})
"""Only whether these are true matters, so they need less of an object than to know their values would take."""
_MEMBERS = {
    "env": ("RC404", "environment variable", "spec.env"),
    "lookup": ("RC406", "lookup", "spec.lookup"),
    "let": ("RC406", "let", "spec.let"),
    "results": ("RC405", "action", "earlier actions"),
}


@dataclass(slots=True)
class Names:
    """The members of `env`, `lookup`, `let` and `results` that are defined so far, and those that come later."""

    defined: dict[str, tuple[str, ...]] = field(default_factory=dict)
    later: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(slots=True)
class Sources:
    """The compiler of one rule's expressions; what is wrong goes to `faults` and gives None."""

    faults: Faults
    is_condition: bool
    has_for_each: bool
    functions: Functions = BUILTIN
    names: Names = field(default_factory=Names)
    located: list[Located] = field(default_factory=list)
    """Every expression that compiled, in the order of compiling."""

    def expression(self, written: Written | None, place: Place) -> Expression | None:
        """The compiled expression; None when nothing is written or it is faulty."""
        if written is None:
            return None
        try:
            roots, is_condition = self._roots(place), place in _CONDITIONS
            compiled = compile_expression(written.text, roots=roots, functions=self.functions, condition=is_condition)
        except ExpressionError as error:
            self.faults.expression(error, written, place)
            return None
        self.located.append(Located(self.faults.rule, place, compiled, written.path))
        return compiled if self._names_are_known(compiled.reads, written, place) else None

    def unwritten(self, text: str, place: Place) -> Expression | None:
        """An expression that the rule does not have itself, made of parts that compiled; None if it does not."""
        try:
            return compile_expression(text, roots=self._roots(place), functions=self.functions)
        except ExpressionError:
            return None

    def relative(self, written: Written) -> Expression | None:
        """The compiled expression relative to the object."""
        try:
            compiled = compile_expression(written.text, roots=(), functions=self.functions, relative=True)
        except ExpressionError as error:
            self.faults.expression(error, written, None)
            return None
        self.located.append(Located(self.faults.rule, None, compiled, written.path))
        return compiled

    def template(self, written: Written | None, place: Place) -> Template | None:
        """The compiled template of any JSON value; None when nothing is written or it is faulty."""
        if written is None:
            return None
        try:
            compiled = compile_template(written.value, roots=self._roots(place), functions=self.functions)
        except ExpressionError as error:
            self.faults.expression(error, written, place)
            return None
        for placed in compiled.expressions:
            path = (*written.path, *placed.path)
            self.located.append(Located(self.faults.rule, place, placed.expression, path, placed.start))
        return compiled if self._names_are_known(compiled.reads, written, place) else None

    def joined(self, text: str, place: Place) -> Template | None:
        """A template that the rule does not have itself, made of parts that compiled; None if it does not."""
        try:
            return compile_template(text, roots=self._roots(place), functions=self.functions)
        except ExpressionError:
            return None

    def _roots(self, place: Place) -> frozenset[str]:
        return roots_at(place, is_condition=self.is_condition, has_for_each=self.has_for_each)

    def _names_are_known(self, reads: Mapping[str, FieldTree], written: Written, place: Place) -> bool:
        """Whether all members of env, lookup, let and results that are read exist; those that do not are told."""
        if not self.faults.rule.sound or place is Place.ENABLED_IF:
            return True
        known = True
        for root, (code, noun, origin) in _MEMBERS.items():
            tree = reads.get(root)
            defined = self.names.defined.get(root, ())
            for name in tree.fields if tree is not None else ():
                if name not in defined:
                    known = False
                    self._unknown(code, f"{root}.{name}", noun, origin, root, name, written)
        return known

    def _unknown(self, code: str, full: str, noun: str, origin: str, root: str, name: str, written: Written) -> None:
        path, span = _find(written, root, name)
        defined = self.names.defined.get(root, ())
        if name in self.names.later.get(root, ()):
            message, hint = f"{full} is not known here: it comes later", "earlier ones only; change the order"
        else:
            close = nearest(name, defined)
            message = f"{full}: there is no {noun} {name!r}"
            if close:
                hint = f"did you mean {root}.{close}?"
            elif root == "env":
                hint = f"add {name} to spec.env, with its default"
            else:
                hint = f"defined in {origin}: {', '.join(defined) or 'nothing'}"
        self.faults.add(code, message, path, span=span, hint=hint)


def _find(written: Written, root: str, name: str) -> tuple[tuple[str | int, ...], tuple[int, int] | None]:
    """Where in `written` the member `name` of `root` is spelt; the whole value when it cannot be told."""
    pattern = re.compile(rf"\b{root}\s*\.\s*\"?({re.escape(name)})(?![A-Za-z0-9_])")
    for path, text in _texts(written.value, written.path):
        found = pattern.search(text)
        if found is not None:
            return path, (found.start(), found.end(1))
    return written.path, None


def _texts(value: object, path: tuple[str | int, ...]) -> Iterable[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from _texts(part, (*path, key))
    elif isinstance(value, Collection):
        for index, part in enumerate(value):
            yield from _texts(part, (*path, index))
