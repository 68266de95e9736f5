"""All objects of a kind, asked from a cluster once each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from rulectl.cli.connection import ConnectionFlags
from rulectl.cli.live import connect
from rulectl.clock import SystemClock
from rulectl.errors import Forbidden, NotFound
from rulectl.kube.client import KubeClient
from rulectl.kube.discovery import Discovery
from rulectl.resource import Kind
from rulectl.value import Value

Objects: TypeAlias = Iterable[Mapping[str, Value]] | None


@dataclass(slots=True)
class Listing:
    """Lists by kind; None where the cluster has no such kind or does not let us list it. `first` is asked before."""

    flags: ConnectionFlags
    first: Callable[[Kind], Objects]
    _known: dict[Kind, Objects] = field(default_factory=dict)

    def __call__(self, kind: Kind) -> Objects:
        """The objects.

        Raises:
            TransientError: the cluster did not answer.
        """
        given = self.first(kind)
        if given is not None:
            return given
        if kind not in self._known:
            self._known[kind] = self._list(kind)
        return self._known[kind]

    def _list(self, kind: Kind) -> Objects:
        transport = connect(self.flags).transport
        clock = SystemClock()
        try:
            resource = Discovery(transport, clock).find(kind)
            if resource is None:
                return None
            client, found, token = KubeClient(transport, clock), list[Mapping[str, Value]](), ""
            while True:
                page = client.list_page(resource, continue_token=token)
                found += ({"apiVersion": kind.api_version, "kind": kind.kind, **item} for item in page.items)
                token = page.continue_token
                if not token:
                    return found
        except (Forbidden, NotFound):
            return None
        finally:
            transport.close()
