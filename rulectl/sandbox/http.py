"""The HTTP shell around the Api: aiohttp, and what injected faults do to a connection."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
import socket
import ssl
import struct
import threading
from typing import TypeAlias

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import RawRequestMessage
from aiohttp.streams import StreamReader
from aiohttp.web_protocol import RequestHandler

from rulectl.sandbox.admin import ROOT, administer
from rulectl.sandbox.answer import Answer, NoAnswer, Silence, json_answer
from rulectl.sandbox.sandbox import Sandbox
from rulectl.sandbox.status import failure
from rulectl.sandbox.watching import WatchAnswer

MAX_BODY_BYTES = 8 * 1024 * 1024
_OPEN_PATHS = ("/healthz", "/livez", "/readyz")
_FLUSH_TRIES = 50
_SHUTDOWN_SECONDS = 0.2
_Request: TypeAlias = web.BaseRequest
_log = logging.getLogger("rulectl.sandbox")
COMPRESSED_BYTES = 128 * 1024
"""Shorter answers are not worth it, kube-apiserver finds."""


class Shell:
    """Hands requests to the Api and its replies to the client; lives in one event loop."""

    def __init__(self, sandbox: Sandbox, *, token: str | None, admin: bool) -> None:
        self._sandbox = sandbox
        self._api = sandbox.api
        self._token = token
        self._admin = admin
        self._stopping = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        # A handler is cancelled as soon as its client has gone.
        server = web.Server(self.handle, request_factory=_request, handler_cancellation=True, access_log=None)
        self._runner = web.ServerRunner(server, shutdown_timeout=_SHUTDOWN_SECONDS)

    async def listen(self, host: str, port: int, context: ssl.SSLContext | None) -> int:
        """Accepts connections from now on; the port, which is a free one if 0 was asked for.

        Raises:
            OSError: the port cannot be had.
        """
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port, ssl_context=context).start()
        except OSError:
            await self._runner.cleanup()
            raise
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Ends every open watch and every hanging request, and stops to listen."""
        self._stopping.set()
        await self._runner.cleanup()

    async def handle(self, request: _Request) -> web.StreamResponse:
        """Answers one request."""
        body = await request.read()
        if not self._allowed(request):
            return _response(json_answer(failure(401, "Unauthorized", "Unauthorized"), 401))
        if self._admin and request.path.startswith(ROOT):
            return _response(administer(self._sandbox, request.method, request.path, body))
        query = {name: request.query[name] for name in request.query}
        reply = self._api.handle(request.method, request.path, query, request.headers, body)
        match reply:
            case WatchAnswer():
                return await self._stream(request, reply)
            case Answer():
                await self._pause(reply.delay_seconds)
                response = _response(reply, with_body=request.method != "HEAD")
                if len(reply.body) >= COMPRESSED_BYTES and "gzip" in request.headers.get("Accept-Encoding", ""):
                    response.enable_compression(web.ContentCoding.gzip)
                return response
            case NoAnswer():
                return await self._no_answer(request, reply)

    async def _stream(self, request: _Request, watch: WatchAnswer) -> web.StreamResponse:
        changed = asyncio.Event()
        watch.wake = lambda: self._set(changed)
        response = web.StreamResponse(headers=dict(watch.headers))
        response.enable_chunked_encoding()
        try:
            await self._pause(watch.delay_seconds)
            await response.prepare(request)
            while not self._stopping.is_set():
                changed.clear()
                with self._api.lock:
                    chunk, closed, deadline = watch.read(), watch.closed, watch.next_deadline()
                if chunk:
                    await response.write(chunk)
                elif not closed:
                    await self._wait(changed, deadline)
                if closed:
                    break
            if watch.cut:
                await _reset(request)
            else:
                await response.write_eof()
        except ConnectionError:
            _log.debug("the client of a watch on %s went away", request.path)
        finally:
            with self._api.lock:
                watch.close()
        return response

    async def _no_answer(self, request: _Request, reply: NoAnswer) -> web.StreamResponse:
        await self._pause(reply.delay_seconds)
        if reply.silence is Silence.HANG:
            await self._stopping.wait()
        await _reset(request)
        return web.Response(status=500)

    async def _pause(self, seconds: float) -> None:
        if seconds > 0:
            await self._wait(asyncio.Event(), self._sandbox.clock.monotonic() + seconds)

    async def _wait(self, event: asyncio.Event, deadline: float | None) -> None:
        """Until the event is set, the server's clock has reached the deadline, or the server stops."""
        timeout = None if deadline is None else max(0.0, deadline - self._sandbox.clock.monotonic())
        tasks = [asyncio.ensure_future(event.wait()), asyncio.ensure_future(self._stopping.wait())]
        try:
            await asyncio.wait(tasks, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()

    def _set(self, event: asyncio.Event) -> None:
        if threading.get_ident() == self._thread:
            event.set()
        else:
            # The loop may have been closed by another thread in this very moment: nobody waits any more.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(event.set)

    def _allowed(self, request: _Request) -> bool:
        if self._token is None or request.path.startswith(_OPEN_PATHS):
            return True
        given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        return hmac.compare_digest(given.encode(), self._token.encode())


def _response(answer: Answer, *, with_body: bool = True) -> web.Response:
    return web.Response(status=answer.status, headers=dict(answer.headers), body=answer.body if with_body else b"")


async def _reset(request: _Request) -> None:
    """Cuts the connection with a TCP reset, after what was written has left."""
    transport = request.transport
    if not isinstance(transport, asyncio.Transport):
        return
    for _ in range(_FLUSH_TRIES):
        if not transport.get_write_buffer_size():
            break
        await asyncio.sleep(0.01)
    connection = transport.get_extra_info("socket")
    if connection is not None:
        # Lingering for zero seconds turns the close into a reset.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def _request(
    message: RawRequestMessage,
    payload: StreamReader,
    protocol: RequestHandler,
    writer: AbstractStreamWriter,
    task: asyncio.Task[None],
) -> _Request:
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=MAX_BODY_BYTES)
