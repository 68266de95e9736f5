"""``rulectl sandbox``: the embedded API server alone."""

from __future__ import annotations

import threading
from pathlib import Path

import click

from rulectl.cli.command import Command
from rulectl.cli.exits import Exit
from rulectl.cli.signals import end_at_once, stop_on_signals
from rulectl.sandbox import SandboxServer, banner


@click.command(
    cls=Command,
    short_help="Run the embedded API server alone.",
    examples="""
rulectl sandbox --load manifests/
export KUBECONFIG=$PWD/sandbox.yaml; rulectl sandbox --kubeconfig "$KUBECONFIG" & kubectl get namespaces
rulectl sandbox --port 8001 --tls
""",
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="Port to listen on; 0: any free.")
@click.option("--kubeconfig", metavar="FILE", help="Where to write the kubeconfig (else a temporary file).")
@click.option("--load", multiple=True, metavar="DIR|FILE", help="Objects to begin with; may be repeated.")
@click.option("--tls", is_flag=True, help="Serve HTTPS; the kubeconfig trusts its certificate.")
@click.option("--admin", is_flag=True, help="Serve /_sandbox/*: inject faults, move the clock, reset.")
def command(port: int, kubeconfig: str | None, load: tuple[str, ...], tls: bool, admin: bool) -> Exit:
    """Run a Kubernetes API server in memory, on 127.0.0.1 only, until Ctrl-C.

    The first line of the output is the path of a kubeconfig that kubectl and any client can use.
    """
    stop = threading.Event()
    with stop_on_signals(lambda _: stop.set(), end_at_once):
        server = SandboxServer(port=port, tls=tls, admin=admin, load=load)
        with server:
            path = server.write_kubeconfig(kubeconfig) if kubeconfig else server.kubeconfig_path
            click.echo(Path(path).resolve())
            click.echo(banner(server.url), nl=False)
            click.echo(usage(Path(path).resolve()))
            stop.wait()
    return Exit.FINE


def usage(kubeconfig: Path) -> str:
    """How to talk to it, to be pasted."""
    return (
        "It listens on 127.0.0.1 only. In another terminal:\n"
        f"  export KUBECONFIG={kubeconfig}\n"
        "  kubectl get namespaces\n"
        "  rulectl run rules/\n"
        "Ctrl-C ends it."
    )
