"""``rulectl validate``: every fault in rule files, all of them in one run."""

from __future__ import annotations

import os
import sys

import click

from rulectl.check.inspection import inspect
from rulectl.check.report import fails
from rulectl.cli.command import Command
from rulectl.cli.exits import Exit
from rulectl.cli.output import output_option, palette_for
from rulectl.cli.plugins import load_plugins, plugin_option
from rulectl.cli.problems import FORMS, problems_text
from rulectl.cli.schemas import SchemaFlags, opened, schema_options
from rulectl.plan.compiler import compile_rules
from rulectl.problem import in_order


@click.command(
    cls=Command,
    short_help="Check rule files, for people and for CI.",
    examples="""
rulectl validate rules/
rulectl validate rules/ --strict -o json
rulectl validate rules/ -o sarif > rulectl.sarif
rulectl validate rules/ --kubernetes-version 1.31 --schemas crds/
rulectl validate rules/ --cluster --context staging
rulectl validate rules/ --plugin company.actions
""",
)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--strict", is_flag=True, help="Warnings fail, too.")
@output_option(*FORMS)
@plugin_option
@schema_options
def command(
    paths: tuple[str, ...], strict: bool, output: str, plugin: tuple[str, ...], schema_flags: SchemaFlags
) -> Exit:
    """Check the rules in files, and in folders with all below them; a cluster is asked with --cluster only.

    Every fault is told as FILE:LINE:COLUMN: CODE message, with the line and a caret. Expressions are
    checked against the schemas of the kinds that they read: Kubernetes' own, and those of
    CustomResourceDefinitions among PATH and --schemas. A kind without a schema is told as a note.

    Exit status 1: there are errors (with --strict: or warnings).
    """
    plugins = load_plugins(plugin)
    compilation = compile_rules(paths, registry=plugins.registry, functions=plugins.functions, environ=os.environ)
    with opened(schema_flags, compilation.others) as found:
        checked = inspect(compilation, found.schemas, version=schema_flags.version, hint=schema_flags.hint)
        problems = in_order([*checked, *found.problems])
    palette = palette_for(sys.stdout)
    click.echo(problems_text(problems, output, compilation.written, strict=strict, palette=palette), nl=False)
    return Exit.PROBLEMS if fails(problems, strict=strict) else Exit.FINE
