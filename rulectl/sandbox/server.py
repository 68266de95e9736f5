"""The sandbox behind a port: a thread with its own event loop."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import tempfile
import threading
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from rulectl.clock import Clock
from rulectl.errors import UsageError
from rulectl.sandbox.kubeconfig import kubeconfig
from rulectl.sandbox.sandbox import Sandbox
from rulectl.sandbox.store import DEFAULT_WINDOW
from rulectl.sandbox.world import DEFAULT_BOOKMARK_SECONDS

HOST = "127.0.0.1"


class Certificates(Protocol):
    """What a server needs for TLS."""

    @property
    def authority(self) -> bytes:
        """The authority's certificate in PEM."""
        ...

    def context(self) -> ssl.SSLContext:
        """For the listening socket."""
        ...


class SandboxServer(Sandbox):
    """A sandbox that any Kubernetes client can talk to, on this machine only.

    It listens between `start` and `stop`; as a context manager it does both. Its methods may be called from
    any thread; look at `store` and `faults` under ``api.lock`` while clients are at work.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        tls: bool = False,
        token: str | None = None,
        admin: bool = False,
        clock: Clock | None = None,
        kubernetes_version: str | None = None,
        window: int = DEFAULT_WINDOW,
        bookmark_seconds: float = DEFAULT_BOOKMARK_SECONDS,
        seed: int | None = None,
        load: Iterable[str | Path] = (),
    ) -> None:
        """Prepares it; see `Sandbox` for the arguments that are not here.

        Args:
            port: 0: any that is free.
            tls: Serve HTTPS with an authority of its own, which the kubeconfig trusts.
            token: What clients must send as a bearer token; None: nothing.
            admin: Serve ``/_sandbox/*``.
            clock: See `Sandbox`.
            kubernetes_version: See `Sandbox`.
            window: See `Sandbox`.
            bookmark_seconds: See `Sandbox`.
            seed: See `Sandbox`.
            load: See `Sandbox`.
        """
        super().__init__(
            clock=clock,
            kubernetes_version=kubernetes_version,
            window=window,
            bookmark_seconds=bookmark_seconds,
            seed=seed,
            load=load,
        )
        self.port = port
        self.token = token
        self._admin = admin
        self._certificates = _new_certificates() if tls else None
        self._folder: str | None = None
        self._started = threading.Event()
        self._failure: OSError | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None

    @property
    def url(self) -> str:
        """Where it listens; with port 0 known once it has started."""
        scheme = "https" if self._certificates else "http"
        return f"{scheme}://{HOST}:{self.port}"

    @property
    def authority(self) -> bytes | None:
        """The certificate authority's certificate in PEM; None without TLS."""
        return self._certificates.authority if self._certificates else None

    @property
    def kubeconfig_path(self) -> Path:
        """A kubeconfig for this server, in a temporary folder that goes when the server stops."""
        if self._folder is None:
            self._folder = tempfile.mkdtemp(prefix="rulectl-sandbox-")
            self.write_kubeconfig(Path(self._folder) / "kubeconfig")
        return Path(self._folder) / "kubeconfig"

    def write_kubeconfig(self, path: str | Path) -> Path:
        """Writes a kubeconfig for this server, readable by its owner only; gives the path back.

        Raises:
            UsageError: the file cannot be written.
        """
        target = Path(path)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch(mode=0o600)
            target.write_text(kubeconfig(self.url, token=self.token, authority=self.authority))
        except OSError as error:
            raise UsageError(f"the kubeconfig {target} cannot be written: {error.strerror}") from error
        return target

    def start(self) -> Self:
        """Begins to listen; when it returns, requests are answered.

        Raises:
            UsageError: the port cannot be had.
        """
        self._started.clear()
        self._thread = threading.Thread(target=self._run, name="rulectl-sandbox", daemon=True)
        self._thread.start()
        self._started.wait()
        if self._failure is not None:
            self._thread.join()
            text = f"the sandbox cannot listen on {HOST}:{self.port}: {self._failure.strerror}"
            raise UsageError(f"{text}; choose another port, or 0 for any that is free")
        return self

    def stop(self) -> None:
        """Ends all connections and stops listening, within a second; can be repeated."""
        thread, loop, stop = self._thread, self._loop, self._stop
        if thread is not None and loop is not None and stop is not None and thread.is_alive():
            loop.call_soon_threadsafe(stop.set)
            thread.join()
        self._thread = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        finally:
            self._started.set()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        # aiohttp takes longer to import than all the rest; who drives a Sandbox in process needs none of it.
        from rulectl.sandbox.http import Shell  # noqa: PLC0415

        shell = Shell(self, token=self.token, admin=self._admin)
        context = self._certificates.context() if self._certificates else None
        try:
            self.port = await shell.listen(HOST, self.port, context)
        except OSError as error:
            self._failure = error
            return
        self.api.address = f"{HOST}:{self.port}"
        self._started.set()
        try:
            await self._stop.wait()
        finally:
            await shell.stop()


def _new_certificates() -> Certificates:
    # As with aiohttp: cryptography is imported by those who want TLS.
    from rulectl.sandbox.certificate import make_certificates  # noqa: PLC0415

    return make_certificates()


def banner(url: str) -> str:
    """What to tell people who see this server for the first time."""
    return (
        f"rulectl sandbox at {url}: a Kubernetes API server in memory. This is not a cluster:\n"
        "  no kubelets, no scheduler, no controllers: pods never run, deployments make no pods;\n"
        "  no admission plugins or webhooks, no RBAC (everything is allowed), no quotas;\n"
        "  built-in kinds get few defaults and little validation, CEL rules are not evaluated;\n"
        "  only garbage collection, namespace deletion and CustomResourceDefinitions act by themselves;\n"
        "  nothing is kept: all objects are gone when it ends.\n"
    )
