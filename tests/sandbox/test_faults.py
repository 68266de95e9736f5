from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulectl.sandbox import Answer, Fault, NoAnswer, Silence
from rulectl.sandbox.fault import fault_of
from rulectl.sandbox.mangler import GARBAGE, Mangler
from tests.sandbox.client import CONFIG_MAPS, PODS, Client, config_map, events, told


def lines(count: int) -> list[bytes]:
    text = '{{"type":"ADDED","object":{{"metadata":{{"name":"m{0}","resourceVersion":"{0}"}}}}}}\n'
    return [text.format(number).encode() for number in range(1, count + 1)]


def mangled(fault: Fault, count: int = 5) -> tuple[list[bytes], Mangler]:
    mangler = Mangler(fault, random.Random(1))
    found: list[bytes] = []
    for line in lines(count):
        mangler.feed(line)
        found += (mangler.take(0.0) or b"").splitlines(keepends=True)
    return found, mangler


def test_a_status_takes_the_place_of_the_answer(client: Client) -> None:
    client.sandbox.faults.add(Fault(method="GET", status=429, retry_after=7))
    refused = client.get(CONFIG_MAPS, code=429)
    assert (refused["reason"], client.headers["Retry-After"]) == ("TooManyRequests", "7")
    client.create(CONFIG_MAPS, config_map("a"))


@pytest.mark.parametrize(
    ("fault", "silence"),
    [
        (Fault(reset=True), Silence.RESET),
        (Fault(refuse=True), Silence.REFUSE),
        (Fault(hang=True), Silence.HANG),
    ],
)
def test_a_request_can_go_without_an_answer(client: Client, fault: Fault, silence: Silence) -> None:
    client.sandbox.faults.add(fault)
    assert client.ask("POST", CONFIG_MAPS, config_map("a")) == NoAnswer(silence)
    client.sandbox.faults.clear()
    assert client.names(CONFIG_MAPS) == []


def test_only_the_answer_is_lost_where_the_request_is_carried_out(client: Client) -> None:
    client.sandbox.faults.add(Fault(method="POST", reset=True, carry_out=True))
    assert isinstance(client.ask("POST", CONFIG_MAPS, config_map("a")), NoAnswer)
    assert client.names(CONFIG_MAPS) == ["a"]


def test_a_delay_is_told_with_the_answer(client: Client) -> None:
    client.sandbox.faults.add(Fault(delay=3.5))
    reply = client.ask("GET", CONFIG_MAPS)
    assert isinstance(reply, Answer)
    assert (reply.status, reply.delay_seconds) == (200, 3.5)
    assert client.watch(CONFIG_MAPS).delay_seconds == 3.5


def test_a_fault_keeps_to_its_method_path_and_kind_of_request(client: Client) -> None:
    client.sandbox.faults.add(Fault(method="GET", path=".*/configmaps", watch=False, status=500))
    client.get(CONFIG_MAPS, code=500)
    client.get(PODS)
    client.watch(CONFIG_MAPS)
    client.create(CONFIG_MAPS, config_map("a"))
    client.get(f"{CONFIG_MAPS}/a")


def test_a_fault_skips_and_stops_as_it_is_told(client: Client) -> None:
    client.sandbox.faults.add(Fault(status=503, skip=1, times=2))
    statuses = [reply.status for _ in range(5) if isinstance(reply := client.ask("GET", PODS), Answer)]
    assert statuses == [200, 503, 503, 200, 200]


def test_the_same_seed_throws_the_same_dice(client: Client) -> None:
    client.sandbox.faults.add(Fault(status=503, probability=0.5))

    def throw() -> list[int]:
        client.sandbox.faults.seed(7)
        return [reply.status for _ in range(20) if isinstance(reply := client.ask("GET", PODS), Answer)]

    first = throw()
    assert first == throw()
    assert {200, 503} == set(first)


def test_every_hit_is_on_record(client: Client) -> None:
    fault = Fault(path=PODS, status=500)
    client.sandbox.faults.add(fault)
    client.clock.advance(5)
    client.get(PODS, code=500)
    client.get(CONFIG_MAPS)
    (hit,) = client.sandbox.faults.injected
    assert (hit.fault, hit.method, hit.path, hit.at) == (fault, "GET", PODS, 5.0)


def test_a_removed_fault_is_in_force_no_longer(client: Client) -> None:
    number = client.sandbox.faults.add(Fault(status=500))
    client.sandbox.faults.remove(number)
    client.get(PODS)


