"""Against a real server, with real sockets and a real clock."""

import datetime
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from rulectl.action.egress import EgressDenied, EgressPolicy
from rulectl.action.http.pool import HttpPool
from rulectl.action.http.port import HttpRequest, HttpResponse, Tls
from rulectl.clock import SystemClock
from rulectl.errors import PermanentError, Unreachable
from tests.action.http.server import Server, serving

NAMES = {"agent.test": ["127.0.0.1"], "both.test": ["127.0.0.3", "127.0.0.1"], "rebound.test": ["169.254.169.254"]}


def resolve(host: str, _port: int) -> list[str]:
    if host == "unknown.test":
        raise socket.gaierror(-2, "Name or service not known")
    return NAMES.get(host, [host])


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture
def pool() -> Iterator[HttpPool]:
    made = HttpPool(SystemClock(), resolve)
    yield made
    made.close()


def send(
    pool: HttpPool,
    url: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    seconds: float = 5.0,
    egress: EgressPolicy | None = None,
    max_bytes: int = 1 << 20,
    tls: Tls | None = None,
) -> HttpResponse:
    request = HttpRequest(method, url, {"X-Mine": "1"}, body, tls or Tls())
    return pool.send(request, egress=egress or EgressPolicy(), timeout_seconds=seconds, max_bytes=max_bytes)


def test_a_request_arrives_as_it_was_meant_and_the_answer_comes_back(pool: HttpPool, server: Server) -> None:
    answer = send(pool, f"http://agent.test:{server.port}/a%20b?q=1", method="PUT", body=b"hello")
    assert (answer.status, answer.body, answer.headers["x-kind"]) == (200, b"fine", "test")
    method, path, headers, body, _ = server.seen[-1]
    assert (method, path, body) == ("PUT", "/a%20b?q=1", b"hello")
    assert (headers["Host"], headers["X-Mine"]) == (f"agent.test:{server.port}", "1")


@pytest.mark.parametrize("status", [204, 302, 404, 503], ids=str)
def test_every_status_is_an_answer(pool: HttpPool, server: Server, status: int) -> None:
    assert send(pool, f"http://agent.test:{server.port}/status/{status}").status == status


def test_connections_are_used_again(pool: HttpPool, server: Server) -> None:
    for _ in range(3):
        send(pool, f"http://agent.test:{server.port}/")
    assert len({port for *_, port in server.seen[-3:]}) == 1


def test_many_threads_may_send_at_once(pool: HttpPool, server: Server) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: send(pool, f"http://agent.test:{server.port}/{n}"), range(40)))
    assert {answer.status for answer in answers} == {200}


def test_an_answer_in_chunks_is_complete(pool: HttpPool, server: Server) -> None:
    assert send(pool, f"http://agent.test:{server.port}/chunked").body == b"hello world"


def test_a_long_answer_is_cut_and_says_so(pool: HttpPool, server: Server) -> None:
    answer = send(pool, f"http://agent.test:{server.port}/big", max_bytes=1000)
    assert (len(answer.body), answer.is_truncated) == (1000, True)
    assert send(pool, f"http://agent.test:{server.port}/").status == 200


def test_a_server_that_does_not_answer_is_given_up_in_time(pool: HttpPool, server: Server) -> None:
    with pytest.raises(Unreachable, match=f"agent.test:{server.port} did not answer in time"):
        send(pool, f"http://agent.test:{server.port}/slow", seconds=0.1)


def test_a_server_that_answers_byte_by_byte_is_given_up_too(pool: HttpPool, server: Server) -> None:
    with pytest.raises(Unreachable, match="the answer did not end in time"):
        send(pool, f"http://agent.test:{server.port}/drip", seconds=0.2)


def test_a_connection_that_is_cut_is_worth_a_retry(pool: HttpPool, server: Server) -> None:
    with pytest.raises(Unreachable, match=f"the connection to agent.test:{server.port} was cut"):
        send(pool, f"http://agent.test:{server.port}/cut")


def test_nobody_there_is_worth_a_retry(pool: HttpPool) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with pytest.raises(Unreachable, match=f"^agent.test:{port} refused the connection$"):
            send(pool, f"http://agent.test:{port}/")


def test_a_name_that_is_not_known_is_worth_a_retry(pool: HttpPool) -> None:
    with pytest.raises(Unreachable, match=r"^the name unknown\.test is not known; check it and the DNS$"):
        send(pool, "http://unknown.test/")


def test_the_next_address_is_tried_where_the_first_refuses(pool: HttpPool, server: Server) -> None:
    assert send(pool, f"http://both.test:{server.port}/").status == 200


@pytest.mark.parametrize("url", ["http://169.254.169.254/", "http://rebound.test/"], ids=str)
def test_the_address_that_is_connected_to_is_what_the_policy_judges(pool: HttpPool, url: str) -> None:
    with pytest.raises(EgressDenied, match="is not allowed: cloud metadata addresses are denied"):
        send(pool, url)


