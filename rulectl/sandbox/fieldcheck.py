"""What of a written object the schema does not have: unknown fields, and values of another type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rulectl.openapi import Node
from rulectl.sandbox.registry import Served
from rulectl.sandbox.status import ApiError, bad_request
from rulectl.sandbox.world import Call
from rulectl.value import Value, mapping

_MOST = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault; `expected` is empty for an unknown field."""

    path: str
    expected: str = ""
    found: str = ""


def findings(value: Value, node: Node | None) -> list[Finding]:
    """Everything below `value` that does not fit `node`, in the order of the object."""
    found: list[Finding] = []
    if node is not None:
        _look(value, node, "", found)
    return found


def _look(value: Value, node: Node, path: str, found: list[Finding]) -> None:
    # Every write walks the whole object: dict and list are asked for by name, not as Mapping or Sequence,
    # because what was decoded from JSON is nothing else and the check is ten times as fast.
    if value is None or node.anything or node.int_or_string or node.quantity:
        return
    if not _fits(value, node.type):
        found.append(Finding(path, node.type or "object", _type_name(value)))
    elif isinstance(value, dict):
        properties = node.properties
        for key, entry in value.items():
            child = properties.get(key) or node.additional
            if child is None:
                if not node.open:
                    found.append(Finding(f"{path}.{key}" if path else key))
            elif entry.__class__ is not str or child.type != "string":
                _look(entry, child, f"{path}.{key}" if path else key, found)
    elif isinstance(value, list) and node.items is not None:
        for index, entry in enumerate(value):
            _look(entry, node.items, f"{path}[{index}]", found)


def checked(call: Call, body: Mapping[str, Value]) -> list[str]:
    """The warnings to send with the answer to a write of `body`.

    Raises:
        ApiError: 400 for a value of another type than a built-in kind has there, and with
            ``fieldValidation=Strict`` for unknown fields.
    """
    mode = call.query.get("fieldValidation") or "Warn"
    if mode not in {"Ignore", "Warn", "Strict"}:
        raise ApiError(
            422,
            "Invalid",
            f'fieldValidation: Unsupported value: "{mode}": supported values: "Ignore", "Strict", "Warn"',
        )
    unknown = [f'unknown field "{path}"' for path in unknown_fields(call.served, body)]
    if unknown and mode == "Strict":
        shown = ", ".join(unknown[:_MOST])
        raise bad_request(f"error when decoding the object: strict decoding error: {shown}")
    return unknown[:_MOST] if mode == "Warn" else []


def unknown_fields(served: Served, body: Mapping[str, Value]) -> list[str]:
    """The paths of an object that its schema does not have.

    Raises:
        ApiError: 400 for a value of another type than a built-in kind has there.
    """
    metadata = {key: value for key, value in mapping(body.get("metadata")).items() if key != "managedFields"}
    found = findings({**body, "metadata": metadata}, served.node)
    mistyped = [finding for finding in found if finding.expected]
    if mistyped and not served.custom:
        kind, wrong = served.kind, mistyped[0]
        raise bad_request(
            f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}: json: cannot '
            f"unmarshal {wrong.found} into field {kind.kind}.{wrong.path} of type {wrong.expected}"
        )
    return [finding.path for finding in found if not finding.expected]


def _fits(value: Value, kind: str) -> bool:
    match kind:
        case "object":
            return isinstance(value, dict)
        case "array":
            return isinstance(value, list)
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return (isinstance(value, int) and not isinstance(value, bool)) or (
                isinstance(value, float) and value.is_integer()
            )
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
    return True


def _type_name(value: Value) -> str:
    match value:
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case str():
            return "string"
        case dict():
            return "object"
    return "array"