def test_a_watch_is_gone_after_so_many_events(client: Client) -> None:
    client.sandbox.faults.add(Fault(watch=True, gone=1))
    watch = client.watch(CONFIG_MAPS)
    for name in ("a", "b"):
        client.create(CONFIG_MAPS, config_map(name))
    first, error = events(watch)
    assert (first["type"], error["type"], error["object"]["code"]) == ("ADDED", "ERROR", 410)
    assert (watch.closed, watch.cut) == (True, False)


def test_a_watch_ends_cleanly_after_so_many_events(client: Client) -> None:
    client.sandbox.faults.add(Fault(end_after=2))
    watch = client.watch(CONFIG_MAPS)
    for name in ("a", "b", "c"):
        client.create(CONFIG_MAPS, config_map(name))
    assert told(watch) == [("ADDED", "a"), ("ADDED", "b")]
    assert (watch.closed, watch.cut) == (True, False)


def test_a_watch_is_cut_in_the_middle_of_a_line(client: Client) -> None:
    client.sandbox.faults.add(Fault(reset_after=1, mid_line=True))
    watch = client.watch(CONFIG_MAPS)
    for name in ("a", "b"):
        client.create(CONFIG_MAPS, config_map(name))
    whole, rest = watch.read().split(b"\n")
    assert whole.endswith(b"}")
    assert rest.startswith(b'{"type":"ADDED"')
    assert (watch.closed, watch.cut) == (True, True)


def test_a_stalled_watch_never_ends(client: Client) -> None:
    client.sandbox.faults.add(Fault(stall_after=1))
    watch = client.watch(CONFIG_MAPS, timeoutSeconds="10", allowWatchBookmarks="1")
    for name in ("a", "b"):
        client.create(CONFIG_MAPS, config_map(name))
    assert told(watch) == [("ADDED", "a")]
    client.clock.advance(3600)
    assert (watch.read(), watch.closed, watch.next_deadline()) == (b"", False, None)


def test_a_watch_that_is_stalled_from_the_beginning_says_nothing(client: Client) -> None:
    client.sandbox.faults.add(Fault(stall_after=0))
    client.create(CONFIG_MAPS, config_map("a"))
    watch = client.watch(CONFIG_MAPS)
    assert (watch.read(), watch.closed) == (b"", False)


def test_a_slow_watch_gives_one_line_at_a_time(client: Client) -> None:
    client.sandbox.faults.add(Fault(slow_seconds=5))
    for name in ("a", "b"):
        client.create(CONFIG_MAPS, config_map(name))
    watch = client.watch(CONFIG_MAPS, timeoutSeconds="7")
    seen = []
    while not watch.closed:
        seen += [(client.clock.monotonic(), name) for _, name in told(watch)]
        deadline = watch.next_deadline()
        client.clock.advance((deadline or 0.0) - client.clock.monotonic())
    assert seen == [(0.0, "a"), (5.0, "b")]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault(dup=2), [1, 2, 2, 3, 4, 5]),
        (Fault(drop=2), [1, 3, 4, 5]),
        (Fault(reorder=2), [1, 3, 2, 4, 5]),
        (Fault(end_after=0), []),
        (Fault(end_after=3), [1, 2, 3]),
        (Fault(reset_after=0), []),
        (Fault(drop=2, end_after=2), [1]),
        (Fault(drop=1.0), []),
        (Fault(dup=1.0, end_after=2), [1, 1, 2, 2]),
    ],
)
def test_events_are_lost_doubled_and_swapped(fault: Fault, expected: list[int]) -> None:
    all_lines = lines(5)
    assert mangled(fault)[0] == [all_lines[number - 1] for number in expected]


def test_garbage_comes_between_two_events() -> None:
    found, _ = mangled(Fault(garbage=2), 3)
    assert found == [*lines(2), GARBAGE, lines(3)[2]]


def test_gone_names_the_version_of_the_last_event() -> None:
    found, mangler = mangled(Fault(gone=2))
    assert b"too old resource version: 2 (2)" in found[-1]
    assert mangler.over


@given(st.lists(st.integers(1, 4)))
def test_the_chunks_in_which_lines_come_make_no_difference(cuts: list[int]) -> None:
    mangler = Mangler(Fault(dup=3, reorder=5), random.Random(1))
    rest, found = lines(8), b""
    for cut in [*cuts, 8]:
        mangler.feed(b"".join(rest[:cut]))
        rest = rest[cut:]
        found += mangler.take(0.0) or b""
    assert found == b"".join(mangled(Fault(dup=3, reorder=5), 8)[0])


def test_a_fault_can_be_written_as_json() -> None:
    assert fault_of({"path": "/x", "status": 500, "times": 1}) == Fault(path="/x", status=500, times=1)


def test_a_misspelt_fault_is_refused() -> None:
    with pytest.raises(ValueError, match="a fault has no stats; it has "):
        fault_of({"stats": 500})
