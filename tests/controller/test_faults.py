"""Faults are told once per cause."""

from __future__ import annotations

from rulectl.controller.faults import Faults
from rulectl.controller.report import Fault, Report
from rulectl.resource import ObjectKey

A, B = ObjectKey("default", "a"), ObjectKey("default", "b")


def test_a_cause_is_told_once_with_the_first_object_and_counted() -> None:
    told: list[Report] = []
    faults = Faults("r", told.append)
    for key in (A, B, B):
        faults.tell(key, "no such field")
    faults.tell(B, "another")
    assert told == [Fault("r", A, "no such field"), Fault("r", B, "another")]
    assert faults.counts() == {"no such field": 3, "another": 1}


def test_more_causes_than_are_kept_are_still_told() -> None:
    told: list[Report] = []
    faults = Faults("r", told.append)
    for number in range(1100):
        faults.tell(None, f"cause {number}")
    assert len(told) == 1100
    assert len(faults.counts()) == 1000
