"""First lists, and the last states of what went."""

from __future__ import annotations

from rulectl.controller.intake import Intake
from rulectl.resource import ObjectKey

A, B = ObjectKey("default", "a"), ObjectKey("default", "b")


def intake(*known: str) -> tuple[Intake, list[str]]:
    complete: list[str] = []
    return Intake(frozenset(known), complete.append), complete


def test_a_new_scope_is_complete_when_all_of_its_first_list_was_handled() -> None:
    one, complete = intake()
    one.initial("*", A)
    one.initial("*", B)
    one.listed("*")
    one.processed(A)
    assert complete == []
    one.processed(B)
    assert complete == ["*"]


def test_what_was_handled_before_the_list_is_complete_counts() -> None:
    one, complete = intake()
    one.initial("*", A)
    one.processed(A)
    assert complete == []
    one.listed("*")
    assert complete == ["*"]


def test_an_empty_first_list_is_complete_at_once() -> None:
    one, complete = intake()
    one.listed("*")
    assert complete == ["*"]


def test_a_scope_is_completed_once() -> None:
    one, complete = intake()
    for _ in range(2):
        one.initial("*", A)
        one.listed("*")
        one.processed(A)
    assert complete == ["*"]


def test_what_the_first_list_of_a_new_scope_has_is_existing_until_it_was_handled() -> None:
    one, _ = intake()
    one.initial("*", A)
    assert (one.is_existing(A), one.is_existing(B)) == (True, False)
    one.processed(A)
    assert not one.is_existing(A)


def test_what_the_list_of_a_known_scope_has_is_not() -> None:
    one, complete = intake("*")
    one.initial("*", A)
    one.listed("*")
    assert (one.is_existing(A), complete, one.listed_scopes()) == (False, [], {"*"})


def test_scopes_are_completed_one_by_one() -> None:
    one, complete = intake()
    one.initial("shop", A)
    one.listed("shop")
    one.listed("web")
    assert complete == ["web"]
    one.processed(A)
    assert complete == ["web", "shop"]


def test_the_last_state_of_what_went_is_known_until_it_comes_back_or_is_done_with() -> None:
    one, _ = intake()
    one.went("u", {"x": 1})
    one.ended("u")
    assert (one.last_state("u"), one.has_ended("u")) == ({"x": 1}, True)
    one.came("u")
    assert (one.last_state("u"), one.has_ended("u")) == (None, False)
    one.ended("u")
    one.forget("u")
    assert not one.has_ended("u")
