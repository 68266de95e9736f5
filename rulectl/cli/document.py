"""Objects out of a file or standard input, and values out again as JSON, YAML or plain text."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from rulectl.errors import UsageError
from rulectl.value import Value, decode, encode, mapping


def read_objects(file: str) -> list[Mapping[str, Value]]:
    """The objects in a YAML or JSON file, ``-`` being standard input; lists unfolded.

    Raises:
        UsageError: it cannot be read, or holds no object.
    """
    name = "standard input" if file == "-" else file
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        found = _parsed(data)
    except OSError as fault:
        raise UsageError(f"{name} cannot be read: {fault.strerror}; check the path and its permissions") from fault
    except ValueError as fault:
        raise UsageError(f"{name}: {fault}; give objects as `kubectl get -o yaml` or `-o json` writes them") from fault
    if not found:
        raise UsageError(f"{name} holds no object; give one as `kubectl get -o yaml` or `-o json` writes it")
    return found


def _parsed(data: bytes) -> list[Mapping[str, Value]]:
    try:
        whole = decode(data)
    except ValueError:
        from rulectl.sandbox.manifest import parse_documents  # noqa: PLC0415 - slow to import, and JSON is common

        return list(parse_documents(data))
    items = mapping(whole).get("items")
    many = whole if isinstance(whole, list) else items if isinstance(items, list) else [whole]
    if not all(isinstance(one, Mapping) for one in many):
        raise ValueError("an object is a mapping with apiVersion, kind and metadata")
    return [mapping(one) for one in many]


def written(value: Value, form: str) -> str:
    """`value` as ``json`` (indented), ``yaml``, or ``raw`` (text as it is, other values as compact JSON)."""
    match form:
        case "raw" if isinstance(value, str):
            return value
        case "raw":
            return encode(value).decode()
        case "yaml":
            return _yaml(value)
        case _:
            import msgspec  # noqa: PLC0415 - beside its one use

            return msgspec.json.format(encode(value), indent=2).decode()


def _yaml(value: Value) -> str:
    import yaml  # noqa: PLC0415 - slow to import, needed for one form only

    text: str = yaml.safe_dump(_plain(value), sort_keys=False, allow_unicode=True, default_flow_style=False, width=120)
    return text.removesuffix("\n").removesuffix("\n...")


def _plain(value: Value) -> Value:
    """`value` in dicts and lists alone: what the YAML writer knows."""
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list | tuple) else value
