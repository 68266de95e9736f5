"""Structural schemas of custom resources: defaults filled in, unknown fields cut off, faults found."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from typing import NamedTuple

from rulectl.duration import parse_duration
from rulectl.openapi import Limits, Node, Table
from rulectl.value import Value, encode, encode_sorted, same

_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_STRING = Node(type="string")


class Violation(NamedTuple):
    """One fault: the path of the field (``spec.ports[0].name``) and the server's words about it."""

    path: str
    message: str

    @property
    def reason(self) -> str:
        """What a Status cause calls this kind of fault, such as ``FieldValueInvalid``."""
        for opening, reason in _REASONS.items():
            if self.message.startswith(opening):
                return reason
        return "FieldValueTypeInvalid" if " in body must be of type " in self.message else "FieldValueInvalid"

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


_REASONS = {
    "Required value": "FieldValueRequired",
    "Unsupported value": "FieldValueNotSupported",
    "Duplicate value": "FieldValueDuplicate",
    "Too long": "FieldValueTooLong",
    "Too many": "FieldValueTooMany",
}


def default(value: Value, node: Node) -> Value:
    """`value` with the schema's defaults where nothing is, at every depth.

    A null where the schema allows none counts as nothing: it gets the default, or goes where there is none.
    `value` is not changed; parts that stay as they were are shared with it, and defaults with the schema.
    """
    if isinstance(value, Mapping):
        return _default_map(value, node)
    if isinstance(value, list | tuple) and node.items is not None:
        items = node.items
        return [default(item, items) for item in value]
    return value


def _default_map(value: Mapping[str, Value], node: Node) -> Value:
    fields: dict[str, Value] = {}
    for key, part in value.items():
        child = node.child(key)
        if child is None:
            fields[key] = part
        elif part is not None or _may_be_null(child):
            fields[key] = default(part, child)
    for key, child in node.properties.items():
        if key not in fields and child.has_default and child.default is not None:
            fields[key] = default(child.default, child)
    return fields


def _may_be_null(node: Node) -> bool:
    # A preserved value without a type is none of the schema's business, null included.
    return node.nullable or node.anything


def prune(value: Value, node: Node) -> Value:
    """`value` without the fields that the schema does not have.

    Where the schema preserves unknown fields they stay, but below a known field its own schema decides
    again. An embedded resource keeps its apiVersion, kind and metadata. `value` is not changed.
    """
    node = embedded(node)
    if isinstance(value, Mapping) and (node.type == "object" or node.properties):
        keep_all = node.preserve_unknown or (bool(node.name) and not node.properties)
        fields: dict[str, Value] = {}
        for key, part in value.items():
            child = node.child(key)
            if child is not None:
                fields[key] = prune(part, child)
            elif keep_all:
                fields[key] = part
        return fields
    if isinstance(value, list | tuple) and node.items is not None:
        items = node.items
        return [prune(item, items) for item in value]
    return value


def embedded(node: Node) -> Node:
    """`node` with the fields that every resource has, if it stands for an embedded resource."""
    if not node.embedded_resource:
        return node
    own = {"apiVersion": _STRING, "kind": _STRING, "metadata": Table.packaged().definition(_META) or Node()}
    return replace(node, properties={**node.properties, **own})


def violations(value: Value, node: Node, path: str = "") -> list[Violation]:
    """Where `value` breaks the schema, in the order of the schema; empty: it does not.

    Checked are type, required, enum, all limits of numbers, texts, lists and maps, combinations
    (allOf, anyOf, oneOf, not), common formats, int-or-string, null, embedded resources, and that items of
    sets and keyed lists differ. Not checked are CEL rules, formats that are not known here, and
    patterns that Python cannot read.
    """
    return list(_violations(value, embedded(node), path))


