"""Content negotiation: in which form a client wants an object or a list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from rulectl.sandbox.status import not_acceptable

OFFERED = ("application/json", "application/yaml")


class Form(StrEnum):
    """What stands in for the object."""

    WHOLE = "whole"
    PARTIAL = "partial"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The first range of an Accept header that this server can meet."""

    form: Form = Form.WHOLE
    yaml: bool = False
    include: str = "Metadata"
    """What rows of a table carry: None, Metadata or Object."""


def wanted(headers: Mapping[str, str], query: Mapping[str, str]) -> Wanted:
    """What the Accept header asks for.

    Raises:
        ApiError: 406 when it allows nothing that this server has.
    """
    accept = headers.get("accept", "")
    if accept in {"", "*/*", "application/json"}:
        return Wanted()
    for media_type, parameters in _ranges(accept):
        form = _form(parameters)
        if form is None:
            continue
        if media_type in {"application/json", "application/*", "*/*"}:
            return Wanted(form, include=query.get("includeObject", "Metadata"))
        if media_type == "application/yaml":
            return Wanted(form, yaml=True, include=query.get("includeObject", "Metadata"))
    raise not_acceptable(OFFERED)


def wants_aggregated(headers: Mapping[str, str]) -> bool:
    """Whether discovery is asked for in one document (APIGroupDiscoveryList, version 2)."""
    for media_type, parameters in _ranges(headers.get("accept", "")):
        kind, version = parameters.get("as"), parameters.get("v")
        if media_type == "application/json" and kind == "APIGroupDiscoveryList" and version == "v2":
            return True
        if media_type in {"application/json", "*/*"} and kind is None:
            return False
    return False


def _ranges(accept: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    found: list[tuple[float, int, str, dict[str, str]]] = []
    for index, part in enumerate(accept.split(",")):
        media_type, *rest = (piece.strip() for piece in part.split(";"))
        parameters = dict(piece.partition("=")[::2] for piece in rest if "=" in piece)
        found.append((-_weight(parameters.pop("q", "1")), index, media_type.lower(), parameters))
    for weight, _, media_type, parameters in sorted(found, key=lambda entry: entry[:2]):
        if weight < 0:
            yield media_type, parameters


def _weight(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 1.0


def _form(parameters: Mapping[str, str]) -> Form | None:
    kind = parameters.get("as")
    if kind is None:
        return Form.WHOLE
    if parameters.get("g") != "meta.k8s.io" or parameters.get("v") not in {"v1", "v1beta1"}:
        return None
    if kind == "Table":
        return Form.TABLE
    return Form.PARTIAL if kind in {"PartialObjectMetadata", "PartialObjectMetadataList"} else None
