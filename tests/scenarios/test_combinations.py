"""Every form of rule, with terms that are true, false or unknown, for each thing that can happen to an object.

Each row is a story: how the terms stood first and then, what happened then, which runs there were, and which more
when the terms hold at last (but for an object that is gone).
"""

from __future__ import annotations

from typing import Any, Literal

import pytest

from rulectl.testing.bench import Bench
from tests.scenarios.objects import POD, call, pod, rule
from tests.scenarios.seen import apply, events

Terms = Literal["true", "false", "unknown"]
Happening = Literal["modified", "deleted", "nothing"]

LABELS: dict[Terms, dict[str, str]] = {"true": {"x": "1"}, "false": {"x": ""}, "unknown": {}}
WHEN = ["length(object.metadata.labels.x) > `0`"]
CHANGED = {"changed": {"annotations": ["bw"]}, "when": WHEN}
FORMS: dict[str, dict[str, Any]] = {
    "changed": {**CHANGED, "events": ["added", "modified", "deleted"]},
    "changed, modified only": CHANGED,
    "changed with resolved": {**CHANGED, "events": ["added", "modified"], "resolved": [call(name="clear")]},
    "condition": {"when": WHEN},
    "condition with resolved": {"when": WHEN, "resolved": [call(name="clear")]},
}
A, M, D, R = "added", "modified", "deleted", "resolved"

STORIES: list[tuple[str, Terms, Terms, Happening, list[str], list[str]]] = [
    # form, terms first, terms then, what happens, runs, more runs when the terms hold
    ("changed", "true", "true", "nothing", [A], []),
    ("changed", "true", "true", "modified", [A, M], []),
    ("changed", "true", "true", "deleted", [A, D], []),
    ("changed", "true", "false", "nothing", [A], []),
    ("changed", "true", "false", "modified", [A], [M]),
    ("changed", "true", "false", "deleted", [A], []),
    ("changed", "true", "unknown", "nothing", [A], []),
    ("changed", "true", "unknown", "modified", [A], [M]),
    ("changed", "true", "unknown", "deleted", [A, D], []),
    ("changed", "false", "false", "nothing", [], [A]),
    ("changed", "false", "false", "modified", [], [A]),
    ("changed", "false", "false", "deleted", [], []),
    ("changed", "false", "unknown", "modified", [], [A]),
    ("changed", "unknown", "unknown", "nothing", [], [A]),
    ("changed", "unknown", "unknown", "modified", [], [A]),
    ("changed", "unknown", "unknown", "deleted", [], []),
    ("changed", "unknown", "false", "modified", [], [A]),
    ("changed, modified only", "true", "true", "nothing", [], []),
    ("changed, modified only", "true", "true", "modified", [M], []),
    ("changed, modified only", "true", "true", "deleted", [], []),
    ("changed, modified only", "true", "false", "modified", [], [M]),
    ("changed, modified only", "false", "false", "nothing", [], []),
    ("changed, modified only", "false", "false", "modified", [], [M]),
    ("changed, modified only", "unknown", "unknown", "nothing", [], []),
    ("changed, modified only", "unknown", "unknown", "modified", [], [M]),
    ("changed with resolved", "true", "true", "modified", [A, M], []),
    ("changed with resolved", "true", "true", "deleted", [A, R], []),
    ("changed with resolved", "true", "false", "nothing", [A, R], [M]),
    ("changed with resolved", "true", "false", "modified", [A, R], [M]),
    ("changed with resolved", "true", "false", "deleted", [A, R], []),
    ("changed with resolved", "true", "unknown", "nothing", [A], []),
    ("changed with resolved", "true", "unknown", "modified", [A], [M]),
    ("changed with resolved", "true", "unknown", "deleted", [A, R], []),
    ("changed with resolved", "false", "false", "modified", [], [A]),
    ("changed with resolved", "false", "false", "deleted", [], []),
    ("changed with resolved", "unknown", "unknown", "modified", [], [A]),
    ("condition", "true", "true", "nothing", [A], []),
    ("condition", "true", "true", "modified", [A], []),
    ("condition", "true", "true", "deleted", [A], []),
    ("condition", "true", "false", "modified", [A], [M]),
    ("condition", "true", "unknown", "modified", [A], []),
    ("condition", "false", "false", "modified", [], [M]),
    ("condition", "false", "unknown", "modified", [], [M]),
    ("condition", "unknown", "unknown", "modified", [], [A]),
    ("condition with resolved", "true", "true", "deleted", [A, R], []),
    ("condition with resolved", "true", "false", "nothing", [A, R], [M]),
    ("condition with resolved", "true", "false", "deleted", [A, R], []),
    ("condition with resolved", "true", "unknown", "nothing", [A], []),
    ("condition with resolved", "true", "unknown", "deleted", [A, R], []),
    ("condition with resolved", "false", "false", "deleted", [], []),
    ("condition with resolved", "unknown", "unknown", "deleted", [], []),
]


@pytest.mark.parametrize(("form", "first", "then", "happening", "runs", "more"), STORIES)
@pytest.mark.parametrize("end", ["no restart", "stopped", "killed", "down meanwhile"])
def test_a_story(
    form: str, first: Terms, then: Terms, happening: Happening, runs: list[str], more: list[str], end: str
) -> None:
    bench = Bench(rule(**FORMS[form]))
    apply(bench, pod("other"), pod(bw="A", labels=LABELS[first]))
    bench.pass_time(6)
    _restart(bench, end)
    apply(bench, pod(bw="A", labels=LABELS[then]))
    if end == "down meanwhile":
        bench.stop()
    value = "B" if happening == "modified" else "A"
    if happening == "deleted":
        bench.cluster.delete(POD, "a", "default")
    else:
        bench.cluster.apply(pod(bw=value, labels=LABELS[then]))
    if end == "down meanwhile":
        bench.start()
    bench.pass_time(6)
    _restart(bench, end)
    assert events(bench) == runs
    if happening != "deleted":
        apply(bench, pod(bw=value, labels=LABELS["true"]))
        _restart(bench, end)
    assert events(bench) == [*runs, *more]
    assert len({one.key for one in bench.calls}) == len(bench.calls)


def _restart(bench: Bench, end: str) -> None:
    if end in {"stopped", "killed"}:
        bench.restart(orderly=end == "stopped")
