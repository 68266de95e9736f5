"""What an answer's status means for the action: done, later, or failed for good."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from rulectl.action.http.port import HttpResponse
from rulectl.action.masker import Masker
from rulectl.action.outcome import Done, Failed, Outcome, RetryAfter
from rulectl.value import Value, decode

LATER: Final = frozenset({408, 425, 429})
_LONGEST_WAIT: Final = 86_400.0
_SHOWN: Final = 200
_PRIVATE_HEADERS: Final = frozenset({"set-cookie", "authorization", "www-authenticate", "proxy-authenticate"})


def verdict(response: HttpResponse, said: str, expect: tuple[int | str, ...], now: float, masker: Masker) -> Outcome:
    """What `response` to the request that `said` describes comes to.

    A status in `expect` (numbers, or classes such as ``2xx``) is done; 408, 425, 429 and 5xx are for later,
    when Retry-After says; the rest has failed for good.
    """
    status = response.status
    if any(fits(status, wanted) for wanted in expect):
        return Done(f"{said}: {status}", result_of(response, masker))
    message = f"{said}: {status}{_excerpt(response, masker.mask)}"
    if status in LATER or status >= 500:
        return RetryAfter(retry_after(response.headers.get("retry-after", ""), now), message)
    if 300 <= status < 400:
        target = response.headers.get("location", "nowhere").partition("?")[0]
        return Failed(f"{message}; it redirects to {target}: correct the url or give followRedirects: true")
    return Failed(message)


def fits(status: int, wanted: int | str) -> bool:
    """Whether `status` is meant by a number or by a class such as ``2xx``."""
    return status == wanted if isinstance(wanted, int) else f"{status // 100}xx" == wanted


def retry_after(value: str, now: float) -> float | None:
    """The seconds that the header asks for, as a number or a date; None when it asks for nothing sensible."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), _LONGEST_WAIT)
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - slow to import, and dates are seldom given

    try:
        return min(max(0.0, parsedate_to_datetime(text).timestamp() - now), _LONGEST_WAIT)
    except (ValueError, TypeError):
        return None


def result_of(response: HttpResponse, masker: Masker) -> Mapping[str, Value]:
    """What later actions see: status, headers, the body as text, and as JSON if it is that (else null)."""
    text = response.body.decode("utf-8", "replace")
    body = masker.mask_cut(text) if response.is_truncated else masker.mask(text)
    kept = {name: value for name, value in response.headers.items() if name not in _PRIVATE_HEADERS}
    return {
        "status": response.status,
        "headers": kept,
        "body": body,
        "json": _json(response),
        "truncated": response.is_truncated,
    }


def _json(response: HttpResponse) -> Value:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if response.is_truncated or not (kind == "application/json" or kind.endswith("+json")):
        return None
    try:
        return decode(response.body)
    except ValueError:
        return None


def _excerpt(response: HttpResponse, mask: Callable[[str], str]) -> str:
    # Masked before it is cut: half a secret would not be found any more.
    text = " ".join(mask(response.body.decode("utf-8", "replace")).split())
    if not text:
        return ""
    return f" {text}" if len(text) <= _SHOWN else f" {text[:_SHOWN]}…"
