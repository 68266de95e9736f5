from dataclasses import dataclass, field
from typing import NoReturn

import pytest

from rulectl.action.client_kube import ClientKube, resolver
from rulectl.clock import VirtualClock
from rulectl.errors import TransientError
from rulectl.kube.transport import Request, Response
from rulectl.resource import Kind, ObjectKey
from rulectl.value import encode
from tests.action.fakes import POD

KEY = ObjectKey("shop", "web-1")


@dataclass
class FakeTransport:
    """Answers with the next body; notes each request and the time it was given."""

    bodies: list[object]
    seen: list[tuple[Request, float]] = field(default_factory=list)

    def request(self, request: Request, *, timeout_seconds: float) -> Response:
        self.seen.append((request, timeout_seconds))
        return Response(200, encode(self.bodies.pop(0)))

    def open_stream(self, request: Request, *, timeout_seconds: float) -> NoReturn:
        raise NotImplementedError(request, timeout_seconds)

    def close(self) -> None:
        pass


def test_each_request_gets_the_time_that_is_given_with_it() -> None:
    transport = FakeTransport([{}])
    ClientKube(transport, VirtualClock()).get(POD, KEY, timeout_seconds=2.5)
    assert [seconds for _, seconds in transport.seen] == [2.5]


def test_without_time_nothing_is_asked() -> None:
    transport = FakeTransport([])
    with pytest.raises(TransientError, match="the time for this request was up before it began"):
        ClientKube(transport, VirtualClock()).get(POD, KEY, timeout_seconds=0)


def test_a_list_has_all_pages() -> None:
    pages = [{"metadata": {"continue": "next"}, "items": [{"a": 1}]}, {"metadata": {}, "items": [{"a": 2}]}]
    transport = FakeTransport([*pages])
    found = ClientKube(transport, VirtualClock()).list(POD, "shop", label_selector="app=web")
    assert found == [{"a": 1}, {"a": 2}]
    assert [request.query.get("continue") for request, _ in transport.seen] == [None, "next"]


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [
        ("merge", "application/merge-patch+json"),
        ("json", "application/json-patch+json"),
        ("strategic", "application/strategic-merge-patch+json"),
        ("apply", "application/apply-patch+yaml"),
    ],
    ids=lambda value: value.partition("/")[0],
)
def test_every_type_of_patch_has_its_media_type(kind: str, media_type: str) -> None:
    transport = FakeTransport([{}])
    ClientKube(transport, VirtualClock()).patch(
        POD,
        KEY,
        {"a": 1},
        kind,  # type: ignore[arg-type]
        field_manager="rulectl/r",
        dry_run=True,
    )
    request, _ = transport.seen[0]
    assert (request.method, request.content_type) == ("PATCH", media_type)
    assert request.query == {"fieldManager": "rulectl/r", "dryRun": "All"}


def test_a_kind_that_is_not_served_may_come() -> None:
    with pytest.raises(TransientError, match="the cluster serves no v1 Pod; install its CRD or correct the kind"):
        resolver(lambda _kind: None)(Kind("v1", "Pod"))
    assert resolver(lambda _kind: POD)(Kind("v1", "Pod")) == POD
