"""Answers that carry one object, in the form that the client accepts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import yaml

from rulectl.sandbox.accept import Form, wanted
from rulectl.sandbox.answer import Answer, json_answer
from rulectl.sandbox.registry import PARTIAL_HEAD, Served
from rulectl.sandbox.stored import Stored
from rulectl.sandbox.table import table
from rulectl.sandbox.world import Call, World
from rulectl.value import Value, decode


def stored_answer(world: World, call: Call, item: Stored) -> Answer:
    """An answer with an object as it is in the store."""
    asked = wanted(call.headers, call.query)
    if asked.form is Form.TABLE:
        return json_answer(table(world, call.served, [item], str(item.rv), include=asked.include))
    if asked.form is Form.PARTIAL:
        body = PARTIAL_HEAD + item.partial_tail()
    else:
        body = call.served.head + call.served.tail(item)
    return yaml_of(body) if asked.yaml else Answer(200, body)


def object_answer(call: Call, body: Mapping[str, Value], *, status: int = 200, warnings: Sequence[str] = ()) -> Answer:
    """An answer with an object that a write made, which a dry run did not store."""
    asked = wanted(call.headers, call.query)
    headers = {"Warning": ", ".join(f'299 - "{_quoted(text)}"' for text in warnings)} if warnings else {}
    if asked.form is not Form.PARTIAL:
        return json_answer(body, status, headers)
    partial = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": body["metadata"]}
    return json_answer(partial, status, headers)


def yaml_of(body: bytes) -> Answer:
    """The same answer as YAML."""
    text = yaml.safe_dump(decode(body), sort_keys=False, allow_unicode=True)
    return Answer(200, text.encode(), {"Content-Type": "application/yaml"})


def item_bytes(served: Served, item: Stored) -> bytes:
    """An object as an item of a list: built-in kinds leave out kind and apiVersion there."""
    return (served.head if served.custom else b"{") + served.tail(item)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
