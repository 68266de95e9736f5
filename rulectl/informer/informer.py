"""One watch for all who want to know: a store, kept equal to the server, and handlers that are told."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random

from rulectl.clock import Clock
from rulectl.fields import WHOLE, FieldTree
from rulectl.informer.audience import Audience
from rulectl.informer.change import Added, Change, Deleted, Notice, Relisted, Updated
from rulectl.informer.counters import Counters
from rulectl.informer.difference import changes_of, difference, is_older
from rulectl.informer.health import DEAD, LASTING, Health, reason_of
from rulectl.informer.lister import Lister
from rulectl.informer.reflector import Reflector, Target
from rulectl.informer.registration import Handler, Registration
from rulectl.informer.screen import Seat
from rulectl.informer.step import Apply, Replace
from rulectl.informer.store import IndexFunction, Store
from rulectl.kube.frames import Broken, Put, Removed
from rulectl.kube.leaves import EVERYTHING
from rulectl.kube.object import KubeObject
from rulectl.kube.projection import Projection
from rulectl.kube.transport import Transport
from rulectl.resource import ObjectKey

SYNC_POLL_SECONDS = 0.05


class SharedInformer:
    """A cache of one resource (in one namespace or all, with selectors), and the news about it.

    Promised: the store changes first, then handlers are told, each in the server's order and one at a time;
    every state at rest is told of; a write that changes no kept field is not. Not promised: every state in
    between. A handler may be added at any time and is told of all objects first.

    Drive it by `start` and `stop` (a thread of its own), or by `step` and `next_deadline`.
    """

    def __init__(
        self,
        transport: Transport,
        clock: Clock,
        target: Target,
        *,
        tree: FieldTree = WHOLE,
        random: Random | None = None,
    ) -> None:
        self.target = target
        self._clock = clock
        self._store = Store()
        self._tree = tree  # guarded by the store's lock, as are the four below
        self._projection: Projection | None = None
        self._registrations: list[Registration] = []
        self._audience = Audience(())
        self._quarantined: dict[ObjectKey, Broken] = {}
        # Lists by watch of Events read etcd and are slow (kubernetes/perf-tests #4384).
        list_by_watch = target.resource.plural != "events"
        self._reflector = Reflector(transport, clock, target, tree, self, random=random, list_by_watch=list_by_watch)
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self.lister = Lister(self._store, lambda: self.tree)

    # What it knows

    @property
    def has_synced(self) -> bool:
        """Whether the store has had a complete list; if handlers have been told, their `Registration` says."""
        return self._projection is not None

    @property
    def tree(self) -> FieldTree:
        """The fields that objects keep; after `widen`, those that they will keep with the next list."""
        return self._tree

    @property
    def resource_version(self) -> str:
        """All changes up to this version are in the store; empty before the first list."""
        return self._reflector.machine.resource_version if self.has_synced else ""

    @property
    def counters(self) -> Counters:
        """What has been counted so far."""
        return self._reflector.counters

    @property
    def quarantined(self) -> Mapping[ObjectKey, Broken]:
        """The objects whose newest state could not be read; the store has an older one, or none."""
        with self._store.lock:
            return dict(self._quarantined)

    def health(self) -> Health:
        """How it is doing now."""
        failure = self._reflector.machine.failure
        reason = reason_of(failure) or ("" if self.has_synced else "listing")
        if self.is_dead:
            reason = DEAD
        age = max(0.0, self._clock.monotonic() - self._reflector.last_contact)
        return Health(self.has_synced and reason not in LASTING, reason, str(failure or ""), age)

    # Who is told

    def add_handler(self, handler: Handler, *, tree: FieldTree | None = None, seat: Seat | None = None) -> Registration:
        """From now on `handler` is told of everything, first of all objects there are (`Added.initial`).

        With `tree`, the informer is widened by it, the handler is told nothing before the store keeps
        these fields, and of no update that changes none of them (and, with `seat`, of none that the screen there
        keeps back). If the store has them already, the initial
        objects are told in this call, on this thread, and so is what happens meanwhile. All else is told on
        the reader's thread.
        """
        registration = Registration(handler, tree or self._tree, self.counters, is_narrow=tree is not None, seat=seat)
        if tree is not None:
            self.widen(tree)
        with self._store.lock:
            self._registrations.append(registration)
            if self._projection is None or not self._projection.tree.covers(registration.tree):
                return registration
            registration.read_with(self._projection)
            registration.state = "catching up"
            registration.backlog.extend(self._initial(Relisted((), len(self._store), self.resource_version)))
        while True:
            with self._store.lock:
                batch = list(registration.backlog)
                registration.backlog.clear()
                if not batch:
                    if registration in self._registrations:  # else it has removed itself meanwhile
                        registration.state = "live"
                    self._count_live()
                    return registration
            registration.tell(
                notice
                for notice in batch
                if not isinstance(notice, Updated) or registration.concerns(notice, EVERYTHING)
            )

    def remove_handler(self, registration: Registration) -> None:
        """Tells it nothing any more; a call that has begun ends."""
        with self._store.lock:
            registration.state = "removed"
            if registration in self._registrations:
                self._registrations.remove(registration)
            self._count_live()

    def widen(self, tree: FieldTree) -> None:
        """Keeps the fields of `tree` too: reads all objects again, unless it keeps them already.

        Until that is done the store has the objects without them. Handlers with narrower trees are not told
        of objects that did not change.
        """
        with self._store.lock:
            if self._tree.covers(tree):
                return
            self._tree = self._tree | tree
        self._reflector.restart(self._tree)

    def add_index(self, name: str, function: IndexFunction) -> None:
        """Makes objects findable with ``lister.by_index(name, value)``, from now on."""
        self._store.add_index(name, function)

    # How it is driven

    def start(self) -> None:
        """Runs on a thread of its own until `stop`; a second call does nothing."""
        if self._thread is None:
            name = f"informer {self.target}"
            self._thread = threading.Thread(target=self._reflector.run, args=(self._stop,), name=name, daemon=True)
            self._thread.start()

    def stop(self, timeout_seconds: float = 5.0) -> None:
        """Ends the watch; waits for the thread so long. The store keeps what it has. Cannot be undone."""
        self._stop.set()
        self._reflector.stop()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout_seconds)

    @property
    def is_dead(self) -> bool:
        """Whether its thread has ended though nobody stopped it: it met something worse than an Exception."""
        return self._thread is not None and not self._thread.is_alive() and not self._stop.is_set()

    def run(self, stop: threading.Event) -> None:
        """Works on this thread until `stop` is set."""
        self._reflector.run(stop)

    def step(self) -> bool:
        """See `Reflector.step`."""
        return self._reflector.step()

    def next_deadline(self) -> float | None:
        """See `Reflector.next_deadline`."""
        return self._reflector.next_deadline()

    def wait_for_sync(self, timeout_seconds: float) -> bool:
        """Waits until the store and all handlers added so far have had the first list; whether they have."""
        deadline = self._clock.monotonic() + timeout_seconds
        while not self._all_synced():
            left = deadline - self._clock.monotonic()
            if left <= 0 or self._clock.wait(self._stop, min(left, SYNC_POLL_SECONDS)):
                return False
        return True

    def _all_synced(self) -> bool:
        with self._store.lock:
            return self.has_synced and all(entry.has_synced for entry in self._registrations)

    # The sink: on the reader's thread

    def replace(self, effect: Replace, projection: Projection) -> None:
        """See `Sink.replace`."""
        counters = self.counters
        counters.relists += 1
        counters.broken += len(effect.broken)
        total = len(effect.objects) + len(effect.broken)
        with self._store.lock:
            before = self._projection
            same_fields = before is projection
            result = difference(self._store.snapshot(), effect, before or projection, guard=same_fields)
            self._store.replace(result.objects)
            self._projection = projection
            self._quarantined = {item.key: item for item in effect.broken if item.key is not None}
            relisted = Relisted(
                tuple(result.deleted),
                total,
                effect.resource_version,
                consistent=effect.consistent,
                backwards=effect.backwards,
            )
            notices: list[Notice] = [*result.changes, relisted]
            if not same_fields:
                for entry in self._registrations:
                    entry.read_with(projection)
                self._count_live()
            audience = self._tell_those_catching_up(notices)
            ready = [
                entry
                for entry in self._registrations
                if entry.state == "waiting" and projection.tree.covers(entry.tree)
            ]
            initial = [(entry, self._initial(relisted)) for entry in ready]
            for entry in ready:  # this thread makes the next notice, so nothing can come between
                entry.state = "live"
            self._count_live()
        counters.suppressed += result.suppressed
        counters.stale += result.stale
        audience.tell(notices)
        for entry, told in initial:
            entry.tell(told)

    def apply(self, effect: Apply, projection: Projection) -> None:
        """See `Sink.apply`."""
        with self._store.lock:
            notices: list[Notice] = []
            for event in effect.events:
                notices += self._changes(event, projection)
            audience = self._tell_those_catching_up(notices)
        if notices:
            audience.tell(notices)

    def _changes(self, event: Put | Removed | Broken, projection: Projection) -> tuple[Change, ...]:
        if isinstance(event, Broken):
            return self._put_in_quarantine(event)
        counters = self.counters
        counters.events += 1
        item = event.object
        key = item.key
        old = self._store.get(key)
        if old is not None and is_older(item, old):
            counters.stale += 1
            return ()
        self._quarantined.pop(key, None)
        if isinstance(event, Removed):
            if old is None or old.uid != item.uid:
                return ()  # that one went before, and its end has been told
            self._store.remove(key)
            return (Deleted(key, item, final_state_known=True),)
        self._store.put(key, item)
        changes = changes_of(key, old, item, projection)
        if not changes:
            counters.suppressed += 1
        return changes

    def _put_in_quarantine(self, item: Broken) -> tuple[Change, ...]:
        self.counters.broken += 1
        key = item.key
        if key is None:
            return ()
        old = self._store.get(key)
        if item.removed:
            self._quarantined.pop(key, None)
        else:
            self._quarantined[key] = item
        if old is None or not (item.removed or (item.uid and item.uid != old.uid)):
            return ()
        self._store.remove(key)
        return (Deleted(key, old, final_state_known=False),)

    def _initial(self, relisted: Relisted) -> Iterator[Notice]:
        """What a new handler is told: all that the store has now. Made as it is told, as it may be very much."""
        return _told_of(self._store.snapshot(), replace(relisted, deleted=(), initial=True))

    def _tell_those_catching_up(self, notices: list[Notice]) -> Audience:
        for entry in self._registrations:
            if entry.state == "catching up":
                entry.backlog.extend(notices)
        return self._audience

    def _count_live(self) -> None:
        live = (entry for entry in self._registrations if entry.state == "live")
        self._audience = Audience(live)


def _told_of(objects: Mapping[ObjectKey, KubeObject], end: Relisted) -> Iterator[Notice]:
    for key, item in objects.items():
        yield Added(key, item, initial=True)
    yield end
