"""The ledger in front of each store, against a model that is two dictionaries."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from rulectl.errors import TransientError
from rulectl.resource import ObjectKey
from rulectl.state.ledger import Ledger
from rulectl.state.memory import MemoryStore
from rulectl.state.record import Record, RuleState
from rulectl.state.store import Drop, DropRule, Edit, Put, PutRule
from tests.state.places import InCluster, InFile, InMemory, Place
from tests.state.sample import record, rule_state

rules = st.sampled_from(["r1", "r2"])
uids = st.sampled_from(["a", "b", "c"])
records = st.builds(record, uids, rule=rules, number=st.integers(1, 9), name=st.sampled_from(["web-0", "web-1"]))
edits = st.one_of(
    st.builds(Put, records),
    st.builds(Drop, rules, uids),
    st.builds(PutRule, st.builds(rule_state, rules, st.sampled_from(["*", "shop"]))),
    st.builds(DropRule, rules),
)


class Kept(RuleBasedStateMachine):
    """Any writes, flushes and restarts: the ledger says what the model says."""

    def __init__(self) -> None:
        super().__init__()
        self.place = self.make_place()
        self.ledger = Ledger(self.place.open())
        self.records: dict[tuple[str, str], Record] = {}
        self.states: dict[str, RuleState] = {}

    def make_place(self) -> Place:
        return InMemory()

    @rule(batch=st.lists(edits, max_size=4), durable=st.booleans())
    def write(self, batch: list[Edit], durable: bool) -> None:
        self.ledger.write(batch, durable=durable)
        for edit in batch:
            match edit:
                case Put(kept):
                    self.records[kept.rule, kept.uid] = kept
                case Drop(name, uid):
                    self.records.pop((name, uid), None)
                case PutRule(state):
                    self.states[state.rule] = state
                case DropRule(name):
                    self.states.pop(name, None)

    @rule()
    def flush(self) -> None:
        self.ledger.flush()
        assert self.ledger.next_flush() is None

    @rule()
    def restart(self) -> None:
        self.ledger.close()
        self.ledger = Ledger(self.place.open())

    @invariant()
    def says_what_the_model_says(self) -> None:
        found = {(one.rule, one.uid): one for name in ("r1", "r2") for one in self.ledger.of_rule(name)}
        assert found == self.records
        assert {state.rule: state for state in self.ledger.rules()} == self.states
        for name in ("r1", "r2"):
            assert self.ledger.rule(name) == self.states.get(name)
            for uid in "abc":
                assert self.ledger.record(name, uid) == self.records.get((name, uid))
            for place in ("web-0", "web-1"):
                here = {one.uid: one for one in self.ledger.at(name, ObjectKey("shop", place))}
                assert here == {uid: one for (of, uid), one in self.records.items() if (of, one.name) == (name, place)}

    def teardown(self) -> None:
        self.ledger.close()


class KeptInFile(Kept):
    """The same in a file."""

    def make_place(self) -> Place:
        self.folder = tempfile.TemporaryDirectory()
        return InFile(Path(self.folder.name))

    def teardown(self) -> None:
        super().teardown()
        self.folder.cleanup()


class KeptInCluster(Kept):
    """The same in ConfigMaps."""

    def make_place(self) -> Place:
        return InCluster()


TestMemory = Kept.TestCase
TestMemory.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestFile = KeptInFile.TestCase
TestFile.settings = settings(
    max_examples=8, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestCluster = KeptInCluster.TestCase
TestCluster.settings = settings(
    max_examples=12, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


class Refusing(MemoryStore):
    """Takes nothing while `refuses`."""

    refuses = False

    def write(self, edits: Sequence[Edit], *, durable: bool) -> None:
        if self.refuses:
            raise TransientError("not now")
        super().write(edits, durable=durable)


def test_what_the_store_refuses_is_not_in_the_ledger_either() -> None:
    store = Refusing()
    ledger = Ledger(store)
    ledger.write([Put(record("a"))])
    store.refuses = True
    with pytest.raises(TransientError):
        ledger.write([Put(record("b")), Drop("pod-bandwidth", "a"), PutRule(rule_state())], durable=True)
    assert [one.uid for one in ledger.of_rule("pod-bandwidth")] == ["a"]
    assert ledger.rules() == []


def test_records_at_a_place_come_oldest_first() -> None:
    ledger = Ledger(MemoryStore())
    ledger.write([Put(record("z")), Put(record("a")), Put(record("m", name="elsewhere"))])
    ledger.write([Put(record("z", number=2))])
    assert [one.uid for one in ledger.at("pod-bandwidth", ObjectKey("shop", "web-0"))] == ["z", "a"]


def test_a_record_that_moved_is_found_at_its_new_place_only() -> None:
    ledger = Ledger(MemoryStore())
    ledger.write([Put(record("a")), Put(record("a", name="web-1"))])
    assert ledger.at("pod-bandwidth", ObjectKey("shop", "web-0")) == []
    assert [one.uid for one in ledger.at("pod-bandwidth", ObjectKey("shop", "web-1"))] == ["a"]


def test_a_ledger_of_a_store_that_lasts_says_so() -> None:
    assert not Ledger(MemoryStore()).is_durable
    assert Ledger(MemoryStore(is_durable=True)).is_durable


def test_records_are_values() -> None:
    with pytest.raises(AttributeError):
        record().number = 5  # type: ignore[misc]
    assert msgspec.structs.replace(record(), number=5) == record(number=5)
