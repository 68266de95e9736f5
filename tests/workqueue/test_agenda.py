"""Any sequence of calls keeps what the queue promises, checked against a model that is plainly right."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from rulectl.workqueue.agenda import Agenda
from rulectl.workqueue.line import RESERVE_EVERY

KEYS = st.integers(0, 5)
PRIORITIES = st.integers(-1, 1)


class AgendaMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.agenda: Agenda[int] = Agenda()
        self.now = 0.0
        self.wanted: dict[int, tuple[float, int]] = {}
        """By key: from when it is to be handed out, and with which priority."""
        self.running: set[int] = set()
        self.taken = 0

    def want(self, key: int, at: float, priority: int) -> None:
        before = self.wanted.get(key, (at, priority))
        self.wanted[key] = (min(at, before[0]), max(priority, before[1]))

    def ready(self) -> dict[int, int]:
        due = {key: priority for key, (at, priority) in self.wanted.items() if at <= self.now}
        return {key: priority for key, priority in due.items() if key not in self.running}

    @rule(key=KEYS, priority=PRIORITIES)
    def add(self, key: int, priority: int) -> None:
        self.agenda.add(key, priority, self.now)
        self.want(key, self.now, priority)

    @rule(key=KEYS, priority=PRIORITIES, seconds=st.integers(0, 4))
    def add_later(self, key: int, priority: int, seconds: int) -> None:
        self.agenda.add_at(key, self.now + seconds, priority, self.now)
        self.want(key, self.now + seconds, priority)

    @rule(seconds=st.integers(1, 3))
    def pass_time(self, seconds: int) -> None:
        self.now += seconds

    @rule()
    def take(self) -> None:
        ready = self.ready()
        key = self.agenda.take(self.now)
        assert (key is None) == (not ready)
        if key is None:
            return
        self.taken += 1
        best = min if self.taken % RESERVE_EVERY == 0 else max
        assert ready[key] == best(ready.values())
        self.running.add(key)
        del self.wanted[key]

    @rule(key=KEYS)
    def finish(self, key: int) -> None:
        if key in self.running:
            self.agenda.done(key, self.now)
            self.running.discard(key)

    @invariant()
    def nothing_is_lost_and_nothing_is_there_twice(self) -> None:
        assert len(self.agenda) == len(self.wanted)
        assert set(self.agenda.processing) == self.running

    @invariant()
    def the_next_time_is_known(self) -> None:
        later = [at for at, _ in self.wanted.values() if at > self.now]
        next_at = self.agenda.delays.next_at()
        assert next_at is None or next_at <= min([*later, next_at])
        if later:
            assert next_at is not None


TestAgenda = AgendaMachine.TestCase
TestAgenda.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def test_a_key_put_off_again_and_again_leaves_no_garbage_behind() -> None:
    agenda: Agenda[int] = Agenda()
    for number in range(10_000):
        agenda.add_at(1, 1_000_000.0 - number, 0, 0.0)
    assert len(agenda.delays._heap) < 100
