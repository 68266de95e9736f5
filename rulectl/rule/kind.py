"""Which documents are rules, which belong to rulectl otherwise, and which are only near."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from rulectl.problem import Problem, Severity, nearest
from rulectl.rule.document import Document
from rulectl.value import mapping

API_VERSION = "rulectl.dev/v1alpha1"
KINDS = ("Rule", "RuleDefaults", "RuleTest")

DocumentKind: TypeAlias = Literal["Rule", "RuleDefaults", "RuleTest"]

_RULE_KEYS = frozenset({"watch", "actions"})


def kind_of(document: Document) -> DocumentKind | Problem | None:
    """What `document` is: one of rulectl's kinds, a problem, or None for what is somebody else's.

    A Kubernetes manifest beside the rules is passed over in silence. What looks like a rule but
    for a slip in apiVersion or kind is an error: a rule that is silently left out is worse.
    """
    value = document.value
    if value is None:
        return None
    if not isinstance(value, Mapping):
        message = "this document is not a mapping, so it is no rule: left alone"
        return document.problem("RC201", message, (), severity=Severity.WARNING, hint="a rule begins with apiVersion:")
    api_version, kind = value.get("apiVersion"), value.get("kind")
    if api_version == API_VERSION:
        return _own(document, kind)
    looks_like_rule = len(_RULE_KEYS & mapping(value.get("spec")).keys()) == len(_RULE_KEYS)
    if isinstance(api_version, str) and _is_slip(api_version, kind, looks_like_rule=looks_like_rule):
        message = f"unknown apiVersion {api_version!r} for a rule"
        return document.problem("RC202", message, ("apiVersion",), hint=f"write {API_VERSION}")
    if (looks_like_rule or kind in KINDS) and not isinstance(api_version, str):
        near = nearest("apiVersion", [key for key in value if key not in {"kind", "metadata", "spec"}])
        hint = f"write {API_VERSION}" if near is None else f"write apiVersion instead of {near}"
        return document.problem(
            "RC205", "the document has no usable 'apiVersion'", (near,) if near else (), key=True, hint=hint
        )
    if not isinstance(api_version, str) or not isinstance(kind, str):
        lacks = [name for name, part in (("apiVersion", api_version), ("kind", kind)) if not isinstance(part, str)]
        message = f"this document has no {' and no '.join(lacks)}, so it is no rule: left alone"
        return document.problem("RC210", message, (), severity=Severity.NOTE)
    if nearest(kind, KINDS) is not None and not _is_of_kubernetes(api_version):
        message = f"a document of kind {kind!r} with apiVersion {api_version!r} is no rule: left alone"
        hint = f"if it is one, write apiVersion: {API_VERSION}"
        return document.problem("RC210", message, ("kind",), severity=Severity.NOTE, hint=hint)
    return None


def _own(document: Document, kind: object) -> DocumentKind | Problem:
    match kind:
        case "Rule" | "RuleDefaults" | "RuleTest":
            return kind
        case str():
            close = nearest(kind, KINDS)
            hint = f"did you mean {close!r}?" if close else f"known: {', '.join(KINDS)}"
            return document.problem("RC202", f"unknown kind {kind!r}", ("kind",), hint=hint)
        case _:
            return document.problem("RC205", "the document has no usable 'kind'", (), hint="write kind: Rule")


def _is_of_kubernetes(api_version: str) -> bool:
    """Whether the group is Kubernetes' own: a Role of its RBAC is not a slip for a Rule."""
    group = api_version.rpartition("/")[0]
    return "." not in group or group.endswith(".k8s.io")


def _is_slip(api_version: str, kind: object, *, looks_like_rule: bool) -> bool:
    if api_version.startswith("rulectl.dev/") or looks_like_rule:
        return True
    return kind in KINDS and nearest(api_version, [API_VERSION]) is not None
