"""YAML as Kubernetes reads it: no dates, keys are strings, many documents, lists unfolded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from rulectl.value import Value, decode


class _Loader(yaml.CSafeLoader):
    """The safe loader without YAML's dates: a manifest's date is a string."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def parse_yaml(text: str | bytes) -> Value:
    """The one document in `text`.

    Raises:
        ValueError: it is not YAML, or more than one document.
    """
    try:
        return _json(yaml.load(text, Loader=_Loader))  # noqa: S506 - a subclass of the safe loader
    except yaml.YAMLError as error:
        raise ValueError(f"not YAML: {_said(error)}") from error


def parse_documents(text: str | bytes) -> Iterator[dict[str, Value]]:
    """The objects of all documents in `text`; a ``kind: List`` stands for its items.

    Raises:
        ValueError: it is not YAML, or a document is no object.
    """
    try:
        documents = _documents(text)
    except yaml.YAMLError as error:
        raise ValueError(f"not YAML: {_said(error)}") from error
    for document in documents:
        if document is not None:
            yield from _unfold(document)


def _said(error: yaml.YAMLError) -> str:
    """What the parser found, and where, on one line."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return " ".join(str(error).split())
    context = f" {error.context}" if error.context else ""
    mark = error.problem_mark
    return f"line {mark.line + 1}, column {mark.column + 1}: {error.problem}{context}"


def _documents(text: str | bytes) -> list[Value]:
    """JSON is YAML too, but read as JSON it takes a hundredth of the time."""
    opening = text[:1]
    if opening in {"{", b"{"}:
        try:
            return [decode(text)]
        except ValueError:
            pass  # a flow mapping, or several documents
    return [_json(document) for document in yaml.load_all(text, Loader=_Loader)]


def _unfold(document: Value) -> Iterator[dict[str, Value]]:
    if not isinstance(document, dict):
        raise ValueError(f"a manifest is a mapping with apiVersion and kind, not {type(document).__name__}")  # noqa: TRY004
    items = document.get("items")
    kind = document.get("kind")
    if isinstance(items, list) and isinstance(kind, str) and kind.endswith("List"):
        for item in items:
            if not isinstance(item, dict):
                raise ValueError(f"an item of a {kind} is not a mapping")  # noqa: TRY004
            missing = {"kind": kind.removesuffix("List"), "apiVersion": document.get("apiVersion")}
            yield from _unfold(item if "kind" in item else {**missing, **item})
    else:
        yield document


def _json(value: Any) -> Value:
    match value:
        case dict():
            return {_key(key): _json(entry) for key, entry in value.items()}
        case list():
            return [_json(entry) for entry in value]
        case None | bool() | int() | float() | str():
            return value
    raise ValueError(f"{value!r} has no JSON form")


def _key(key: object) -> str:
    if isinstance(key, bool):
        return str(key).lower()
    return "null" if key is None else str(key)
