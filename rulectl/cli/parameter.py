"""An action's parameters as a table: read from its JSON Schema; pure."""

from __future__ import annotations

from collections.abc import Mapping

from rulectl import duration
from rulectl.value import Value, encode, mapping, text

REFERENCE = frozenset({"secretKeyRef", "file"})
"""The keys of a value that is given by reference."""


def parameter_rows(schema: Mapping[str, Value], above: str = "") -> list[tuple[str, str]]:
    """For each parameter its name, and its type, whether it must be there, its default, what it is for.

    Parameters within others follow them, with a dot between the names.
    """
    required = schema.get("required")
    names = required if isinstance(required, list) else []
    rows = []
    for name, described in mapping(schema.get("properties")).items():
        one = mapping(described)
        facts = [type_of(one)]
        if name in names:
            facts.append("required")
        if "default" in one:
            facts.append(f"default {encode(one['default']).decode()}")
        said = " ".join(text(one.get("description")).replace("``", "`").split())
        rows.append((f"{above}{name}", f"{', '.join(facts)}. {said}" if said else f"{', '.join(facts)}."))
        rows += parameter_rows(_inner(one), f"{above}{name}.")
    return rows


def _inner(schema: Mapping[str, Value]) -> Mapping[str, Value]:
    """The one mapping with keys of its own that a value may be; nothing for a reference, the same everywhere."""
    options = schema.get("anyOf")
    possible = [mapping(option) for option in options] if isinstance(options, list) else [schema]
    found = [option for option in possible if mapping(option.get("properties"))]
    if len(found) != 1 or mapping(found[0].get("properties")).keys() == REFERENCE:
        return {}
    return found[0]


def type_of(schema: Mapping[str, Value]) -> str:
    """The type that a schema asks for, in a few words."""
    if "anyOf" in schema:
        options = schema["anyOf"]
        names = [type_of(mapping(option)) for option in (options if isinstance(options, list) else [])]
        # That null stands for absent is so everywhere and says nothing.
        return " or ".join(dict.fromkeys(name for name in names if name != "null"))
    if "enum" in schema:
        values = schema["enum"]
        # An empty text stands for absent, as null does.
        return "|".join(str(value) for value in (values if isinstance(values, list) else []) if value != "")
    kind = text(schema.get("type")) or "any value"
    match kind:
        case "string" if schema.get("pattern") == duration.PATTERN:
            return "duration"
        case "array":
            return f"list of {_grouped(mapping(schema.get('items')))}"
        case "object" if mapping(schema.get("properties")):
            return "{" + ", ".join(mapping(schema.get("properties"))) + "}"
        case "object" if mapping(schema.get("additionalProperties")):
            return f"map of {_grouped(mapping(schema.get('additionalProperties')))}"
        case "object":
            return "mapping"
        case "integer" | "number":
            return kind + _limits(schema)
        case _:
            return kind


def _grouped(schema: Mapping[str, Value]) -> str:
    name = type_of(schema)
    return f"({name})" if " or " in name else name


def _limits(schema: Mapping[str, Value]) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is None and most is None:
        return ""
    if most is None:
        return f" from {_number(least)}"
    return f" up to {_number(most)}" if least is None else f" from {_number(least)} to {_number(most)}"


def _number(limit: Value) -> str:
    return f"{limit:g}" if isinstance(limit, int | float) else str(limit)
