"""A command whose help ends with examples that can be pasted."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import click

from rulectl.cli.option import with_bare_values
from rulectl.problem import nearest

_FILES: Final = frozenset({"PATH...", "FILE", "DIR", "MANIFESTS"})
"""What stands for files in the help."""


class Command(click.Command):
    """Like click's, with `examples` shown as they are written, and ``--debug`` taken by all."""

    def __init__(self, *args: Any, examples: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples.strip("\n")
        self.params.append(debug_option())
        for param in self.params:
            if param.metavar in _FILES and isinstance(param.type, click.types.StringParamType):
                param.type = click.Path(readable=False)  # so that shells complete them; who reads says what is wrong

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002 - click cuts there, lines can be wrapped
        """The line for lists of commands: the first of the help, in full."""
        return self.short_help or " ".join((self.help or "").partition("\n\n")[0].split())

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """See click; values that may be left out are put in first."""
        return super().parse_args(ctx, with_bare_values(self.params, args))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """Writes the examples last."""
        _write_examples(self.examples, formatter)


class Commands(click.Group):
    """A command that has commands of its own; the same for these."""

    def __init__(self, *args: Any, examples: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples.strip("\n")
        self.params.append(debug_option())

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """See click; an unknown name is answered with the nearest one."""
        refuse_unknown(ctx, args[0], list(self.commands))
        return super().resolve_command(ctx, args)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """Writes the examples last."""
        _write_examples(self.examples, formatter)


def refuse_unknown(ctx: click.Context, name: str, known: Collection[str]) -> None:
    """Ends with a usage error if there is no command `name`, and says which there are."""
    if name in known or name.startswith("-"):
        return
    near = nearest(name, known)
    hint = f"did you mean {near!r}?" if near else f"the commands are {', '.join(known)}"
    ctx.fail(f"there is no command {name!r}; {hint}")


def _write_examples(examples: str, formatter: click.HelpFormatter) -> None:
    formatter.write_paragraph()
    formatter.write("Examples:\n")
    for line in examples.splitlines():
        formatter.write(f"  {line}\n" if line else "\n")


def debug_option() -> click.Option:
    """``--debug``; it has no value of its own, `rulectl.cli.main` looks for it."""
    return click.Option(
        ["--debug"],
        is_flag=True,
        expose_value=False,
        help="Show tracebacks and more log lines (also RULECTL_DEBUG=1).",
    )
