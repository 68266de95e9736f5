"""One call of an action, and what came of it, whatever the plugin does."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Final, assert_never

from rulectl.action.contract import Action, ActionContext
from rulectl.action.masker import Masker
from rulectl.action.outcome import Attempt, Contained, Crashed, Done, Failed, Outcome, RetryAfter, Unchanged
from rulectl.errors import PermanentError, TransientError
from rulectl.value import Value, decode, encode

MOST_RESULT: Final = 8 << 20
"""Bytes of JSON that an action may return."""
LONGEST_MESSAGE: Final = 4_000
"""Characters; the rest is cut off."""


def perform(action: Action, context: ActionContext, *, has_server_dry_run: bool) -> Attempt:
    """Runs `action`, or under a dry run says what it would do.

    With ``dry_run="server"`` it runs only if it can hand the dry run on to the API server
    (`ActionType.has_server_dry_run`); everything else is described, and nothing is sent.
    Everything in the result is masked.
    """
    if context.dry_run == "none":
        return classify(lambda: action.run(context), context.secrets.masker)
    if context.dry_run == "server" and has_server_dry_run:
        return classify(lambda: _tried_out(action, context), context.secrets.masker)
    return classify(lambda: _described(action, context), context.secrets.masker)


def _tried_out(action: Action, context: ActionContext) -> Outcome:
    outcome = action.run(context)
    if not isinstance(outcome, Done):
        return outcome
    said = f"dry run: the server accepts it: {outcome.message}; it would have been {_text(action.describe(context))}"
    return Done(said, outcome.result)


def _described(action: Action, context: ActionContext) -> Done:
    shown = action.describe(context)
    return Done(f"dry run: nothing was sent, it would have been {_text(shown)}", shown)


def _text(shown: Value) -> str:
    return shown if isinstance(shown, str) else encode(shown).decode()


def classify(call: Callable[[], Outcome], masker: Masker) -> Attempt:
    """What `call` returned or raised, as a value; secrets are masked in it.

    TransientError is a retry, PermanentError a final failure. Any other exception, sys.exit() included, and
    any other returned value is a bug of the plugin. KeyboardInterrupt and the like pass through.
    """
    try:
        outcome = call()
    except TransientError as fault:
        return RetryAfter(fault.retry_after_seconds, _cut(masker.mask(str(fault))))
    except PermanentError as fault:
        return Failed(_cut(masker.mask(str(fault))))
    except Contained as fault:
        return Crashed(_cut(masker.mask(str(fault))), masker.mask(fault.traceback))
    except (Exception, SystemExit) as fault:  # noqa: BLE001 - whatever a plugin raises must harm nobody else
        return Crashed(
            _cut(masker.mask(f"the plugin raised {type(fault).__name__}: {fault}")) + _where(fault),
            masker.mask(traceback.format_exc()),
        )
    return _checked(outcome, masker)


def _checked(outcome: object, masker: Masker) -> Attempt:
    if not isinstance(outcome, Done | Unchanged | RetryAfter | Failed):
        return Crashed(
            f"the plugin returned {type(outcome).__name__}; it has to return Done, Unchanged, RetryAfter or Failed"
        )
    message = _cut(masker.mask(outcome.message))
    match outcome:
        case Done(_, result) | Unchanged(_, result):
            try:
                encoded = encode(result)
                if len(encoded) > MOST_RESULT:
                    return Crashed(f"the plugin's result has {len(encoded)} bytes; return at most {MOST_RESULT}")
                plain: Value = masker.mask_value(decode(encoded))
            except (TypeError, ValueError) as fault:
                return Crashed(f"the plugin's result is no JSON: {masker.mask(str(fault))}")
            return Done(message, plain) if isinstance(outcome, Done) else Unchanged(message, plain)
        case RetryAfter(seconds):
            return RetryAfter(seconds, message)
        case Failed():
            return Failed(message)
        case _:
            assert_never(outcome)


def _cut(message: str) -> str:
    return message if len(message) <= LONGEST_MESSAGE else f"{message[:LONGEST_MESSAGE]}…"


def _where(fault: BaseException) -> str:
    """The line of code that raised, as far as that is the plugin's and not ours."""
    frames = traceback.extract_tb(fault.__traceback__)
    last = frames[-1] if len(frames) > 1 else None
    return "" if last is None else f" (in {Path(last.filename).name}, line {last.lineno})"
