"""From kubeconfig and flags to a real server, over real sockets."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import yaml

from rulectl.clock import SystemClock
from rulectl.errors import Forbidden, NotFound, Unreachable, UsageError
from rulectl.fields import WHOLE
from rulectl.informer import Informer, SharedInformer, Target
from rulectl.kube.client import KubeClient, PatchType
from rulectl.kube.connection import Connection, ConnectionOptions, load_connection
from rulectl.kube.discovery import Discovery
from rulectl.kube.transport import Request, Stream
from rulectl.resource import Kind, ObjectKey, Resource
from rulectl.sandbox import Fault, SandboxServer
from rulectl.value import Value
from tests.informer.watcher import Believer

NAMESPACES = Resource(Kind("v1", "Namespace"), "namespaces", namespaced=False)
CONFIG_MAPS = Resource(Kind("v1", "ConfigMap"), "configmaps", namespaced=True)
WATCH = Request("GET", "/api/v1/configmaps", {"watch": "1", "timeoutSeconds": "60"})


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer(tls=True, token="first") as running:
        yield running


@pytest.fixture
def kubeconfig(server: SandboxServer, tmp_path: Path) -> Path:
    server.token = "first"
    return server.write_kubeconfig(tmp_path / "kubeconfig")


@pytest.fixture
def connection(kubeconfig: Path) -> Iterator[Connection]:
    made = load_connection(ConnectionOptions(kubeconfig=str(kubeconfig)))
    yield made
    made.transport.close()


def configured(path: Path, **changes: object) -> Path:
    """The kubeconfig with other words for its cluster, user or context."""
    document = yaml.safe_load(path.read_text())
    for name, change in changes.items():
        document[f"{name}s"][0][name].update(change)
    path.write_text(yaml.safe_dump(document))
    return path


def kube_of(connection: Connection) -> KubeClient:
    return KubeClient(connection.transport, SystemClock(), timeout_seconds=5.0)


def read_some(stream: Stream) -> bytes:
    data = stream.read(5.0)
    assert data
    return data


def test_a_kubeconfig_is_enough(connection: Connection) -> None:
    found = kube_of(connection).get(NAMESPACES, ObjectKey("", "default"))
    assert found["kind"] == "Namespace"
    assert (connection.namespace, len(connection.ca_hash)) == ("default", 64)
    assert connection.server.startswith("https://127.0.0.1:")


def test_the_certificate_is_verified(kubeconfig: Path) -> None:
    with SandboxServer(tls=True) as other:
        made = load_connection(ConnectionOptions(kubeconfig=str(kubeconfig), server=other.url))
        with pytest.raises(Unreachable, match="certificate verify failed"):
            kube_of(made).get(NAMESPACES, ObjectKey("", "default"))


def test_verification_may_be_switched_off_by_name(kubeconfig: Path) -> None:
    with SandboxServer(tls=True) as other:
        options = ConnectionOptions(kubeconfig=str(kubeconfig), server=other.url, insecure_skip_tls_verify=True)
        assert kube_of(load_connection(options)).get(NAMESPACES, ObjectKey("", "default"))


def test_flags_win_over_the_kubeconfig(kubeconfig: Path) -> None:
    configured(kubeconfig, context={"namespace": "shop"})
    assert load_connection(ConnectionOptions(kubeconfig=str(kubeconfig))).namespace == "shop"
    made = load_connection(ConnectionOptions(kubeconfig=str(kubeconfig), namespace="web", token="wrong"))
    assert made.namespace == "web"
    with pytest.raises(Forbidden):
        kube_of(made).get(NAMESPACES, ObjectKey("", "default"))


def test_a_server_alone_is_enough() -> None:
    with SandboxServer() as plain:
        made = load_connection(ConnectionOptions(server=plain.url))
        assert kube_of(made).get(NAMESPACES, ObjectKey("", "default"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (ConnectionOptions(kubeconfig="/does/not/exist"), "/does/not/exist cannot be used"),
        (ConnectionOptions(kubeconfig="KUBECONFIG", context="nope"), "nope"),
    ],
    ids=["file", "context"],
)
def test_what_cannot_be_used_is_a_usage_error(kubeconfig: Path, options: ConnectionOptions, message: str) -> None:
    path = options.kubeconfig.replace("KUBECONFIG", str(kubeconfig))
    with pytest.raises(UsageError, match=message):
        load_connection(ConnectionOptions(kubeconfig=path, context=options.context))


def test_a_token_that_was_rotated_is_read_again(server: SandboxServer, kubeconfig: Path, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("first")
    document = yaml.safe_load(kubeconfig.read_text())
    document["users"][0]["user"] = {"tokenFile": str(token)}
    kubeconfig.write_text(yaml.safe_dump(document))
    with SandboxServer(token="first") as rotating:
        kube = kube_of(load_connection(ConnectionOptions(kubeconfig=str(kubeconfig), server=rotating.url)))
        assert kube.get(NAMESPACES, ObjectKey("", "default"))
    assert server.url
    with SandboxServer(token="second", port=rotating.port) as rotating:
        with pytest.raises(Forbidden):
            kube_of(load_connection(ConnectionOptions(kubeconfig=str(kubeconfig), server=rotating.url))).get(
                NAMESPACES, ObjectKey("", "default")
            )
        token.write_text("second")
        assert kube.get(NAMESPACES, ObjectKey("", "default"))


def test_nobody_there_is_unreachable(kubeconfig: Path) -> None:
    made = load_connection(ConnectionOptions(kubeconfig=str(kubeconfig), server="http://127.0.0.1:9"))
    with pytest.raises(Unreachable, match=r"^no answer from http://127\.0\.0\.1:9: "):
        made.transport.open_stream(WATCH, timeout_seconds=2.0)


def test_long_answers_come_in_gzip_where_that_is_asked_for(kubeconfig: Path) -> None:
    made = load_connection(ConnectionOptions(kubeconfig=str(kubeconfig), compress=True))
    kube = kube_of(made)
    for number in range(3):
        body: dict[str, Value] = {"metadata": {"name": f"long-{number}"}, "data": {"a": "x" * 60_000}}
        kube.create(CONFIG_MAPS, body, namespace="kube-public")
    request = Request("GET", "/api/v1/namespaces/kube-public/configmaps", {})
    response = made.transport.request(request, timeout_seconds=5.0)
    assert response.headers["content-encoding"] == "gzip"
    assert response.body.count(b"x" * 60_000) == 3
    short = made.transport.request(Request("GET", "/api/v1/namespaces/default", {}), timeout_seconds=5.0)
    assert "content-encoding" not in short.headers
    for number in range(3):
        kube.delete(CONFIG_MAPS, ObjectKey("kube-public", f"long-{number}"))
    made.transport.close()


# Streams


def test_a_stream_gives_what_is_there_and_waits_no_longer_than_asked(connection: Connection) -> None:
    stream = connection.transport.open_stream(WATCH, timeout_seconds=5.0)
    kube_of(connection).create(CONFIG_MAPS, {"metadata": {"name": "seen"}}, namespace="default")
    assert b'"seen"' in read_some(stream)
    began = time.monotonic()
    assert stream.read(0.05) is None
    assert stream.read(0.0) is None
    assert time.monotonic() - began < 2.0
    kube_of(connection).delete(CONFIG_MAPS, ObjectKey("default", "seen"))
    assert b"DELETED" in read_some(stream)  # a timeout has not spoilt it
    stream.close()


def test_closing_wakes_a_read_that_waits_in_another_thread(connection: Connection) -> None:
    stream = connection.transport.open_stream(WATCH, timeout_seconds=5.0)
    outcome: list[object] = []

    def read() -> None:
        try:
            outcome.append(stream.read(30.0))
        except Unreachable as error:
            outcome.append(str(error))

    reader = threading.Thread(target=read)
    reader.start()
    time.sleep(0.05)  # so that the reader waits; either way it must end
    stream.close()
    reader.join(5.0)
    assert outcome == ["the stream was closed from this side"]
    stream.close()


def test_closing_the_transport_cuts_its_streams(connection: Connection) -> None:
    stream = connection.transport.open_stream(WATCH, timeout_seconds=5.0)
    connection.transport.close()
    with pytest.raises(Unreachable):
        stream.read(5.0)


def test_a_clean_end_is_told_from_a_cut(connection: Connection, server: SandboxServer) -> None:
    for fault, clean in ((Fault(watch=True, end_after=0, times=1), True), (Fault(watch=True, reset_after=0), False)):
        with server.api.lock:
            number = server.faults.add(fault)
        stream = connection.transport.open_stream(WATCH, timeout_seconds=5.0)
        try:
            ended = stream.read(5.0) == b""
        except Unreachable:
            ended = False
        with server.api.lock:
            server.faults.remove(number)
        assert ended is clean


def test_a_refused_watch_has_its_reason_in_the_body(connection: Connection, server: SandboxServer) -> None:
    with server.api.lock:
        number = server.faults.add(Fault(watch=True, status=429, retry_after=7))
    stream = connection.transport.open_stream(WATCH, timeout_seconds=5.0)
    with server.api.lock:
        server.faults.remove(number)
    assert (stream.status, stream.headers["retry-after"]) == (429, "7")
    assert b"Status" in read_some(stream)
    assert stream.read(0.0) == b""


def test_reconnects_leave_no_descriptors_and_no_threads(connection: Connection) -> None:
    def once() -> None:
        stream = connection.transport.open_stream(WATCH, timeout_seconds=5.0)
        stream.read(0.0)
        stream.close()

    once()
    descriptors, threads = len(os.listdir("/proc/self/fd")), threading.active_count()  # noqa: PTH208 - /proc
    for _ in range(50):
        once()
    assert len(os.listdir("/proc/self/fd")) <= descriptors + 4  # noqa: PTH208 - the server's ends close later
    assert threading.active_count() == threads


# All together


def test_discovery_reads_a_real_server(connection: Connection) -> None:
    discovery = Discovery(connection.transport, SystemClock())
    assert discovery.find(Kind("v1", "ConfigMap")) == CONFIG_MAPS
    assert [str(found.kind) for found in discovery.search("deploy.apps")] == ["apps/v1 Deployment"]


def test_an_informer_survives_a_server_that_cuts_it_in_the_middle_of_a_line(
    connection: Connection, server: SandboxServer
) -> None:
    kube = kube_of(connection)
    kube.create(CONFIG_MAPS, {"metadata": {"name": "kept"}}, namespace="default")
    with server.api.lock:
        number = server.faults.add(Fault(watch=True, reset_after=0, mid_line=True, times=1))
    informer = SharedInformer(connection.transport, SystemClock(), Target(CONFIG_MAPS, "default"), tree=WHOLE)
    informer.start()
    assert informer.wait_for_sync(10.0)
    informer.stop()
    with server.api.lock:
        server.faults.remove(number)
    kube.delete(CONFIG_MAPS, ObjectKey("default", "kept"))
    assert informer.lister.get("kept", "default") is not None
    assert (informer.counters.watches, informer.counters.failures) == (2, 1)


def test_handlers_added_by_many_threads_amid_changes_are_all_told_everything(connection: Connection) -> None:
    kube = kube_of(connection)
    informer = SharedInformer(connection.transport, SystemClock(), Target(CONFIG_MAPS, "default"), tree=WHOLE)
    informer.start()
    assert informer.wait_for_sync(5.0)
    believers = [Believer() for _ in range(12)]

    def add_some(mine: list[Believer]) -> None:
        for believer in mine:
            informer.add_handler(believer)
            time.sleep(0.01)

    adders = [threading.Thread(target=add_some, args=(believers[start::3],)) for start in range(3)]
    for adder in adders:
        adder.start()
    for number in range(60):
        name = f"busy-{number % 7}"
        if number % 3:
            body: Value = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"n": str(number)}}
            key = ObjectKey("default", name)
            kube.patch(CONFIG_MAPS, key, body, type=PatchType.APPLY, field_manager="test")
        else:
            with suppress(NotFound):
                kube.delete(CONFIG_MAPS, ObjectKey("default", name))
    kube.create(CONFIG_MAPS, {"metadata": {"name": "the-end"}}, namespace="default")
    end = ObjectKey("default", "the-end")
    deadline = time.monotonic() + 10.0
    while not all(end in believer.objects for believer in believers) and time.monotonic() < deadline:
        time.sleep(0.01)
    for adder in adders:
        adder.join(5.0)
    informer.stop()
    expected = {item.key: item.value() for item in informer.lister.list()}
    for believer in believers:
        assert {key: item.value() for key, item in believer.objects.items()} == expected
        assert believer.nonsense == []
    for key in expected:
        kube.delete(CONFIG_MAPS, key)


def test_the_library_informer_needs_a_kind_and_nothing_else(connection: Connection) -> None:
    added: list[object] = []
    deleted = threading.Event()
    kube = kube_of(connection)
    with Informer("v1", "ConfigMap", namespace="default", connection=connection) as maps:
        maps.on_added(lambda new: added.append(new["data"]))
        maps.on_deleted(lambda last: deleted.set())  # noqa: ARG005 - the handler's signature
        assert maps.wait_for_sync()
        kube.create(CONFIG_MAPS, {"metadata": {"name": "mine"}, "data": {"a": "b"}}, namespace="default")
        kube.delete(CONFIG_MAPS, ObjectKey("default", "mine"))
        assert deleted.wait(5.0)
        assert maps.get("mine", "default") is None
    assert added == [{"a": "b"}]
