"""What a file of RBAC manifests allows, and what of it is needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from rulectl.check.rbac.grant import Grant, Wanted
from rulectl.value import Value, mapping, text

_ROLES = frozenset({"Role", "ClusterRole"})
_BINDINGS = frozenset({"RoleBinding", "ClusterRoleBinding"})
ALL = "*"


@dataclass(frozen=True, slots=True)
class Allowed:
    """One combination of a role's entry, where it holds; ``*`` stands for any group, resource or verb."""

    role: str
    grant: Grant

    def covers(self, wanted: Grant) -> bool:
        """Whether it allows `wanted`."""
        mine = self.grant
        return (
            mine.group in {ALL, wanted.group}
            and _matches(mine.resource, wanted.resource)
            and mine.verb in {ALL, wanted.verb}
            and mine.namespace in {"", wanted.namespace}
            and mine.name in {"", wanted.name}
        )


@dataclass(frozen=True, slots=True)
class Excess:
    """What is allowed beyond what is wanted; `is_wider`: a part of it is wanted."""

    allowed: Allowed
    is_wider: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """`missing`: wanted, and not allowed. `excess`: allowed, and not wanted, or not so widely."""

    missing: tuple[Wanted, ...]
    excess: tuple[Excess, ...]


def compared(wanted: Iterable[Wanted], allowed: Iterable[Allowed]) -> Comparison:
    """What is wanted against what is allowed."""
    needed, given = list(wanted), list(allowed)
    missing = tuple(one for one in needed if not any(known.covers(one.grant) for known in given))
    excess = tuple(
        Excess(known, any(known.covers(one.grant) for one in needed))
        for known in given
        if not any(one.grant.covers(known.grant) for one in needed)
    )
    return Comparison(missing, excess)


def allowed_by(manifests: Iterable[Value], account: str = "", account_namespace: str = "") -> list[Allowed]:
    """What Roles and ClusterRoles allow, in the order of the manifests.

    A role holds where it is bound: a ClusterRole with a RoleBinding only in that one's namespace. A role that no
    binding among the manifests names holds in its own scope. With `account`, bindings to others do not count.
    """
    objects = [part for manifest in manifests for part in _unfolded(mapping(manifest))]
    bindings = [one for one in objects if text(one.get("kind")) in _BINDINGS]
    found: list[Allowed] = []
    for role in objects:
        if text(role.get("kind")) in _ROLES:
            for namespace in _scopes(role, bindings, account, account_namespace):
                found += _allowed(role, namespace)
    return list(dict.fromkeys(found))


def _unfolded(manifest: Mapping[str, Value]) -> Iterator[Mapping[str, Value]]:
    items = manifest.get("items")
    if isinstance(items, list) and text(manifest.get("kind")).endswith("List"):
        yield from (mapping(item) for item in items)
    else:
        yield manifest


def _scopes(
    role: Mapping[str, Value], bindings: list[Mapping[str, Value]], account: str, account_namespace: str
) -> list[str]:
    own = _namespace(role) if role.get("kind") == "Role" else ""
    mine = [one for one in bindings if _is_bound(role, one)]
    if not mine:
        return [own]
    counting = [one for one in mine if not account or _has_subject(one, account, account_namespace)]
    return list(dict.fromkeys(_namespace(one) if one.get("kind") == "RoleBinding" else own for one in counting))


def _is_bound(role: Mapping[str, Value], binding: Mapping[str, Value]) -> bool:
    reference = mapping(binding.get("roleRef"))
    kind, name = text(role.get("kind")), text(mapping(role.get("metadata")).get("name"))
    here = kind == "ClusterRole" or _namespace(role) == _namespace(binding)
    return (text(reference.get("kind")), text(reference.get("name"))) == (kind, name) and here


def _has_subject(binding: Mapping[str, Value], account: str, namespace: str) -> bool:
    subjects = binding.get("subjects")
    return any(
        text(subject.get("kind")) == "ServiceAccount"
        and text(subject.get("name")) == account
        and namespace in {"", text(subject.get("namespace"))}
        for subject in map(mapping, subjects if isinstance(subjects, list) else ())
    )


def _allowed(role: Mapping[str, Value], namespace: str) -> Iterator[Allowed]:
    title = f"{text(role.get('kind'))} {text(mapping(role.get('metadata')).get('name'))}"
    rules = role.get("rules")
    for rule in map(mapping, rules if isinstance(rules, list) else ()):
        names = _texts(rule.get("resourceNames")) or [""]
        for group in _texts(rule.get("apiGroups")):
            for resource in _texts(rule.get("resources")):
                for verb in _texts(rule.get("verbs")):
                    yield from (Allowed(title, Grant(group, resource, verb, namespace, name)) for name in names)


def _matches(pattern: str, resource: str) -> bool:
    if pattern in {ALL, resource}:
        return True
    return pattern.startswith("*/") and resource.partition("/")[2] == pattern[2:]


def _namespace(manifest: Mapping[str, Value]) -> str:
    return text(mapping(manifest.get("metadata")).get("namespace"))


def _texts(value: Value) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
