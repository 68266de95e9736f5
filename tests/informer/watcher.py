"""An informer on a cluster in memory, in virtual time, and a handler that believes what it is told."""

from __future__ import annotations

from random import Random

from rulectl.clock import VirtualClock
from rulectl.fields import WHOLE, FieldTree
from rulectl.informer.change import Added, Deleted, Notice, Relisted, Updated
from rulectl.informer.informer import SharedInformer
from rulectl.informer.reflector import Target
from rulectl.kube.object import KubeObject
from rulectl.resource import ObjectKey
from rulectl.value import Value
from tests.informer.cluster import BOOKMARK_SECONDS, Cluster

HOT_LOOP_STEPS = 2000


class Believer:
    """A handler whose picture of the world is made of notices alone; it objects to any that makes no sense."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []
        self.objects: dict[ObjectKey, KubeObject] = {}
        self.nonsense: list[str] = []

    def __call__(self, notice: Notice) -> None:
        self.notices.append(notice)
        match notice:
            case Added(key, new):
                self._expect(key not in self.objects, notice)
                self.objects[key] = new
            case Updated(key, old, new):
                self._expect(self.objects.get(key) is not None and old.uid == new.uid, notice)
                self.objects[key] = new
            case Deleted():
                self._delete(notice)
            case Relisted():
                for gone in notice.deleted:
                    self._delete(gone)

    def _delete(self, gone: Deleted) -> None:
        known = self.objects.pop(gone.key, None)
        self._expect(known is not None and known.uid == gone.old.uid, gone)

    def _expect(self, makes_sense: object, notice: Notice) -> None:
        if not makes_sense:
            self.nonsense.append(repr(notice))

    def seen(self) -> list[str]:
        """The notices in short: ``+name ~name -name``, re-lists as ``=total(-name ...)``."""
        return [_short(notice) for notice in self.notices]


def _short(notice: Notice) -> str:
    match notice:
        case Added(key):
            return f"+{key.name}"
        case Updated(key):
            return f"~{key.name}"
        case Deleted(key):
            return f"-{key.name}"
        case Relisted():
            gone = "".join(f" -{gone.key.name}" for gone in notice.deleted)
            return f"={notice.total}{gone}"


class Watcher:
    """One informer and its believer."""

    def __init__(
        self, cluster: Cluster, tree: FieldTree = WHOLE, *, seed: int = 1, target: Target | None = None
    ) -> None:
        self.cluster = cluster
        self.clock: VirtualClock = cluster.clock
        self.informer = SharedInformer(
            cluster, self.clock, target or Target(cluster.resource), tree=tree, random=Random(seed)
        )
        self.believer = Believer()
        self.registration = self.informer.add_handler(self.believer)
        self.registrations = [self.registration]
        self.late: list[Believer] = []

    def add_late_handler(self, tree: FieldTree) -> Believer:
        """One more handler, which reads the fields of `tree`."""
        believer = Believer()
        self.late.append(believer)
        self.registrations.append(self.informer.add_handler(believer, tree=tree))
        return believer

    def settle(self) -> None:
        """Steps until there is nothing to do at this moment."""
        for _ in range(HOT_LOOP_STEPS):
            if not self.informer.step():
                return
        raise AssertionError("the informer never comes to rest")

    def run(self, seconds: float) -> None:
        """Lets so much virtual time pass, and does everything that falls into it."""
        end = self.clock.monotonic() + seconds
        while True:
            self.settle()
            now = self.clock.monotonic()
            if now >= end:
                return
            deadline = self.informer.next_deadline()
            assert deadline is not None
            # The server has things to do by itself too: bookmarks, and the end of a watch.
            self.clock.advance(max(0.001, min(deadline, end, now + BOOKMARK_SECONDS / 4) - now))

    def cached(self) -> dict[ObjectKey, Value]:
        """What the store has."""
        return {item.key: item.value() for item in self.informer.lister.list()}
