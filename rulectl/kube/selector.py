"""Label selectors: from a manifest or from kubectl's text, to the server or judged here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from rulectl.errors import UsageError
from rulectl.value import Value, mapping, text

_IN = re.compile(r"(?P<key>[^\s!=,()]+)\s+(?P<op>in|notin)\s*\((?P<values>[^()]*)\)")
_EQUAL = re.compile(r"(?P<key>[^\s!=,()]+)\s*(?P<op>==|=|!=)\s*(?P<value>[^\s!=,()]*)")
_EXISTS = re.compile(r"(?P<op>!?)\s*(?P<key>[^\s!=,()]+)")
_COMMA_OUTSIDE = re.compile(r",(?![^()]*\))")
_SIGNS = {"=": "In", "==": "In", "!=": "NotIn", "in": "In", "notin": "NotIn"}
_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One term; `operator` is In, NotIn, Exists or DoesNotExist. A missing label satisfies NotIn."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, Value]) -> bool:
        """Whether an object with these labels satisfies it."""
        match self.operator:
            case "In":
                return labels.get(self.key) in self.values
            case "NotIn":
                return labels.get(self.key) not in self.values
            case "Exists":
                return self.key in labels
            case _:
                return self.key not in labels

    def __str__(self) -> str:
        match self.operator:
            case "In" if len(self.values) == 1:
                return f"{self.key}={self.values[0]}"
            case "NotIn" if len(self.values) == 1:
                return f"{self.key}!={self.values[0]}"
            case "In" | "NotIn":
                return f"{self.key} {self.operator.lower()} ({','.join(self.values)})"
            case "Exists":
                return self.key
            case _:
                return f"!{self.key}"


@dataclass(frozen=True, slots=True)
class LabelSelector:
    """Terms that must all hold; none: all objects match. `str()` is the form that servers take."""

    requirements: tuple[Requirement, ...] = ()

    @classmethod
    def parse(cls, selector: str) -> LabelSelector:
        """From kubectl's text: ``app=web,tier in (a,b),!canary``.

        Raises:
            UsageError: it is no selector.
        """
        parts = [part.strip() for part in _COMMA_OUTSIDE.split(selector)]
        return cls(tuple(_requirement(part, selector) for part in parts if part))

    @classmethod
    def of(cls, selector: Mapping[str, Value]) -> LabelSelector:
        """From a manifest's ``{matchLabels: ..., matchExpressions: ...}``.

        Raises:
            UsageError: an operator is unknown, or its values do not go with it.
        """
        labels = mapping(selector.get("matchLabels"))
        terms = [Requirement(key, "In", (text(value),)) for key, value in labels.items()]
        expressions = selector.get("matchExpressions")
        for expression in expressions if isinstance(expressions, list) else []:
            term = mapping(expression)
            operator, values = text(term.get("operator")), term.get("values")
            listed = tuple(text(value) for value in values) if isinstance(values, list) else ()
            key = text(term.get("key"))
            if operator not in _OPERATORS:
                raise UsageError(f"label {key!r}: the operator is one of {', '.join(_OPERATORS)}, not {operator!r}")
            if bool(listed) != (operator in ("In", "NotIn")):
                raise UsageError(f"label {key!r}: values go with In and NotIn, and only with them")
            terms.append(Requirement(key, operator, listed))
        return cls(tuple(terms))

    def matches(self, labels: Mapping[str, Value]) -> bool:
        """Whether an object with these labels is selected."""
        return all(requirement.matches(labels) for requirement in self.requirements)

    def __str__(self) -> str:
        return ",".join(str(requirement) for requirement in self.requirements)


def _requirement(part: str, selector: str) -> Requirement:
    if found := _IN.fullmatch(part):
        values = tuple(value.strip() for value in found["values"].split(","))
        return Requirement(found["key"], _SIGNS[found["op"]], values)
    if found := _EQUAL.fullmatch(part):
        return Requirement(found["key"], _SIGNS[found["op"]], (found["value"],))
    if found := _EXISTS.fullmatch(part):
        return Requirement(found["key"], "DoesNotExist" if found["op"] else "Exists")
    raise UsageError(f"{selector!r} is no label selector: {part!r} is not like a=b, a!=b, a in (b,c), a, !a")
