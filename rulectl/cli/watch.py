"""``rulectl watch``: what changes in a resource, as it happens."""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import click

from rulectl.cli.caret import fault_text
from rulectl.cli.command import Command
from rulectl.cli.connection import ConnectionFlags, connection_options, namespace_option
from rulectl.cli.exits import Exit
from rulectl.cli.live import connect, resource_named
from rulectl.cli.moment import clock_time, rfc3339
from rulectl.cli.observation import WHEN_ROOTS, Filter, Observation, json_of, observe, text_of
from rulectl.cli.output import output_option, palette_for
from rulectl.cli.plugins import load_plugins, plugin_option
from rulectl.cli.signals import stop_on_signals
from rulectl.clock import SystemClock
from rulectl.errors import Forbidden, PermanentError, Unreachable, UsageError
from rulectl.expression import EvaluationError, Expression, ExpressionError, Functions, compile_expression
from rulectl.informer.change import Added, Deleted, Notice, Relisted, Updated
from rulectl.informer.health import LASTING
from rulectl.informer.informer import SharedInformer
from rulectl.informer.reflector import Target
from rulectl.kube.discovery import Discovery
from rulectl.kube.object import KubeObject
from rulectl.resource import ObjectKey

START_SECONDS = 30.0
"""No complete list within this time: the command gives up."""
POLL_SECONDS = 0.2


@click.command(
    cls=Command,
    short_help="Show what changes in a resource, field by field.",
    examples="""
rulectl watch pods -n shop
rulectl watch deployments -A --changed "spec.template.spec.containers[].image"
rulectl watch nodes --when "condition(object, 'Ready').status != 'True'"
rulectl watch po -l app=web --changed 'metadata.annotations."kubernetes.io/ingress-bandwidth"' -o json
""",
)
@click.argument("kind", metavar="KIND")
@click.option("--changed", multiple=True, metavar="PATH", help="Only when this field (JMESPath) differs; repeatable.")
@click.option("--when", "when", metavar="EXPR", help="Only when this holds; over object, old, event, changes.")
@click.option("-l", "--selector", default="", metavar="SELECTOR", help="Only objects with these labels.")
@click.option("--field-selector", default="", metavar="SELECTOR", help="Only objects with these fields.")
@namespace_option
@click.option("-A", "--all-namespaces", is_flag=True, help="Look in all namespaces.")
@output_option("text", "json")
@plugin_option
@connection_options
def command(
    kind: str,
    changed: tuple[str, ...],
    when: str | None,
    selector: str,
    field_selector: str,
    namespace: str,
    all_namespaces: bool,
    output: str,
    plugin: tuple[str, ...],
    connection: ConnectionFlags,
) -> Exit:
    """Show what changes in KIND, field by field, until Ctrl-C: the way to find out what to write into a rule.

    Paths are printed as a rule takes them under `changed.fields`. What every write changes (managedFields,
    resourceVersion, generation) is left out, and the values of Secrets are masked. Objects that are there
    already are not shown.
    """
    functions = load_plugins(plugin).functions
    shown = Filter(
        tuple(_compiled("--changed", path, functions, relative=True) for path in changed),
        _compiled("--when", when, functions, relative=False) if when is not None else None,
    )
    found = connect(connection, namespace)
    clock = SystemClock()
    resource = resource_named(Discovery(found.transport, clock), kind)
    place = found.namespace if resource.namespaced and not all_namespaces else ""
    target = Target(resource, place, selector, field_selector)
    informer = SharedInformer(found.transport, clock, target)
    watching = _Watching(informer, shown, queue.SimpleQueue(), threading.Event())
    palette = palette_for(sys.stdout)
    with stop_on_signals(lambda _: watching.stop.set(), lambda _: watching.stop.set()):
        try:
            watching.begin()
            for observation in watching.observations():
                now = time.time()
                if output == "json":
                    click.echo(json_of(observation, rfc3339(now)))
                else:
                    click.echo(text_of(observation, clock_time(now), palette))
        finally:
            informer.stop()
            found.transport.close()
    return Exit.FINE


@dataclass(slots=True)
class _Watching:
    informer: SharedInformer
    shown: Filter
    notices: queue.SimpleQueue[Notice]
    stop: threading.Event

    def begin(self) -> None:
        """Returns when the objects that are there are known.

        Raises:
            RulectlError: they could not be listed.
        """
        self.informer.add_handler(self.notices.put)
        self.informer.start()
        until = time.monotonic() + START_SECONDS
        while not self.informer.wait_for_sync(POLL_SECONDS) and not self.stop.is_set():
            health = self.informer.health()
            if health.reason in LASTING:
                fault = Forbidden if health.reason in {"forbidden", "unauthorized"} else PermanentError
                raise fault(f"{self.informer.target} cannot be listed: {health.last_error}")
            if time.monotonic() >= until:
                raise Unreachable(f"{self.informer.target}: no list within {START_SECONDS:g} s: {health.last_error}")
        count = len(self.informer.lister)
        click.echo(f"watching {self.informer.target}: {count} now; Ctrl-C ends", err=True)

    def observations(self) -> Iterator[Observation]:
        """What is to be shown, as it comes, until the stop."""
        kind = self.informer.target.resource.kind
        told: set[str] = set()
        reason = ""
        while not self.stop.is_set():
            reason = self._tell_health(reason)
            try:
                notice = self.notices.get(timeout=POLL_SECONDS)
            except queue.Empty:
                continue
            for key, old, new in _steps(notice):
                try:
                    observation = observe(kind, old, new, self.shown, time.time())
                except EvaluationError as fault:
                    if str(fault) not in told:
                        told.add(str(fault))
                        click.echo(f"warning: not evaluated on {key}: {fault}; such objects are not shown", err=True)
                    continue
                if observation is not None:
                    yield observation

    def _tell_health(self, before: str) -> str:
        """Says where the watch stands when that has changed; the reason that holds now."""
        health = self.informer.health()
        reason = "" if health.reason == "expired" else health.reason  # lists again at once, nothing to tell
        if reason != before:
            text = f"warning: {reason}: {health.last_error}; trying again" if reason else "watching again"
            click.echo(text, err=True)
        return reason


def _steps(notice: Notice) -> Iterator[tuple[ObjectKey, KubeObject | None, KubeObject | None]]:
    match notice:
        case Added(key, new, initial=False):
            yield key, None, new
        case Updated(key, old, new):
            yield key, old, new
        case Deleted(key, old):
            yield key, old, None
        case Relisted(deleted):
            for gone in deleted:
                yield gone.key, gone.old, None
        case _:
            return


def _compiled(flag: str, text: str, functions: Functions, *, relative: bool) -> Expression:
    try:
        return compile_expression(text, roots=WHEN_ROOTS, functions=functions, relative=relative)
    except ExpressionError as fault:
        raise UsageError(f"{flag}: {fault_text(text, fault)}") from fault
