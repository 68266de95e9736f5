"""The HTTP shell: only what sockets add. What is answered is tested without them."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from rulectl.errors import UsageError
from rulectl.sandbox import Fault, SandboxServer, banner
from tests.sandbox.client import CONFIG_MAPS

NAMESPACES = "/api/v1/namespaces"


@pytest.fixture(scope="module")
def shared() -> Iterator[SandboxServer]:
    with SandboxServer(admin=True) as server:
        yield server


@pytest.fixture
def server(shared: SandboxServer) -> SandboxServer:
    shared.reset()
    return shared


def connect(server: SandboxServer) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)


def ask(server: SandboxServer, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
    connection = connect(server)
    try:
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        response = connection.getresponse()
        content = response.read()
    finally:
        connection.close()
    is_json = "json" in response.headers.get("Content-Type", "")
    return response.status, json.loads(content) if is_json and content else content


def new(name: str) -> dict[str, Any]:
    return {"metadata": {"name": name}}


def watch(server: SandboxServer, query: str = "") -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
    connection = connect(server)
    connection.request("GET", f"{CONFIG_MAPS}?watch=1{query}")
    return connection, connection.getresponse()


def test_requests_are_answered_over_http(server: SandboxServer) -> None:
    assert ask(server, "POST", CONFIG_MAPS, new("a"))[0] == 201
    status, shown = ask(server, "GET", f"{CONFIG_MAPS}?labelSelector=a%20in%20(b)")
    assert (status, shown["items"]) == (200, [])
    status, shown = ask(server, "HEAD", CONFIG_MAPS)
    assert (status, shown) == (200, b"")


def test_bodies_of_more_than_a_megabyte_are_taken(server: SandboxServer) -> None:
    assert ask(server, "POST", CONFIG_MAPS, {**new("big"), "data": {"a": "x" * 2_000_000}})[0] == 201


def test_a_watch_answers_at_once_and_sends_each_change_when_it_happens(server: SandboxServer) -> None:
    connection, response = watch(server)
    assert (response.status, response.headers["Transfer-Encoding"]) == (200, "chunked")
    ask(server, "POST", CONFIG_MAPS, new("a"))
    assert json.loads(response.readline())["object"]["metadata"]["name"] == "a"
    connection.close()


def test_a_change_made_in_this_process_reaches_a_watch_too(server: SandboxServer) -> None:
    connection, response = watch(server)
    server.api.handle("POST", CONFIG_MAPS, {}, {}, json.dumps(new("a")).encode())
    assert json.loads(response.readline())["type"] == "ADDED"
    connection.close()


def test_a_watch_ends_cleanly_at_its_timeout(server: SandboxServer) -> None:
    connection, response = watch(server, "&timeoutSeconds=600")
    server.advance(601)
    assert response.read() == b""
    connection.close()


def test_a_watch_is_closed_when_its_client_goes_away(server: SandboxServer) -> None:
    connection, response = watch(server)
    readers = server.store.collection(server.api.registry.find("", "v1", "configmaps").storage).readers  # type: ignore[union-attr]
    assert len(readers) == 1
    response.close()
    connection.close()
    deadline = time.monotonic() + 5
    while readers and time.monotonic() < deadline:
        time.sleep(0.005)
    assert not readers


def test_a_reset_is_a_real_one(server: SandboxServer) -> None:
    server.faults.add(Fault(path=NAMESPACES, reset=True))
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as plain:
        plain.sendall(f"GET {NAMESPACES} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        with pytest.raises(ConnectionResetError):
            plain.recv(1000)


def test_a_stream_is_cut_in_the_middle_of_a_line(server: SandboxServer) -> None:
    server.faults.add(Fault(watch=True, reset_after=1, mid_line=True))
    connection, response = watch(server)
    for name in ("a", "b"):
        ask(server, "POST", CONFIG_MAPS, new(name))
    with pytest.raises((http.client.IncompleteRead, ConnectionResetError)) as cut:
        response.read()
    if isinstance(cut.value, http.client.IncompleteRead):
        assert not cut.value.partial.endswith(b"\n")
    connection.close()


def test_a_hanging_request_says_nothing(server: SandboxServer) -> None:
    server.faults.add(Fault(path=NAMESPACES, hang=True))
    with socket.create_connection(("127.0.0.1", server.port), timeout=0.2) as plain:
        plain.sendall(f"GET {NAMESPACES} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        with pytest.raises(TimeoutError):
            plain.recv(1000)


def test_a_delay_is_waited_for(server: SandboxServer) -> None:
    server.faults.add(Fault(path=NAMESPACES, delay=0.1))
    begun = time.monotonic()
    assert ask(server, "GET", NAMESPACES)[0] == 200
    assert time.monotonic() - begun >= 0.1


def test_faults_can_be_set_over_http(server: SandboxServer) -> None:
    fault = {"path": NAMESPACES, "status": 503, "times": 1}
    assert ask(server, "POST", "/_sandbox/faults", fault)[0] == 201
    assert ask(server, "GET", "/_sandbox/faults")[1]["faults"][0]["status"] == 503
    assert [ask(server, "GET", NAMESPACES)[0] for _ in range(2)] == [503, 200]
    assert ask(server, "GET", "/_sandbox/faults/injected")[1]["injected"][-1]["path"] == NAMESPACES
    assert ask(server, "DELETE", "/_sandbox/faults")[1] == {"faults": []}


def test_manifests_can_be_loaded_over_http(server: SandboxServer) -> None:
    body = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "a"}}
    assert ask(server, "POST", "/_sandbox/load", body) == (201, {"loaded": 1})
    assert ask(server, "GET", f"{CONFIG_MAPS}/a")[0] == 200


def test_compaction_and_reset_can_be_asked_for_over_http(server: SandboxServer) -> None:
    ask(server, "POST", CONFIG_MAPS, new("a"))
    assert ask(server, "POST", "/_sandbox/compact")[0] == 200
    connection, response = watch(server, "&resourceVersion=1001")
    assert json.loads(response.readline())["object"]["code"] == 410
    connection.close()
    assert ask(server, "POST", "/_sandbox/reset")[0] == 200
    assert ask(server, "GET", f"{CONFIG_MAPS}/a")[0] == 404


def test_the_clock_can_be_moved_over_http(server: SandboxServer) -> None:
    before = ask(server, "GET", "/_sandbox/clock")[1]["now"]
    assert ask(server, "POST", "/_sandbox/clock", {"advance": 3600})[1]["now"] >= before + 3600


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/_sandbox/faults", {"stats": 1}, 400),
        ("/_sandbox/faults", {"path": "("}, 400),
        ("/_sandbox/clock", {}, 400),
        ("/_sandbox/load", {"kind": "Nothing"}, 400),
        ("/_sandbox/nothing", {}, 404),
    ],
)
def test_what_cannot_be_done_is_refused(server: SandboxServer, path: str, body: object, status: int) -> None:
    assert ask(server, "POST", path, body)[0] == status


def test_nobody_administers_a_server_that_does_not_allow_it() -> None:
    with SandboxServer() as server:
        assert ask(server, "POST", "/_sandbox/reset")[0] == 404


def test_a_token_is_asked_for_except_by_the_health_checks() -> None:
    with SandboxServer(token="let-me-in") as server:
        assert ask(server, "GET", "/readyz") == (200, b"ok")
        assert ask(server, "GET", NAMESPACES)[1]["reason"] == "Unauthorized"
        assert ask(server, "GET", NAMESPACES, Authorization="Bearer let-me-in")[0] == 200


def test_its_kubeconfig_has_all_that_a_client_needs_and_goes_with_it() -> None:
    with SandboxServer(tls=True, token="secret") as server:
        path = server.kubeconfig_path
        config = yaml.safe_load(path.read_text())
        cluster = config["clusters"][0]["cluster"]
        assert cluster["server"] == server.url
        assert cluster["certificate-authority-data"]
        assert config["users"][0]["user"] == {"token": "secret"}
        assert path.stat().st_mode & 0o077 == 0
    assert not path.exists()


def test_its_certificate_is_trusted_by_those_who_trust_its_authority() -> None:
    with SandboxServer(tls=True) as server:
        assert server.authority is not None
        context = ssl.create_default_context(cadata=server.authority.decode())
        connection = http.client.HTTPSConnection("127.0.0.1", server.port, timeout=5, context=context)
        connection.request("GET", "/readyz")
        assert connection.getresponse().read() == b"ok"
        connection.close()


def test_its_kubeconfig_keeps_kubectl_from_asking_for_a_password() -> None:
    with SandboxServer(tls=True) as server:
        user = yaml.safe_load(server.kubeconfig_path.read_text())["users"][0]["user"]
    assert user == {"token": "not-checked"}


def test_a_port_that_is_taken_is_said_to_be_so(server: SandboxServer) -> None:
    with pytest.raises(UsageError, match=f"cannot listen on 127.0.0.1:{server.port}: .*; choose another port"):
        SandboxServer(port=server.port).start()


def test_stopping_is_quick_even_with_watches_open() -> None:
    with SandboxServer() as server:
        connection, response = watch(server)
        begun = time.monotonic()
    assert time.monotonic() - begun < 1
    assert response.read() == b""
    connection.close()
    server.stop()


def test_the_banner_says_that_it_is_no_cluster() -> None:
    text = banner("http://127.0.0.1:1")
    assert text.startswith("rulectl sandbox at http://127.0.0.1:1: a Kubernetes API server in memory. This is not a")
    for missing in ("no kubelets", "no scheduler", "no controllers", "no admission", "no RBAC"):
        assert missing in text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_process_serves_until_it_is_told_to_end(tmp_path: Path, number: signal.Signals) -> None:
    path = tmp_path / "kubeconfig"
    command = [sys.executable, "-m", "rulectl.sandbox", "--kubeconfig", str(path), "--admin"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == f"{path}\n"
        assert "This is not a cluster" in process.stderr.readline()
        url = yaml.safe_load(path.read_text())["clusters"][0]["cluster"]["server"]
        connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=5)
        connection.request("GET", "/readyz")
        assert connection.getresponse().read() == b"ok"
        connection.close()
        process.send_signal(number)
        assert process.wait(timeout=2) == 0


def test_the_process_says_what_it_cannot_load() -> None:
    command = [sys.executable, "-m", "rulectl.sandbox", "--load", "/nowhere"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "there is no file or folder /nowhere: check what is to be loaded\n"
