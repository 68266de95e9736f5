"""The whole sandbox without sockets: store, API and faults, with a clock of its own."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rulectl.clock import Clock, SystemClock
from rulectl.sandbox.api import Api
from rulectl.sandbox.clock import MovableClock
from rulectl.sandbox.faults import Faults
from rulectl.sandbox.loading import ensure_namespace, load
from rulectl.sandbox.store import DEFAULT_WINDOW, Store
from rulectl.sandbox.world import DEFAULT_BOOKMARK_SECONDS

NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease")


class Sandbox:
    """An API server in memory that is driven by calls to `api.handle`.

    Nothing in it happens by itself: no thread, no timer. With a virtual clock it is deterministic, but
    for uids and generated names, which `seed` settles too.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        kubernetes_version: str | None = None,
        window: int = DEFAULT_WINDOW,
        bookmark_seconds: float = DEFAULT_BOOKMARK_SECONDS,
        seed: int | None = None,
        load: Iterable[str | Path] = (),
    ) -> None:
        """Makes one that has the default namespaces and what `load` names.

        Args:
            clock: For timestamps, watch timeouts and bookmarks.
            kubernetes_version: Whose resources to serve, such as ``1.34``; default the newest known.
            window: How many events per resource can be looked back on.
            bookmark_seconds: How often watches that allow it get a bookmark.
            seed: Makes uids and generated names the same every time.
            load: Manifest files and folders.

        Raises:
            UsageError: something of `load` cannot be loaded.
            ValueError: no such Kubernetes version is known.
        """
        self.clock = MovableClock(clock or SystemClock())
        self.store = Store(window=window)
        self.faults = Faults()
        self.api = Api(
            self.store,
            self.clock,
            self.faults,
            kubernetes_version=kubernetes_version,
            bookmark_seconds=bookmark_seconds,
            seed=seed,
        )
        self._furnish()
        self.load(load)

    def load(self, paths: Iterable[str | Path]) -> int:
        """Stores the objects of manifest files and folders: see `rulectl.sandbox.load`."""
        return load(self.api, paths)

    def compact(self) -> None:
        """From now on every older resourceVersion is too old: watches and pages that come back get 410."""
        with self.api.lock:
            self.store.compact()

    def reset(self) -> None:
        """Removes every object and every fault; the default namespaces are made anew."""
        with self.api.lock:
            self.faults.clear()
            self.store.clear()
            self.api.registry.withdraw_custom()
            self._furnish()

    def advance(self, seconds: float) -> None:
        """Moves the server's clock ahead; watches whose bookmark or end has come by that are woken."""
        with self.api.lock:
            self.clock.advance(seconds)
            self.store.wake_all()

    def _furnish(self) -> None:
        with self.api.lock:
            for name in NAMESPACES:
                ensure_namespace(self.api.world, name)
