"""Roles as manifests: with a binding each to rulectl's service account, and a comment for every entry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rulectl.check.rbac.role import PolicyRule, Role
from rulectl.value import Value, encode, mapping

API_VERSION = "rbac.authorization.k8s.io/v1"
_PLAIN_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-./")


def role_manifests(roles: Iterable[Role], *, name: str, account_namespace: str) -> list[dict[str, Value]]:
    """The roles and their bindings to the ServiceAccount `name` in `account_namespace`, all of them called `name`.

    A ClusterRole's name has the namespace in it, so that two rulectl in one cluster do not overwrite each other.
    """
    return [
        manifest
        for role in roles
        for manifest in (_role(role, name, account_namespace), _binding(role, name, account_namespace))
    ]


def role_yaml(roles: Iterable[Role], *, name: str, account_namespace: str) -> str:
    """The same as YAML, for people to read and for kubectl to apply: each entry says who needs it."""
    documents = []
    for role in roles:
        head = _head(role, name, account_namespace)
        lines = [*_lines(head), "rules:"]
        for rule in role.rules:
            lines += [f"# {reason}" for reason in rule.reasons]
            lines += _entry(rule)
        documents.append("\n".join(lines))
        documents.append("\n".join(_lines(_binding(role, name, account_namespace))))
    return "\n---\n".join(documents) + "\n" if documents else ""


def _role(role: Role, name: str, account_namespace: str) -> dict[str, Value]:
    return {**_head(role, name, account_namespace), "rules": [_policy(rule) for rule in role.rules]}


def _head(role: Role, name: str, account_namespace: str) -> dict[str, Value]:
    kind = "Role" if role.namespace else "ClusterRole"
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": _metadata(role, name, account_namespace)}


def _metadata(role: Role, name: str, account_namespace: str) -> dict[str, Value]:
    labels = {"app.kubernetes.io/name": "rulectl", "app.kubernetes.io/instance": name}
    if role.namespace:
        return {"name": name, "namespace": role.namespace, "labels": labels}
    return {"name": cluster_role_name(name, account_namespace), "labels": labels}


def cluster_role_name(name: str, account_namespace: str) -> str:
    """What the ClusterRole and its binding are called."""
    return name if name == account_namespace else f"{account_namespace}-{name}"


def _binding(role: Role, name: str, account_namespace: str) -> dict[str, Value]:
    kind = "Role" if role.namespace else "ClusterRole"
    bound = name if role.namespace else cluster_role_name(name, account_namespace)
    return {
        "apiVersion": API_VERSION,
        "kind": f"{kind}Binding",
        "metadata": _metadata(role, name, account_namespace),
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": bound},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": account_namespace}],
    }


def _policy(rule: PolicyRule) -> dict[str, Value]:
    names: dict[str, Value] = {"resourceNames": list(rule.names)} if rule.names else {}
    head: dict[str, Value] = {"apiGroups": [rule.group], "resources": list(rule.resources)}
    return {**head, **names, "verbs": list(rule.verbs)}


def _entry(rule: PolicyRule) -> Iterator[str]:
    for index, (key, values) in enumerate(_policy(rule).items()):
        yield f"{'- ' if index == 0 else '  '}{key}: {_flow(values)}"


def _lines(value: Mapping[str, Value], indent: str = "") -> Iterator[str]:
    """Block YAML of mappings, lists of mappings, and words."""
    for key, part in value.items():
        match part:
            case Mapping():
                yield f"{indent}{key}:"
                yield from _lines(part, indent + "  ")
            case list():
                yield f"{indent}{key}:"
                for item in part:
                    first, *rest = _lines(mapping(item), indent + "  ")
                    yield f"{indent}- {first.strip()}"
                    yield from rest
            case _:
                yield f"{indent}{key}: {_word(part)}"


def _flow(values: Value) -> str:
    return f"[{', '.join(_word(value) for value in values)}]" if isinstance(values, list) else _word(values)


def _word(value: Value) -> str:
    """A word as it is where YAML reads it as text; else in quotes."""
    is_plain = isinstance(value, str) and value[:1].isalpha() and set(value.lower()) <= _PLAIN_LETTERS
    is_taken = isinstance(value, str) and value.lower() in {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
    return str(value) if is_plain and not is_taken else encode(value).decode()
