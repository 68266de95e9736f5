"""The definitions that come with the package: the newest version, and what older ones had otherwise."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from functools import cache
from pkgutil import get_data

from rulectl.value import Value, decode, mapping, text

BASE = "k8s.json.gz"
"""``{"version": "1.37", "definitions": {name: OpenAPI schema object, $ref = a name}}``."""
OLDER = "k8s-older.json.gz"
"""``{"1.36": {"changed": {name: schema}, "gone": [name]}, ...}``, each against the next newer version."""
DESCRIPTIONS = "k8s-descriptions.json.gz"
"""``{name: {"": text, "field": text}}``: first sentences, of the newest version."""


@cache
def load(name: str) -> Mapping[str, Value]:
    """One data file, decoded; kept for the life of the process."""
    data = get_data("rulectl.openapi", name)
    assert data is not None, "the package's files are where its modules are"
    return mapping(decode(gzip.decompress(data)))


def newest() -> str:
    """The newest Kubernetes version in the table, such as ``1.37``."""
    return text(load(BASE)["version"])


def versions() -> tuple[str, ...]:
    """Every Kubernetes version that can be asked for, newest first."""
    return (newest(), *sorted(load(OLDER), key=order, reverse=True))


def order(version: str) -> tuple[int, ...]:
    """A sort key, so that 1.9 comes before 1.30."""
    return tuple(int(part) for part in version.split(".") if part.isdigit())


@cache
def definitions(version: str) -> Mapping[str, Value]:
    """The definitions of one Kubernetes version, given as ``1.34``, ``v1.34`` or ``1.34.2``.

    Raises:
        ValueError: there is no such version here; the message names those that are.
    """
    wanted = ".".join(version.removeprefix("v").split(".")[:2])
    current = mapping(load(BASE)["definitions"])
    if wanted == newest():
        return current
    if wanted not in load(OLDER):
        raise ValueError(f"no definitions of Kubernetes {version}; there are {', '.join(versions())}")
    built = dict(current)
    for step in versions()[1:]:
        change = mapping(load(OLDER)[step])
        gone = change.get("gone")
        for name in gone if isinstance(gone, list) else ():
            built.pop(text(name), None)
        built.update(mapping(change.get("changed")))
        if step == wanted:
            break
    return built


def descriptions(name: str) -> Mapping[str, Value]:
    """What the fields of a definition are for, by field name; the definition itself under the empty name.

    Those of the newest version, whichever version is asked for; the first sentence of each.
    """
    return mapping(load(DESCRIPTIONS).get(name))
