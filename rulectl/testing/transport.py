"""The sandbox's API as a transport, in one thread, with no socket and no waiting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rulectl.clock import VirtualClock
from rulectl.errors import Unreachable
from rulectl.kube.transport import Request, Response, Stream
from rulectl.sandbox.answer import Answer, NoAnswer, Silence
from rulectl.sandbox.api import Api
from rulectl.sandbox.watching import WatchAnswer


@dataclass(slots=True)
class InProcessTransport:
    """Answers at once; a delay that a fault asks for moves the virtual clock on.

    `crash`, where given, is told of every request before it is sent and after it was answered.
    """

    api: Api
    clock: VirtualClock
    requests: list[Request] = field(default_factory=list)
    watches: list[WatchAnswer] = field(default_factory=list)
    crash: Crash | None = None

    def request(self, request: Request, *, timeout_seconds: float) -> Response:
        """See `Transport.request`."""
        self._passing("before", request)
        reply = self._handle(request, timeout_seconds)
        if isinstance(reply, WatchAnswer):
            reply.close()
            msg = f"{request.path} is a watch; open it as a stream"
            raise TypeError(msg)
        self._passing("after", request)
        return Response(reply.status, reply.body, _lowered(reply.headers))

    def open_stream(self, request: Request, *, timeout_seconds: float) -> Stream:
        """See `Transport.open_stream`."""
        self._passing("before", request)
        reply = self._handle(request, timeout_seconds)
        if isinstance(reply, Answer):
            return _ShortStream(reply)
        self.watches = [watch for watch in self.watches if not watch.closed] + [reply]
        return _WatchStream(reply)

    def close(self) -> None:
        """See `Transport.close`."""

    def next_deadline(self) -> float | None:
        """When (monotonic) the server has something to say on an open watch by itself; None: never."""
        deadlines = [watch.next_deadline() for watch in self.watches]
        return min((one for one in deadlines if one is not None), default=None)

    def _handle(self, request: Request, timeout_seconds: float) -> Answer | WatchAnswer:
        self.requests.append(request)
        headers = {"accept": request.accept, "content-type": request.content_type, "user-agent": "rulectl/test"}
        reply = self.api.handle(request.method, request.path, request.query, headers, request.body or b"")
        if isinstance(reply, NoAnswer):
            hangs = reply.silence is Silence.HANG
            self.clock.advance(timeout_seconds if hangs else min(reply.delay_seconds, timeout_seconds))
            msg = f"{request.method} {request.path}: {'timed out' if hangs else 'the connection was cut'}"
            raise Unreachable(msg)
        if reply.delay_seconds > timeout_seconds:
            self.clock.advance(timeout_seconds)
            msg = f"{request.method} {request.path}: timed out"
            raise Unreachable(msg)
        self.clock.advance(reply.delay_seconds)
        return reply

    def _passing(self, moment: str, request: Request) -> None:
        if self.crash is not None:
            self.crash.passing(f"{moment} {request.method} {request.path}")


class Crashed(BaseException):
    """The process is gone at this instruction: nothing may catch it but the test that asked for it."""


@dataclass(slots=True)
class Crash:
    """Counts the calls through every port and raises at the one that was chosen (None: never)."""

    at: int | None = None
    passed: int = 0
    where: str = ""

    def passing(self, where: str) -> None:
        """One more call through a port.

        Raises:
            Crashed: it is the chosen one.
        """
        self.passed += 1
        if self.at is not None and self.passed >= self.at:
            self.where = where
            raise Crashed(where)


class _WatchStream:
    def __init__(self, watch: WatchAnswer) -> None:
        self._watch = watch
        self._closed = False

    @property
    def status(self) -> int:
        return self._watch.status

    @property
    def headers(self) -> Mapping[str, str]:
        return _lowered(self._watch.headers)

    def read(self, timeout_seconds: float) -> bytes | None:  # noqa: ARG002 - time passes only when it is told to
        data = self._watch.read()
        if data:
            return data
        if self._watch.cut:
            msg = "the stream was cut"
            raise Unreachable(msg)
        return b"" if self._watch.closed or self._closed else None

    def close(self) -> None:
        self._closed = True
        self._watch.close()


class _ShortStream:
    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._left = answer.body

    @property
    def status(self) -> int:
        return self._answer.status

    @property
    def headers(self) -> Mapping[str, str]:
        return _lowered(self._answer.headers)

    def read(self, timeout_seconds: float) -> bytes | None:  # noqa: ARG002 - all of it is there
        data, self._left = self._left, b""
        return data

    def close(self) -> None:
        self._left = b""


def _lowered(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
