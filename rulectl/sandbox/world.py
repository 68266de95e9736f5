"""What every request handler works on, and the one request that it works on now."""

from __future__ import annotations

import random
import uuid
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from rulectl.clock import Clock
from rulectl.sandbox.registry import Registry, Served
from rulectl.sandbox.store import Place, Store

DEFAULT_BOOKMARK_SECONDS = 60.0


@dataclass(slots=True)
class World:
    """The server's whole state; handlers are functions over it."""

    store: Store
    registry: Registry
    clock: Clock
    random: random.Random
    bookmark_seconds: float = DEFAULT_BOOKMARK_SECONDS
    agenda: OrderedDict[Place, None] = field(default_factory=OrderedDict)
    """Objects for the garbage collector to look at before the request is answered."""

    def timestamp(self) -> str:
        """The time as objects carry it: UTC, whole seconds."""
        return datetime.fromtimestamp(self.clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def new_uid(self) -> str:
        """An identity for a new object."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a resource, routed."""

    method: str
    served: Served
    namespace: str
    name: str
    subresource: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names are lower case."""
    body: bytes

    def flag(self, name: str) -> bool:
        """A boolean query parameter; written without a value it is true."""
        value = self.query.get(name)
        return value is not None and value.lower() not in {"false", "0", "no", "f"}

    @property
    def dry_run(self) -> bool:
        """Whether nothing is to be stored."""
        return self.query.get("dryRun", "") != ""

    @property
    def manager(self) -> str:
        """Who the write is from: ``fieldManager``, else the first word of the user agent."""
        agent = self.headers.get("user-agent", "").partition("/")[0].strip()
        return self.query.get("fieldManager") or agent[:128] or "unknown"
