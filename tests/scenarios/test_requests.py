"""What people ask with ``rulectl state`` of a rulectl at work."""

from __future__ import annotations

from pathlib import Path

import pytest

from rulectl.state.mailbox import FolderMailbox
from rulectl.state.request import Ack, Clear, Rename, Request, Resume, Retry
from rulectl.testing.bench import Bench
from tests.scenarios.objects import POD, pod, rule, step

ON_BW = {"annotations": ["bw"]}


@pytest.fixture
def mailbox(tmp_path: Path) -> FolderMailbox:
    return FolderMailbox(tmp_path / "requests")


def asked(bench: Bench, mailbox: FolderMailbox, request: Request) -> str | None:
    number = mailbox.post(request)
    for _ in range(3):
        bench.clock.advance(2)
        bench.settle()
    return mailbox.answer(number)


def test_ack_lets_held_runs_go(mailbox: FolderMailbox) -> None:
    bench = Bench(rule(changed=ON_BW, events=["deleted"]), mailbox=mailbox)
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    bench.stop()
    bench.cluster.delete(POD, "a", "default")
    bench.start()
    assert bench.bodies() == []
    assert asked(bench, mailbox, Ack("r")) == "done: 1 object"
    assert (bench.bodies(), bench.store.load().records) == ([step("deleted", "A", "A")], ())


def test_retry_runs_again_what_failed_for_good_with_the_same_old_and_a_new_key(mailbox: FolderMailbox) -> None:
    bench = Bench(rule(changed=ON_BW, events=["added", "modified"]), mailbox=mailbox)
    bench.web.script.append(422)
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    assert asked(bench, mailbox, Retry("r", "default", "a")) == "done: 1 object"
    assert bench.bodies() == [step("added", None, "A"), step("added", None, "A")]
    assert len({one.key for one in bench.calls}) == 2


def test_retry_of_a_failed_deletion(mailbox: FolderMailbox) -> None:
    bench = Bench(rule(changed=ON_BW, events=["deleted"]), mailbox=mailbox)
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    bench.web.script.append(422)
    bench.cluster.delete(POD, "a", "default")
    bench.settle()
    assert asked(bench, mailbox, Retry("r")) == "done: 1 object"
    assert ([one.outcome for one in bench.runs()], bench.store.load().records) == (["failed", "succeeded"], ())


def test_resume_runs_what_is_owed(mailbox: FolderMailbox) -> None:
    bench = Bench(rule(changed=ON_BW, events=["added"], limits={"perMinute": 1}), mailbox=mailbox)
    for name in ("a", "b"):
        bench.cluster.apply(pod(name, bw="A"))
    bench.settle()
    assert len(bench.calls) == 1
    assert asked(bench, mailbox, Resume("r")) == "done: r goes on"
    assert len(bench.calls) == 2


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        pytest.param(Ack("r"), "nothing of rule 'r' is held", id="ack of nothing"),
        pytest.param(Retry("r"), "nothing of rule 'r' has failed for good", id="retry of nothing"),
        pytest.param(Resume("r"), "rule 'r' is not paused", id="resume of what is not paused"),
        pytest.param(Clear("r"), "rule 'r' is at work; take it out of the rules", id="clear of a rule at work"),
        pytest.param(Rename("r", "s"), "rule 'r' is at work; stop rulectl first", id="rename of a rule at work"),
        pytest.param(Ack("x"), "nothing is remembered of a rule 'x'; known rules: r", id="unknown rule"),
    ],
)
def test_what_cannot_be_done_is_answered_with_why(mailbox: FolderMailbox, request_: Request, answer: str) -> None:
    bench = Bench(rule(changed=ON_BW), mailbox=mailbox)
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    assert (asked(bench, mailbox, request_) or "").startswith(answer)


def test_records_of_a_rule_that_is_gone_are_kept_until_they_are_cleared(mailbox: FolderMailbox) -> None:
    bench = Bench(rule(changed=ON_BW), mailbox=mailbox)
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    bench.restart(rule("other", changed=ON_BW))
    assert {one.rule for one in bench.store.load().records} == {"r", "other"}
    assert (asked(bench, mailbox, Clear("r")) or "").startswith("done")
    assert {one.rule for one in bench.store.load().records} == {"other"}


def test_a_rename_carries_the_records_over(mailbox: FolderMailbox) -> None:
    bench = Bench(rule("old", changed=ON_BW), mailbox=mailbox)
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    bench.restart(rule("bystander", changed=ON_BW))
    assert (asked(bench, mailbox, Rename("old", "new")) or "").startswith("done")
    bench.cluster.apply(pod(bw="B"))
    bench.restart(rule("new", changed=ON_BW))
    assert [(one.rule, one.changes[0].old) for one in bench.runs("new")] == [("new", "A")]