def _violations(value: Value, node: Node, path: str) -> Iterator[Violation]:
    if value is None and (node.nullable or node.anything):
        return
    wrong = _wrong_type(value, node)
    if wrong:
        yield _invalid(path, _quoted(wrong[1]), f'must be of type {wrong[0]}: "{wrong[1]}"')
        return
    if node.enum and not any(same(value, allowed) for allowed in node.enum):
        allowed = ", ".join(_quoted(entry) for entry in node.enum)
        yield Violation(path, f"Unsupported value: {_quoted(value)}: supported values: {allowed}")
    yield from _combined(value, node, path)
    match value:
        case str():
            yield from _text(value, node, path)
        case bool() | None:
            pass
        case int() | float():
            yield from _number(value, node.limits, path)
        case Mapping():
            yield from _map(value, node, path)
        case _:
            yield from _list(value, node, path)


def _wrong_type(value: Value, node: Node) -> tuple[str, str] | None:
    """(expected, found) when a value is of another type than the schema has."""
    found = _type_of(value)
    if node.int_or_string:
        return None if found in ("integer", "string") else ("integer,string", found)
    if node.quantity or not node.type or found == node.type or (found, node.type) == ("integer", "number"):
        return None
    if node.type == "integer" and isinstance(value, float) and value.is_integer():
        return None
    return node.type, found


def _type_of(value: Value) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case Mapping():
            return "object"
        case _:
            return "array"


def _map(value: Mapping[str, Value], node: Node, path: str) -> Iterator[Violation]:
    limits, size = node.limits, len(value)
    for key in node.required:
        if key not in value:
            yield Violation(_below(path, key), "Required value")
    if node.embedded_resource:
        for key in ("apiVersion", "kind"):
            if key not in node.required and value.get(key) in (None, ""):
                yield Violation(_below(path, key), "Required value: must not be empty")
    if limits.max_properties is not None and size > limits.max_properties:
        yield Violation(path, f"Too many: {size}: must have at most {limits.max_properties} items")
    if limits.min_properties is not None and size < limits.min_properties:
        yield _invalid(path, encode(value).decode(), f"should have at least {limits.min_properties} properties")
    for key, part in value.items():
        child = node.child(key)
        if child is not None:
            yield from _violations(part, embedded(child), _below(path, key))


def _list(value: Value, node: Node, path: str) -> Iterator[Violation]:
    items, limits = list(value) if isinstance(value, list | tuple) else [], node.limits
    if limits.max_items is not None and len(items) > limits.max_items:
        yield Violation(path, f"Too many: {len(items)}: must have at most {limits.max_items} items")
    if limits.min_items is not None and len(items) < limits.min_items:
        yield _invalid(path, str(len(items)), f"should have at least {limits.min_items} items")
    seen: set[bytes] = set()
    for place, item in enumerate(items):
        here = f"{path}[{place}]"
        name = _name(item, node)
        if name is not None:
            if encode_sorted(name) in seen:
                yield Violation(here, f"Duplicate value: {_quoted(name)}")
            seen.add(encode_sorted(name))
        if node.items is not None:
            yield from _violations(item, embedded(node.items), here)


def _name(item: Value, node: Node) -> Value:
    """What must differ between items; None where items may be equal."""
    if node.list_type == "set" or node.limits.unique_items:
        return item
    if node.list_type == "map" and isinstance(item, Mapping):
        keys: dict[str, Value] = {key: item.get(key) for key in node.map_keys}
        return keys
    return None


def _number(value: float, limits: Limits, path: str) -> Iterator[Violation]:
    low, high, step = limits.minimum, limits.maximum, limits.multiple_of
    told = _quoted(value)
    if low is not None and (value <= low if limits.exclusive_minimum else value < low):
        orequal = "" if limits.exclusive_minimum else " or equal to"
        yield _invalid(path, told, f"should be greater than{orequal} {_quoted(low)}")
    if high is not None and (value >= high if limits.exclusive_maximum else value > high):
        orequal = "" if limits.exclusive_maximum else " or equal to"
        yield _invalid(path, told, f"should be less than{orequal} {_quoted(high)}")
    if step and abs(value / step - round(value / step)) > 1e-9:
        yield _invalid(path, told, f"should be a multiple of {_quoted(step)}")


