"""HTTP statuses and the API's Status objects -> the errors of `rulectl.errors`."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from rulectl.errors import Conflict, Forbidden, Gone, NotFound, PermanentError, RulectlError, TransientError
from rulectl.kube.transport import Response
from rulectl.value import Value, decode, mapping, text

_BODY_CHARACTERS = 300


class VersionTooLarge(TransientError):  # noqa: N818 - the field's word for it
    """The server knows no resourceVersion that new: it lags, or was restored from a backup."""


def error_of(response: Response, what: str, now: float) -> RulectlError:
    """The error that `response`, with a status of 300 or more, stands for.

    `what` was asked for, in words; `now` is the wall clock, for a Retry-After that is a date.
    """
    try:
        status = mapping(decode(response.body))
    except ValueError:
        status = {}
    if status.get("kind") != "Status":
        said = response.body[:_BODY_CHARACTERS].decode("utf-8", "replace").strip()
        status = {"message": said or "no reason given"}
    return _error(response.status, status, f"{what}: ", retry_after(response.headers, now))


def error_of_status(status: Mapping[str, Value]) -> RulectlError:
    """The error that a Status object stands for: the one in a watch's ERROR event."""
    code = status.get("code")
    return _error(code if isinstance(code, int) else 500, status, "", None)


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """The seconds to wait that the header asks for, as a number or as a date; None if it does not ask."""
    value = headers.get("retry-after", "").strip()
    if value.isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except ValueError:
        return None


def _error(code: int, status: Mapping[str, Value], what: str, wait: float | None) -> RulectlError:
    said = text(status.get("message")) or text(status.get("reason")) or "no reason given"
    message = f"{what}{said} ({code})"
    details = mapping(status.get("details"))
    asked = details.get("retryAfterSeconds")
    if wait is None and isinstance(asked, int) and asked > 0:
        wait = float(asked)
    match code:
        case 401:
            return Forbidden(f"{message}; check the credentials, the token may have expired", status=code)
        case 403:
            return Forbidden(f"{message}; `rulectl rbac` prints the permissions that rules need", status=code)
        case 404:
            return NotFound(message, status=code)
        case 409:
            return Conflict(message, status=code)
        case 410:
            return Gone(message, status=code)
        case 408 | 425 | 429:
            return TransientError(message, retry_after_seconds=wait, status=code)
        case 501:
            return PermanentError(message, status=code)
        case _ if code >= 500:
            kind = VersionTooLarge if _too_large(details, message) else TransientError
            return kind(message, retry_after_seconds=wait, status=code)
        case _:
            return PermanentError(message, status=code)


def _too_large(details: Mapping[str, Value], message: str) -> bool:
    causes = details.get("causes")
    listed = causes if isinstance(causes, list) else []
    # Servers before 1.20 do not send the cause.
    return any(mapping(cause).get("reason") == "ResourceVersionTooLarge" for cause in listed) or (
        "Too large resource version" in message
    )
