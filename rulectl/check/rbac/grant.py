"""Single permissions, as RBAC knows them: needs taken apart, none of them within another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rulectl.check.rbac.need import Need
from rulectl.check.rbac.resources import Find, resource_of

_NAMELESS = frozenset({"create", "deletecollection"})
"""Verbs that RBAC cannot limit to names: the request has none, or it may."""


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """One verb on one resource (``pods``, ``deployments/scale``); `namespace` empty: in all. `name` empty: any."""

    group: str
    resource: str
    verb: str
    namespace: str = ""
    name: str = ""

    def covers(self, other: Grant) -> bool:
        """Whether who has this has the other, too."""
        same = (self.group, self.resource, self.verb) == (other.group, other.resource, other.verb)
        return same and self.namespace in {"", other.namespace} and self.name in {"", other.name}

    def __str__(self) -> str:
        resource = f"{self.resource}.{self.group}" if self.group else self.resource
        name = f"/{self.name}" if self.name else ""
        return f"{self.verb} {resource}{name}" + (f" in {self.namespace}" if self.namespace else "")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A grant with the needs behind it; `is_guess`: the resource's plural is not known for sure."""

    grant: Grant
    needs: tuple[Need, ...]
    is_guess: bool = False

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that need it; none: rulectl itself does."""
        return tuple(dict.fromkeys(need.rule for need in self.needs if need.rule))


def grants_of(needs: Iterable[Need], find: Find | None = None) -> list[Wanted]:
    """The grants that `needs` come to, sorted; what another one covers is left out, its needs go over to that."""
    found: dict[Grant, list[Need]] = {}
    guessed: set[Grant] = set()
    for need in needs:
        for grant, is_guess in _taken_apart(need, find):
            found.setdefault(grant, []).append(need)
            if is_guess:
                guessed.add(grant)
    alike: dict[tuple[str, str, str], list[Grant]] = {}
    for grant in found:
        alike.setdefault((grant.group, grant.resource, grant.verb), []).append(grant)
    wanted = []
    for same in alike.values():
        for grant in same:
            if not any(other != grant and other.covers(grant) for other in same):
                behind = (need for other in same if grant.covers(other) for need in found[other])
                wanted.append(Wanted(grant, tuple(dict.fromkeys(behind)), grant in guessed))
    return sorted(wanted, key=lambda one: one.grant)


def _taken_apart(need: Need, find: Find | None) -> Iterable[tuple[Grant, bool]]:
    known = resource_of(need.kind, find)
    resource = known.resource
    plural = f"{resource.plural}/{need.subresource}" if need.subresource else resource.plural
    namespace = need.namespace if resource.namespaced else ""
    for verb in need.verbs:
        name = "" if verb in _NAMELESS else need.name
        yield Grant(need.kind.group, plural, verb, namespace, name), known.is_guess
