"""Definitions as a server publishes them: with paths in the references and with descriptions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rulectl.openapi import packaged
from rulectl.openapi.schema import Table
from rulectl.value import Value, mapping, text

V2 = "#/definitions/"
V3 = "#/components/schemas/"


def definitions(table: Table, names: Iterable[str], *, prefix: str = V3) -> dict[str, Value]:
    """The named definitions and all that they refer to, by name: ``components.schemas`` of a document.

    References get `prefix`; with the one of version 3 they are wrapped in ``allOf``, as servers do,
    since siblings of a ``$ref`` are not looked at there. Built-in definitions get their descriptions.
    Names that the table does not have are left out.
    """
    found: dict[str, Value] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        raw = table.raw(name)
        if name in found or not raw:
            continue
        referred: list[str] = []
        found[name] = _published(raw, packaged.descriptions(name), "", prefix, referred)
        waiting.extend(referred)
    return dict(sorted(found.items()))


def _published(
    schema: Mapping[str, Value], told: Mapping[str, Value], path: str, prefix: str, referred: list[str]
) -> dict[str, Value]:
    result: dict[str, Value] = {}
    if path in told:
        result["description"] = told[path]
    for word, value in schema.items():
        match word:
            case "$ref":
                name = text(value).rpartition("/")[2]
                referred.append(name)
                target: dict[str, Value] = {"$ref": prefix + name}
                result.update({"allOf": [target]} if prefix == V3 else target)
            case "properties":
                result[word] = {
                    key: _published(mapping(part), told, f"{path}.{key}" if path else key, prefix, referred)
                    for key, part in mapping(value).items()
                }
            case "items" | "additionalProperties" if isinstance(value, Mapping):
                result[word] = _bare(_published(value, {}, "", prefix, referred))
            case "oneOf" if prefix == V2:
                # Version 2 has no unions, and kubectl's reader refuses them: servers say string there.
                result["type"] = "string"
            case "allOf" | "anyOf" | "oneOf" if isinstance(value, list):
                result[word] = [_published(mapping(part), {}, "", prefix, referred) for part in value]
            case _:
                result[word] = value
    return result


def _bare(schema: dict[str, Value]) -> dict[str, Value]:
    parts = schema.get("allOf")
    return dict(mapping(parts[0])) if len(schema) == 1 and isinstance(parts, list) and len(parts) == 1 else schema
