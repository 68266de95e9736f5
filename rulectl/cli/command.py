"""A command whose help ends with examples that can be pasted."""

from __future__ import annotations

from typing import Any, Final

import click

from rulectl.cli.option import with_bare_values

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
                param.type = click.Path()  # so that shells complete them

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

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """Writes the examples last."""
        _write_examples(self.examples, formatter)


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
