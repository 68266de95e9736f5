from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulectl.rule.scalar import AmbiguousScalar, resolve

WORDS = ["on", "no", "yes", "off", "y", "n", "On", "5m", "1Gi", "v1", "=", "-", "+", "."]
TEXTS = [*WORDS, "2024-01-31", "2024-01-31T10:00:00Z", "12:30:45", "1.2.3", "0x", "1e", "--1"]


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_text_in_yaml_1_2_stays_the_text_that_was_written(text: str) -> None:
    assert resolve(text) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("~", None), ("null", None), ("NULL", None),
        ("true", True), ("False", False),
        ("0", 0), ("-7", -7), ("+7", 7), ("0x1F", 31),
        ("1.5", 1.5), (".5", 0.5), ("1.", 1.0), ("-1e3", -1000.0), ("0.5", 0.5), ("-0.25", -0.25),
    ],
)  # fmt: skip
def test_what_the_core_schema_knows_has_its_value(text: str, value: object) -> None:
    found = resolve(text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("010", "010 is 8 in YAML 1.1 and 10 in YAML 1.2", 'write "010" for text, or 8 for the number'),
        ("-0644", "-0644 is -420 in YAML 1.1 and -644 in YAML 1.2", 'write "-0644" for text, or -420 for the number'),
        ("089", "089 is text in YAML 1.1 and 89 in YAML 1.2", 'write "089" for text, or 89 for the number'),
        ("00", "00 is 0 in YAML 1.1 and 0 in YAML 1.2", 'write "00" for text, or 0 for the number'),
        (
            "0o17",
            "0o17 is text to some YAML readers and a number to others",
            'write "0o17" for text, or 15 for the number',
        ),
        ("1_000", "1_000 is 1000 in YAML 1.1 and text in YAML 1.2", 'write "1_000" for text, or 1000 for the number'),
        (".inf", ".inf is not a JSON number", "quote it if it is text"),
    ],
)  # fmt: skip
def test_what_two_readers_read_differently_is_refused(text: str, message: str, hint: str) -> None:
    with pytest.raises(AmbiguousScalar) as refusal:
        resolve(text)
    assert (str(refusal.value), refusal.value.hint) == (message, hint)


def value_or_hint(text: str) -> object:
    try:
        return resolve(text)
    except AmbiguousScalar as refusal:
        return refusal.hint


@given(st.text())
def test_any_text_has_a_json_value_or_is_refused_with_a_hint(text: str) -> None:
    found = value_or_hint(text)
    assert found is None or isinstance(found, bool | int | float | str)


@given(st.integers(-(2**63), 2**64 - 1))
def test_every_integer_of_64_bits_is_read(number: int) -> None:
    assert resolve(str(number)) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_float_is_read(number: float) -> None:
    assert resolve(repr(number)) == number
