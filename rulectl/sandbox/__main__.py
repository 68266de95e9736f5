"""``python -m rulectl.sandbox``: the server alone, until it is told to end."""

from __future__ import annotations

import argparse
import gc
import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType

from rulectl.errors import UsageError
from rulectl.sandbox.server import SandboxServer, banner

_USAGE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Serves until SIGTERM or SIGINT; the first line on stdout is the path of the kubeconfig."""
    options = _parser().parse_args(arguments)
    ended = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        ended.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    # A process of its own may have a collector of its own mind: millions of small immutable objects stay
    # for good here, and looking through them again and again doubles the cost of a write.
    gc.set_threshold(100_000, 50, 100)
    try:
        server = SandboxServer(
            port=options.port,
            tls=options.tls,
            token=options.token,
            admin=options.admin,
            kubernetes_version=options.kubernetes_version,
            window=options.window,
            bookmark_seconds=options.bookmark_seconds,
            load=options.load,
        ).start()
        path = server.write_kubeconfig(options.kubeconfig) if options.kubeconfig else server.kubeconfig_path
    except (UsageError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return _USAGE
    sys.stdout.write(f"{path}\n")
    sys.stdout.flush()
    sys.stderr.write(banner(server.url))
    ended.wait()
    server.stop()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m rulectl.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any that is free")
    parser.add_argument("--kubeconfig", help="where to write the kubeconfig; default: a temporary file")
    parser.add_argument("--load", action="append", default=[], help="manifest file or folder; repeatable")
    parser.add_argument("--tls", action="store_true", help="HTTPS with an authority of its own")
    parser.add_argument("--token", help="bearer token that clients must send")
    parser.add_argument("--admin", action="store_true", help="serve /_sandbox/* (faults, compact, load, ...)")
    parser.add_argument("--kubernetes-version", help="whose resources to serve; default: the newest known")
    parser.add_argument("--window", type=int, default=10_000, help="events per resource to look back on")
    parser.add_argument("--bookmark-seconds", type=float, default=60.0)
    return parser


if __name__ == "__main__":
    sys.exit(main())
