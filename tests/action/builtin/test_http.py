import hashlib
import hmac
from typing import Any

import pytest

from rulectl.action.contract import ActionContext
from rulectl.action.http.port import HttpResponse, Tls
from rulectl.action.outcome import Done, Failed, RetryAfter
from rulectl.action.permission import Permission
from rulectl.action.secrets import SECRETS
from rulectl.errors import NotFound, RulectlError, Unreachable
from rulectl.resource import Kind
from tests.action.builtin.bench import faults, kind_of, run
from tests.action.fakes import FakeHttp, FakeKube, context_for, pod, secret

TOKEN = {"secretKeyRef": {"name": "agent", "key": "token"}}
URL = "http://agent:8089/v1/pods"


class Bench:
    def __init__(self, *answers: HttpResponse | RulectlError) -> None:
        self.http = FakeHttp(list(answers))
        self.kube = FakeKube().put(
            SECRETS,
            secret("agent", token="hunter2\n", user="ann", url="https://hooks.example/T0/B0/hunter2hunter2hunter2?k=v"),
        )
        self.context: ActionContext = context_for(pod(), self.kube, http=self.http)

    def run(self, **parameters: Any) -> Any:
        return run("http", {"url": URL, **parameters}, self.context)

    def sent(self, **parameters: Any) -> Any:
        self.run(**parameters)
        return self.http.requests[-1]


def test_a_plain_request_is_a_get_with_the_runs_key() -> None:
    request = Bench().sent()
    assert (request.method, request.url, request.body) == ("GET", URL, None)
    assert request.headers == {"User-Agent": "rulectl", "Idempotency-Key": "f00d" * 16}


@pytest.mark.parametrize(
    ("parameters", "kind", "body"),
    [
        ({"json": {"ingress": "10M", "was": None}}, "application/json", b'{"ingress":"10M","was":null}'),
        ({"json": None}, "application/json", b"null"),
        ({"text": "hellö"}, "text/plain; charset=utf-8", "hellö".encode()),
        ({"form": {"a": "x y", "n": 1, "no": None}}, "application/x-www-form-urlencoded", b"a=x+y&n=1"),
        ({"form": {"t": TOKEN}}, "application/x-www-form-urlencoded", b"t=hunter2"),
    ],
    ids=["json", "json null", "text", "form", "form with a secret"],
)
def test_a_body_makes_it_a_post(parameters: dict[str, Any], kind: str, body: bytes) -> None:
    request = Bench().sent(**parameters)
    assert (request.method, request.headers["Content-Type"], request.body) == ("POST", kind, body)


def test_headers_and_query_take_scalars_and_secrets() -> None:
    request = Bench().sent(
        method="PUT", headers={"X-Token": TOKEN, "X-Count": 3, "X-No": None}, query={"q": "a b", "on": True, "t": TOKEN}
    )
    assert (request.headers["X-Token"], request.headers["X-Count"], "X-No" in request.headers) == (
        "hunter2",
        "3",
        False,
    )
    assert request.url == URL + "?q=a+b&on=true&t=hunter2"


def test_a_query_is_added_to_the_one_in_the_url() -> None:
    assert Bench().sent(url=URL + "?a=1#top", query={"b": 2}).url == URL + "?a=1&b=2#top"


def test_own_headers_replace_the_usual_ones() -> None:
    request = Bench().sent(json={}, headers={"content-type": "application/merge-patch+json", "User-Agent": "me"})
    assert request.headers == {
        "Idempotency-Key": "f00d" * 16,
        "content-type": "application/merge-patch+json",
        "User-Agent": "me",
    }


def test_a_bearer_token_comes_from_a_secret_beside_the_object() -> None:
    assert Bench().sent(bearerToken=TOKEN).headers["Authorization"] == "Bearer hunter2"


def test_basic_auth_is_encoded_and_masked_in_that_form_too() -> None:
    bench = Bench()
    user = {"secretKeyRef": {"name": "agent", "key": "user"}}
    request = bench.sent(basicAuth={"username": user, "password": TOKEN})
    assert request.headers["Authorization"] == "Basic YW5uOmh1bnRlcjI="
    assert bench.context.secrets.masker.mask("YW5uOmh1bnRlcjI=") == "***"


def test_a_body_can_be_signed() -> None:
    request = Bench().sent(json={"a": 1}, signature={"key": TOKEN})
    digest = hmac.new(b"hunter2", b'{"a":1}', hashlib.sha256).hexdigest()
    assert request.headers["X-Signature-256"] == f"sha256={digest}"


