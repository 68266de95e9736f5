"""What rules, and rulectl itself, ask of the API server, and what for."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rulectl.action.permission import ANYWHERE, Permission
from rulectl.openapi import builtin_resources
from rulectl.plan.model import ActionPlan, Plan, RulePlan, Selection
from rulectl.resource import Kind
from rulectl.value import text

_LIST = ("list", "watch")
_WATCH = ("get", *_LIST)
"""`get`: objects that a list lacks are asked for by name before they are held for deleted."""
EVENT = Kind("events.k8s.io/v1", "Event")
_EVENT_KINDS = frozenset({Kind("v1", "Event"), EVENT})
_NO_NAMESPACE_EVENTS = "default"
"""Where Events about objects without a namespace are kept."""
NAMESPACE = Kind("v1", "Namespace")
CONFIG_MAP = Kind("v1", "ConfigMap")
LEASE = Kind("coordination.k8s.io/v1", "Lease")


@dataclass(frozen=True, slots=True, order=True)
class Need:
    """`verbs` on objects of `kind`; `namespace` empty: in all, or the kind has none. `name` empty: any name.

    `rule` is who needs it, empty for rulectl itself; `purpose` says what for: ``watch``, ``lookup.node``, ``push``.
    """

    kind: Kind
    verbs: tuple[str, ...]
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    rule: str = ""
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Own:
    """How rulectl itself is run: what it keeps in its own namespace."""

    namespace: str = "rulectl"
    state: Literal["configmap", "sqlite", "memory"] = "configmap"
    leader_elect: bool = False


def needs_of(plan: Plan) -> list[Need]:
    """What the rules of `plan` need, those that are off in this environment included, in their order."""
    return [need for rule in plan.rules for need in rule_needs(rule)]


def rule_needs(rule: RulePlan) -> list[Need]:
    """What one rule needs: to watch, to look up, to find targets, and to act (not in audit mode)."""
    found = [*_watching(rule)]
    if rule.mode != "audit":
        for action in (*rule.actions, *rule.resolved):
            found += _acting(rule, action)
    return list(dict.fromkeys(found))


def telling_needs(plan: Plan) -> list[Need]:
    """What rulectl needs to record Events on the objects whose runs failed for good; it works without."""
    found: list[Need] = []
    for rule in plan.rules:
        acted_on = rule.select.kind if rule.for_each is None else rule.for_each.kind
        told = Permission(EVENT, ("create", "get", "patch"))
        if rule.mode != "audit":
            purpose = "to tell what failed for good"
            found += [Need(EVENT, told.verbs, "", name, purpose=purpose) for name in _namespaces(rule, told, acted_on)]
    return list(dict.fromkeys(found))


def own_needs(own: Own) -> list[Need]:
    """What rulectl needs for itself."""
    found: list[Need] = []
    if own.state != "memory":
        found.append(Need(NAMESPACE, ("get",), name="kube-system", purpose="to know which cluster the state is of"))
    if own.state == "configmap":
        kept = ("create", "delete", "get", "list", "update")
        found.append(Need(CONFIG_MAP, kept, namespace=own.namespace, purpose="to keep the state"))
    if own.leader_elect:
        held = ("create", "get", "list", "patch", "update", "watch")
        found.append(Need(LEASE, held, namespace=own.namespace, purpose="to elect a leader"))
    return found


def _watching(rule: RulePlan) -> Iterator[Need]:
    name = _exact_name(rule.select)
    for namespace in _places(rule):
        yield Need(rule.select.kind, _WATCH, "", namespace, name, rule.name, "watch")
    if rule.select.namespace_selector is not None:
        yield Need(NAMESPACE, _LIST, rule=rule.name, purpose="watch.namespaceSelector")
    for lookup in rule.lookups:
        yield Need(lookup.kind, _LIST, rule=rule.name, purpose=f"lookup.{lookup.name}")
    if rule.for_each is not None:
        yield Need(rule.for_each.kind, _LIST, rule=rule.name, purpose="forEach")


def _acting(rule: RulePlan, action: ActionPlan) -> Iterator[Need]:
    acted_on = rule.select.kind if rule.for_each is None else rule.for_each.kind
    for one in action.type.permissions(action.written, acted_on):
        for namespace in _namespaces(rule, one, acted_on):
            yield Need(one.kind, one.verbs, one.subresource, namespace, one.name or "", rule.name, action.name)


def _namespaces(rule: RulePlan, one: Permission, acted_on: Kind) -> tuple[str, ...]:
    """Where a permission is needed; an empty name stands for everywhere."""
    if is_cluster_scoped(one.kind) or one.namespace in {"", ANYWHERE}:
        return ("",)
    if one.namespace is not None:
        return (one.namespace,)
    if is_cluster_scoped(acted_on):
        return (_NO_NAMESPACE_EVENTS if one.kind in _EVENT_KINDS else "",)
    return _target_places(rule) if rule.for_each is not None else _places(rule)


def _target_places(rule: RulePlan) -> tuple[str, ...]:
    each = rule.for_each
    assert each is not None, "only rules with forEach have targets"
    if each.namespace is not None:
        return (text(each.namespace.value),) if each.namespace.is_constant else ("",)
    # What is referenced lies in the namespace of what refers to it.
    return _places(rule) if each.references is not None else ("",)


def _places(rule: RulePlan) -> tuple[str, ...]:
    return rule.select.namespaces if rule.select.namespaces and not is_cluster_scoped(rule.select.kind) else ("",)


def _exact_name(select: Selection) -> str:
    """The one name that a field selector allows: the API server then authorizes lists and watches by name, too."""
    for term in select.field_selector.split(","):
        field, sign, value = term.strip().partition("=")
        if sign and field.strip() == "metadata.name":
            return value.lstrip("=").strip()
    return ""


def is_cluster_scoped(kind: Kind) -> bool:
    """Whether objects of this kind of Kubernetes' own have no namespace; kinds that are not known have one."""
    return kind in _cluster_scoped()


@functools.cache
def _cluster_scoped() -> frozenset[Kind]:
    return frozenset(one.kind for one in builtin_resources() if not one.namespaced)
