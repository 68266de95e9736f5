"""The kinds that rules name, against those that Kubernetes has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rulectl.check.types import Schemas
from rulectl.openapi import ApiResource, builtin_resources
from rulectl.problem import Problem, Severity, nearest
from rulectl.resource import Kind
from rulectl.rule.model import Rule
from rulectl.rule.node import Path


def kind_problems(rules: Iterable[Rule], schemas: Schemas, version: str | None = None) -> list[Problem]:
    """Warnings about kinds of Kubernetes' own groups that do not exist, and namespaces of kinds that have none.

    Kinds of other groups are not judged: their CRD may come later. Nor are those that `schemas`
    knows. `version` is that of Kubernetes, by default the newest that is known.
    """
    known = {resource.kind: resource for resource in builtin_resources(version)}
    problems: list[Problem] = []
    for rule in rules:
        for kind, path in _kinds(rule):
            if kind not in known and schemas(kind) is None:
                problems += _unknown(rule, kind, path, known)
        problems += _namespaces(rule, known)
    return problems


def _kinds(rule: Rule) -> Iterator[tuple[Kind, Path]]:
    yield rule.watch.kind, ("spec", "watch")
    for lookup in rule.lookups:
        yield lookup.kind, lookup.path
    if rule.for_each is not None:
        yield rule.for_each.kind, rule.for_each.path


def _unknown(rule: Rule, kind: Kind, path: Path, known: Mapping[Kind, ApiResource]) -> Iterator[Problem]:
    groups = {one.group for one in known}
    if not kind.kind or not kind.api_version or kind.group not in groups:
        return
    same_version = [one.kind for one in known if one.api_version == kind.api_version]
    close = nearest(kind.kind, same_version)
    elsewhere = sorted(one.api_version for one in known if one.kind == kind.kind)
    if close is not None:
        hint = f"did you mean {close!r}?"
    elif elsewhere:
        hint = f"{kind.kind} is in {', '.join(elsewhere)}"
    else:
        hint = "the rule would wait for it for ever; see kubectl api-resources"
    message = f"Kubernetes has no kind {kind.kind!r} in {kind.api_version}"
    yield rule.document.problem("RC420", message, (*path, "kind"), hint=hint, severity=Severity.WARNING, rule=rule.name)


def _namespaces(rule: Rule, known: Mapping[Kind, ApiResource]) -> Iterator[Problem]:
    resource = known.get(rule.watch.kind)
    if resource is None or resource.namespaced:
        return
    watch = rule.watch
    written = {
        "namespaces": bool(watch.namespaces),
        "namespaceSelector": watch.namespace_selector is not None,
        "excludeNamespaces": bool(watch.exclude_namespaces),
    }
    for key, is_written in written.items():
        if is_written:
            message = f"{key} has no effect: {watch.kind.kind} objects are in no namespace"
            path = ("spec", "watch", key)
            yield rule.document.problem(
                "RC319", message, path, key=True, hint="remove it", severity=Severity.WARNING, rule=rule.name
            )
