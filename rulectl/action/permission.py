"""What an action asks the API server to let it do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from rulectl.resource import Kind
from rulectl.value import Value, mapping, text

ANYWHERE: Final = "*"
"""A namespace that is known only when the action runs."""


@dataclass(frozen=True, slots=True, order=True)
class Permission:
    """These verbs on this kind; ``rulectl rbac`` turns it into rules of a Role.

    `namespace` None: wherever the objects acted on are; `ANYWHERE`: known only when it runs;
    "" : the kind has no namespaces. `name` None: any name (it is known only when it runs).
    """

    kind: Kind
    verbs: tuple[str, ...]
    subresource: str = ""
    namespace: str | None = None
    name: str | None = None


def is_template(value: object) -> bool:
    """Whether `value` is a string that is rendered before the action runs."""
    return isinstance(value, str) and "${{" in value


def permissions_on(
    parameters: Mapping[str, Value], acted_on: Kind, *verbs: str, subresource: str = ""
) -> tuple[Permission, ...]:
    """`verbs` on what the common parameter ``resource`` names, else on the kind acted on.

    A kind that is itself a template cannot be known here and is left out: the rule's author
    has to grant it.
    """
    named = mapping(parameters.get("resource"))
    if not named:
        return (Permission(acted_on, verbs, subresource),)
    if is_template(named.get("kind")) or is_template(named.get("apiVersion")):
        return ()
    kind = Kind(text(named.get("apiVersion")), text(named.get("kind")))
    return (Permission(kind, verbs, subresource, _constant(named.get("namespace")), _name(named.get("name"))),)


def _constant(namespace: object) -> str | None:
    if is_template(namespace):
        return ANYWHERE
    return text(namespace) or None


def _name(name: object) -> str | None:
    return None if is_template(name) else text(name) or None
