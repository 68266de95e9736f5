"""The machine alone: outcomes in, the next activity and effects out."""

from __future__ import annotations

from random import Random

import pytest

from rulectl.errors import Forbidden, Gone, PermanentError, RulectlError, TransientError, Unreachable
from rulectl.informer.machine import Machine
from rulectl.informer.step import (
    Apply,
    Effect,
    Ended,
    Failed,
    Fetched,
    FetchPage,
    Opened,
    OpenWatch,
    Outcome,
    Quiet,
    ReadStream,
    Received,
    Replace,
    Restart,
    Sleep,
    Woke,
)
from rulectl.kube.frames import Bookmark, Broken, Event, Failure, Put, Removed
from rulectl.kube.object import KubeObject, PlainObject
from rulectl.kube.page import ListPage
from rulectl.resource import ObjectKey

END = Bookmark("10", ends_initial_events=True)


def pod(name: str, version: int = 5, uid: str = "") -> KubeObject:
    return PlainObject({"metadata": {"name": name, "uid": uid or name, "resourceVersion": str(version)}})


class Course:
    """A machine with a time to it."""

    def __init__(self, *, list_by_watch: bool = True) -> None:
        self.machine = Machine(Random(1), list_by_watch=list_by_watch)
        self.now = 0.0

    def take(self, *outcomes: Outcome) -> list[Effect]:
        effects: list[Effect] = []
        for outcome in outcomes:
            effects += self.machine.handle(outcome, self.now)
        return effects

    def receive(self, *events: Event) -> list[Effect]:
        return self.take(Received(events))

    def page(self) -> FetchPage:
        assert isinstance(self.machine.next, FetchPage)
        return self.machine.next

    @property
    def delay(self) -> float:
        assert isinstance(self.machine.next, Sleep)
        return self.machine.next.until - self.now


def running() -> Course:
    """A course whose list by watch has ended at version 10."""
    course = Course()
    course.take(Opened())
    course.receive(END)
    course.now = 30.0
    return course


def test_initial_events_become_one_list_and_the_same_stream_goes_on() -> None:
    course = Course()
    course.take(Opened())
    effects = course.receive(Put(pod("a")), Put(pod("b")), Removed(pod("b")), END, Put(pod("c", 11)))
    replace, apply = effects
    assert isinstance(replace, Replace)
    assert [key.name for key in replace.objects] == ["a"]
    assert isinstance(apply, Apply)
    assert course.machine.resource_version == "11"
    assert isinstance(course.machine.next, ReadStream)


def test_a_later_initial_event_of_an_object_replaces_the_earlier_one() -> None:
    course = Course()
    course.take(Opened())
    (replace,) = course.receive(Put(pod("a", 5)), Put(pod("a", 7)), END)
    assert isinstance(replace, Replace)
    assert [item.resource_version for item in replace.objects.values()] == ["7"]


def test_a_cut_before_the_initial_events_end_starts_the_list_anew() -> None:
    course = Course()
    course.take(Opened())
    assert course.receive(Put(pod("a"))) == []
    course.take(Failed(Unreachable("cut")), Woke(), Opened())
    (replace,) = course.receive(Put(pod("b")), END)
    assert isinstance(replace, Replace)
    assert [key.name for key in replace.objects] == ["b"]


def test_three_cuts_before_the_end_make_the_next_list_one_in_pages() -> None:
    course = Course()
    for _ in range(3):
        course.take(Opened(), Failed(Unreachable("cut")), Woke())
    assert course.machine.next == FetchPage(500)


def test_pages_are_put_together() -> None:
    course = Course(list_by_watch=False)
    assert course.take(Fetched(ListPage([pod("a")], [], "10", "more"))) == []
    assert course.page() == FetchPage(500, "more")
    (replace,) = course.take(Fetched(ListPage([pod("b")], [], "10", "")))
    assert isinstance(replace, Replace)
    assert [key.name for key in replace.objects] == ["a", "b"]
    assert isinstance(course.machine.next, OpenWatch)


