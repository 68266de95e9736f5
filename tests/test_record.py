"""`rulectl.record.dataclass` is the standard library's, but for the time that it takes."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from rulectl.record import dataclass as quick


def _classes(decorate: Callable[..., Any]) -> tuple[Any, Any]:
    @decorate(frozen=True, slots=True)
    class Base:
        """A base."""

        kind: ClassVar[str] = "base"
        start: int = dataclasses.field(compare=False)

    @decorate(frozen=True, slots=True)
    class Made(Base):
        """Something made."""

        name: str
        tags: list[str] = dataclasses.field(default_factory=list)
        size: int = 3
        hidden: str = dataclasses.field(default="", repr=False)
        only: int = dataclasses.field(default=0, kw_only=True)

        def __post_init__(self) -> None:
            if self.size < 0:
                raise ValueError("negative")

    return Base, Made


@quick(frozen=True, slots=True)
class Point:
    """For pickle, which finds classes by name."""

    x: int
    y: int = 0


BOTH = pytest.mark.parametrize(
    "made", [_classes(dataclasses.dataclass)[1], _classes(quick)[1]], ids=["standard", "quick"]
)


@BOTH
def test_fields_are_given_by_place_or_name_and_have_defaults(made: Any) -> None:
    one = made(1, "a", size=5, only=7)
    assert (one.start, one.name, one.tags, one.size, one.hidden, one.only) == (1, "a", [], 5, "", 7)
    assert made(1, "a").tags is not made(1, "a").tags
    with pytest.raises(TypeError):
        made(1)


@BOTH
def test_it_is_equal_hashed_and_shown_by_its_fields(made: Any) -> None:
    assert made(1, "a") == made(2, "a") != made(1, "b")
    assert made(1, "a") != ("a", [], 3, "", 0)
    assert hash(made(1, "a", ())) == hash(made(2, "a", ()))
    assert repr(made(1, "a")).endswith("Made(start=1, name='a', tags=[], size=3, only=0)")


@BOTH
def test_it_cannot_be_changed_and_has_no_other_attributes(made: Any) -> None:
    one = made(1, "a")
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.name = "b"
    with pytest.raises(dataclasses.FrozenInstanceError):
        del one.name
    with pytest.raises((AttributeError, TypeError)):
        one.other = 1
    assert not hasattr(one, "__dict__")


@BOTH
def test_it_checks_itself_when_it_is_made_or_replaced(made: Any) -> None:
    with pytest.raises(ValueError, match="negative"):
        made(1, "a", size=-1)
    with pytest.raises(ValueError, match="negative"):
        dataclasses.replace(made(1, "a"), size=-1)
    assert dataclasses.replace(made(1, "a"), name="b", only=2) == made(1, "b", only=2)


@BOTH
def test_it_is_known_as_a_dataclass(made: Any) -> None:
    assert [field.name for field in dataclasses.fields(made)] == ["start", "name", "tags", "size", "hidden", "only"]
    assert made.__match_args__ == ("start", "name", "tags", "size", "hidden")
    assert made.__doc__ == "Something made."
    assert made.kind == "base"


def test_it_can_be_copied_and_pickled() -> None:
    assert (
        copy.deepcopy(Point(1, 2)) == copy.copy(Point(1, 2)) == pickle.loads(pickle.dumps(Point(1, 2))) == Point(1, 2)
    )


def test_other_options_are_the_standard_librarys() -> None:
    @quick(frozen=True, slots=True, order=True)
    class Ordered:
        """Ordered."""

        x: int

    @quick
    class Plain:
        """Changeable."""

        x: int = 0

    plain = Plain()
    plain.x = 4
    assert Ordered(1) < Ordered(2)
    assert plain == Plain(4)
