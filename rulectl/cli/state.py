"""``rulectl state``: what is remembered of each rule and object, and what people may ask of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Literal, TypeVar, cast

import click

from rulectl.cli.command import Command, Commands
from rulectl.cli.connection import ConnectionFlags, connection_options
from rulectl.cli.document import written
from rulectl.cli.exits import Exit
from rulectl.cli.live import connect, is_in_cluster
from rulectl.cli.output import output_option
from rulectl.cli.remembered import details, object_lines, overview, rule_lines
from rulectl.cli.rule_name import refuse_bad_name
from rulectl.clock import SystemClock
from rulectl.controller.orders import edits_for
from rulectl.errors import UsageError
from rulectl.kube.connection import Connection
from rulectl.manager.post import DONE
from rulectl.manager.states import is_shared, mailbox_for, open_state, read_state
from rulectl.state.holder import InUse
from rulectl.state.request import Ack, Clear, Rename, Request, Resume, Retry
from rulectl.state.store import Loaded

PATIENCE_SECONDS = 10.0
_Function = TypeVar("_Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Place:
    """Which state is meant: the value of ``--state``, ``--name``, and the cluster."""

    spec: str | None
    name: str
    connection: Connection
    in_cluster: bool

    def read(self) -> Loaded:
        """What is remembered.

        Raises:
            UsageError: nothing is kept there (yet).
        """
        kept = read_state(
            self.spec, name=self.name, connection=self.connection, clock=SystemClock(), in_cluster=self.in_cluster
        )
        if kept is None:
            msg = f"nothing is remembered yet for --name {self.name} and this cluster; is --state the one `run` has?"
            raise UsageError(msg)
        return kept

    def ask(self, request: Request) -> str:
        """Has `request` carried out, by the rulectl that holds the state, else here; what came of it.

        Raises:
            UsageError: it cannot be; the message says why.
        """
        if is_shared(self.spec, in_cluster=self.in_cluster):
            return self._write_a_letter(request)
        self.read()
        try:
            store = open_state(
                self.spec, name=self.name, connection=self.connection, clock=SystemClock(), in_cluster=self.in_cluster
            )
        except InUse:
            return self._write_a_letter(request)
        try:
            kept = store.load()
            edits = edits_for(request, kept.records, kept.rules, time.time())
            store.write(edits, durable=True)
        finally:
            store.close()
        return f"{DONE}: {len(edits)} change{'' if len(edits) == 1 else 's'}; rulectl is not running"

    def _write_a_letter(self, request: Request) -> str:
        mailbox = mailbox_for(
            self.spec, name=self.name, connection=self.connection, clock=SystemClock(), in_cluster=self.in_cluster
        )
        number = mailbox.post(request)
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            line = mailbox.answer(number)
            if line is not None:
                if not line.startswith(DONE):
                    raise UsageError(line)
                return line
            time.sleep(0.2)
        mailbox.withdraw(number)
        msg = f"no rulectl with --name {self.name} answered within {PATIENCE_SECONDS:g}s: start it, and ask again"
        raise UsageError(msg)


def place_options(function: _Function) -> _Function:
    """Adds the flags that say which state; the function gets one parameter `place`."""

    @wraps(function)
    def placed(*args: Any, state: str | None, name: str, connection: ConnectionFlags, **kwargs: Any) -> Any:
        if state == "memory":
            msg = "a state in memory is gone with its process: there is nothing to look at"
            raise UsageError(msg)
        live = connect(connection)
        try:
            place = Place(state, name, live, not connection.are_given and is_in_cluster())
            return function(*args, place=place, **kwargs)
        finally:
            live.transport.close()

    wrapped: Callable[..., Any] = connection_options(placed)
    wrapped = click.option(
        "--name", default="rulectl", show_default=True, metavar="NAME", help="Whose state, among several."
    )(wrapped)
    wrapped = click.option("--state", metavar="sqlite[:PATH]|configmap", help="Where it lies, as for `run`.")(wrapped)
    return cast("_Function", wrapped)


_OBJECT = click.argument("obj", metavar="[[NAMESPACE/]NAME]", required=False)


@click.group(
    cls=Commands,
    short_help="Show what is remembered; let held runs go, retry, resume, rename, clear.",
    examples="""
rulectl state list
rulectl state show pod-bandwidth shop/web-1
rulectl state ack pod-bandwidth
rulectl state retry pod-bandwidth shop/web-1
""",
)
def command() -> None:
    """Show what rulectl remembers of rules and objects, and change it where only a person may.

    While rulectl runs, it carries out what is asked; else a state in SQLite is changed here; one in
    ConfigMaps only by a rulectl that runs. Reading never gets into its way.
    """


@command.command(name="list", cls=Command, examples="rulectl state list\nrulectl state list -o json")
@output_option("text", "json")
@place_options
def list_(output: Literal["text", "json"], place: Place) -> Exit:
    """Each rule: how many objects, and what is owed, being retried, held, paused, failed for good."""
    rules = overview(place.read())
    click.echo(written(rules, "json") if output == "json" else "\n".join(rule_lines(rules)))
    return Exit.FINE


@command.command(cls=Command, examples="rulectl state show pod-bandwidth\nrulectl state show pod-bandwidth shop/web-1")
@click.argument("rule")
@_OBJECT
@output_option("text", "json")
@place_options
def show(rule: str, obj: str | None, output: Literal["text", "json"], place: Place) -> Exit:
    """Each object of a rule: its baseline, what is owed and since when, its run, why it failed."""
    found = details(place.read(), rule, *_split(obj))
    click.echo(written(found, "json") if output == "json" else "\n".join(object_lines(found)))
    return Exit.FINE


@command.command(cls=Command, examples="rulectl state ack pod-bandwidth")
@click.argument("rule")
@place_options
def ack(rule: str, place: Place) -> Exit:
    """Let the held runs of a rule go: the objects that a list lacked are deleted indeed."""
    return _told(place.ask(Ack(rule)))


@command.command(
    cls=Command, examples="rulectl state retry pod-bandwidth\nrulectl state retry pod-bandwidth shop/web-1"
)
@click.argument("rule")
@_OBJECT
@place_options
def retry(rule: str, obj: str | None, place: Place) -> Exit:
    """Run again what failed for good, for one object or for all of a rule, with the same `old`."""
    namespace, name = _split(obj)
    return _told(place.ask(Retry(rule, namespace, name)))


@command.command(cls=Command, examples="rulectl state resume pod-bandwidth")
@click.argument("rule")
@place_options
def resume(rule: str, place: Place) -> Exit:
    """End the pause of a rule that began too many runs; all that is owed is run."""
    return _told(place.ask(Resume(rule)))


@command.command(cls=Command, examples="rulectl state rename pod-bandwidth pod-limits")
@click.argument("old")
@click.argument("new")
@place_options
def rename(old: str, new: str, place: Place) -> Exit:
    """Carry the records of a rule over to its new name; else a new name is a new rule."""
    refuse_bad_name(new)
    return _told(place.ask(Rename(old, new)))


@command.command(cls=Command, examples="rulectl state clear pod-bandwidth")
@click.argument("rule")
@place_options
def clear(rule: str, place: Place) -> Exit:
    """Forget all of a rule that is not loaded any more."""
    return _told(place.ask(Clear(rule)))


def _told(line: str) -> Exit:
    click.echo(line)
    return Exit.FINE


def _split(obj: str | None) -> tuple[str, str]:
    namespace, slash, name = (obj or "").partition("/")
    return (namespace, name) if slash else ("", namespace)