def _text(value: str, node: Node, path: str) -> Iterator[Violation]:
    limits = node.limits
    if limits.max_length is not None and len(value) > limits.max_length:
        yield Violation(path, f"Too long: may not be more than {limits.max_length} bytes")
    if limits.min_length is not None and len(value) < limits.min_length:
        yield _invalid(path, _quoted(value), f"should be at least {limits.min_length} chars long")
    if limits.pattern:
        pattern = _pattern(limits.pattern)
        if pattern is not None and not pattern.search(value):
            yield _invalid(path, _quoted(value), f"should match '{limits.pattern}'")
    holds = _FORMATS.get(node.format)
    if holds is not None and not holds(value):
        yield _invalid(path, _quoted(value), f"must be of type {node.format}: {_quoted(value)}")


def _combined(value: Value, node: Node, path: str) -> Iterator[Violation]:
    limits = node.limits
    where = path or "."

    def good(branches: tuple[Node, ...]) -> int:
        return sum(not violations(value, branch, where) for branch in branches)

    if limits.all_of and good(limits.all_of) < len(limits.all_of):
        yield _unmet(path, "must validate all the schemas (allOf)")
    if limits.any_of and not good(limits.any_of):
        yield _unmet(path, "must validate at least one schema (anyOf)")
    if limits.one_of and (count := good(limits.one_of)) != 1:
        found = f"Found {count} valid alternatives" if count else "Found none valid"
        yield _unmet(path, f"must validate one and only one schema (oneOf). {found}")
    if limits.negated is not None and good((limits.negated,)):
        yield _unmet(path, "must not validate the schema (not)")


def _unmet(path: str, told: str) -> Violation:
    return Violation(path, f'Invalid value: "": "{path}" {told}')


def _invalid(path: str, value: str, told: str) -> Violation:
    return Violation(path, f"Invalid value: {value}: {path} in body {told}")


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _quoted(value: Value) -> str:
    return encode(int(value) if isinstance(value, float) and value.is_integer() else value).decode()


@cache
def _pattern(written: str) -> re.Pattern[str] | None:
    """A pattern of Go's dialect for Python; None where it has something that Python does not know."""
    translated = written.replace(r"\z", r"\Z")
    for name, characters in (("alpha", "A-Za-z"), ("digit", "0-9"), ("alnum", "0-9A-Za-z"), ("lower", "a-z")):
        translated = translated.replace(f"[:{name}:]", characters)
    # Go's $ is the very end, Python's also stands before a last newline.
    translated = re.sub(r"(?<!\\)\$(?=$|\)|\|)", r"\\Z", translated)
    try:
        return re.compile(translated, re.ASCII)
    except re.error:
        return None


def _holds(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def check(value: str) -> bool:
        with suppress(ValueError, binascii.Error):
            parse(value)
            return True
        return False

    return check


def _date_time(value: str) -> datetime:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", value):
        raise ValueError(value)
    return datetime.fromisoformat(re.sub(r"\.\d+", "", value).upper())


def _base64(value: str) -> bytes:
    return base64.b64decode(value, validate=True)


def _cidr(value: str) -> object:
    if "/" not in value:
        raise ValueError(value)
    return ipaddress.ip_network(value, strict=False)


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern, re.ASCII)
    return lambda value: compiled.fullmatch(value) is not None


_HOST = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
_FORMATS: Mapping[str, Callable[[str], bool]] = {
    "byte": _holds(_base64),
    "cidr": _holds(_cidr),
    "date": _holds(date.fromisoformat),
    "date-time": _holds(_date_time),
    "duration": _holds(parse_duration),
    "email": _matches(r"[^@\s]+@[^@\s]+"),
    "hostname": _matches(_HOST),
    "ipv4": _holds(ipaddress.IPv4Address),
    "ipv6": _holds(ipaddress.IPv6Address),
    "mac": _matches(r"([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}"),
    "uri": _matches(r"[A-Za-z][A-Za-z0-9+.-]*:\S*"),
    "uuid": _holds(uuid.UUID),
}
