from typing import Any

import pytest

from rulectl.action.outcome import Done
from tests.action.builtin.bench import run
from tests.action.fakes import FakeLog, context_for, pod


@pytest.mark.parametrize(
    ("message", "line"),
    [("hello", "hello"), (5, "5"), ({"a": [1]}, '{"a":[1]}'), (None, "null")],
    ids=["text", "number", "object", "null"],
)
def test_the_line_is_text_or_json(message: Any, line: str) -> None:
    log = FakeLog()
    outcome = run("log", {"message": message, "level": "warning"}, context_for(pod(), log=log))
    assert (outcome, log.lines) == (Done(line), [(line, "warning")])
