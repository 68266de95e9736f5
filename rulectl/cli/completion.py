"""``rulectl completion``: the script that makes a shell complete commands, options and files."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from rulectl.cli.command import Command
from rulectl.cli.exits import Exit
from rulectl.cli.program import program

COMPLETE_VARIABLE = "_RULECTL_COMPLETE"


@click.command(
    cls=Command,
    short_help="Print the completion script for a shell.",
    examples="""
source <(rulectl completion bash)       # this shell; or in ~/.bashrc
source <(rulectl completion zsh)        # in ~/.zshrc, after compinit
rulectl completion fish > ~/.config/fish/completions/rulectl.fish
""",
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> Exit:
    """Print the script that completes rulectl's commands, options, values and files."""
    made = get_completion_class(shell)
    assert made is not None, "click knows these shells"
    click.echo(made(program, {}, "rulectl", COMPLETE_VARIABLE).source())
    return Exit.FINE
