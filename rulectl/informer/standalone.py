"""The informer as a library: a client-side cache of one kind, with nothing else of rulectl."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Self

from rulectl.clock import Clock, SystemClock
from rulectl.errors import NotFound
from rulectl.fields import WHOLE
from rulectl.informer.change import Added, Deleted, Notice, Relisted, Updated
from rulectl.informer.informer import SharedInformer
from rulectl.informer.reflector import Target
from rulectl.kube.connection import Connection, ConnectionOptions, load_connection
from rulectl.kube.discovery import Discovery
from rulectl.resource import Kind
from rulectl.value import Value


class Informer:
    """All objects of a kind, kept up to date, and calls when one is added, updated or deleted.

    Objects are whole (without managedFields), plain JSON values, shared with the cache: do not change them.
    Handlers run on the informer's thread, one at a time; while one runs, the cache does not move on. Give
    slow work to a queue. A handler that raises is logged and keeps being called.

    ::

        with Informer("v1", "Node") as nodes:
            nodes.wait_for_sync()
            print(len(nodes.list()))
    """

    def __init__(
        self,
        api_version: str,
        kind: str,
        *,
        namespace: str = "",
        label_selector: str = "",
        field_selector: str = "",
        connection: Connection | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Without `connection`, the default kubeconfig or the pod's service account is used.

        Raises:
            NotFound: the server does not serve this kind.
            UsageError: there is no usable configuration.
        """
        self._own = connection is None
        self._connection = connection or load_connection(ConnectionOptions())
        self._clock = clock or SystemClock()
        wanted = Kind(api_version, kind)
        resource = Discovery(self._connection.transport, self._clock).find(wanted)
        if resource is None:
            raise NotFound(f"{self._connection.server} does not serve {wanted}; is its CRD installed?")
        target = Target(resource, namespace, label_selector, field_selector)
        self.shared = SharedInformer(self._connection.transport, self._clock, target, tree=WHOLE)
        """The engine's informer underneath: health, counters, notices of all sorts."""

    def on_added(self, handler: Callable[[Mapping[str, Value]], None]) -> None:
        """Calls ``handler(new)`` for each object there is, and for each that comes."""

        def tell(notice: Notice) -> None:
            if isinstance(notice, Added):
                handler(notice.new.value())

        self.shared.add_handler(tell)

    def on_updated(self, handler: Callable[[Mapping[str, Value], Mapping[str, Value]], None]) -> None:
        """Calls ``handler(old, new)`` when an object has changed; several writes may come as one call."""

        def tell(notice: Notice) -> None:
            if isinstance(notice, Updated):
                handler(notice.old.value(), notice.new.value())

        self.shared.add_handler(tell)

    def on_deleted(self, handler: Callable[[Mapping[str, Value]], None]) -> None:
        """Calls ``handler(last)`` when an object is gone; `last` may not be its final state if it went unseen."""

        def tell(notice: Notice) -> None:
            match notice:
                case Deleted():
                    handler(notice.old.value())
                case Relisted():
                    for gone in notice.deleted:
                        handler(gone.old.value())
                case _:
                    pass

        self.shared.add_handler(tell)

    def start(self) -> None:
        """Begins to list and watch, on a thread of its own."""
        self.shared.start()

    def wait_for_sync(self, timeout_seconds: float = 30.0) -> bool:
        """Waits until the cache is complete and the handlers have been told of it; whether they have."""
        return self.shared.wait_for_sync(timeout_seconds)

    def stop(self) -> None:
        """Ends the watch; the cache keeps what it has."""
        self.shared.stop()
        if self._own:
            self._connection.transport.close()

    def get(self, name: str, namespace: str = "") -> Mapping[str, Value] | None:
        """The object of that name; None if the cache does not have it."""
        found = self.shared.lister.get(name, namespace)
        return found.value() if found is not None else None

    def list(self, namespace: str = "", label_selector: str = "") -> tuple[Mapping[str, Value], ...]:
        """The objects in `namespace` (empty: all) that the selector matches (empty: all).

        Raises:
            UsageError: the selector cannot be read.
        """
        return tuple(item.value() for item in self.shared.lister.list(namespace, label_selector))

    def add_index(self, name: str, function: Callable[[Mapping[str, Value]], Iterable[str]]) -> None:
        """Makes objects findable under the values that `function` gives for them."""
        self.shared.add_index(name, lambda item: function(item.value()))

    def by_index(self, name: str, value: str) -> tuple[Mapping[str, Value], ...]:
        """The objects that the index `name` has under `value`.

        Raises:
            KeyError: there is no such index.
        """
        return tuple(item.value() for item in self.shared.lister.by_index(name, value))

    def __enter__(self) -> Self:
        """Starts it."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stops it."""
        self.stop()
