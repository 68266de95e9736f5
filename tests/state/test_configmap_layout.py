from __future__ import annotations

import random
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulectl.state.configmap_layout import RULES, Layout, Names, fnv1a64

names = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,8}[a-z0-9])?", fullmatch=True)
layouts = st.builds(Layout, st.sampled_from([128, 256, 4096]), st.integers(1, 200)) | st.just(Layout())


@pytest.mark.parametrize(
    ("text", "value"), [("", 0xCBF29CE484222325), ("a", 0xAF63DC4C8601EC8C), ("foobar", 0x85944171F73967E8)]
)
def test_the_hash_is_fnv1a(text: str, value: int) -> None:
    assert fnv1a64(text) == value


def test_a_page_is_the_top_bits_of_the_hash() -> None:
    assert Layout(64).page_of("a") == 0xAF63DC4C8601EC8C >> 58
    assert Layout(128, 1).page_of("a") == 0xAF63DC4C8601EC8C >> 57


@given(st.uuids().map(str))
def test_doubling_splits_each_page_in_two(uid: str) -> None:
    layout = Layout()
    assert layout.doubled(7).page_of(uid) // 2 == layout.page_of(uid)


def test_pages_are_about_equally_full() -> None:
    layout = Layout()
    counts = [0] * 64
    rng = random.Random(1)
    for _ in range(20_000):
        counts[layout.page_of(str(uuid.UUID(int=rng.getrandbits(128))))] += 1
    assert min(counts) > 200
    assert max(counts) < 450


def test_names_are_as_documented() -> None:
    found = Names("rulectl")
    assert [
        found.head, found.page(Layout(), RULES), found.page(Layout(), 7), found.page(Layout(128, 3), 7),
        found.segment(2, 5),
    ] == [
        "rulectl-state-rulectl-head",
        "rulectl-state-rulectl-rules",
        "rulectl-state-rulectl-07",
        "rulectl-state-rulectl-128-3-0007",
        "rulectl-state-rulectl-log-2-000005",
    ]  # fmt: skip


def all_names(name: str, layout: Layout, epoch: int) -> set[str]:
    found = Names(name)
    pages = {found.page(layout, index) for index in (RULES, 0, 5, 63)}
    return {found.head, found.segment(epoch, 1), found.segment(epoch, 10), *pages}


@given(names, st.sampled_from(["", "-head", "-rules", "-05", "-log-3", "-128-3", "-128", "-log"]), layouts, layouts)
def test_no_two_states_share_a_name(name: str, tail: str, one: Layout, other: Layout) -> None:
    if tail:
        assert not all_names(name, one, 3) & all_names(name + tail, other, 3)


@given(names, layouts.filter(lambda one: one.epoch > 0))
def test_names_tell_their_epoch(name: str, layout: Layout) -> None:
    found = Names(name)
    assert found.epoch_of(found.page(layout, 1)) == layout.epoch
    assert found.epoch_of(found.page(Layout(), 1)) == 0
    assert found.epoch_of(found.segment(9, 1)) == 9
    assert found.epoch_of(found.head) is None
    assert found.epoch_of(found.page(layout, RULES)) is None
    assert found.epoch_of("05") is None


def test_a_layout_comes_back_from_json() -> None:
    assert Layout.of(Layout(128, 4).to_json()) == Layout(128, 4)
    with pytest.raises(ValueError, match="no layout"):
        Layout.of({"count": 3, "epoch": 1})
