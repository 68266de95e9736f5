"""`lookup`: other objects, from caches, and which watched objects must be judged again when they change."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from rulectl.controller.cache import Cache
from rulectl.expression import EvaluationError
from rulectl.kube.object import KubeObject
from rulectl.plan.model import LookupPlan, RulePlan
from rulectl.predicate.term import truth
from rulectl.resource import ObjectKey
from rulectl.value import Value, mapping, text

_ANY = ObjectKey("*", "*")


class Lookups:
    """The lookups of one rule, by name. Any thread may call it.

    It remembers what each watched object looked at, so that `dependents` knows whom a change concerns.
    """

    def __init__(self, caches: Mapping[str, Cache]) -> None:
        """`caches`: the cache for each lookup, by its name."""
        self._caches = caches
        self._lock = threading.Lock()
        self._seen: dict[tuple[str, ObjectKey], set[ObjectKey]] = {}
        self._by_object: dict[ObjectKey, set[tuple[str, ObjectKey]]] = {}

    def find(self, rule: str, lookup: LookupPlan, scope: Mapping[str, Value], now: float) -> Value:
        """The object of that name, null when there is none; without a name, the list that `where` keeps.

        Raises:
            EvaluationError: the cache has no complete list (yet, or it is forbidden): the answer is unknown.
        """
        cache = self._caches[lookup.name]
        namespace = None if lookup.namespace is None else text(lookup.namespace.render(scope, now))
        watched = _key_of(scope.get("object"))
        if lookup.object_name is not None:
            key = ObjectKey(self._namespace(cache, namespace, watched), text(lookup.object_name.render(scope, now)))
            self._depend(watched, lookup.name, key)
            self._check(rule, lookup, cache)
            found = cache.get(key)
            return None if found is None else dict(found.value())
        self._depend(watched, lookup.name, ObjectKey(namespace or "*", "*"))
        self._check(rule, lookup, cache)
        labels = "" if lookup.label_selector is None else text(lookup.label_selector.render(scope, now))
        items = [dict(item.value()) for item in cache.select(namespace, labels)]
        if lookup.where is None:
            return items
        where = lookup.where
        return [item for item in items if truth(where.evaluate({**scope, "item": item}, now))]

    def unknown(self, rule: RulePlan) -> str | None:
        """Why some lookup cannot be answered now; None: all can."""
        for lookup in rule.lookups:
            try:
                self._check(rule.name, lookup, self._caches[lookup.name])
            except EvaluationError as fault:
                return str(fault)
        return None

    def dependents(self, lookup: str, changed: KubeObject) -> set[ObjectKey]:
        """The watched objects that looked at `changed`, or at a list that it may belong to."""
        key = changed.key
        with self._lock:
            found: set[ObjectKey] = set()
            for place in (key, ObjectKey(key.namespace, "*"), _ANY):
                found |= self._seen.get((lookup, place), set())
            return found

    def forget(self, watched: ObjectKey) -> None:
        """`watched` is gone: what it looked at does not concern it any more."""
        with self._lock:
            for place in self._by_object.pop(watched, set()):
                self._seen[place].discard(watched)

    @staticmethod
    def _check(rule: str, lookup: LookupPlan, cache: Cache) -> None:
        if not cache.has_synced:
            what = f"lookup.{lookup.name} of rule {rule}"
            msg = f"{what}: there is no complete list of {lookup.kind} yet; check that it may be listed"
            raise EvaluationError(msg)

    @staticmethod
    def _namespace(cache: Cache, namespace: str | None, watched: ObjectKey) -> str:
        if cache.resource is not None and not cache.resource.namespaced:
            return ""
        return watched.namespace if namespace is None else namespace

    def _depend(self, watched: ObjectKey, lookup: str, place: ObjectKey) -> None:
        with self._lock:
            self._seen.setdefault((lookup, place), set()).add(watched)
            self._by_object.setdefault(watched, set()).add((lookup, place))


def _key_of(obj: Value) -> ObjectKey:
    metadata = mapping(mapping(obj).get("metadata"))
    return ObjectKey(text(metadata.get("namespace")), text(metadata.get("name")))