def test_a_url_from_a_secret_is_shown_nowhere() -> None:
    bench = Bench(HttpResponse(404, {}, b"no T0/B0/hunter2hunter2hunter2?k=v here, nor hunter2hunter2hunter2"))
    outcome = bench.run(url={"secretKeyRef": {"name": "agent", "key": "url"}}, json={})
    assert bench.http.requests[0].url == "https://hooks.example/T0/B0/hunter2hunter2hunter2?k=v"
    assert outcome == Failed("POST https://hooks.example/…: 404 no *** here, nor ***")


def test_certificates_come_from_secrets() -> None:
    request = Bench().sent(tls={"ca": "PEM", "certificate": TOKEN, "key": TOKEN, "serverName": "agent.internal"})
    assert request.tls == Tls("PEM", "hunter2\n", "hunter2\n", "agent.internal", insecure_skip_verify=False)


def test_the_answer_is_the_result() -> None:
    outcome = Bench(HttpResponse(200, {"content-type": "application/json"}, b'{"id": 7}')).run()
    assert isinstance(outcome, Done)
    result: Any = outcome.result
    assert (outcome.message, result["status"], result["json"]) == (f"GET {URL}: 200", 200, {"id": 7})


def test_an_answer_that_echoes_the_secret_is_masked() -> None:
    outcome: Any = Bench(HttpResponse(200, {"x-echo": "hunter2"}, b"you are hunter2")).run(bearerToken=TOKEN)
    assert (outcome.result["body"], outcome.result["headers"]) == ("you are ***", {"x-echo": "***"})


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Unreachable("agent:8089 refused the connection"), RetryAfter(None, "agent:8089 refused the connection")),
        (HttpResponse(503, {"retry-after": "5"}), RetryAfter(5.0, f"GET {URL}: 503")),
        (HttpResponse(422, {}, b"bad"), Failed(f"GET {URL}: 422 bad")),
    ],
    ids=["network", "503", "422"],
)
def test_what_went_wrong_decides_whether_it_is_tried_again(answer: Any, outcome: object) -> None:
    assert Bench(answer).run() == outcome


def test_a_secret_that_is_missing_may_come() -> None:
    bench = Bench()
    bench.kube.faults["get"] = [NotFound("secrets 'agent' not found", status=404)]
    assert bench.run(bearerToken=TOKEN) == RetryAfter(None, "Secret shop/agent does not exist; create it")
    assert bench.http.requests == []


def test_a_token_that_was_rotated_is_read_again_before_401_is_final() -> None:
    bench = Bench(HttpResponse(200), HttpResponse(401), HttpResponse(200))
    bench.run(bearerToken=TOKEN)
    bench.kube.put(SECRETS, secret("agent", token="hunter3"))
    assert isinstance(bench.run(bearerToken=TOKEN), Done)
    assert [request.headers["Authorization"] for request in bench.http.requests[1:]] == [
        "Bearer hunter2",
        "Bearer hunter3",
    ]


def test_a_token_that_is_simply_wrong_is_sent_once() -> None:
    bench = Bench(HttpResponse(401))
    assert isinstance(bench.run(bearerToken=TOKEN), Failed)
    assert len(bench.http.requests) == 1


def moved(status: int, location: str) -> HttpResponse:
    return HttpResponse(status, {"location": location})


def test_redirects_are_not_followed_unless_asked_for() -> None:
    bench = Bench(moved(302, "http://elsewhere/"))
    assert isinstance(bench.run(), Failed)
    assert len(bench.http.requests) == 1


def test_a_redirect_on_the_same_host_keeps_everything() -> None:
    bench = Bench(moved(308, "/v2/pods"), HttpResponse(200))
    assert isinstance(bench.run(json={"a": 1}, bearerToken=TOKEN, followRedirects=True), Done)
    first, second = bench.http.requests
    assert (second.url, second.method, second.body) == ("http://agent:8089/v2/pods", "POST", b'{"a":1}')
    assert second.headers == first.headers


def test_a_redirect_to_another_host_gets_no_secrets() -> None:
    bench = Bench(moved(302, "http://elsewhere/x"), HttpResponse(200))
    tls = {"certificate": TOKEN, "key": TOKEN}
    bench.run(bearerToken=TOKEN, headers={"X-Token": TOKEN}, tls=tls, followRedirects=True)
    assert "hunter2" not in str(dict(bench.http.requests[1].headers))
    assert bench.http.requests[1].tls == Tls()


