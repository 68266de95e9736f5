"""The interpreter's switch interval is short while a step runs, and then what it was."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from rulectl.kube.haste import HASTE_SECONDS, in_haste


@pytest.fixture(autouse=True)
def usual() -> Iterator[float]:
    before = sys.getswitchinterval()
    yield before
    sys.setswitchinterval(before)


def microseconds() -> int:
    return round(sys.getswitchinterval() * 1e6)


@pytest.mark.parametrize("usual_microseconds", [29, 57, 500, 5000, 5001])
def test_the_interval_is_short_meanwhile_and_never_drifts(usual_microseconds: int) -> None:
    sys.setswitchinterval((usual_microseconds + 0.5) * 1e-6)
    for _ in range(50):
        assert in_haste(microseconds) == round(HASTE_SECONDS * 1e6)
    assert microseconds() == usual_microseconds


def test_a_haste_within_a_haste_leaves_the_end_to_the_first(usual: float) -> None:
    assert in_haste(lambda: (in_haste(microseconds), microseconds())) == (10, 10)
    assert sys.getswitchinterval() == usual


def test_what_another_has_set_meanwhile_stays() -> None:
    in_haste(lambda: sys.setswitchinterval(0.002))
    assert microseconds() == 2000


def test_an_error_ends_the_haste_too(usual: float) -> None:
    def fail() -> None:
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        in_haste(fail)
    assert sys.getswitchinterval() == usual
