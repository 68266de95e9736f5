"""Which names, labels and annotations an object may have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from rulectl.sandbox.registry import Served
from rulectl.value import Value, mapping

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_SERVICE = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_WORD = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
_ANNOTATIONS_LIMIT = 256 * 1024
_PATH_SEGMENT_GROUPS = frozenset({"rbac.authorization.k8s.io"})

Wrong = tuple[str, str]
"""A field and what is wrong with it."""


def wrong_name(served: Served, name: str) -> str:
    """What is wrong with an object's name; empty when nothing is."""
    if served.kind.group in _PATH_SEGMENT_GROUPS:
        return "" if name not in {".", ".."} and not {"/", "%"} & set(name) else "may not be a path"
    if served.plural == "namespaces":
        fits = _LABEL.fullmatch(name) and len(name) <= 63
        return "" if fits else "a lowercase RFC 1123 label is up to 63 of a-z, 0-9 and '-', no '-' at the ends"
    if served.plural == "services" and not served.kind.group:
        fits = _SERVICE.fullmatch(name) and len(name) <= 63
        return "" if fits else "a DNS-1035 label is up to 63 of a-z, 0-9 and '-', and begins with a letter"
    fits = _SUBDOMAIN.fullmatch(name) and len(name) <= 253
    return "" if fits else "a lowercase RFC 1123 subdomain is a-z, 0-9, '-' or '.', a letter or digit at both ends"


def wrong_metadata(metadata: Mapping[str, Value]) -> Iterator[Wrong]:
    """What is wrong with labels, annotations, finalizers and owner references."""
    for key, value in mapping(metadata.get("labels")).items():
        if not _qualified(key):
            yield "metadata.labels", f"Invalid value: {key!r}: name part must be alphanumeric, '-', '_' or '.'"
        if not isinstance(value, str) or len(value) > 63 or (value and not _WORD.fullmatch(value)):
            yield (
                "metadata.labels",
                f'Invalid value: "{value}": a valid label must be an empty string or consist of '
                "alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
                "character",
            )
    annotations = mapping(metadata.get("annotations"))
    for key in annotations:
        if not _qualified(key.lower()):
            yield "metadata.annotations", f"Invalid value: {key!r}: name part must be alphanumeric"
    size = sum(len(key) + len(str(value)) for key, value in annotations.items())
    if size > _ANNOTATIONS_LIMIT:
        yield "metadata.annotations", f"Too long: may not be more than {_ANNOTATIONS_LIMIT} bytes"
    finalizers = metadata.get("finalizers")
    for name in finalizers if isinstance(finalizers, list) else ():
        if not isinstance(name, str) or not _qualified(name):
            yield "metadata.finalizers", f"Invalid value: {name!r}: name is not qualified"
    references = metadata.get("ownerReferences")
    for index, reference in enumerate(references if isinstance(references, list) else ()):
        for key in ("apiVersion", "kind", "name", "uid"):
            if not mapping(reference).get(key):
                yield f"metadata.ownerReferences[{index}].{key}", "Invalid value: must not be empty"


def _qualified(key: str) -> bool:
    prefix, slash, name = key.rpartition("/")
    if slash and not (_SUBDOMAIN.fullmatch(prefix) and len(prefix) <= 253):
        return False
    return len(name) <= 63 and _WORD.fullmatch(name) is not None
