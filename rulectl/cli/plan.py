"""``rulectl plan``: what all rules together compile to."""

from __future__ import annotations

import os
import sys

import click

from rulectl.check.report import fails
from rulectl.cli.command import Command
from rulectl.cli.document import written
from rulectl.cli.exits import Exit
from rulectl.cli.output import output_option, palette_for
from rulectl.cli.plugins import load_plugins, plugin_option
from rulectl.cli.problems import coloured
from rulectl.plan.compiler import compile_rules
from rulectl.plan.describe import describe_plan
from rulectl.plan.drawing import plan_dot, plan_mermaid, plan_text


@click.command(
    cls=Command,
    short_help="Show what rules compile to: informers, fields, queues.",
    examples="""
rulectl plan rules/
rulectl plan rules/ -o dot | dot -Tsvg > plan.svg
rulectl plan rules/ -o json
""",
)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@output_option("text", "json", "dot", "mermaid")
@plugin_option
def command(paths: tuple[str, ...], output: str, plugin: tuple[str, ...]) -> Exit:
    """Show the compiled whole: the informers and which rules share them, the fields they keep, queues, actions.

    Rules with faults are left out and told on standard error.

    Exit status 1: there are faults.
    """
    plugins = load_plugins(plugin)
    compilation = compile_rules(paths, registry=plugins.registry, functions=plugins.functions, environ=os.environ)
    if compilation.problems:
        click.echo(
            coloured(compilation.problems, palette_for(sys.stderr), rules=len(compilation.names)), nl=False, err=True
        )
    described = describe_plan(compilation.plan)
    match output:
        case "json":
            click.echo(written(described, "json"))
        case "dot":
            click.echo(plan_dot(described), nl=False)
        case "mermaid":
            click.echo(plan_mermaid(described), nl=False)
        case _:
            click.echo(plan_text(described), nl=False)
    return Exit.PROBLEMS if fails(compilation.problems) else Exit.FINE
