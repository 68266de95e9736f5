import re
import sys
from typing import Any, NoReturn

import pytest

from rulectl.action.attempt import classify
from rulectl.action.masker import Masker
from rulectl.action.outcome import Crashed, Done, Failed, Outcome, RetryAfter, Unchanged
from rulectl.errors import Conflict, Forbidden, PermanentError, RulectlError, TransientError, Unreachable


def raising(fault: BaseException) -> Any:
    def call() -> NoReturn:
        raise fault

    return call


@pytest.mark.parametrize(
    "outcome", [Done("did it", {"a": 1}), Unchanged("as it was"), RetryAfter(3, "later"), Failed("no")], ids=repr
)
def test_what_the_plugin_returns_stays_as_it_is(outcome: Outcome) -> None:
    assert classify(lambda: outcome, Masker()) == outcome


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (TransientError("busy", retry_after_seconds=7), RetryAfter(7, "busy")),
        (Unreachable("nobody there"), RetryAfter(None, "nobody there")),
        (PermanentError("no such team"), Failed("no such team")),
        (Forbidden("not you", status=403), Failed("not you")),
        (Conflict("somebody else's", status=409), Failed("somebody else's")),
    ],
    ids=lambda value: type(value).__name__,
)
def test_typed_errors_say_whether_it_is_tried_again(fault: RulectlError, outcome: Outcome) -> None:
    assert classify(raising(fault), Masker()) == outcome


def test_any_other_exception_is_a_bug_of_the_plugin_with_its_traceback() -> None:
    outcome = classify(raising(KeyError("team")), Masker())
    assert isinstance(outcome, Crashed)
    assert re.fullmatch(r"the plugin raised KeyError: 'team' \(in test_attempt.py, line \d+\)", outcome.message)
    assert "raise fault" in outcome.traceback


def test_a_plugin_that_exits_does_not_take_rulectl_with_it() -> None:
    outcome = classify(lambda: sys.exit(3), Masker())
    assert isinstance(outcome, Crashed)
    assert outcome.message.startswith("the plugin raised SystemExit: 3 (in test_attempt.py, line ")


def test_an_interrupt_from_the_keyboard_is_not_swallowed() -> None:
    with pytest.raises(KeyboardInterrupt):
        classify(raising(KeyboardInterrupt()), Masker())


def test_a_wrong_return_value_is_a_bug_of_the_plugin() -> None:
    returned: Any = "done"
    assert classify(lambda: returned, Masker()) == Crashed(
        "the plugin returned str; it has to return Done, Unchanged, RetryAfter or Failed"
    )


def test_a_result_that_is_no_json_is_a_bug_of_the_plugin() -> None:
    result: Any = {"seen": {1, 2, object()}}
    outcome = classify(lambda: Done("did it", result), Masker())
    assert isinstance(outcome, Crashed)
    assert outcome.message.startswith("the plugin's result is no JSON: ")


def test_the_result_is_a_copy_that_the_plugin_can_no_longer_change() -> None:
    mine: dict[str, Any] = {"list": [1]}
    outcome = classify(lambda: Done("", mine), Masker())
    mine["list"].append(2)
    assert outcome == Done("", {"list": [1]})


@pytest.mark.parametrize(
    ("call", "shown"),
    [
        (lambda: Done("sent hunter2", {"echo": ["hunter2"]}), Done("sent ***", {"echo": ["***"]})),
        (lambda: RetryAfter(1, "hunter2?"), RetryAfter(1, "***?")),
        (raising(PermanentError("bad hunter2")), Failed("bad ***")),
        (raising(TransientError("bad hunter2")), RetryAfter(None, "bad ***")),
    ],
    ids=["result", "message", "final failure", "retry"],
)
def test_secrets_are_masked_in_all_of_it(call: Any, shown: Outcome) -> None:
    masker = Masker()
    masker.remember("hunter2")
    assert classify(call, masker) == shown


def test_secrets_are_masked_in_a_traceback_too() -> None:
    masker = Masker()
    masker.remember("hunter2")
    outcome = classify(raising(ValueError("hunter2")), masker)
    assert isinstance(outcome, Crashed)
    assert "hunter2" not in outcome.message + outcome.traceback
