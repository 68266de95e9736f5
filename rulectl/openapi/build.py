"""``python -m rulectl.openapi.build SOURCE_DIR`` writes the package data; only for who updates it.

SOURCE_DIR is the folder ``kubernetes-json-schema`` of the Python package kubernetes-validate, unpacked
anywhere (install it in a throw-away environment; rulectl does not depend on it). Resources are read
from the Python package kubernetes of the environment that runs this. The same input gives the same bytes.
"""

from __future__ import annotations

import gzip
import importlib.util
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from rulectl.openapi import apimodules, packaged
from rulectl.openapi.resources import RESOURCES
from rulectl.value import Value, decode, encode_sorted, mapping, text

OLDEST = "1.30"
_KEPT = frozenset({"type", "$ref", "properties", "items", "required", "enum", "format", "additionalProperties"})
_DROPPED_MARKS = frozenset({"x-kubernetes-unions"})

_SCALARS: dict[str, Value] = {
    # What the published schemas say as a union, in the words of Kubernetes' own version 3 documents.
    "io.k8s.apimachinery.pkg.api.resource.Quantity": {"oneOf": [{"type": "string"}, {"type": "number"}]},
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {
        "format": "int-or-string",
        "oneOf": [{"type": "integer"}, {"type": "string"}],
        "x-kubernetes-int-or-string": True,
    },
}
_KEY_DEFAULTS = {
    # The source has no defaults; these name list elements that leave the field out.
    ("io.k8s.api.core.v1.ContainerPort", "protocol"): "TCP",
    ("io.k8s.api.core.v1.ServicePort", "protocol"): "TCP",
    ("io.k8s.api.core.v1.LocalObjectReference", "name"): "",
}


def main(arguments: list[str], out: Callable[[str], object] = sys.stdout.write) -> int:
    """Write the data files beside this module; exit status 2 when the arguments make no sense."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        out("usage: python -m rulectl.openapi.build SOURCE_DIR (the folder kubernetes-json-schema)\n")
        return 2
    sources = source_files(Path(arguments[0]))
    if not sources:
        out(
            f"{arguments[0]} has no v*-local/_definitions.json from {OLDEST} on:"
            " give the folder kubernetes-json-schema\n"
        )
        return 2
    target = Path(__file__).parent
    for name, content in contents(sources, client_modules()).items():
        packed = gzip.compress(encode_sorted(content), 9, mtime=0)
        (target / name).write_bytes(packed)
        out(f"{name}: {len(packed)} bytes\n")
    return 0


def source_files(folder: Path) -> dict[str, Path]:
    """The definitions of each minor version from `OLDEST` on, by version (``1.37``), newest first."""
    found: dict[str, Path] = {}
    for path in sorted(folder.glob("v*-local/_definitions.json")):
        version = ".".join(path.parent.name.removeprefix("v").split("-")[0].split(".")[:2])
        if packaged.order(version) >= packaged.order(OLDEST):
            found[version] = path
    return {version: found[version] for version in sorted(found, key=packaged.order, reverse=True)}


def client_modules() -> dict[str, str]:
    """The source of the Python client's API modules, by module name."""
    spec = importlib.util.find_spec("kubernetes")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("the package kubernetes is not installed: pip install 'kubernetes>=37'")
    folder = Path(spec.origin).parent / "client" / "api"
    return {path.stem: path.read_text("utf-8") for path in sorted(folder.glob("*_api.py"))}


def contents(sources: Mapping[str, Path], modules: Mapping[str, str]) -> dict[str, Value]:
    """What belongs into each data file."""
    read = {version: mapping(mapping(decode(path.read_bytes()))["$defs"]) for version, path in sources.items()}
    newest = next(iter(read))
    trimmed = {version: trim_all(definitions) for version, definitions in read.items()}
    return {
        packaged.BASE: {"version": newest, "definitions": trimmed[newest]},
        packaged.OLDER: differences(trimmed),
        packaged.DESCRIPTIONS: {
            name: told for name in read[newest] if (told := sentences(mapping(read[newest][name])))
        },
        RESOURCES: {"resources": apimodules.resources(modules, trimmed[newest])},
    }


def differences(by_version: Mapping[str, Mapping[str, Value]]) -> dict[str, Value]:
    """For each version but the first, what is not as in the one before it in the order given."""
    result: dict[str, Value] = {}
    newer: Mapping[str, Value] | None = None
    for version, definitions in by_version.items():
        if newer is not None:
            changed = {name: schema for name, schema in definitions.items() if newer.get(name) != schema}
            result[version] = {"changed": changed, "gone": sorted(newer.keys() - definitions.keys())}
        newer = definitions
    return result


def trim_all(definitions: Mapping[str, Value]) -> dict[str, Value]:
    """The definitions without texts, in the words of an API server's own documents."""
    result = {name: _SCALARS.get(name, trim(mapping(schema))) for name, schema in definitions.items()}
    for (name, field), default in _KEY_DEFAULTS.items():
        properties = mapping(mapping(result.get(name)).get("properties"))
        if isinstance(properties, dict) and field in properties:
            properties[field] = {**mapping(properties[field]), "default": default}
    return result


def trim(schema: Mapping[str, Value]) -> dict[str, Value]:
    """One schema object: no texts, no made-up constants, no null types, references cut to the name."""
    kept: dict[str, Value] = {}
    for word, value in schema.items():
        match word:
            case "properties":
                kept[word] = {key: _field(key, trim(mapping(part))) for key, part in mapping(value).items()}
            case "items" | "additionalProperties" if isinstance(value, Mapping):
                kept[word] = trim(value)
            case "$ref":
                kept[word] = text(value).rpartition("/")[2]
            case "type" if isinstance(value, list):
                kept[word] = next(kind for kind in value if kind != "null")
            case _ if word in _KEPT or (word.startswith("x-") and word not in _DROPPED_MARKS):
                kept[word] = value
    return kept


def _field(key: str, schema: dict[str, Value]) -> dict[str, Value]:
    # The source pins apiVersion and kind to constants that Kubernetes' documents do not have.
    return (
        {word: value for word, value in schema.items() if word != "enum"} if key in ("apiVersion", "kind") else schema
    )


def sentences(schema: Mapping[str, Value], path: str = "") -> dict[str, Value]:
    """The first sentence of every description below a schema object, by field path."""
    result: dict[str, Value] = {}
    told = text(schema.get("description"))
    if told:
        result[path] = re.split(r"(?<=\.)\s", told, maxsplit=1)[0]
    for key, part in mapping(schema.get("properties")).items():
        result.update(sentences(mapping(part), f"{path}.{key}" if path else key))
    return result


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
