"""`http` against a real server in another process that is slow, resets, redirects, sends 429, is large, has bad TLS."""

from __future__ import annotations

import dataclasses
import datetime
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from rulectl.action.builtin.http import Http
from rulectl.action.http.pool import HttpPool
from rulectl.action.outcome import Attempt, Done, Failed, RetryAfter
from rulectl.clock import SystemClock
from rulectl.sandbox.certificate import make_certificates
from rulectl.testing import FakeKube, context_for, run_action, secret

CLOCK = SystemClock()


@dataclass
class Rough:
    plain: str
    tls: str
    mutual: str
    kube: FakeKube
    pool: HttpPool

    def http(self, path: str = "/", key: str = "k", timeout: float = 10.0, **parameters: Any) -> Attempt:
        base = context_for(kube=self.kube, http=self.pool, key=key)
        context = dataclasses.replace(base, clock=CLOCK, deadline=CLOCK.monotonic() + timeout)
        return run_action(Http, {"url": f"{self.plain}{path}", **parameters}, context)

    def seen(self) -> list[Any]:
        found = self.http("/seen")
        assert isinstance(found, Done)
        result: Any = found.result
        listed: list[Any] = json.loads(result["body"])
        return listed


def self_signed() -> tuple[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "rulectl")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return made.public_bytes(serialization.Encoding.PEM).decode(), private.decode()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rough]:
    folder: Path = tmp_path_factory.mktemp("rough")
    ours, (client, key) = make_certificates(), self_signed()
    (folder / "server.pem").write_bytes(ours.certificate + ours.key)
    (folder / "client.pem").write_text(client)
    kube = FakeKube(secret("tls", ca=ours.authority.decode(), cert=client, key=key))
    command = [sys.executable, "-m", "tests.action.http.rough_server", "server.pem", "client.pem"]
    command[3:] = [str(folder / name) for name in command[3:]]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        plain, tls, mutual = json.loads(process.stdout.readline())
        pool = HttpPool(CLOCK)
        at = "://127.0.0.1"
        yield Rough(f"http{at}:{plain}", f"https{at}:{tls}", f"https{at}:{mutual}", kube, pool)
        pool.close()
        process.kill()


def part(key: str) -> dict[str, Any]:
    return {"secretKeyRef": {"name": "tls", "key": key}}


def test_the_answer_is_the_result(server: Rough) -> None:
    outcome = server.http(json={"a": 1})
    assert isinstance(outcome, Done)
    result: Any = outcome.result
    assert (result["status"], result["json"], result["truncated"]) == (200, {"id": 7}, False)


def test_a_slow_answer_is_given_up_at_the_timeout(server: Rough) -> None:
    started = time.monotonic()
    outcome = server.http("/slow?seconds=5", timeout=0.3)
    assert isinstance(outcome, RetryAfter)
    assert outcome.message.endswith("did not answer in time")
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("path", ["/reset", "/half"])
def test_a_connection_that_breaks_is_worth_a_retry(server: Rough, path: str) -> None:
    outcome = server.http(path)
    assert isinstance(outcome, RetryAfter)
    assert "was cut" in outcome.message


def test_a_redirect_is_not_followed_unless_asked_for(server: Rough) -> None:
    path = f"/redirect?to={quote('/fine', safe='')}"
    outcome = server.http(path)
    assert isinstance(outcome, Failed)
    assert outcome.message.endswith(": 302; it redirects to /fine: correct the url or give followRedirects: true")
    assert isinstance(server.http(path, followRedirects=True), Done)


def test_a_redirect_to_another_host_gets_no_secrets(server: Rough) -> None:
    elsewhere = server.plain.replace("127.0.0.1", "localhost")
    path = f"/redirect?status=307&to={quote(elsewhere, safe='')}"
    outcome = server.http(path, followRedirects=True, json={"a": 1})
    assert isinstance(outcome, Failed)
    assert "redirects to another host, which would get the body" in outcome.message


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("form", ["seconds", "date"])
def test_the_server_says_when_to_come_again(server: Rough, form: str, status: int) -> None:
    outcome = server.http(f"/busy?status={status}&seconds=30&as={form}")
    assert isinstance(outcome, RetryAfter)
    assert outcome.seconds is not None
    assert 28 <= outcome.seconds <= 30


def test_ten_megabytes_are_cut_and_the_connection_is_not_used_again(server: Rough) -> None:
    outcome = server.http("/large?bytes=10485760")
    assert isinstance(outcome, Done)
    result: Any = outcome.result
    assert (len(result["body"]), result["truncated"], result["json"]) == (1 << 20, True, None)
    assert isinstance(server.http(), Done)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_other_refusals_are_final_unless_expected(server: Rough, status: int) -> None:
    assert isinstance(server.http(f"/status?status={status}"), Failed)
    assert isinstance(server.http(f"/status?status={status}", expect=["2xx", status]), Done)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 504])
def test_what_may_pass_is_worth_a_retry(server: Rough, status: int) -> None:
    assert isinstance(server.http(f"/status?status={status}"), RetryAfter)


def test_an_unknown_authority_is_not_trusted_and_ours_is(server: Rough) -> None:
    outcome = server.http(url=server.tls)
    assert isinstance(outcome, RetryAfter)
    assert "certificate verify failed" in outcome.message
    assert isinstance(server.http(url=server.tls, tls={"ca": part("ca")}), Done)


def test_a_server_that_asks_for_a_certificate_gets_ours(server: Rough) -> None:
    without = server.http(url=server.mutual, tls={"ca": part("ca")})
    assert isinstance(without, RetryAfter)
    tls = {"ca": part("ca"), "certificate": part("cert"), "key": part("key")}
    assert isinstance(server.http(url=server.mutual, tls=tls), Done)


def test_plain_text_to_a_tls_port_is_a_fault_and_no_hang(server: Rough) -> None:
    started = time.monotonic()
    assert isinstance(server.http(url=server.tls.replace("https", "http"), timeout=3), RetryAfter)
    assert time.monotonic() - started < 2


def test_connections_are_used_again_and_keys_are_sent(server: Rough) -> None:
    before = len(server.seen())
    for number in range(3):
        server.http("/fine", key=f"key-{number}")
    seen = server.seen()[before:]
    assert [one["key"] for one in seen] == ["key-0", "key-1", "key-2"]
    assert len({one["port"] for one in seen}) == 1
