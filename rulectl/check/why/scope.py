"""The roots that a rule's expressions see for one object, lookups and lets evaluated as they are needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, TypeAlias

from rulectl.check.rbac.need import is_cluster_scoped
from rulectl.expression import EvaluationError
from rulectl.fields import FieldTree
from rulectl.kube.selector import LabelSelector
from rulectl.plan.model import LookupPlan, RulePlan
from rulectl.predicate.term import truth
from rulectl.resource import Kind
from rulectl.value import Value, mapping, text

Scope: TypeAlias = dict[str, Value]
Listed: TypeAlias = Callable[[Kind], Iterable[Mapping[str, Value]] | None]
"""All objects of a kind; None: they are not known."""


class Reader(Protocol):
    """An expression or a template."""

    @property
    def roots(self) -> frozenset[str]:
        """The roots that it uses."""
        ...

    @property
    def reads(self) -> Mapping[str, FieldTree]:
        """For each of them, what it depends on."""
        ...


@dataclass(slots=True)
class Roots:
    """What expressions of `rule` see; `listed` is asked for the objects that lookups find."""

    rule: RulePlan
    now: float
    listed: Listed

    def scope(self, obj: Value, old: Value, event: str, changes: list[Value]) -> Scope:
        """The roots that need no evaluation of their own."""
        moment = datetime.fromtimestamp(int(self.now), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {
            "object": obj,
            "old": old,
            "event": {"type": event, "time": moment, "finalState": "known" if event == "deleted" else None},
            "changes": changes,
            "env": dict(self.rule.env),
            "rule": {"name": self.rule.name, "description": self.rule.description},
        }

    def complete(self, scope: Scope, used: Iterable[Reader]) -> None:
        """Puts in the lookups and lets that `used` needs, and those that these need.

        Raises:
            EvaluationError: one of them cannot be evaluated, or the objects of a lookup are not known.
        """
        readers: list[Reader] = list(used)
        names = self._let_names(readers)
        lets = [(name, let) for name, let in self.rule.lets if name in names or "*" in names]
        readers += [let for _, let in lets]
        if any("lookup" in reader.roots for reader in readers):
            found: dict[str, Value] = {}
            scope["lookup"] = found
            for lookup in self.rule.lookups:
                found[lookup.name] = self._find(lookup, scope)
        bound: dict[str, Value] = {}
        scope["let"] = bound
        for name, let in lets:
            bound[name] = let.evaluate(scope, self.now)

    def _let_names(self, readers: list[Reader]) -> set[str]:
        """The lets that are used, also by other lets: an unused one may have no value, and harms nobody."""
        names: set[str] = set()
        for reader in readers:
            names |= _members(reader)
        for name, let in reversed(self.rule.lets):
            if name in names or "*" in names:
                names |= _members(let)
        return names

    def _find(self, lookup: LookupPlan, scope: Scope) -> Value:
        objects = self.listed(lookup.kind)
        if objects is None:
            message = f"lookup.{lookup.name}: it is not known which {lookup.kind.kind} objects there are"
            raise EvaluationError(message)
        here = text(mapping(mapping(scope["object"]).get("metadata")).get("namespace"))
        namespace = None if lookup.namespace is None else text(lookup.namespace.render(scope, self.now))
        if lookup.object_name is not None:
            name = text(lookup.object_name.render(scope, self.now))
            place = "" if is_cluster_scoped(lookup.kind) else here if namespace is None else namespace
            return next((dict(one) for one in objects if _key(one) == (place, name)), None)
        labels = "" if lookup.label_selector is None else text(lookup.label_selector.render(scope, self.now))
        selector = LabelSelector.parse(labels)
        found = [
            dict(one)
            for one in objects
            if (namespace is None or _key(one)[0] == namespace)
            and selector.matches(mapping(mapping(one.get("metadata")).get("labels")))
        ]
        where = lookup.where
        if where is None:
            return found
        return [one for one in found if truth(where.evaluate({**scope, "item": one}, self.now))]


def typed(value: Value, kind: Kind) -> Value:
    """An object with its apiVersion and kind, which items of lists lack."""
    return None if value is None else {"apiVersion": kind.api_version, "kind": kind.kind, **mapping(value)}


def among(objects: Iterable[Mapping[str, Value]]) -> Listed:
    """Looks kinds up in a fixed set of objects; a kind that none of them has is not known."""
    by_kind: dict[tuple[str, str], list[Mapping[str, Value]]] = {}
    for one in objects:
        by_kind.setdefault((text(one.get("apiVersion")), text(one.get("kind"))), []).append(one)

    def listed(kind: Kind) -> Iterable[Mapping[str, Value]] | None:
        return by_kind.get((kind.api_version, kind.kind))

    return listed


def _key(obj: Mapping[str, Value]) -> tuple[str, str]:
    metadata = mapping(obj.get("metadata"))
    return text(metadata.get("namespace")), text(metadata.get("name"))


def _members(reader: Reader) -> set[str]:
    tree = reader.reads.get("let")
    if tree is None:
        return set()
    return set(tree.fields) or {"*"}