@pytest.mark.parametrize("error", [Unreachable("x"), TransientError("x", status=429), Forbidden("x")], ids=repr)
def test_a_watch_is_resumed_from_its_version_after_failures_that_say_nothing_of_versions(
    error: RulectlError,
) -> None:
    course = running()
    course.receive(Put(pod("a", 12)))
    course.take(Failed(error), Woke())
    assert isinstance(course.machine.next, OpenWatch)
    assert (course.machine.next.resource_version, course.machine.next.initial_events) == ("12", False)


@pytest.mark.parametrize(
    "error", [Gone("x", status=410), TransientError("x", status=500), PermanentError("x")], ids=repr
)
def test_an_error_in_the_stream_that_spoils_the_version_makes_it_list_again(error: RulectlError) -> None:
    course = running()
    course.receive(Failure(error))
    course.take(Woke())
    assert isinstance(course.machine.next, OpenWatch)
    assert course.machine.next.initial_events


def test_events_before_an_error_count() -> None:
    course = running()
    (apply,) = course.receive(Put(pod("a", 11)), Failure(TransientError("x", status=429)), Put(pod("b", 12)))
    assert isinstance(apply, Apply)
    assert len(apply.events) == 1
    assert course.machine.resource_version == "11"


def test_a_bookmark_moves_the_version() -> None:
    course = running()
    assert course.receive(Bookmark("99", ends_initial_events=False)) == []
    assert course.machine.resource_version == "99"


def test_a_bookmark_from_the_past_makes_it_list_again() -> None:
    course = running()
    course.receive(Bookmark("3", ends_initial_events=False))
    assert isinstance(course.machine.next, OpenWatch)
    assert course.machine.next.resource_version == ""


def test_a_broken_event_moves_the_version_too() -> None:
    course = running()
    (apply,) = course.receive(Broken("odd", ObjectKey("", "a"), "", "44"))
    assert isinstance(apply, Apply)
    assert course.machine.resource_version == "44"


def test_a_clean_end_is_followed_by_a_watch_at_once() -> None:
    course = running()
    course.take(Ended())
    assert isinstance(course.machine.next, OpenWatch)
    assert 300 <= course.machine.next.timeout_seconds <= 600


def test_a_clean_end_within_a_second_without_progress_is_a_failure() -> None:
    course = running()
    course.take(Ended(), Opened(), Ended())
    assert course.delay >= 0.8
    assert course.machine.failure is not None


def test_delays_double_up_to_a_cap_and_start_small_after_two_quiet_minutes() -> None:
    course = Course()
    delays = []
    for _ in range(10):
        course.take(Failed(Unreachable("x")))
        delays.append(course.delay)
        course.now += course.delay
        course.take(Woke())
    assert 0.8 <= delays[0] < 1.6
    assert delays == sorted(delays[:6]) + delays[6:]
    assert all(30.0 <= delay < 60.0 for delay in delays[6:])
    course.now += 121.0
    course.take(Failed(Unreachable("x")))
    assert course.delay < 1.6


def test_retry_after_lengthens_a_delay_but_not_beyond_five_minutes() -> None:
    course = Course()
    course.take(Failed(TransientError("x", retry_after_seconds=7.0)))
    assert course.delay == 7.0
    course.take(Woke(), Failed(TransientError("x", retry_after_seconds=86400.0)))
    assert course.delay == 300.0


def test_one_silent_stream_is_resumed_and_two_are_given_up_for_a_list() -> None:
    course = running()
    course.receive(Bookmark("11", ends_initial_events=False))
    course.take(Quiet(), Opened(), Quiet())
    assert isinstance(course.machine.next, OpenWatch)
    assert not course.machine.next.initial_events
    course.take(Opened(), Quiet())
    assert isinstance(course.machine.next, OpenWatch)
    assert course.machine.next.initial_events


def test_a_restart_reads_everything_at_the_newest_version() -> None:
    course = running()
    course.take(Restart())
    assert isinstance(course.machine.next, OpenWatch)
    assert (course.machine.next.resource_version, course.machine.next.initial_events) == ("", True)


def test_success_clears_the_failure() -> None:
    course = running()
    course.take(Failed(Forbidden("x", status=403)))
    assert isinstance(course.machine.failure, Forbidden)
    course.take(Woke(), Opened())
    assert course.machine.failure is None
