import pytest

from rulectl.action.http.port import HttpResponse
from rulectl.action.http.verdict import retry_after, verdict
from rulectl.action.masker import Masker
from rulectl.action.outcome import Done, Failed, RetryAfter
from rulectl.value import Value

NOW = 1_700_000_000.0  # Tue, 14 Nov 2023 22:13:20 GMT


def masker() -> Masker:
    made = Masker()
    made.remember("hunter2")
    return made


def judged(status: int, expect: tuple[int | str, ...] = ("2xx",), body: bytes = b"", **headers: str) -> object:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return verdict(HttpResponse(status, named, body), "PUT http://agent/x", expect, NOW, masker())


@pytest.mark.parametrize("status", [200, 201, 204, 299], ids=str)
def test_every_2xx_is_done(status: int) -> None:
    assert isinstance(judged(status), Done)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 501, 502, 503, 504, 599], ids=str)
def test_what_may_pass_is_tried_again(status: int) -> None:
    assert judged(status) == RetryAfter(None, f"PUT http://agent/x: {status}")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 410, 422, 499], ids=str)
def test_any_other_4xx_is_final(status: int) -> None:
    assert judged(status, body=b"no  such\npod") == Failed(f"PUT http://agent/x: {status} no such pod")


def test_a_redirect_is_final_and_says_where_to() -> None:
    assert judged(301, location="https://agent/y?token=1") == Failed(
        "PUT http://agent/x: 301; it redirects to https://agent/y: correct the url or give followRedirects: true"
    )


def test_expected_statuses_are_done_and_only_they() -> None:
    assert isinstance(judged(404, (200, 404)), Done)
    assert isinstance(judged(201, (200, 404)), Failed)
    assert isinstance(judged(503, ("2xx", "5xx")), Done)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        (" 0 ", 0.0),
        ("Tue, 14 Nov 2023 22:14:20 GMT", 60.0),
        ("Tue, 14 Nov 2023 22:00:00 GMT", 0.0),
        ("99999999", 86_400.0),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("²", None),
    ],
    ids=repr,
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


def test_retry_after_is_honoured() -> None:
    assert judged(429, retry_after="30") == RetryAfter(30.0, "PUT http://agent/x: 429")


def test_a_long_answer_is_shown_in_part() -> None:
    outcome = judged(400, body=b"x" * 5000)
    assert outcome == Failed(f"PUT http://agent/x: 400 {'x' * 200}…")


def test_a_secret_at_the_cut_is_not_shown_in_part() -> None:
    outcome = judged(400, body=b"x" * 196 + b"hunter2")
    assert outcome == Failed(f"PUT http://agent/x: 400 {'x' * 196}***")


@pytest.mark.parametrize(
    ("kind", "body", "json"),
    [
        ("application/json", b'{"a": 1}', {"a": 1}),
        ("application/problem+json; charset=utf-8", b"[1]", [1]),
        ("text/plain", b'{"a": 1}', None),
        ("application/json", b"{", None),
    ],
    ids=["json", "some json", "text", "broken json"],
)
def test_the_result_has_the_body_as_text_and_as_json_if_it_is_that(kind: str, body: bytes, json: Value) -> None:
    assert judged(200, body=body, content_type=kind, set_cookie="id=1") == Done(
        "PUT http://agent/x: 200",
        {
            "status": 200,
            "headers": {"content-type": kind},
            "body": body.decode(),
            "json": json,
            "truncated": False,
        },
    )
