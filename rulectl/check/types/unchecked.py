"""Kinds without a schema: what rules say about their objects is not checked, and that is said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rulectl.check.types.scope import Schemas
from rulectl.problem import Problem, Severity
from rulectl.resource import Kind
from rulectl.rule.model import Rule
from rulectl.rule.node import Path


def unchecked(rules: Iterable[Rule], schemas: Schemas, *, hint: str = "") -> list[Problem]:
    """A note for each kind of each rule whose schema is not known; `hint` says how it could be."""
    return [
        rule.document.problem(
            "RC703",
            f"fields of {kind.kind} ({kind.api_version}) are not checked: its schema is not known",
            (*path, "kind"),
            hint=hint,
            severity=Severity.NOTE,
            rule=rule.name,
        )
        for rule in rules
        for kind, path in _first_places(rule)
        if kind.kind and kind.api_version and schemas(kind) is None
    ]


def _first_places(rule: Rule) -> Iterator[tuple[Kind, Path]]:
    places: dict[Kind, Path] = {rule.watch.kind: ("spec", "watch")}
    for lookup in rule.lookups:
        places.setdefault(lookup.kind, lookup.path)
    if rule.for_each is not None:
        places.setdefault(rule.for_each.kind, rule.for_each.path)
    yield from places.items()