def test_a_redirect_that_hands_the_body_to_another_host_is_refused() -> None:
    bench = Bench(moved(307, "http://elsewhere/x"))
    outcome = bench.run(form={"t": TOKEN}, followRedirects=True)
    assert outcome == Failed(f"{URL} redirects to another host, which would get the body; correct the url")


@pytest.mark.parametrize("status", [301, 302, 303], ids=str)
def test_after_a_post_such_a_redirect_is_a_get_without_body(status: int) -> None:
    bench = Bench(moved(status, "/done"), HttpResponse(200))
    bench.run(json={"a": 1}, followRedirects=True)
    request = bench.http.requests[1]
    assert (request.method, request.body, "Content-Type" in request.headers) == ("GET", None, False)


def test_no_redirect_leads_from_https_to_http() -> None:
    outcome = Bench(moved(302, "http://agent/")).run(url="https://agent/", followRedirects=True)
    assert outcome == Failed("https://agent/ redirects from https to http; correct the url")


def test_redirects_end() -> None:
    bench = Bench(*[moved(302, "/again")] * 10)
    assert bench.run(followRedirects=True) == Failed("more than 5 redirects; correct the url")
    assert len(bench.http.requests) == 6


@pytest.mark.parametrize(
    ("parameters", "fault"),
    [
        ({"json": 1, "text": "a"}, "give at most one of json, text and form"),
        (
            {"bearerToken": TOKEN, "basicAuth": {"username": "a", "password": TOKEN}},
            "give at most one of bearerToken and basicAuth",
        ),
        ({"url": "ftp://x/"}, "the url has to begin with http:// or https://"),
        ({"headers": {"a b": "c"}}, "'a b' cannot be the name of a header"),
        ({"headers": {"Host": "c"}}, "header Host is set by rulectl itself; leave it out"),
        ({"expect": []}, "expect needs at least one status"),
        (
            {"expect": [99]},
            "expect[0]: expected a whole number from 100 to 599 or text like ^[1-5]xx$, not the number 99",
        ),
        ({"method": "put"}, "method: expected text like ^[A-Z]{1,20}$, not 'put'"),
        ({"bearerToken": "hunter2"}, "bearerToken: expected a mapping with secretKeyRef or file, not 'hunter2'"),
        ({"tls": {"key": TOKEN}}, "tls: certificate and key go together; give both or neither"),
        ({"timeout": "5s"}, "timeout: unknown parameter 'timeout' (a common field: write it beside `http`)"),
    ],
    ids=str,
)
def test_a_request_that_makes_no_sense_is_a_fault_of_the_rule(parameters: dict[str, Any], fault: str) -> None:
    assert faults("http", {"url": URL, **parameters}) == [fault]


def test_a_header_cannot_be_broken_into_two() -> None:
    outcome = Bench().run(headers={"X-Note": "a\r\nX-Admin: 1"})
    assert outcome == Failed("the value of header X-Note contains a line break; remove it")


def test_its_description_is_the_exact_request_with_references_for_secrets() -> None:
    parameters: dict[str, Any] = {
        "url": "https://agent/x?token=abc",
        "method": "PUT",
        "headers": {"X-Token": TOKEN, "X-Count": 1},
        "json": {"a": [1]},
        "bearerToken": TOKEN,
    }
    shown = kind_of("http").bind(parameters).describe(Bench().context)
    assert shown == {
        "method": "PUT",
        "url": "https://agent/x?token=abc",
        "headers": {
            "User-Agent": "rulectl",
            "Idempotency-Key": "f00d" * 16,
            "Content-Type": "application/json",
            "X-Token": TOKEN,
            "X-Count": "1",
        },
        "json": {"a": [1]},
        "bearerToken": TOKEN,
    }


def test_nothing_is_sent_once_the_time_is_up() -> None:
    http = FakeHttp()
    outcome = run("http", {"url": URL}, context_for(pod(), http=http, deadline=0))
    assert (type(outcome), http.requests) == (RetryAfter, [])


def test_it_needs_the_secrets_that_it_points_to() -> None:
    assert kind_of("http").permissions({"url": URL, "headers": {"X": TOKEN}}, Kind("v1", "Pod")) == (
        Permission(Kind("v1", "Secret"), ("get",), "", None, "agent"),
    )
