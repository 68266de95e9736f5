"""Grants put together to Roles and ClusterRoles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rulectl.check.rbac.grant import Grant, Wanted


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """One entry of a role: all `verbs` on all `resources` of one group; `names` empty: any name."""

    group: str
    resources: tuple[str, ...]
    verbs: tuple[str, ...]
    names: tuple[str, ...]
    reasons: tuple[str, ...]
    """Who needs it and what for; a guessed plural is said, too."""


@dataclass(frozen=True, slots=True)
class Role:
    """`namespace` empty: a ClusterRole."""

    namespace: str
    rules: tuple[PolicyRule, ...]


def roles_of(wanted: Iterable[Wanted]) -> list[Role]:
    """The roles that grant just what is wanted: the ClusterRole first, then a Role for each namespace by name."""
    places: dict[str, list[Wanted]] = {}
    for one in wanted:
        places.setdefault(one.grant.namespace, []).append(one)
    return [Role(namespace, tuple(_policy(places[namespace]))) for namespace in sorted(places)]


def _policy(wanted: list[Wanted]) -> list[PolicyRule]:
    """Verbs on one resource and name joined, then names, then resources that are needed for the same."""
    verbs: dict[tuple[str, str, str], list[Wanted]] = {}
    for one in wanted:
        verbs.setdefault((one.grant.group, one.grant.resource, one.grant.name), []).append(one)
    names: dict[tuple[str, str, tuple[str, ...], bool], dict[str, list[Wanted]]] = {}
    for (group, resource, name), found in verbs.items():
        key = (group, resource, tuple(sorted(one.grant.verb for one in found)), bool(name))
        names.setdefault(key, {})[name] = found
    entries = [
        PolicyRule(
            group,
            (resource,),
            said,
            tuple(sorted(name for name in by_name if name)),
            _reasons([one for found in by_name.values() for one in found]),
        )
        for (group, resource, said, _), by_name in names.items()
    ]
    return sorted(entries, key=lambda entry: (entry.group, entry.resources, entry.names, entry.verbs))


def _reasons(wanted: list[Wanted]) -> tuple[str, ...]:
    needs = dict.fromkeys(need for one in wanted for need in one.needs)
    by_rule: dict[str, list[str]] = {}
    for need in needs:
        by_rule.setdefault(need.rule, []).append(need.purpose)
    said = [f"{rule or 'rulectl'}: {', '.join(dict.fromkeys(purposes))}" for rule, purposes in by_rule.items()]
    if any(one.is_guess for one in wanted):
        said.append("the plural is a guess: give --schemas or --cluster")
    return tuple(said)


def grants_in(role: Role) -> list[Grant]:
    """A role taken apart again."""
    return [
        Grant(rule.group, resource, verb, role.namespace, name)
        for rule in role.rules
        for resource in rule.resources
        for verb in rule.verbs
        for name in rule.names or ("",)
    ]
