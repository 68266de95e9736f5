"""How many runs may begin in a minute."""

from __future__ import annotations

from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from rulectl.controller.limits import WINDOW_SECONDS, Admitted, Exceeded, Later, Limiter
from rulectl.plan.model import LimitsPlan


def limiter(per_minute: int | None, on_exceed: Literal["pause", "wait"] = "pause") -> Limiter:
    return Limiter(LimitsPlan(per_minute, on_exceed, None))


def test_without_a_limit_everything_may_begin() -> None:
    one = limiter(None)
    assert {one.admit(0.0) for _ in range(1000)} == {Admitted()}


def test_one_more_than_the_limit_is_too_many() -> None:
    one = limiter(2)
    assert [one.admit(0.0), one.admit(1.0), one.admit(59.9)] == [
        Admitted(),
        Admitted(),
        Exceeded("more than 2 runs in a minute"),
    ]


def test_the_minute_slides() -> None:
    one = limiter(2)
    for now in (0.0, 30.0):
        one.admit(now)
    assert one.admit(60.0) == Admitted()
    assert isinstance(one.admit(60.0), Exceeded)


def test_waiting_says_when_there_is_room_again() -> None:
    one = limiter(2, "wait")
    for now in (0.0, 10.0):
        one.admit(now)
    assert one.admit(20.0) == Later(60.0)


def test_resuming_starts_to_count_anew() -> None:
    one = limiter(1)
    one.admit(0.0)
    one.reset()
    assert one.admit(1.0) == Admitted()


@given(st.integers(1, 5), st.lists(st.floats(0.0, 30.0), max_size=60))
def test_never_more_than_the_limit_in_any_minute(limit: int, steps: list[float]) -> None:
    one, now, begun = limiter(limit, "wait"), 0.0, []
    for step in steps:
        now += step
        answer = one.admit(now)
        if isinstance(answer, Admitted):
            begun.append(now)
        else:
            assert isinstance(answer, Later)
            assert answer.at > now
    assert all(sum(start < other <= start + WINDOW_SECONDS - 1e-9 for other in begun) < limit for start in begun)
