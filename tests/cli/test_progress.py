"""What is said while the caches are filled."""

from __future__ import annotations

from rulectl.cli.progress import ready_text, syncing_text
from rulectl.manager.engine import InformerProgress, RuleProgress

PODS = InformerProgress("v1 Pod", synced=True, objects=1200, problem="")
NODES = InformerProgress("v1 Node", synced=False, objects=0, problem="")


def test_the_first_missing_watch_is_named() -> None:
    assert syncing_text([PODS, NODES]) == "reading 1/2 watches, 1200 objects; waiting for v1 Node"


def test_what_keeps_a_watch_is_told() -> None:
    denied = InformerProgress("v1 Node", synced=False, objects=0, problem="forbidden: nodes is forbidden")
    assert syncing_text([denied]) == (
        "reading 0/1 watches, 0 objects; waiting for v1 Node (forbidden: nodes is forbidden)"
    )


def test_nothing_is_missing_at_the_end() -> None:
    assert syncing_text([PODS]) == "reading 1/1 watches, 1200 objects"


def test_when_all_is_there_the_rules_are_ready() -> None:
    rules = [RuleProgress("bw", ready=True, problem="", queued=0)]
    assert ready_text([PODS], rules, 0.83) == "1 rule ready: 1 watch, 1200 objects, 800ms"


def test_rules_that_are_not_ready_are_told_with_the_reason() -> None:
    rules = [
        RuleProgress("bw", ready=True, problem="", queued=0),
        RuleProgress("crd", ready=False, problem="waits for a.io/v1 B to be served", queued=0),
        RuleProgress("slow", ready=False, problem="", queued=0),
    ]
    assert ready_text([PODS, NODES], rules, 30.0) == (
        "1 rule ready: 2 watches, 1200 objects, 30s\n"
        "  crd is not ready: waits for a.io/v1 B to be served\n"
        "  slow is not ready: its first list has not come"
    )
