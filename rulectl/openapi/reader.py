"""OpenAPI schema objects (of the packaged table, a CRD, a live server) -> nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, replace
from typing import TypeAlias, cast

from rulectl.openapi.node import NO_LIMITS, Limits, Node
from rulectl.value import Value, mapping, text

Resolve: TypeAlias = Callable[[str], Node]
"""From the last part of a ``$ref`` to the definition's node."""

INT_OR_STRING = "int-or-string"
_PLAIN_LIMITS = {
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusiveMinimum": "exclusive_minimum",
    "exclusiveMaximum": "exclusive_maximum",
    "multipleOf": "multiple_of",
    "minLength": "min_length",
    "maxLength": "max_length",
    "pattern": "pattern",
    "minItems": "min_items",
    "maxItems": "max_items",
    "uniqueItems": "unique_items",
    "minProperties": "min_properties",
    "maxProperties": "max_properties",
}
_COMBINATIONS = {"allOf": "all_of", "anyOf": "any_of", "oneOf": "one_of"}
_LIMIT_WORDS = frozenset({*_PLAIN_LIMITS, *_COMBINATIONS, "not"})
_SIBLINGS_OF_A_REFERENCE = frozenset({"$ref", "allOf", "description", "default"})


class Properties(Mapping[str, Node]):
    """The nodes below one, by name; each is read when it is first asked for."""

    __slots__ = ("_nodes", "_resolve", "_schemas")

    def __init__(self, schemas: Mapping[str, Value], resolve: Resolve) -> None:
        self._schemas = schemas
        self._resolve = resolve
        self._nodes: dict[str, Node] = {}

    def __getitem__(self, key: str) -> Node:
        node = self._nodes.get(key)
        if node is None:
            # Two threads may both read it; setdefault keeps one, so that identity holds.
            node = self._nodes.setdefault(key, read(mapping(self._schemas[key]), self._resolve))
        return node

    def __contains__(self, key: object) -> bool:
        return key in self._schemas

    def __iter__(self) -> Iterator[str]:
        return iter(self._schemas)

    def __len__(self) -> int:
        return len(self._schemas)


def no_references(name: str) -> Node:
    """The `Resolve` for documents in which a ``$ref`` is a fault, such as CRDs.

    Raises:
        ValueError: always.
    """
    raise ValueError(f"$ref {name!r} cannot be followed here: write the schema out in place")


def read(schema: Mapping[str, Value], resolve: Resolve = no_references, *, name: str = "") -> Node:
    """The node that an OpenAPI schema object describes.

    Both ways of a reference are understood: a bare ``$ref`` with siblings (version 2 documents), and
    ``allOf`` with one ``$ref`` (version 3). What stands beside a reference wins over the definition.

    Raises:
        ValueError: `resolve` does not know a reference of this schema.
    """
    reference = _reference(schema)
    if reference:
        return _beside(resolve(reference.rpartition("/")[2]), schema)
    branches = _types(schema)
    return Node(
        type=branches[0],
        format=text(schema.get("format")),
        description=text(schema.get("description")),
        name=name,
        properties=_properties(schema, resolve),
        parts=_parts(schema, resolve),
        required=_texts(schema.get("required")),
        enum=tuple(_values(schema.get("enum"))),
        default=schema.get("default"),
        has_default="default" in schema,
        nullable=bool(schema.get("nullable")) or "null" in branches,
        list_type=text(schema.get("x-kubernetes-list-type")),
        map_keys=_texts(schema.get("x-kubernetes-list-map-keys")),
        merge_key=text(schema.get("x-kubernetes-patch-merge-key")),
        patch_strategy=_strategies(schema),
        map_type=text(schema.get("x-kubernetes-map-type")),
        preserve_unknown=bool(schema.get("x-kubernetes-preserve-unknown-fields")),
        int_or_string=bool(schema.get("x-kubernetes-int-or-string")) or schema.get("format") == INT_OR_STRING,
        embedded_resource=bool(schema.get("x-kubernetes-embedded-resource")),
        limits=_limits(schema, resolve),
    )


def _reference(schema: Mapping[str, Value]) -> str:
    if "$ref" in schema:
        return text(schema["$ref"])
    parts = _values(schema.get("allOf"))
    if len(parts) == 1 and "type" not in schema and "properties" not in schema:
        return text(mapping(parts[0]).get("$ref"))
    return ""


def _beside(node: Node, schema: Mapping[str, Value]) -> Node:
    extra = schema.keys() - _SIBLINGS_OF_A_REFERENCE
    if not extra and "default" not in schema and not schema.get("description"):
        return node
    return replace(
        node,
        description=text(schema.get("description")) or node.description,
        default=schema.get("default", node.default),
        has_default="default" in schema or node.has_default,
        nullable=bool(schema.get("nullable", node.nullable)),
        list_type=text(schema.get("x-kubernetes-list-type")) or node.list_type,
        map_type=text(schema.get("x-kubernetes-map-type")) or node.map_type,
        merge_key=text(schema.get("x-kubernetes-patch-merge-key")) or node.merge_key,
        patch_strategy=_strategies(schema) or node.patch_strategy,
    )


def _types(schema: Mapping[str, Value]) -> tuple[str, ...]:
    written = schema.get("type")
    if isinstance(written, str):
        return (written,)
    named = sorted(_texts(written), key=lambda kind: kind == "null")
    return tuple(named) or ("",)


def _properties(schema: Mapping[str, Value], resolve: Resolve) -> Mapping[str, Node]:
    written = schema.get("properties")
    return Properties(written, resolve) if isinstance(written, Mapping) and written else {}


def _parts(schema: Mapping[str, Value], resolve: Resolve) -> Mapping[str, Node]:
    parts: dict[str, Value] = {}
    if isinstance(schema.get("items"), Mapping):
        parts["items"] = schema["items"]
    match schema.get("additionalProperties"):
        case Mapping() as entries:
            parts["additional"] = entries
        case True:
            parts["additional"] = {}
    return Properties(parts, resolve) if parts else {}


def _limits(schema: Mapping[str, Value], resolve: Resolve) -> Limits:
    if _LIMIT_WORDS.isdisjoint(schema):
        return NO_LIMITS
    found: dict[str, object] = {ours: schema[word] for word, ours in _PLAIN_LIMITS.items() if word in schema}
    for word, ours in _COMBINATIONS.items():
        found[ours] = tuple(read(mapping(part), resolve) for part in _values(schema.get(word)))
    if isinstance(schema.get("not"), Mapping):
        found["negated"] = read(mapping(schema["not"]), resolve)
    known = {entry.name for entry in fields(Limits)}
    return Limits(**{key: cast("int", value) for key, value in found.items() if key in known})  # type: ignore[arg-type]


def _strategies(schema: Mapping[str, Value]) -> tuple[str, ...]:
    written = text(schema.get("x-kubernetes-patch-strategy"))
    return tuple(part for part in written.split(",") if part)


def _values(value: Value) -> list[Value]:
    return list(value) if isinstance(value, list | tuple) else []


def _texts(value: Value) -> tuple[str, ...]:
    return tuple(part for part in _values(value) if isinstance(part, str))


def joined(schemas: Iterable[Mapping[str, Value]]) -> dict[str, Value]:
    """The definitions of several documents in one mapping; the first to name one wins."""
    definitions: dict[str, Value] = {}
    for schema in schemas:
        for key, value in schema.items():
            definitions.setdefault(key, value)
    return definitions
