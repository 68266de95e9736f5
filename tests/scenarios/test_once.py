"""``run --once``: what is owed is tried so often, in each process anew."""

from __future__ import annotations

from rulectl.manager.settings import Settings
from rulectl.testing.bench import Bench
from tests.scenarios.objects import pod, rule

ON_BW = {"annotations": ["bw"]}
LIMIT = 3


def left() -> Bench:
    """A bench on which a first run with --once has left what it could not do."""
    settings = Settings(once=True, once_attempts=LIMIT, seed=1)
    bench = Bench(rule(changed=ON_BW, events=["added", "modified"]), settings=settings)
    bench.web.script += [500] * LIMIT
    bench.cluster.apply(pod(bw="A"))
    bench.pass_time(3600)
    return bench


def test_a_run_that_always_fails_is_tried_to_the_limit() -> None:
    bench = left()
    assert len(bench.calls) == LIMIT
    assert bench.store.load().records[0].run is not None


def test_the_next_process_tries_at_once_what_the_last_one_left() -> None:
    bench = left()
    bench.restart()
    assert len(bench.calls) == LIMIT + 1
    assert bench.store.load().records[0].run is None
    assert len({call.key for call in bench.calls}) == 1


def test_the_next_process_has_as_many_tries_as_the_last_one() -> None:
    bench = left()
    bench.web.script += [500] * LIMIT
    bench.restart()
    bench.pass_time(3600)
    assert len(bench.calls) == 2 * LIMIT
