"""``rulectl init``: a commented rule with its test, or a plugin project, to begin with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from rulectl.cli.command import Command
from rulectl.cli.exits import Exit
from rulectl.cli.plugin_scaffold import plugin_files
from rulectl.cli.rule_name import refuse_bad_name
from rulectl.cli.scaffold import Form, rule_text, test_text
from rulectl.errors import UsageError
from rulectl.openapi import builtin_resources
from rulectl.problem import nearest
from rulectl.resource import Kind


@click.command(
    cls=Command,
    short_help="Write a commented rule with its test.",
    examples="""
rulectl init image-changed
rulectl init image-changed --kind apps/v1/Deployment --dir rules/
rulectl init not-ready --kind Node --form condition
rulectl init --plugin page-team
""",
)
@click.argument("name", metavar="NAME")
@click.option(
    "--kind", default="Pod", show_default=True, metavar="KIND", help="What to watch: Pod, apps/v1/Deployment, any kind."
)
@click.option(
    "--form",
    type=click.Choice(["changed", "condition"]),
    default="changed",
    show_default=True,
    help="A rule for values that change, or for a state that comes and goes.",
)
@click.option("--dir", "folder", default=".", show_default=True, metavar="DIR", help="Where to write.")
@click.option("--plugin", is_flag=True, help="Write a plugin project instead: package, tests, a rule.")
@click.option("--force", is_flag=True, help="Overwrite files that are there.")
def command(name: str, kind: str, form: Form, folder: str, plugin: bool, force: bool) -> Exit:
    """Write NAME.yaml, a rule that validates and says what every part is for, and test_NAME.py, its test.

    The test runs the rule on the real engine, against an API server in memory, with virtual time: pytest runs it.
    With --plugin it is a folder NAME with a package that brings an action and a function, their tests, and a rule.
    """
    refuse_bad_name(name)
    if plugin:
        return _write_plugin(name, Path(folder) / name, force=force)
    watched = _kind(kind)
    rule = Path(folder) / f"{name}.yaml"
    test = Path(folder) / f"test_{name.replace('-', '_')}.py"
    files = [
        _File(rule, rule_text(name, watched, form)),
        _File(test, test_text(rule.name, watched, form)),
    ]
    _write(files, force=force)
    click.echo(f"next: rulectl validate {rule}; rulectl explain {rule}; pytest {test}")
    return Exit.FINE


def _write_plugin(name: str, folder: Path, *, force: bool) -> Exit:
    _write([_File(folder / path, text) for path, text in plugin_files(name).items()], force=force)
    package = f"rulectl_{name.replace('-', '_')}"
    click.echo(f"next: cd {folder}; pip install -e '.[test]'; pytest; rulectl run rules/ --sandbox")
    click.echo(f"(without installing: --plugin {package}.action --plugin {package}.functions)")
    return Exit.FINE


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    text: str


def _write(files: list[_File], *, force: bool) -> None:
    there = [file.path for file in files if file.path.exists()]
    if there and not force:
        raise UsageError(f"{there[0]} exists already; give another name, or --force to overwrite it")
    for file in files:
        file.path.parent.mkdir(parents=True, exist_ok=True)
        file.path.write_text(file.text, encoding="utf-8")
        click.echo(f"wrote {file.path}")


def _kind(word: str) -> Kind:
    """``Pod``, ``apps/v1/Deployment``, ``example.com/v1/Widget``."""
    api_version, slash, name = word.rpartition("/")
    if slash:
        return Kind(api_version, name)
    stable = [one.kind for one in builtin_resources() if one.stable]
    found = [kind for kind in stable if kind.kind.lower() == name.lower()]
    if not found:
        near = nearest(name, [kind.kind for kind in stable])
        hint = f"did you mean {near!r}?" if near else "write custom kinds with their apiVersion: example.com/v1/Widget"
        raise UsageError(f"--kind {word}: Kubernetes has no such kind; {hint}")
    return found[0]
