"""A small API server in memory: one resource, a log of events, and faults on demand. A `Transport`."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from rulectl.clock import VirtualClock
from rulectl.errors import Unreachable
from rulectl.kube.transport import Request, Response
from rulectl.resource import Kind, ObjectKey, Resource
from rulectl.value import Value, encode

PODS = Resource(Kind("v1", "Pod"), "pods", namespaced=True)
BOOKMARK_SECONDS = 60.0

Fault: TypeAlias = Callable[[Request], "Response | Unreachable | None"]


def refusal(code: int, *, retry_after: int | None = None, reason: str = "") -> Response:
    """An answer with a Status."""
    status: dict[str, Value] = {"kind": "Status", "status": "Failure", "code": code, "message": reason or "no"}
    headers = {"retry-after": str(retry_after)} if retry_after is not None else {}
    return Response(code, encode(status), headers)


EXPIRED: Value = {"kind": "Status", "metadata": {}, "status": "Failure", "code": 410, "reason": "Expired"}


@dataclass
class Cluster:
    """What the server has, and how it behaves."""

    clock: VirtualClock = field(default_factory=VirtualClock)
    resource: Resource = PODS
    list_by_watch: Literal["served", "unfinished", "refused", "ignored"] = "served"
    bookmarks: bool = True
    fault: Fault | None = None
    chunk_bytes: int = 1 << 20
    """No read gives more."""
    close_at_once: bool = False
    """Watches end as soon as they are open."""
    expire_at_once: bool = False
    """Watches, those that list as well, answer with an expired version."""

    def __post_init__(self) -> None:
        self.objects: dict[ObjectKey, dict[str, Value]] = {}
        self.version = 1000
        self.floor = 0
        self.log: list[tuple[int, str, dict[str, Value]]] = []
        self.requests: list[tuple[float, Request]] = []
        self.streams: list[MemoryStream] = []
        self._uids = itertools.count(1)

    # What people do

    def put(self, name: str, namespace: str = "shop", **fields: Value) -> None:
        """Creates or changes; a changed object keeps its uid."""
        key = ObjectKey(namespace, name)
        before = self.objects.get(key)
        metadata = before["metadata"] if before else {"uid": f"uid-{next(self._uids)}"}
        assert isinstance(metadata, Mapping)
        self.version += 1
        item: dict[str, Value] = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                **metadata,
                "name": name,
                "namespace": namespace,
                "resourceVersion": str(self.version),
            },
            **fields,
        }
        self.objects[key] = item
        self.log.append((self.version, "MODIFIED" if before else "ADDED", item))

    def delete(self, name: str, namespace: str = "shop") -> None:
        """Deletes; nothing happens if it is not there."""
        item = self.objects.pop(ObjectKey(namespace, name), None)
        if item is not None:
            self.version += 1
            metadata = item["metadata"]
            assert isinstance(metadata, Mapping)
            gone = {**item, "metadata": {**metadata, "resourceVersion": str(self.version)}}
            self.log.append((self.version, "DELETED", gone))

    def compact(self) -> None:
        """Versions before now are too old to watch from."""
        self.floor = self.version
        self.log = []

    def cut(self) -> None:
        """All connections break."""
        for stream in self.streams:
            stream.broken = True

    def end(self) -> None:
        """All streams end cleanly."""
        for stream in self.streams:
            stream.ending = True

    def stall(self) -> None:
        """Streams that are open now stay so and say nothing any more, as behind a dead load balancer."""
        for stream in self.streams:
            stream.silent = True

    def say(self, kind: str, item: Value) -> None:
        """Sends any event on all open streams."""
        self.say_raw(encode({"type": kind, "object": item}) + b"\n")

    def say_raw(self, data: bytes) -> None:
        """Sends any bytes on all open streams."""
        for stream in self.streams:
            stream.out += data

    def asked(self, *, watch: bool) -> list[Request]:
        """The requests for watches, or for pages, so far."""
        return [request for _, request in self.requests if ("watch" in request.query) is watch]

    # The transport

    def request(self, request: Request, *, timeout_seconds: float) -> Response:  # noqa: ARG002 - the port's
        self._arrive(request)
        if (fault := self._fault(request)) is not None:
            return fault
        items = [item for key, item in sorted(self.objects.items())]
        limit, token = int(request.query.get("limit", "0")), request.query.get("continue", "")
        version, _, start = token.partition(":")
        if token and int(version) < self.floor:
            return refusal(410)
        first = int(start or 0)
        page = items[first : first + limit] if limit else items
        metadata: dict[str, Value] = {"resourceVersion": version or str(self.version)}
        if limit and first + limit < len(items):
            metadata["continue"] = f"{version or self.version}:{first + limit}"
        return Response(200, encode({"kind": "PodList", "metadata": metadata, "items": page}))

    def open_stream(self, request: Request, *, timeout_seconds: float) -> MemoryStream:  # noqa: ARG002 - the port's
        self._arrive(request)
        initial = "sendInitialEvents" in request.query
        answer = self._fault(request)
        if answer is None and initial and self.list_by_watch == "refused":
            answer = refusal(422, reason="sendInitialEvents is forbidden")
        if answer is None and initial and int(request.query.get("resourceVersion", "0")) > self.version:
            answer = refusal(504, retry_after=1, reason="Too large resource version")
        stream = MemoryStream(self, request, answer)
        if answer is None:
            self.streams.append(stream)
            if self.close_at_once:
                stream.ending = True
            elif self.expire_at_once:
                stream.out += encode({"type": "ERROR", "object": EXPIRED}) + b"\n"
                stream.ending = True
            elif initial:
                self._send_initial(stream)
        return stream

    def close(self) -> None:
        self.cut()

    def _arrive(self, request: Request) -> None:
        self.requests.append((self.clock.monotonic(), request))

    def _fault(self, request: Request) -> Response | None:
        fault = self.fault(request) if self.fault is not None else None
        if isinstance(fault, Unreachable):
            raise fault
        return fault

    def _send_initial(self, stream: MemoryStream) -> None:
        for item in self.objects.values():
            stream.out += encode({"type": "ADDED", "object": item}) + b"\n"
        stream.version = self.version
        if self.list_by_watch == "served":
            stream.out += encode(bookmark(self.version, ends_initial_events=True)) + b"\n"


class MemoryStream:
    """One watch."""

    def __init__(self, cluster: Cluster, request: Request, answer: Response | None) -> None:
        self._cluster = cluster
        self._answer = answer
        self.out = answer.body if answer is not None else b""
        self.ending = answer is not None
        self.broken = self.silent = False
        self.version = int(request.query.get("resourceVersion") or 0)
        self._opened_at = self._told_at = cluster.clock.monotonic()
        self._timeout = float(request.query.get("timeoutSeconds", "3600"))

    @property
    def status(self) -> int:
        return self._answer.status if self._answer is not None else 200

    @property
    def headers(self) -> Mapping[str, str]:
        return self._answer.headers if self._answer is not None else {}

    def read(self, timeout_seconds: float) -> bytes | None:  # noqa: ARG002 - the port's
        if self.broken:
            raise Unreachable("cut")
        cluster = self._cluster
        if self.silent:
            return None
        self._catch_up()
        if self.out:
            data, self.out = self.out[: cluster.chunk_bytes], self.out[cluster.chunk_bytes :]
            return data
        if self.ending or cluster.clock.monotonic() >= self._opened_at + self._timeout:
            return b""
        return None

    def close(self) -> None:
        self.broken = True
        if self in self._cluster.streams:
            self._cluster.streams.remove(self)

    def _catch_up(self) -> None:
        cluster = self._cluster
        if self._answer is not None or self.ending:
            return
        if 0 < self.version < cluster.floor:  # too slow: what it has not been told of is compacted away
            self.out += encode({"type": "ERROR", "object": EXPIRED}) + b"\n"
            self.ending = True
            return
        for version, kind, item in cluster.log:
            if version > self.version:
                self.out += encode({"type": kind, "object": item}) + b"\n"
                self.version = version
                self._told_at = cluster.clock.monotonic()
        if cluster.bookmarks and cluster.clock.monotonic() - self._told_at >= BOOKMARK_SECONDS:
            self._told_at = cluster.clock.monotonic()
            self.version = max(self.version, cluster.version)
            if cluster.list_by_watch != "unfinished":
                self.out += encode(bookmark(self.version)) + b"\n"


def bookmark(version: int, *, ends_initial_events: bool = False) -> Value:
    """A BOOKMARK event."""
    annotations: Value = {"k8s.io/initial-events-end": "true"} if ends_initial_events else {}
    return {
        "type": "BOOKMARK",
        "object": {
            "kind": "Pod",
            "apiVersion": "v1",
            "metadata": {"resourceVersion": str(version), "creationTimestamp": None, "annotations": annotations},
            "spec": {"containers": None},
            "status": {},
        },
    }
