"""`http`: a request to another server."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, ClassVar, Final, Literal, TypeAlias
from urllib.parse import urlencode, urljoin, urlsplit

import msgspec

from rulectl.action.contract import ActionContext
from rulectl.action.http.credentials import BasicAuth, Read, Signature, TlsSettings
from rulectl.action.http.port import HttpRequest, HttpResponse, Tls
from rulectl.action.http.verdict import verdict
from rulectl.action.names import as_text
from rulectl.action.outcome import Outcome
from rulectl.action.secret import SecretSource
from rulectl.errors import PermanentError, TransientError
from rulectl.value import Value, encode

Scalar: TypeAlias = str | int | float | bool
Status: TypeAlias = Annotated[int, msgspec.Meta(ge=100, le=599)] | Annotated[str, msgspec.Meta(pattern="^[1-5]xx$")]
MAX_BYTES: Final = 1 << 20
_MOST_REDIRECTS: Final = 5
_TELLING: Final = 16
"""A part of a secret URL's path that is shorter is no secret by itself."""
_ABSENT: Final = object()
_HEADER: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OURS: Final = frozenset({"content-length", "transfer-encoding", "connection", "host"})


@dataclass(frozen=True, slots=True)
class Http:
    """Send an HTTP request.

    Network errors, 408, 425, 429 and 5xx are tried again, when Retry-After says; any other status that is not
    expected is a final failure. The answer is ``results.NAME``: status, headers, body (text), json, truncated.
    """

    name: ClassVar[str] = "http"
    at_most_one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("json", "text", "form"), ("bearerToken", "basicAuth"))

    url: str | SecretSource
    """Where to; http or https. Shown without its query."""
    method: Annotated[str, msgspec.Meta(pattern="^[A-Z]{1,20}$")] | None = None
    """Absent: POST with a body, else GET."""
    headers: Mapping[str, Scalar | SecretSource | None] = field(default_factory=dict)
    """Header fields; null leaves one out."""
    query: Mapping[str, Scalar | SecretSource | None] = field(default_factory=dict)
    """Added to the URL's query, encoded; null leaves one out."""
    json_: object = _ABSENT
    """A body in JSON."""
    text: str | None = None
    """A body of plain text."""
    form: Mapping[str, Scalar | SecretSource | None] | None = None
    """A body like that of an HTML form."""
    bearer_token: SecretSource | None = None
    """Sent as ``Authorization: Bearer``."""
    basic_auth: BasicAuth | None = None
    """Sent as ``Authorization: Basic``."""
    signature: Signature | None = None
    """Sign the body."""
    expect: tuple[Status, ...] = ("2xx",)
    """Statuses that count as done: numbers, or classes such as 2xx."""
    follow_redirects: bool = False
    """Follow up to 5 redirects; secrets are not sent to another host."""
    tls: TlsSettings = field(default_factory=TlsSettings)
    """Certificates."""

    def __post_init__(self) -> None:
        for name in [*self.headers, *([self.signature.header] if self.signature else [])]:
            if not _HEADER.fullmatch(name):
                raise ValueError(f"{name!r} cannot be the name of a header")
            if name.lower() in _OURS:
                raise ValueError(f"header {name} is set by rulectl itself; leave it out")
        if isinstance(self.url, str) and urlsplit(self.url).scheme not in {"http", "https"}:
            raise ValueError("the url has to begin with http:// or https://")
        if not self.expect:
            raise ValueError("expect needs at least one status")

    def run(self, context: ActionContext) -> Outcome:
        """Sends the request with the secrets as they are known; with fresh ones if they are not accepted."""
        first = self._request(context, lambda source: context.secrets.read(source, context.key.namespace))
        response = self._send(context, first)
        if response.status in {401, 403}:
            # The copy of a secret may be older than the secret.
            fresh = self._request(context, lambda source: context.secrets.read_again(source, context.key.namespace))
            if fresh != first:
                response = self._send(context, fresh)
        said = f"{first.method} {self._shown(first.url)}"
        return verdict(response, said, self.expect, context.clock.now(), context.secrets.masker)

    def describe(self, context: ActionContext) -> Value:
        """The request as it would be sent; secrets stand as references."""
        kind, _ = self._kind()
        headers = self._with_ours(context, kind, _described(self.headers))
        parts: dict[str, Value] = {
            "method": self._method(),
            "url": without_user(self.url) if isinstance(self.url, str) else self.url.describe(),
            "query": _described(self.query),
            "headers": headers,
            "bearerToken": self.bearer_token.describe() if self.bearer_token else None,
            "basicAuth": self.basic_auth.describe() if self.basic_auth else None,
            "signature": self.signature.describe() if self.signature else None,
            "tls": self.tls.describe(),
        }
        found = {name: part for name, part in parts.items() if part is not None and part != {}}
        if self.json_ is not _ABSENT:
            found["json"] = msgspec.to_builtins(self.json_)
        if self.text is not None:
            found["text"] = self.text
        if self.form is not None:
            found["form"] = _described(self.form)
        return found

    @staticmethod
    def _with_ours(context: ActionContext, kind: str, given: Mapping[str, Value]) -> dict[str, Value]:
        """The headers that are given, and before them ours where they are not."""
        ours = {"User-Agent": "rulectl", "Idempotency-Key": context.idempotency_key}
        if kind:
            ours["Content-Type"] = kind
        taken = {name.lower() for name in given}
        return {**{name: value for name, value in ours.items() if name.lower() not in taken}, **given}

    def _method(self) -> str:
        return self.method or ("POST" if self._kind()[1] else "GET")

    def _request(self, context: ActionContext, read: Read) -> HttpRequest:
        kind, body = self._body(read)
        given = {name: _revealed(value, read) for name, value in self.headers.items() if value is not None}
        headers = {name: str(value) for name, value in self._with_ours(context, kind, given).items()}
        if self.bearer_token is not None:
            headers["Authorization"] = f"Bearer {read(self.bearer_token).reveal_token()}"
        if self.basic_auth is not None:
            headers["Authorization"] = f"Basic {self._basic(self.basic_auth, context, read)}"
        if self.signature is not None:
            headers |= self.signature.headers(
                body or b"", read, message_id=context.idempotency_key, now=context.clock.now()
            )
        for name, value in headers.items():
            if any(character in value for character in "\r\n\0"):
                raise PermanentError(f"the value of header {name} contains a line break; remove it")
        return HttpRequest(self._method(), self._url(context, read), headers, body, self.tls.read(read))

    def _url(self, context: ActionContext, read: Read) -> str:
        url = _revealed(self.url, read)
        if isinstance(self.url, SecretSource):
            # The other side may show parts of it in what it answers.
            parts = urlsplit(url)
            path = parts.path.strip("/")
            for part in (path, f"{path}?{parts.query}", *path.split("/")):
                if len(part) >= _TELLING:
                    context.secrets.masker.remember(part)
        pairs = [(name, _revealed(value, read)) for name, value in self.query.items() if value is not None]
        if not pairs:
            return url
        start, hash_, fragment = url.partition("#")
        return f"{start}{'&' if '?' in start else '?'}{urlencode(pairs)}{hash_}{fragment}"

    def _kind(self) -> tuple[str, bool]:
        """The body's media type, and whether there is a body."""
        if self.json_ is not _ABSENT:
            return "application/json", True
        if self.text is not None:
            return "text/plain; charset=utf-8", True
        return ("application/x-www-form-urlencoded", True) if self.form is not None else ("", False)

    def _body(self, read: Read) -> tuple[str, bytes | None]:
        kind, _ = self._kind()
        if self.json_ is not _ABSENT:
            return kind, encode(self.json_)
        if self.text is not None:
            return kind, self.text.encode()
        if self.form is not None:
            pairs = [(name, _revealed(value, read)) for name, value in self.form.items() if value is not None]
            return kind, urlencode(pairs).encode()
        return kind, None

    @staticmethod
    def _basic(auth: BasicAuth, context: ActionContext, read: Read) -> str:
        pair = f"{_revealed(auth.username, read)}:{read(auth.password).reveal_token()}"
        encoded = base64.b64encode(pair.encode()).decode()
        context.secrets.masker.remember(encoded)
        return encoded

    def _shown(self, url: str) -> str:
        shown = shown_url(url)
        return "/".join(shown.split("/")[:3]) + "/…" if isinstance(self.url, SecretSource) else shown

    def _send(self, context: ActionContext, request: HttpRequest) -> HttpResponse:
        for _ in range(_MOST_REDIRECTS + 1):
            left = context.remaining()
            if left <= 0:
                raise TransientError("the action's time was up before the request was sent; it is tried again later")
            response = context.http.send(request, egress=context.egress, timeout_seconds=left, max_bytes=MAX_BYTES)
            location = response.headers.get("location", "")
            if not (self.follow_redirects and location and response.status in {301, 302, 303, 307, 308}):
                return response
            request = self._redirected(request, response.status, location)
        raise PermanentError(f"more than {_MOST_REDIRECTS} redirects; correct the url")

    def _redirected(self, request: HttpRequest, status: int, location: str) -> HttpRequest:
        url = urljoin(request.url, location)
        before, after = urlsplit(request.url), urlsplit(url)
        if before.scheme == "https" and after.scheme != "https":
            raise PermanentError(f"{self._shown(request.url)} redirects from https to {after.scheme}; correct the url")
        headers = dict(request.headers)
        if (before.scheme, before.netloc) != (after.scheme, after.netloc):
            kept = {"user-agent", "content-type", "accept", "idempotency-key"}
            headers = {name: value for name, value in headers.items() if name.lower() in kept}
            request = replace(request, tls=Tls(ca=request.tls.ca))
            if request.body and status in {307, 308}:
                raise PermanentError(
                    f"{self._shown(request.url)} redirects to another host, which would get the body; correct the url"
                )
        becomes_get = status == 303 or (status in {301, 302} and request.method == "POST")
        if becomes_get and request.method != "HEAD":
            headers = {name: value for name, value in headers.items() if name.lower() != "content-type"}
            return replace(request, method="GET", url=url, headers=headers, body=None)
        return replace(request, url=url, headers=headers)


_Given: TypeAlias = Literal[False] | Scalar | SecretSource


def shown_url(url: str) -> str:
    """A URL for reports: without user, password, query and fragment, where secrets tend to be."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "a URL that makes no sense"
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}{port}{parts.path}" + ("?…" if parts.query else "")


def without_user(url: str) -> str:
    """A URL as it is sent, but for a user and a password in it, which are never sent."""
    scheme, mark, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{mark}{host.rpartition('@')[2]}{slash}{path}"


def _revealed(value: _Given, read: Read) -> str:
    return read(value).reveal_token() if isinstance(value, SecretSource) else as_text(value)


def _described(values: Mapping[str, Scalar | SecretSource | None]) -> dict[str, Value]:
    return {
        name: value.describe() if isinstance(value, SecretSource) else as_text(value)
        for name, value in values.items()
        if value is not None
    }
