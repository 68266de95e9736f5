"""Options whose value may be left out."""

from __future__ import annotations

import click
import pytest

from rulectl.cli.option import OptionalValue, with_bare_values

PARAMS: list[click.Parameter] = [
    OptionalValue(["--dry-run"], bare="client", metavar="client|server", help="Show."),
    OptionalValue(["--sandbox"], bare="", metavar="MANIFESTS"),
]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["--dry-run", "rules/"], ["--dry-run=client", "rules/"]),
        (["--dry-run=server", "rules/"], ["--dry-run=server", "rules/"]),
        (["rules/", "--sandbox"], ["rules/", "--sandbox="]),
        (["--", "--sandbox"], ["--", "--sandbox"]),
    ],
    ids=["bare", "with value", "empty", "after --"],
)
def test_a_bare_option_never_takes_the_next_word(given: list[str], expected: list[str]) -> None:
    assert with_bare_values(PARAMS, given) == expected


def test_the_help_shows_the_value_in_brackets() -> None:
    option = PARAMS[0]
    assert isinstance(option, OptionalValue)
    assert option.get_help_record(click.Context(click.Command("x"))) == ("--dry-run[=client|server]", "Show.")
