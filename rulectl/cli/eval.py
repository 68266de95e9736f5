"""``rulectl eval``: an expression, tried on an object."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

import click

from rulectl.cli.caret import fault_text
from rulectl.cli.command import Command
from rulectl.cli.connection import ConnectionFlags, connection_options, namespace_option
from rulectl.cli.document import read_objects, written
from rulectl.cli.exits import Exit
from rulectl.cli.output import output_option
from rulectl.cli.plugins import load_plugins, plugin_option
from rulectl.errors import UsageError
from rulectl.expression import (
    EvaluationError,
    Expression,
    ExpressionError,
    Functions,
    Template,
    compile_expression,
    compile_template,
)
from rulectl.value import Value, mapping

ROOTS = ("object", "old", "event", "env", "target", "item")


@click.command(
    cls=Command,
    short_help="Evaluate an expression on an object.",
    examples="""
rulectl eval "annotation(object, 'kubernetes.io/ingress-bandwidth')" -f pod.yaml
rulectl eval "quantity(object.spec.containers[0].resources.limits.memory) > quantity('1Gi')" pod web-0 -n shop
kubectl get pods -o json | rulectl eval "object.status.phase" -f - -o raw
rulectl eval "object.spec.replicas != old.spec.replicas" -f new.yaml --old old.yaml
rulectl eval 'http://agent/pods/${{ object.metadata.name }}' -f pod.yaml -o raw
""",
)
@click.argument("expression", metavar="EXPR")
@click.argument("live", nargs=-1, metavar="[KIND NAME]")
@click.option("-f", "--filename", metavar="FILE", help="The object, as YAML or JSON; - is standard input.")
@click.option("--old", "old_file", metavar="FILE", help="The object as it was: what `old` stands for.")
@click.option("--env", "env", multiple=True, metavar="NAME=VALUE", help="What `env.NAME` stands for; may be repeated.")
@namespace_option
@output_option("json", "yaml", "raw")
@plugin_option
@connection_options
def command(
    expression: str,
    live: tuple[str, ...],
    filename: str | None,
    old_file: str | None,
    env: tuple[str, ...],
    namespace: str,
    output: str,
    plugin: tuple[str, ...],
    connection: ConnectionFlags,
) -> Exit:
    """Evaluate EXPR on an object from a file or from a cluster, with every function that rules have.

    EXPR is JMESPath over `object`, `old` and `event`, as in `when`; with ${{ }} in it, it is a template, as in
    an action. Several objects (a list, or more than one document) give one result each. Without an object,
    `object` is null.

    Exit status 1: the expression is wrong, or has no value on this object.
    """
    try:
        compiled = _compile(expression, load_plugins(plugin).functions)
    except ExpressionError as fault:
        click.echo(f"error: {fault_text(expression, fault)}", err=True)
        return Exit.PROBLEMS
    olds = read_objects(old_file) if old_file else []
    if len(olds) > 1:
        raise UsageError(f"{old_file} holds {len(olds)} objects; --old takes one")
    old = olds[0] if olds else None
    environment = _environment(env)
    status = Exit.FINE
    for position, found in enumerate(_objects(live, filename, namespace, connection)):
        try:
            value = _evaluated(compiled, scope_of(found, old, environment), time.time())
        except EvaluationError as fault:
            click.echo(f"error: {_named(found)}{fault_text(expression, fault)}", err=True)
            status = Exit.PROBLEMS
            continue
        if output == "yaml" and position:
            click.echo("---")
        click.echo(written(value, output))
    return status


def scope_of(
    found: Mapping[str, Value] | None, old: Mapping[str, Value] | None, env: Mapping[str, Value]
) -> dict[str, Value]:
    """The roots as an expression of a rule would see them for this step."""
    event: Mapping[str, Value] = {"type": "modified" if old is not None else "added", "finalState": "known"}
    return {"object": found, "old": old, "event": event, "env": env, "target": found, "item": found}


def _compile(text: str, functions: Functions) -> Expression | Template:
    if "${{" in text:
        return compile_template(text, roots=ROOTS, functions=functions)
    return compile_expression(text, roots=ROOTS, functions=functions)


def _evaluated(compiled: Expression | Template, scope: Mapping[str, Value], now: float) -> Value:
    return compiled.render(scope, now) if isinstance(compiled, Template) else compiled.evaluate(scope, now)


def _environment(given: tuple[str, ...]) -> dict[str, Value]:
    pairs = [pair.partition("=") for pair in given]
    wrong = [name for name, sign, _ in pairs if not sign or not name]
    if wrong:
        raise UsageError(f"--env {wrong[0]}: write it as NAME=VALUE")
    return {name: value for name, _, value in pairs}


def _objects(
    live: tuple[str, ...], filename: str | None, namespace: str, flags: ConnectionFlags
) -> Iterator[Mapping[str, Value] | None]:
    if filename is not None and live:
        raise UsageError("give either -f FILE or KIND NAME, not both")
    if filename is not None:
        yield from read_objects(filename)
    elif not live:
        yield None
    else:
        from rulectl.cli.live import live_object  # noqa: PLC0415 - the way to a cluster is slow to import

        yield live_object(live, namespace, flags)


def _named(found: Mapping[str, Value] | None) -> str:
    name = mapping(mapping(found).get("metadata")).get("name")
    return f"{name}: " if isinstance(name, str) else ""
