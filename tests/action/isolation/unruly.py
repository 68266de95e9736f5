"""Plugins that must not run beside anything else, and one good one, as their authors would write them."""
# ruff: noqa: ARG001, ARG002, ARG004 - what they are given they need not use

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass

from rulectl.action import ActionContext, Done, Outcome, SecretSource, Unchanged
from rulectl.errors import PermanentError, TransientError
from rulectl.fields import NOTHING, FieldTree, tree_of
from rulectl.resource import Kind, ObjectKey


def leave(context: ActionContext, status: int = 7) -> Outcome:
    os._exit(status)


def die(context: ActionContext) -> Outcome:
    print("one last word", file=sys.stderr)
    os.kill(os.getpid(), signal.SIGSEGV)
    return Done()


def hang(context: ActionContext) -> Outcome:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(60)


def flood(context: ActionContext, lines: int = 100_000) -> Outcome:
    for number in range(lines):
        print(f"line {number}")
        os.write(2, b"x" * 100 + b"\n")
        context.log(f"logged {number}")
    return Done("said it all")


def babble(context: ActionContext) -> Outcome:
    """Writes where the messages go, as a plugin that looks for trouble might."""
    for descriptor in range(3, 20):
        try:
            os.write(descriptor, b"this is no message\n")
        except OSError:
            continue
    return Done()


def fail(context: ActionContext, how: str) -> Outcome:
    match how:
        case "later":
            raise TransientError("not now", retry_after_seconds=7)
        case "never":
            raise PermanentError("no such team")
        case "bug":
            raise KeyError("team")
        case _:
            sys.exit(3)


def process_id(context: ActionContext) -> Outcome:
    return Done("", os.getpid())


@dataclass(frozen=True, slots=True)
class Thorough:
    """Uses everything that a context has."""

    token: SecretSource
    label: str = "seen"

    def run(self, context: ActionContext) -> Outcome:
        kind = context.resolve(Kind("v1", "Pod"))
        found = context.kube.get(kind, context.key)
        token = context.secrets.read(self.token, "shop").reveal()
        context.log(f"{found['kind']} with {token}", "warning")
        if context.known.covers(tree_of("metadata", "name")) and context.remaining() > 50:
            body = {"metadata": {"labels": {"token": token, "rule": context.rule}}}
            context.kube.patch(context.resource, context.key, body, "merge", field_manager=context.field_manager)
            return Done(f"labelled with {token}", {"key": context.idempotency_key, "attempt": context.attempt})
        return Unchanged("nothing to do")

    def describe(self, context: ActionContext) -> object:
        return {"label": self.label, "token": self.token.describe()}


def lost(context: ActionContext) -> Outcome:
    """Asks for what is not there."""
    context.kube.get(context.resource, ObjectKey("shop", "nobody"))
    return Done()


def mark(context: ActionContext, value: str) -> Outcome:
    """Changes what its rule watches."""
    body = {"metadata": {"annotations": {"bw": value}}}
    context.kube.patch(context.resource, context.key, body, "merge", field_manager=context.field_manager)
    return Done()


@dataclass(frozen=True, slots=True)
class Sick:
    """Raises where nobody expects it."""

    where: str

    def __post_init__(self) -> None:
        if self.where == "check":
            raise KeyError(self.where)

    def run(self, context: ActionContext) -> Outcome:
        return Done()

    def describe(self, context: ActionContext) -> object:
        raise KeyError(self.where)

    @staticmethod
    def reads(parameters: Mapping[str, object]) -> FieldTree:
        if parameters["where"] == "reads":
            raise KeyError("reads")
        return NOTHING

    @staticmethod
    def permissions(parameters: Mapping[str, object], acted_on: Kind) -> tuple[object, ...]:
        return ("get pods",) if parameters["where"] == "permissions" else ()