def test_the_api_server_is_denied_under_any_name(pool: HttpPool, server: Server) -> None:
    egress = EgressPolicy.parse(api_server_url=f"https://127.0.0.1:{server.port}")
    with pytest.raises(EgressDenied, match="the API server is denied"):
        send(pool, f"http://agent.test:{server.port}/", egress=egress)


def test_of_several_addresses_only_the_allowed_are_used(pool: HttpPool, server: Server) -> None:
    egress = EgressPolicy.parse(deny=["127.0.0.3"])
    assert send(pool, f"http://both.test:{server.port}/", egress=egress).status == 200


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("gopher://agent.test/", "the URL has to begin with http:// or https:// and a host"),
        ("http:///x", "the URL has to begin with http:// or https:// and a host"),
        ("http://agent.test:99999/", "the URL makes no sense"),
        ("http://ann:hunter2@agent.test/", "the URL contains a user or a password; use basicAuth"),
    ],
    ids=str,
)
def test_a_url_that_makes_no_sense_is_final_and_not_shown(pool: HttpPool, url: str, message: str) -> None:
    with pytest.raises(PermanentError, match=message) as fault:
        send(pool, url)
    assert "hunter2" not in str(fault.value)


def test_a_closed_pool_sends_nothing(pool: HttpPool, server: Server) -> None:
    pool.close()
    with pytest.raises(Unreachable, match="rulectl is stopping"):
        send(pool, f"http://agent.test:{server.port}/")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "agent.test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("agent.test")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


@pytest.fixture(scope="module")
def https(certificate: Path) -> Iterator[Server]:
    with serving(certificate) as running:
        yield running


def ca(certificate: Path) -> str:
    return certificate.read_text().partition("-----BEGIN PRIVATE")[0]


def test_https_checks_the_name_although_it_connects_to_an_address(
    pool: HttpPool, https: Server, certificate: Path
) -> None:
    assert send(pool, f"https://agent.test:{https.port}/", tls=Tls(ca=ca(certificate))).status == 200
    assert https.seen[-1][2]["Host"] == f"agent.test:{https.port}"


@pytest.mark.parametrize("name", ["both.test", "127.0.0.1"], ids=str)
def test_a_certificate_for_another_name_is_not_accepted(
    pool: HttpPool, https: Server, certificate: Path, name: str
) -> None:
    with pytest.raises(Unreachable, match=f"the TLS connection to {name}:{https.port} failed"):
        send(pool, f"https://{name}:{https.port}/", tls=Tls(ca=ca(certificate)))


def test_the_expected_name_can_be_given(pool: HttpPool, https: Server, certificate: Path) -> None:
    tls = Tls(ca=ca(certificate), server_name="agent.test")
    assert send(pool, f"https://127.0.0.1:{https.port}/", tls=tls).status == 200


def test_a_certificate_of_an_unknown_authority_is_not_accepted_unless_the_check_is_off(
    pool: HttpPool, https: Server
) -> None:
    with pytest.raises(Unreachable, match="failed"):
        send(pool, f"https://agent.test:{https.port}/")
    assert send(pool, f"https://agent.test:{https.port}/", tls=Tls(insecure_skip_verify=True)).status == 200


def test_a_client_certificate_is_read_and_leaves_no_file_behind(
    pool: HttpPool, https: Server, certificate: Path, tmp_path: Path
) -> None:
    text = certificate.read_text()
    public, mark, private = text.partition("-----BEGIN PRIVATE")
    tls = Tls(ca=public, certificate=public, private_key=mark + private)
    assert send(pool, f"https://agent.test:{https.port}/", tls=tls).status == 200
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("tls", "message"),
    [
        (Tls(ca="nonsense"), "tls.ca holds no certificate in PEM form"),
        (Tls(certificate="nonsense", private_key="nonsense"), "the client certificate and its key cannot be used"),
    ],
    ids=["ca", "client"],
)
def test_certificates_that_cannot_be_read_are_final(pool: HttpPool, tls: Tls, message: str) -> None:
    with pytest.raises(PermanentError, match=message):
        send(pool, "https://agent.test:1/", tls=tls)


def test_closing_does_not_disturb_a_request_that_runs(server: Server) -> None:
    pool = HttpPool(SystemClock(), resolve)
    answers: list[int] = []
    thread = threading.Thread(target=lambda: answers.append(send(pool, f"http://agent.test:{server.port}/slow").status))
    before = len(server.seen)
    thread.start()
    while len(server.seen) == before:
        threading.Event().wait(0.005)
    pool.close()
    server.released.set()
    thread.join()
    server.released.clear()
    assert answers == [200]
