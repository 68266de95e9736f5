"""An option whose value may be left out, and is given only with ``=``, as kubectl's ``--dry-run[=client|server]``."""

from __future__ import annotations

from typing import Any

import click


class OptionalValue(click.Option):
    """``--name`` alone stands for ``--name=BARE``; the next word on the line is never its value."""

    def __init__(self, *args: Any, bare: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bare = bare

    def get_help_record(self, ctx: click.Context) -> tuple[str, str]:  # noqa: ARG002 - click's signature
        """The option as it is written: with its value in brackets."""
        metavar = self.metavar or ""
        return f"{self.opts[0]}[={metavar}]", self.help or ""


def with_bare_values(params: list[click.Parameter], args: list[str]) -> list[str]:
    """`args` with the left-out values put in; what follows ``--`` is left alone."""
    bare = {name: param.bare for param in params if isinstance(param, OptionalValue) for name in param.opts}
    end = args.index("--") if "--" in args else len(args)
    return [f"{arg}={bare[arg]}" if arg in bare else arg for arg in args[:end]] + args[end:]
