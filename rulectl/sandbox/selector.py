"""Label selectors and field selectors, as query parameters write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rulectl.sandbox.stored import Stored
from rulectl.value import Value, mapping

_KEY = r"(?:[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?"
_VALUE = r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?"
_SET = re.compile(rf"\s*(?P<key>{_KEY})\s+(?P<op>in|notin)\s*\((?P<values>[^()]*)\)\s*")
_EQUAL = re.compile(rf"\s*(?P<key>{_KEY})\s*(?P<op>==|=|!=)\s*(?P<value>{_VALUE})\s*")
_ORDER = re.compile(rf"\s*(?P<key>{_KEY})\s*(?P<op>[<>])\s*(?P<value>-?\d+)\s*")
_EXISTS = re.compile(rf"\s*(?P<op>!?)\s*(?P<key>{_KEY})\s*")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One term over labels; `operator` is in, notin, exists, absent, lt or gt."""

    key: str
    operator: str
    values: frozenset[str] = frozenset()

    def matches(self, labels: Mapping[str, Value]) -> bool:
        """Whether an object with these labels meets it."""
        value = labels.get(self.key)
        match self.operator:
            case "in":
                return value in self.values
            case "notin":
                return value not in self.values
            case "exists":
                return self.key in labels
            case "absent":
                return self.key not in labels
        number = _number(value)
        bound = int(next(iter(self.values)))
        return number is not None and (number < bound if self.operator == "lt" else number > bound)


@dataclass(frozen=True, slots=True)
class FieldTerm:
    """One term over a field; `fields` are the places that may hold it and `absent` what no value means."""

    read: Callable[[Stored], str]
    value: str
    equal: bool


@dataclass(frozen=True, slots=True)
class Selector:
    """What a list or watch asks for; without terms it matches everything."""

    labels: tuple[Requirement, ...] = ()
    fields: tuple[FieldTerm, ...] = ()

    @property
    def everything(self) -> bool:
        """Whether no object is left out."""
        return not self.labels and not self.fields

    def matches(self, item: Stored) -> bool:
        """Whether an object meets all terms."""
        for field in self.fields:
            if (field.read(item) == field.value) is not field.equal:
                return False
        if self.labels:
            labels = mapping(item.metadata.get("labels"))
            return all(term.matches(labels) for term in self.labels)
        return True


def parse_labels(text: str) -> tuple[Requirement, ...]:
    """The terms of a label selector such as ``app=web,tier in (a, b),!old``.

    Raises:
        ValueError: it is not one; the message shows the part that cannot be read.
    """
    if not text.strip():
        return ()
    return tuple(_requirement(part) for part in _split(text))


def _split(text: str) -> list[str]:
    """At the commas that are not inside parentheses."""
    return re.split(r",(?![^(]*\))", text)


def _requirement(part: str) -> Requirement:
    if match := _SET.fullmatch(part):
        values = frozenset(value.strip() for value in match["values"].split(","))
        if all(re.fullmatch(_VALUE, value) for value in values):
            return Requirement(match["key"], match["op"], values)
    elif match := _EQUAL.fullmatch(part):
        operator = "notin" if match["op"] == "!=" else "in"
        return Requirement(match["key"], operator, frozenset([match["value"]]))
    elif match := _ORDER.fullmatch(part):
        return Requirement(match["key"], "lt" if match["op"] == "<" else "gt", frozenset([match["value"]]))
    elif match := _EXISTS.fullmatch(part):
        return Requirement(match["key"], "absent" if match["op"] else "exists")
    raise ValueError(f"unable to parse requirement: {part.strip()!r} is no term of a label selector")


def parse_fields(text: str) -> list[tuple[str, str, bool]]:
    """The terms of a field selector: path, value, and whether it must be equal.

    Raises:
        ValueError: it is not one.
    """
    terms: list[tuple[str, str, bool]] = []
    for part in re.split(r"(?<!\\),", text):
        if not part.strip():
            continue
        match = re.fullmatch(r"\s*([^=!]+?)\s*(==|=|!=)(.*)", part)
        if not match:
            raise ValueError(f"invalid selector: {text!r}; can't understand {part!r}")
        value = re.sub(r"\\([\\,=])", r"\1", match[3].strip())
        terms.append((match[1], value, match[2] != "!="))
    return terms


def field_reader(paths: Sequence[str], absent: str) -> Callable[[Stored], str]:
    """Reads the first of the dotted `paths` that holds something, as the text that selectors compare."""
    split = [path.split(".") for path in paths]

    def read(item: Stored) -> str:
        for path in split:
            value: Value = item.object
            for name in path:
                value = mapping(value).get(name)
            if value not in {None, ""} if not isinstance(value, dict | list) else False:
                return str(value).lower() if isinstance(value, bool) else str(value)
        return absent

    return read


def read_name(item: Stored) -> str:
    """``metadata.name``."""
    return item.name


def read_namespace(item: Stored) -> str:
    """``metadata.namespace``."""
    return item.namespace


def _number(value: Value) -> int | None:
    try:
        return int(value) if isinstance(value, str) else None
    except ValueError:
        return None
