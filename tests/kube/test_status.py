"""Statuses to errors."""

from __future__ import annotations

import pytest

from rulectl.errors import Conflict, Forbidden, Gone, NotFound, PermanentError, RulectlError, TransientError
from rulectl.kube.status import VersionTooLarge, error_of, error_of_status, retry_after
from rulectl.kube.transport import Response
from rulectl.value import Value, encode


def error(code: int, **status: Value) -> RulectlError:
    body = encode({"kind": "Status", "code": code, "message": "said the server", **status})
    return error_of(Response(code, body), "reading v1 Pod shop/a", 0.0)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (400, PermanentError),
        (401, Forbidden),
        (403, Forbidden),
        (404, NotFound),
        (408, TransientError),
        (409, Conflict),
        (410, Gone),
        (422, PermanentError),
        (429, TransientError),
        (500, TransientError),
        (501, PermanentError),
        (503, TransientError),
    ],
)
def test_each_status_is_one_kind_of_error_and_keeps_its_number(code: int, kind: type[RulectlError]) -> None:
    found = error(code)
    assert type(found) is kind
    assert isinstance(found, TransientError | PermanentError)
    assert found.status == code


def test_the_message_says_what_was_asked_what_was_answered_and_what_to_do() -> None:
    assert str(error(404)) == "reading v1 Pod shop/a: said the server (404)"
    assert str(error(403)) == (
        "reading v1 Pod shop/a: said the server (403); `rulectl rbac` prints the permissions that rules need"
    )
    assert str(error(401)) == (
        "reading v1 Pod shop/a: said the server (401); check the credentials, the token may have expired"
    )


def test_an_answer_that_is_no_status_is_quoted() -> None:
    found = error_of(Response(502, b"Bad Gateway\n"), "reading /api", 0.0)
    assert str(found) == "reading /api: Bad Gateway (502)"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("", None),
        ("soon", None),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 60.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
    ],
)
def test_retry_after_is_a_number_or_a_date(header: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": header}, now=40.0) == seconds


def test_the_wait_may_stand_in_the_body_too() -> None:
    found = error(429, details={"retryAfterSeconds": 3})
    assert isinstance(found, TransientError)
    assert found.retry_after_seconds == 3.0


def test_a_version_from_the_future_is_told_apart() -> None:
    cause: Value = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    assert isinstance(error(504, details={"causes": [cause]}), VersionTooLarge)
    assert not isinstance(error(504), VersionTooLarge)


def test_an_error_event_is_read_from_its_status() -> None:
    assert isinstance(error_of_status({"code": 410, "message": "too old"}), Gone)
    assert isinstance(error_of_status({}), TransientError)
