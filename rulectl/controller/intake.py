"""What the informers have told a rule that no cache keeps: first lists, and last states of what went."""

from __future__ import annotations

import threading
from collections.abc import Callable

from rulectl.resource import ObjectKey
from rulectl.value import Value


class Intake:
    """Filled by reader threads, read by workers; bounded by the number of objects.

    A *scope* is a namespace, or ``*`` for all of them at once: what one informer lists.
    """

    def __init__(self, known_scopes: frozenset[str], on_complete: Callable[[str], None]) -> None:
        """`known_scopes`: those whose first complete list the state has taken in already.

        `on_complete` is called, on a worker's thread, when every object of a new scope's first list has been handled.
        """
        self._lock = threading.Lock()
        self._known = set(known_scopes)
        self._on_complete = on_complete
        self._waiting: dict[str, set[ObjectKey]] = {}
        self._existing: dict[ObjectKey, str] = {}
        self._listed: set[str] = set()
        self._complete_lists: set[str] = set()
        self._last: dict[str, Value] = {}
        self._ended: set[str] = set()

    def initial(self, scope: str, key: ObjectKey) -> None:
        """The first list of `scope` has `key`."""
        with self._lock:
            if scope not in self._known:
                self._waiting.setdefault(scope, set()).add(key)
                self._existing[key] = scope

    def listed(self, scope: str) -> None:
        """The first list of `scope` is complete."""
        with self._lock:
            self._complete_lists.add(scope)
            if scope in self._known:
                return
            self._listed.add(scope)
            complete = not self._waiting.get(scope)
        if complete:
            self._complete(scope)

    def listed_scopes(self) -> set[str]:
        """The scopes whose first complete list has come since the start."""
        with self._lock:
            return set(self._complete_lists)

    def is_existing(self, key: ObjectKey) -> bool:
        """Whether the object was there when the rule was new to its scope."""
        return key in self._existing

    def processed(self, key: ObjectKey) -> None:
        """A worker has handled `key`, and what is to be remembered of it is written."""
        with self._lock:
            scope = self._existing.pop(key, None)
            if not self._existing:
                self._existing = {}  # a dict that was large stays so
            if scope is None:
                return
            waiting = self._waiting[scope]
            waiting.discard(key)
            complete = not waiting and scope in self._listed
        if complete:
            self._complete(scope)

    def went(self, uid: str, last: Value) -> None:
        """The object with `uid` is gone from its cache; `last` is how it was seen last."""
        with self._lock:
            self._last[uid] = last

    def ended(self, uid: str) -> None:
        """It is believed that the object with `uid` is gone: a watch said so, or a list that the guard let pass."""
        with self._lock:
            self._ended.add(uid)

    def has_ended(self, uid: str) -> bool:
        """Whether there is proof that the object is gone from its cache for a reason."""
        return uid in self._ended

    def came(self, uid: str) -> None:
        """The object with `uid` is in a cache (again)."""
        if self._last or self._ended:
            with self._lock:
                self._last.pop(uid, None)
                self._ended.discard(uid)

    def last_state(self, uid: str) -> Value:
        """How the object was seen last before it went; None: it was not."""
        return self._last.get(uid)

    def forget(self, uid: str) -> None:
        """The rule has done with the object."""
        self.came(uid)

    def _complete(self, scope: str) -> None:
        with self._lock:
            if scope in self._known:
                return
            self._known.add(scope)
            self._listed.discard(scope)
            self._waiting.pop(scope, None)
        self._on_complete(scope)
