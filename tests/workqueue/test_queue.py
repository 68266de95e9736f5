import random
import threading

import pytest

from rulectl.clock import SystemClock, VirtualClock
from rulectl.workqueue import Backoff, WorkQueue


class Bench:
    """A queue stepped by one thread."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.queue: WorkQueue[str] = WorkQueue(
            self.clock, "bench", backoff=Backoff(1.0, 60.0, randomness=random.Random(1))
        )

    def rest(self) -> list[str]:
        """All that is ready, in order, each done at once."""
        taken = []
        while (key := self.queue.try_get()) is not None:
            taken.append(key)
            self.queue.done(key)
        return taken


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_keys_come_out_in_the_order_they_went_in(bench: Bench) -> None:
    for key in "cab":
        bench.queue.add(key)
    assert bench.rest() == ["c", "a", "b"]


def test_a_key_added_twice_is_handed_out_once(bench: Bench) -> None:
    bench.queue.add("a")
    bench.queue.add("a")
    assert (len(bench.queue), bench.rest()) == (1, ["a"])


def test_a_key_never_runs_twice_at_once(bench: Bench) -> None:
    bench.queue.add("a")
    assert bench.queue.try_get() == "a"
    bench.queue.add("a")
    assert bench.queue.try_get() is None


def test_a_key_added_while_it_is_worked_on_runs_again(bench: Bench) -> None:
    bench.queue.add("a")
    bench.queue.try_get()
    bench.queue.add("a")
    bench.queue.done("a")
    assert bench.rest() == ["a"]


def test_done_for_a_key_that_nobody_works_on_is_a_bug(bench: Bench) -> None:
    with pytest.raises(KeyError):
        bench.queue.done("a")


def test_higher_priorities_go_first(bench: Bench) -> None:
    for key, priority in [("low", -100), ("plain", 0), ("high", 5)]:
        bench.queue.add(key, priority)
    assert bench.rest() == ["high", "plain", "low"]


def test_adding_again_keeps_the_higher_priority(bench: Bench) -> None:
    bench.queue.add("a", -100)
    bench.queue.add("b", 0)
    bench.queue.add("a", 5)
    bench.queue.add("a", -100)
    assert bench.rest() == ["a", "b"]


def test_a_low_priority_gets_a_turn_under_lasting_load(bench: Bench) -> None:
    bench.queue.add("old", -100)
    order = []
    for number in range(40):
        bench.queue.add(f"new-{number}")
        bench.queue.add(f"newer-{number}")
        order.append(bench.queue.try_get())
    assert order.index("old") == 15


def test_no_key_waits_longer_than_those_before_it(bench: Bench) -> None:
    keys = [f"{number}" for number in range(5000)]
    for key in keys:
        bench.queue.add(key)
        bench.queue.add("0")
    assert bench.rest() == keys


def test_a_delayed_key_comes_out_when_its_time_has_come(bench: Bench) -> None:
    bench.queue.add_after("a", 5)
    assert (bench.rest(), bench.queue.next_deadline()) == ([], 5.0)
    bench.clock.advance(5)
    assert (bench.rest(), bench.queue.next_deadline()) == (["a"], None)


@pytest.mark.parametrize("delays", [(5, 9), (9, 5)], ids=["later second", "earlier second"])
def test_the_earlier_time_wins(bench: Bench, delays: tuple[int, int]) -> None:
    for delay in delays:
        bench.queue.add_after("a", delay)
    bench.clock.advance(5)
    assert bench.rest() == ["a"]
    bench.clock.advance(5)
    assert bench.rest() == []


def test_an_added_key_does_not_wait_for_its_delay(bench: Bench) -> None:
    bench.queue.add_after("a", 60)
    bench.queue.add("a")
    assert (bench.rest(), bench.queue.next_deadline()) == (["a"], None)


def test_a_delay_keeps_the_highest_priority_asked_for(bench: Bench) -> None:
    bench.queue.add_after("a", 1, priority=5)
    bench.queue.add_after("a", 2, priority=-5)
    bench.queue.add_after("b", 0.5, priority=0)
    bench.clock.advance(3)
    assert bench.rest() == ["a", "b"]


def test_a_delay_that_ends_while_the_key_is_worked_on_makes_it_run_again(bench: Bench) -> None:
    bench.queue.add("a")
    bench.queue.try_get()
    bench.queue.add_after("a", 1)
    bench.clock.advance(2)
    assert bench.queue.try_get() is None
    bench.queue.done("a")
    assert bench.rest() == ["a"]


def test_a_retry_keeps_its_priority_and_waits_alone(bench: Bench) -> None:
    bench.queue.add("a", 7)
    bench.queue.try_get()
    seconds = bench.queue.add_rate_limited("a")
    bench.queue.done("a")
    bench.queue.add("b")
    assert bench.rest() == ["b"]
    bench.clock.advance(seconds)
    bench.queue.add("c", 6)
    assert (bench.rest(), bench.queue.failures("a")) == (["a", "c"], 1)


def test_a_success_forgets_the_failures(bench: Bench) -> None:
    bench.queue.add_rate_limited("a")
    bench.queue.forget("a")
    assert (bench.queue.failures("a"), len(bench.queue)) == (0, 1)


def test_a_queue_that_was_shut_down_takes_nothing_and_hands_out_nothing(bench: Bench) -> None:
    bench.queue.add("a")
    bench.queue.shut_down()
    bench.queue.add("b")
    bench.queue.add_after("c", 0)
    assert (bench.queue.try_get(), len(bench.queue), bench.queue.is_shut_down) == (None, 1, True)


def test_stats_tell_depth_totals_and_times(bench: Bench) -> None:
    bench.queue.add("a")
    bench.queue.add("b", 3)
    bench.queue.add_after("c", 60)
    bench.clock.advance(2)
    bench.queue.try_get()
    bench.clock.advance(1)
    stats = bench.queue.stats()
    assert (stats.depth, stats.depths, stats.delayed, stats.processing) == (1, {0: 1}, 1, 1)
    assert (stats.adds_total, stats.taken_total, stats.queue_seconds_total) == (3, 1, 2.0)
    assert (stats.oldest_ready_seconds, stats.longest_running_seconds, stats.unfinished_seconds) == (
        3.0,
        1.0,
        1.0,
    )
    bench.queue.done("b")
    assert (bench.queue.stats().done_total, bench.queue.stats().work_seconds_total) == (1, 1.0)


def test_it_is_idle_while_only_delays_wait(bench: Bench) -> None:
    bench.queue.add_after("a", 5)
    assert bench.queue.is_idle()
    bench.clock.advance(5)
    assert not bench.queue.is_idle()


class Pool:
    """Worker threads that note what they were given."""

    def __init__(self, queue: WorkQueue[int], workers: int, stop: threading.Event | None = None) -> None:
        self.queue = queue
        self.stop = stop
        self.seen: list[int] = []
        self.served = threading.Semaphore(0)
        self.threads = [threading.Thread(target=self.work, daemon=True) for _ in range(workers)]
        for thread in self.threads:
            thread.start()

    def work(self) -> None:
        while (key := self.queue.get(stop=self.stop)) is not None:
            self.seen.append(key)
            self.queue.done(key)
            self.served.release()

    def has_ended(self) -> bool:
        for thread in self.threads:
            thread.join(5)
        return not any(thread.is_alive() for thread in self.threads)


def test_shutting_down_frees_parked_workers() -> None:
    queue: WorkQueue[int] = WorkQueue(SystemClock(), "parked")
    queue.add_after(1, 3600)
    pool = Pool(queue, 8)
    queue.shut_down()
    assert pool.has_ended()


def test_a_stop_event_and_a_wake_free_one_pool_only() -> None:
    queue: WorkQueue[int] = WorkQueue(SystemClock(), "parked")
    stop = threading.Event()
    leaving, staying = Pool(queue, 3, stop), Pool(queue, 1)
    stop.set()
    queue.wake()
    assert leaving.has_ended()
    queue.add(1)
    assert staying.served.acquire(timeout=5)
    queue.shut_down()
    assert staying.has_ended()


def test_every_key_reaches_some_worker() -> None:
    queue: WorkQueue[int] = WorkQueue(SystemClock(), "busy")
    pool = Pool(queue, 8)
    for key in range(300):
        queue.add_after(key, key % 7 / 1000)
    assert all(pool.served.acquire(timeout=5) for _ in range(300))
    assert queue.drain(5)
    assert pool.has_ended()
    assert sorted(pool.seen) == list(range(300))


def test_a_parked_worker_sees_a_delay_end_although_the_one_that_kept_the_time_is_busy() -> None:
    queue: WorkQueue[str] = WorkQueue(SystemClock(), "timed")
    busy, second = threading.Event(), threading.Event()

    def work() -> None:
        while (key := queue.get()) is not None:
            if key == "second":
                second.set()
            busy.wait(5)
            queue.done(key)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(2)]
    for thread in threads:
        thread.start()
    queue.add_after("first", 0.01)
    queue.add_after("second", 0.03)
    assert second.wait(5)
    busy.set()
    assert queue.drain(5)
    for thread in threads:
        thread.join(5)


def test_get_gives_up_after_its_timeout() -> None:
    assert WorkQueue[str](SystemClock(), "empty").get(timeout_seconds=0.01) is None


def test_draining_waits_for_the_running_and_says_when_they_take_too_long() -> None:
    queue: WorkQueue[str] = WorkQueue(SystemClock(), "draining")
    queue.add("a")
    queue.add("b")
    assert queue.get() == "a"
    assert not queue.drain(0.01)
    timer = threading.Timer(0.02, queue.done, ["a"])
    timer.start()
    assert queue.drain(5)
    assert queue.get() is None
    timer.join()
