"""The top of the command line: which commands there are; each is imported only when it is called."""

from __future__ import annotations

import gc
import importlib
from typing import Any, Final

import click
from click.shell_completion import CompletionItem

from rulectl.cli.command import debug_option, refuse_unknown

COMMANDS: Final[dict[str, str]] = {
    "run": "Run rules against a cluster, or against a sandbox.",
    "validate": "Check rule files, for people and for CI.",
    "explain": "Say in words what a rule does, why it would (not) fire, what a code means.",
    "rbac": "Print the least Roles that rules need, or check that they are granted.",
    "plan": "Show what rules compile to: informers, fields, queues.",
    "eval": "Evaluate an expression on an object.",
    "watch": "Show what changes in a resource, field by field.",
    "schema": "Show the JSON Schema of rules, and all actions and functions.",
    "state": "Show what is remembered; let held runs go, retry, resume, rename, clear.",
    "sandbox": "Run the embedded API server alone.",
    "init": "Write a commented rule with its test.",
    "completion": "Print the completion script for a shell.",
}
"""Each command's line in the help; the module `rulectl.cli.NAME` has it as `command`."""


class ReaderGone(Exception):  # noqa: N818 - it is not an error
    """Nobody reads the output any more."""


class Program(click.Group):
    """``rulectl``; it knows its commands by name and a line, without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """All commands, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command, imported now; None when there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        gc.disable()  # imports make many objects and no garbage: looking for it costs a tenth of the start
        try:
            command = importlib.import_module(f"rulectl.cli.{cmd_name}").command
        finally:
            gc.freeze()  # what modules have made stays
            gc.set_threshold(50_000, 20, 20)  # many rules make many objects, and little garbage
            gc.enable()
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """See click; an unknown name is answered with the nearest one."""
        refuse_unknown(ctx, args[0], COMMANDS)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """See click, whose `main` would end the process with status 1 when nobody reads the output any more.

        Raises:
            ReaderGone: nobody does.
        """
        try:
            return super().invoke(ctx)
        except BrokenPipeError as fault:
            raise ReaderGone from fault

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands that begin so, without importing them, and the options."""
        commands = [CompletionItem(name, help=line) for name, line in COMMANDS.items() if name.startswith(incomplete)]
        return [*commands, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Writes the table of commands."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _show_version(ctx: click.Context, _: click.Parameter, is_asked: bool) -> None:
    if is_asked and not ctx.resilient_parsing:
        import importlib.metadata  # noqa: PLC0415 - slow, and needed only here

        click.echo(f"rulectl {importlib.metadata.version('rulectl')}")
        ctx.exit()


def _program(ctx: click.Context) -> None:
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


program = Program(
    name="rulectl",
    callback=click.pass_context(_program),
    invoke_without_command=True,
    help="When this changes in the cluster, do that: rules in YAML, run as a Kubernetes controller.",
    epilog="`rulectl COMMAND --help` shows an example of each command.",
    params=[
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_show_version,
            help="Show the version and exit.",
        ),
        debug_option(),
    ],
    context_settings={"help_option_names": ["-h", "--help"]},
)
