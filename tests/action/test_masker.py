import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulectl.action.masker import Masker
from rulectl.value import Value


def masker(*values: str) -> Masker:
    made = Masker()
    for value in values:
        made.remember(value)
    return made


@pytest.mark.parametrize(
    "text",
    [
        "pa$$ word/1",
        quote("pa$$ word/1", safe=""),
        "pa%24%24+word%2F1",
        json.dumps("pa$$ word/1")[1:-1],
        base64.b64encode(b"pa$$ word/1").decode(),
    ],
    ids=["as it is", "in a path", "in a query", "in JSON", "in base64"],
)
def test_a_secret_is_found_in_every_spelling(text: str) -> None:
    assert masker("pa$$ word/1").mask(f"before {text} after") == "before *** after"


def test_the_line_break_at_the_end_of_a_file_does_not_matter() -> None:
    assert masker("hunter2\n").mask("token hunter2!") == "token ***!"


def test_the_long_lines_of_a_key_are_masked_one_by_one() -> None:
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG\nAbCdEfGhIjKlMnOpQrSt\n-----END KEY-----\n"
    assert "MIIEvQIBADANBgkqhkiG" not in masker(key).mask("line 2: MIIEvQIBADANBgkqhkiG")


def test_very_short_values_are_left_alone() -> None:
    assert masker("abc").mask("abc") == "abc"


def test_of_two_secrets_where_one_contains_the_other_nothing_stays() -> None:
    assert masker("hunter2", "hunter2-prod").mask("hunter2-prod hunter2") == "*** ***"


def test_values_are_masked_all_through() -> None:
    value: Value = {"token hunter2": ["hunter2", {"a": "x hunter2", "n": 1, "t": True, "z": None}]}
    assert masker("hunter2").mask_value(value) == {"token ***": ["***", {"a": "x ***", "n": 1, "t": True, "z": None}]}


@given(st.text(min_size=4), st.text(), st.text())
def test_no_text_shows_what_was_remembered(value: str, before: str, after: str) -> None:
    if len(value.strip()) >= 4 and value not in "***":
        shown = masker(value).mask(before + value + after)
        assert value not in shown or value in before + "***" + after


def test_a_masker_that_has_seen_thousands_of_secrets_forgets_the_oldest_only() -> None:
    made = masker(*(f"secret-{number:05}" for number in range(12_000)))
    assert made.mask("secret-11999") == "***"


def test_the_beginning_of_a_value_at_a_cut_is_masked_too() -> None:
    known = masker("hunter2hunter2")
    assert known.mask_cut("first hunter2hunter2, then hunter2hun") == "first ***, then ***"
    assert known.mask_cut("nothing of it hun") == "nothing of it hun"
