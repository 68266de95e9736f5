"""``rulectl explain``: a rule in words, why it would fire or not, or what a code means."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from rulectl.cli.command import Command
from rulectl.cli.connection import ConnectionFlags, connection_options, namespace_option
from rulectl.cli.document import read_objects, written
from rulectl.cli.exits import Exit
from rulectl.cli.output import output_option, palette_for
from rulectl.cli.plugins import load_plugins, plugin_option
from rulectl.errors import UsageError
from rulectl.plan.model import RulePlan
from rulectl.problem import nearest
from rulectl.resource import Kind
from rulectl.value import Value, mapping, text

_CODE = re.compile(r"[A-Za-z]{2}\d{1,4}")


@click.command(
    cls=Command,
    short_help="Say in words what a rule does, why it would (not) fire, what a code means.",
    examples="""
rulectl explain rules/pod-bandwidth.yaml
rulectl explain rules/ --rule pod-bandwidth pod web-0 -n shop
rulectl explain rules/pod-bandwidth.yaml -f pod.yaml --old pod-before.yaml
rulectl explain rules/pod-bandwidth.yaml --old pod.yaml          # as if it had been deleted
rulectl explain RC203
rulectl explain codes
""",
)
@click.argument("subject", metavar="PATH|CODE")
@click.argument("live", nargs=-1, metavar="[KIND NAME]")
@click.option("-f", "--filename", metavar="FILE", help="The object as it is, as YAML or JSON; - is standard input.")
@click.option("--old", "old_file", metavar="FILE", help="The object as it was when the rule last settled with it.")
@click.option("--with", "others", multiple=True, metavar="FILE", help="Other objects, for lookups; may be repeated.")
@click.option("--rule", "names", multiple=True, metavar="NAME", help="Only the rule of this name; may be repeated.")
@namespace_option
@output_option("text", "json")
@plugin_option
@connection_options
def command(
    subject: str,
    live: tuple[str, ...],
    filename: str | None,
    old_file: str | None,
    others: tuple[str, ...],
    names: tuple[str, ...],
    namespace: str,
    output: str,
    plugin: tuple[str, ...],
    connection: ConnectionFlags,
) -> Exit:
    """Say what the rules in PATH compile to, in words: what is watched and kept, when they fire, what they do and need.

    With an object, from a file or a cluster, say whether each rule would fire for it, term by term with the values
    that decide. Without --old the object counts as new; with --old alone as deleted. With a CODE, say what it
    means, with an example that is wrong and one that is right; `codes` lists them all.

    Exit status 1: there are faults in the rules; 2: there is no such code.
    """
    if subject == "codes" or (_CODE.fullmatch(subject) and not Path(subject).exists()):
        return _lesson(subject, output)
    return _rules(subject, names, _Given(live, filename, old_file, others, namespace, connection), output, plugin)


def _lesson(code: str, output: str) -> Exit:
    from rulectl.check.lesson import lesson  # noqa: PLC0415 - rules need no lessons
    from rulectl.rule.codes import CODES  # noqa: PLC0415

    if code == "codes":
        table: dict[str, Value] = dict(CODES)
        click.echo(written(table, "json") if output == "json" else "\n".join(f"{c}  {m}" for c, m in CODES.items()))
        return Exit.FINE
    found = lesson(code)
    if found is None:
        near = nearest(code, CODES)
        hint = f"did you mean {near}?" if near else "`rulectl explain codes` lists them"
        raise UsageError(f"there is no code {code!r}; {hint}")
    if output == "json":
        told = {"code": found.code, "meaning": found.meaning, "why": found.why}
        click.echo(written({**told, "wrong": found.wrong, "right": found.right}, "json"))
    else:
        click.echo(str(found))
    return Exit.FINE


@dataclass(frozen=True, slots=True)
class _Given:
    """The objects that were given, as they were given."""

    live: tuple[str, ...]
    filename: str | None
    old_file: str | None
    others: tuple[str, ...]
    namespace: str
    flags: ConnectionFlags

    @property
    def is_object(self) -> bool:
        """Whether a rule is to be judged, and not only told."""
        return bool(self.live) or self.filename is not None or self.old_file is not None


def _rules(path: str, names: tuple[str, ...], given: _Given, output: str, plugin: tuple[str, ...]) -> Exit:
    from rulectl.check.report import fails  # noqa: PLC0415 - a code needs no rules
    from rulectl.cli.problems import coloured  # noqa: PLC0415
    from rulectl.plan.compiler import compile_rules  # noqa: PLC0415

    plugins = load_plugins(plugin)
    compilation = compile_rules([path], registry=plugins.registry, functions=plugins.functions, environ=os.environ)
    if compilation.problems:
        palette = palette_for(sys.stderr)
        click.echo(coloured(compilation.problems, palette, rules=len(compilation.names)), nl=False, err=True)
    rules = _chosen(compilation.plan.rules, names, compilation.names)
    if given.is_object:
        _judge(rules, given, output)
    else:
        _tell(rules, output)
    return Exit.PROBLEMS if fails(compilation.problems) else Exit.FINE


def _chosen(rules: Iterable[RulePlan], names: tuple[str, ...], known: tuple[str, ...]) -> list[RulePlan]:
    for name in names:
        if name not in known:
            near = nearest(name, known)
            hint = f"did you mean {near!r}?" if near else f"there are {', '.join(known) or 'none'}"
            raise UsageError(f"--rule {name}: there is no such rule; {hint}")
    return [rule for rule in rules if not names or rule.name in names]


def _tell(rules: list[RulePlan], output: str) -> None:
    from rulectl.check.words import rule_words, words_text  # noqa: PLC0415 - not needed to judge

    if output == "text":
        click.echo("\n".join(words_text(rule) for rule in rules), nl=False)
        return
    told: list[Value] = [
        {
            "name": rule.name,
            "place": str(rule.place),
            "words": {paragraph.title: list(paragraph.lines) for paragraph in rule_words(rule)},
        }
        for rule in rules
    ]
    click.echo(written(told, "json"))


def _judge(rules: list[RulePlan], given: _Given, output: str) -> None:
    from rulectl.check.why.judge import why  # noqa: PLC0415 - not needed to tell
    from rulectl.check.why.scope import among  # noqa: PLC0415

    if given.live and given.filename is not None:
        raise UsageError("give either -f FILE or KIND NAME, not both")
    old = _one(given.old_file, "--old")
    new = _one(given.filename, "-f")
    listed = among(other for file in given.others for other in read_objects(file))
    if given.live:
        from rulectl.cli.listing import Listing  # noqa: PLC0415 - the way to a cluster is slow to import
        from rulectl.cli.live import live_object  # noqa: PLC0415

        new = live_object(given.live, given.namespace, given.flags)
        listed = Listing(given.flags, listed)
    concerned, others = _about(rules, new if new is not None else old)
    judged = [why(rule, old, new, now=time.time(), listed=listed) for rule in concerned]
    if output == "json":
        click.echo(written([one.as_json() for one in judged], "json"))
    else:
        click.echo("\n".join(one.text() for one in judged), nl=False)
        if others:
            click.echo(f"\nabout other kinds: {', '.join(rule.name for rule in others)}")


def _about(rules: list[RulePlan], obj: Mapping[str, Value] | None) -> tuple[list[RulePlan], list[RulePlan]]:
    """The rules that are about objects of this kind, and the rest; where none is, all are told why not."""
    kind = Kind(text(mapping(obj).get("apiVersion")), text(mapping(obj).get("kind")))
    concerned = [rule for rule in rules if rule.select.kind == kind] or rules
    return concerned, [rule for rule in rules if rule not in concerned]


def _one(file: str | None, flag: str) -> Mapping[str, Value] | None:
    if file is None:
        return None
    found = read_objects(file)
    if len(found) > 1:
        raise UsageError(f"{file} holds {len(found)} objects; {flag} takes one")
    return found[0]
