"""``rulectl validate``: every fault in rule files, all of them in one run."""

from __future__ import annotations

import os

import click

from rulectl.check.report import fails, json_report, text_report
from rulectl.cli.command import Command
from rulectl.cli.document import written
from rulectl.cli.exits import Exit
from rulectl.cli.output import output_option
from rulectl.cli.plugins import load_plugins, plugin_option
from rulectl.plan.compiler import compile_rules


@click.command(
    cls=Command,
    short_help="Check rule files, for people and for CI.",
    examples="""
rulectl validate rules/
rulectl validate rules/ --strict -o json
rulectl validate rules/ --plugin company.actions
""",
)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--strict", is_flag=True, help="Warnings fail, too.")
@output_option("text", "json")
@plugin_option
def command(paths: tuple[str, ...], strict: bool, output: str, plugin: tuple[str, ...]) -> Exit:
    """Check the rules in files, and in folders with all below them; nothing is asked of a cluster.

    Every fault is told as FILE:LINE:COLUMN: CODE message, with the line and a caret.

    Exit status 1: there are errors (with --strict: or warnings).
    """
    plugins = load_plugins(plugin)
    compilation = compile_rules(paths, registry=plugins.registry, functions=plugins.functions, environ=os.environ)
    if output == "json":
        click.echo(written(json_report(compilation.problems, strict=strict), "json"))
    else:
        click.echo(text_report(compilation.problems, rules=len(compilation.names), strict=strict), nl=False)
    return Exit.PROBLEMS if fails(compilation.problems, strict=strict) else Exit.FINE
