"""The plugin's process: takes calls from rulectl, one at a time, until rulectl is gone."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import threading
import time
from typing import assert_never

from rulectl.action.attempt import perform
from rulectl.action.contract import Action, ActionContext
from rulectl.action.isolation import wire
from rulectl.action.isolation.remote import Closed, Link, RemoteHttp, RemoteKube, RemoteResolver, RemoteSecrets, logger
from rulectl.action.masker import Masker
from rulectl.action.outcome import Attempt, Crashed, Done, Failed, RetryAfter, Unchanged
from rulectl.action.plugin import ActionType, action_type
from rulectl.clock import SystemClock

_LOOK_SECONDS = 1.0
_TYPES: dict[str, ActionType] = {}


def main() -> None:
    """Takes over stdin and stdout for messages; what plugins print goes to stderr, which rulectl reads too."""
    link = Link(os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb"))
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a descriptor is wanted
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    threading.Thread(target=_end_with, args=(os.getppid(),), name="rulectl-parent", daemon=True).start()
    with contextlib.suppress(Closed):
        while True:
            call = link.next_call()
            over = serve(call, link)
            sys.stdout.flush()
            link.send(over)


def serve(call: wire.Call, link: Link) -> wire.Over:
    """Does what `call` says, whatever the plugin does short of ending the process."""
    masker = Masker()
    context = _context(call.context, link, masker)
    try:
        action = _type_of(call).bind(call.parameters)
    except Exception as fault:  # noqa: BLE001 - what a plugin's module raises harms this call only
        return wire.Over("crashed", f"the plugin cannot be made ready: {type(fault).__name__}: {fault}")
    if call.verb == "describe":
        return _described(action, context)
    # What a dry run does was decided on rulectl's side, where the types are known.
    return _over(perform(action, context, has_server_dry_run=True))


def _described(action: Action, context: ActionContext) -> wire.Over:
    try:
        return wire.Over("described", result=context.secrets.masker.mask_value(action.describe(context)))
    except Exception as fault:  # noqa: BLE001 - see `serve`
        return wire.Over("crashed", f"the plugin raised {type(fault).__name__}: {fault}")


def _type_of(call: wire.Call) -> ActionType:
    if call.target not in _TYPES:
        module, _, name = call.target.partition(":")
        made: object = importlib.import_module(module)
        for part in name.split("."):
            made = getattr(made, part)
        _TYPES[call.target] = action_type(made, defined_by=call.target, name=call.name)
    return _TYPES[call.target]


def _context(known: wire.Surroundings, link: Link, masker: Masker) -> ActionContext:
    clock = SystemClock()
    return ActionContext(
        rule=known.rule,
        action=known.action,
        obj=known.obj,
        resource=known.resource,
        key=known.key,
        uid=known.uid,
        kube=RemoteKube(link),
        resolve=RemoteResolver(link),
        http=RemoteHttp(link),
        secrets=RemoteSecrets(link, masker),
        clock=clock,
        stop=threading.Event(),
        deadline=clock.monotonic() + known.seconds,
        idempotency_key=known.idempotency_key,
        log=logger(link),
        known=known.known,
        attempt=known.attempt,
        dry_run=known.dry_run,
        allow_exec=known.allow_exec,
    )


def _over(attempt: Attempt) -> wire.Over:
    match attempt:
        case Done(message, result):
            return wire.Over("done", message, result=result)
        case Unchanged(message, result):
            return wire.Over("unchanged", message, result=result)
        case RetryAfter(seconds, message):
            return wire.Over("retryafter", message, seconds)
        case Failed(message):
            return wire.Over("failed", message)
        case Crashed(message, traceback):
            return wire.Over("crashed", message, traceback=traceback)
        case _:
            assert_never(attempt)


def _end_with(parent: int) -> None:
    """Ends this process when its parent is gone, also while a plugin hangs."""
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    main()
