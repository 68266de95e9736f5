"""The schemas that a cluster serves: those of its own version, and of all resources that it has now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from rulectl.clock import Clock
from rulectl.errors import PermanentError
from rulectl.kube.status import error_of
from rulectl.kube.transport import Request, Transport
from rulectl.openapi import Node, Table
from rulectl.resource import Kind
from rulectl.value import Value, decode, mapping, text

_ROOT = "/openapi/v3"
TIMEOUT_SECONDS = 30.0


@dataclass(slots=True)
class ServedSchemas:
    """Asks a cluster for the schemas of a group and version when one of its kinds is asked for, once.

    One thread at a time.
    """

    transport: Transport
    clock: Clock
    timeout_seconds: float = TIMEOUT_SECONDS
    tables: dict[str, Table | None] = field(default_factory=dict)
    index: Mapping[str, Value] | None = None

    def __call__(self, kind: Kind) -> Node | None:
        """The schema of a kind's objects; None: the cluster does not serve it, or has no schema of it.

        Raises:
            RulectlError: the cluster could not be reached, or refused.
        """
        table = self._table(kind.api_version)
        return None if table is None else table.schema(kind)

    def _table(self, api_version: str) -> Table | None:
        if api_version not in self.tables:
            self.tables[api_version] = self._read(api_version)
        return self.tables[api_version]

    def _read(self, api_version: str) -> Table | None:
        if self.index is None:
            self.index = mapping(self._get(_ROOT).get("paths"))
        name = f"apis/{api_version}" if "/" in api_version else f"api/{api_version}"
        url = text(mapping(self.index.get(name)).get("serverRelativeURL"))
        return Table.of_documents([self._get(url)]) if url else None

    def _get(self, url: str) -> Mapping[str, Value]:
        parts = urlsplit(url)
        request = Request("GET", parts.path, dict(parse_qsl(parts.query)))
        response = self.transport.request(request, timeout_seconds=self.timeout_seconds)
        what = f"reading the schemas of the cluster at {parts.path}"
        if response.status >= 300:
            raise error_of(response, what, self.clock.now())
        try:
            return mapping(decode(response.body))
        except ValueError as fault:
            raise PermanentError(f"{what}: the answer is no JSON; is this an API server?") from fault
