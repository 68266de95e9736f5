"""What every store promises: see `rulectl.state.store.StateStore`."""

from __future__ import annotations

import threading

from rulectl.state.digest import digest_key
from rulectl.state.store import Drop, DropRule, Edit, Loaded, Put, PutRule, StateStore
from tests.state.places import Place
from tests.state.sample import content, full_record, record, rule_state


def opened(place: Place) -> tuple[StateStore, Loaded]:
    store = place.open()
    return store, store.load()


def test_a_new_state_is_empty_and_has_a_key(place: Place) -> None:
    store, loaded = opened(place)
    assert content(loaded) == ({}, {})
    assert len(digest_key(loaded.meta)) == 32
    store.close()


def test_the_key_stays_the_same(place: Place) -> None:
    store, first = opened(place)
    store.close()
    store, second = opened(place)
    assert second.meta["digest-key"] == first.meta["digest-key"]
    store.close()


def test_what_is_written_durably_is_there_for_the_next_process(place: Place) -> None:
    store, _ = opened(place)
    store.write([Put(record()), Put(full_record()), PutRule(rule_state("r", "a", "b"))], durable=True)
    store.close()
    store, loaded = opened(place)
    assert content(loaded) == (
        {("pod-bandwidth", "uid-1"): record(), ("everything", "u-1"): full_record()},
        {"r": rule_state("r", "a", "b")},
    )
    store.close()


def test_closing_makes_the_rest_durable(place: Place) -> None:
    store, _ = opened(place)
    store.write([Put(record())], durable=False)
    store.close()
    store, loaded = opened(place)
    assert loaded.records == (record(),)
    store.close()


def test_the_last_edit_of_a_record_counts(place: Place) -> None:
    store, _ = opened(place)
    edits: list[Edit] = [Put(record("a")), Put(record("a", number=2)), Put(record("b")), Drop("pod-bandwidth", "b")]
    store.write(edits, durable=True)
    store.write([Drop("pod-bandwidth", "a"), Put(record("a", number=3))], durable=False)
    store.write([Put(record("c")), Drop("pod-bandwidth", "c")], durable=True)
    store.close()
    store, loaded = opened(place)
    assert loaded.records == (record("a", number=3),)
    store.close()


def test_dropping_what_is_not_there_is_fine(place: Place) -> None:
    store, _ = opened(place)
    store.write([Drop("r", "u"), DropRule("r")], durable=True)
    store.close()
    store, loaded = opened(place)
    assert content(loaded) == ({}, {})
    store.close()


def test_a_rule_and_its_records_are_kept_apart(place: Place) -> None:
    store, _ = opened(place)
    store.write([Put(record()), PutRule(rule_state())], durable=True)
    store.write([DropRule("pod-bandwidth")], durable=True)
    store.close()
    store, loaded = opened(place)
    assert content(loaded) == ({("pod-bandwidth", "uid-1"): record()}, {})
    store.close()


def test_nothing_is_due_when_nothing_waits(place: Place) -> None:
    store, _ = opened(place)
    assert store.next_flush() is None
    store.write([Put(record())], durable=True)
    assert store.next_flush() is None
    store.flush_due(1e9)
    store.close()


def test_many_threads_write_at_once(place: Place) -> None:
    store, _ = opened(place)

    def write(worker: int) -> None:
        for number in range(1, 11):
            store.write([Put(record(f"uid-{worker}", number=number))], durable=number % 3 == 0)

    threads = [threading.Thread(target=write, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.close()
    store, loaded = opened(place)
    assert {(one.uid, one.number) for one in loaded.records} == {(f"uid-{worker}", 10) for worker in range(8)}
    store.close()


def test_a_store_can_be_closed_twice(place: Place) -> None:
    store, _ = opened(place)
    store.close()
    store.close()
