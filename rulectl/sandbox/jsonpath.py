"""The simple JSONPath of CRDs: ``.spec.replicas``, ``.status.conditions[?(@.type=="Ready")].status``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from rulectl.value import Value, mapping

_STEP = re.compile(
    r"""\.?(?P<name>[A-Za-z0-9_$-]+(?:\\\.[A-Za-z0-9_-]+)*)
    |\[\?\(@\.(?P<field>[A-Za-z0-9_.-]+)\s*==\s*(?P<quote>["'])(?P<wanted>.*?)(?P=quote)\)\]
    |\[(?P<q>["'])(?P<key>.*?)(?P=q)\]
    |\[(?P<index>\d+|\*)\]""",
    re.VERBOSE,
)


def at_path(body: Mapping[str, Value], path: str) -> list[Value]:
    """The values at a path; what of it cannot be read finds nothing."""
    found: list[Value] = [body]
    position = 0
    text = path.strip("{}")
    while position < len(text):
        step = _STEP.match(text, position)
        if step is None:
            return []
        position = step.end()
        found = [value for parent in found for value in _below(parent, step)]
    return found


def set_at(body: Mapping[str, Value], path: str, value: Value) -> dict[str, Value]:
    """The object with `value` at a path of plain names."""
    name, _, rest = path.strip("{}").lstrip(".").partition(".")
    below = set_at(mapping(body.get(name)), rest, value) if rest else value
    return {**body, name: below}


def _below(parent: Value, step: re.Match[str]) -> Iterator[Value]:
    if step["field"]:
        items = parent if isinstance(parent, list) else []
        yield from (item for item in items if str(mapping(item).get(step["field"], "")) == step["wanted"])
    elif step["index"]:
        items = parent if isinstance(parent, list) else []
        if step["index"] == "*":
            yield from items
        elif int(step["index"]) < len(items):
            yield items[int(step["index"])]
    else:
        name = step["key"] if step["key"] is not None else step["name"].replace("\\.", ".")
        value = mapping(parent).get(name)
        if value is not None:
            yield value
