"""``rulectl run``: the controller."""

from __future__ import annotations

import os
import sys
from typing import Literal

import click

from rulectl.action.egress import EgressPolicy
from rulectl.check.report import fails
from rulectl.cli.command import Command
from rulectl.cli.connection import ConnectionFlags, connection_options
from rulectl.cli.exits import Exit
from rulectl.cli.option import OptionalValue
from rulectl.cli.output import output_option, palette_for
from rulectl.cli.plugins import load_plugins, plugin_option
from rulectl.cli.problems import coloured
from rulectl.cli.running import Running
from rulectl.errors import UsageError
from rulectl.manager.settings import Settings
from rulectl.plan.compiler import Compilation, compile_rules

_DRY_RUNS = ("none", "client", "server")


@click.command(
    cls=Command,
    short_help="Run rules against a cluster, or against a sandbox.",
    examples="""
rulectl run rules/
rulectl run rules/ --sandbox=manifests/
rulectl run rules/ --dry-run --once
rulectl run rules/ --context staging --plugin company.actions -o json
""",
)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option(
    "--sandbox",
    cls=OptionalValue,
    bare="",
    metavar="MANIFESTS",
    help="Run against an embedded API server, filled with the objects in this file or folder.",
)
@click.option(
    "--dry-run",
    cls=OptionalValue,
    bare="client",
    type=click.Choice(_DRY_RUNS),
    default="none",
    metavar="client|server",
    help="Show what would be sent; server: have the API server check writes without keeping them.",
)
@click.option("--once", is_flag=True, help="Do what is owed now, tell how it went, and end.")
@click.option("--strict", is_flag=True, help="Run nothing when any rule has an error or a warning.")
@click.option(
    "--state",
    metavar="memory|sqlite[:PATH]|configmap",
    help="Where records are kept [in a pod configmap, with --sandbox memory, else sqlite].",
)
@click.option(
    "--name",
    default="rulectl",
    show_default=True,
    metavar="NAME",
    help="Whose state this is, among several in a cluster.",
)
@click.option("--allow-exec", is_flag=True, help="Let rules run programs (the action exec).")
@click.option("--egress-allow", multiple=True, metavar="HOST[:PORT]", help="Actions may connect there; repeatable.")
@click.option("--egress-deny", multiple=True, metavar="HOST[:PORT]", help="Actions may not; * denies all else.")
@click.option(
    "--workers", type=click.IntRange(1, 1000), default=32, metavar="N", help="Most runs at once, of all rules [32]."
)
@output_option("text", "json")
@plugin_option
@connection_options
def command(
    paths: tuple[str, ...],
    sandbox: str | None,
    dry_run: Literal["none", "client", "server"],
    once: bool,
    strict: bool,
    state: str | None,
    name: str,
    allow_exec: bool,
    egress_allow: tuple[str, ...],
    egress_deny: tuple[str, ...],
    workers: int,
    output: Literal["text", "json"],
    plugin: tuple[str, ...],
    connection: ConnectionFlags,
) -> Exit:
    """Run the rules in files, and in folders with all below them, until SIGTERM or Ctrl-C.

    Rules with errors are told and left out; the others run. Standard output has one line, with -o json one
    JSON object, for each try of a run, for what rules log, and for what a rule waits for or lacks; all else
    goes to standard error. The first Ctrl-C lets runs that are under way end (up to 25 s), the second ends
    at once.

    Exit status 1: no rule is good (with --strict: not all are); 3: no answer within 30 s, or the server does
    not know us; with --once also 4: runs failed or were held; 130: stopped before all was
    done.
    """
    if sandbox is not None and connection.are_given:
        raise UsageError("--sandbox brings its own API server; leave out the flags that name a cluster")
    EgressPolicy.parse(egress_allow, egress_deny)  # so that a slip is told before the cluster is asked
    settings = Settings(
        name=name,
        dry_run=dry_run,
        once=once,
        allow_exec=allow_exec,
        egress_allow=egress_allow,
        egress_deny=egress_deny,
        workers_cap=workers,
        environ=os.environ,
    )
    plugins = load_plugins(plugin)
    found = compile_rules(paths, registry=plugins.registry, functions=plugins.functions, environ=os.environ)
    if found.problems:
        click.echo(coloured(found.problems, palette_for(sys.stderr), rules=len(found.names)), nl=False, err=True)
    refusal = refused(found, strict=strict)
    if refusal:
        click.echo(f"error: {refusal}", err=True)
        return Exit.PROBLEMS
    return Running(found.plan, settings, state, output, sys.stdout, sys.stderr).run(connection, sandbox)


def refused(found: Compilation, *, strict: bool) -> str:
    """Why nothing is run; empty: the good rules are."""
    if strict and fails(found.problems, strict=True):
        return "nothing is run: with --strict all rules must be without errors and warnings"
    if not found.plan.rules:
        return "nothing is run: no rule is good; correct what is told above"
    return ""
