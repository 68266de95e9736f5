from __future__ import annotations

import pytest

from rulectl.sandbox.selector import Selector, parse_fields, parse_labels
from rulectl.sandbox.stored import Stored


def chosen(text: str, **labels: str) -> bool:
    item = Stored("default/x", {"metadata": {"labels": labels}}, 1)
    return Selector(parse_labels(text)).matches(item)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        ("app=web", True),
        ("app==web", True),
        ("app = web", True),
        ("app=db", False),
        ("app!=db", True),
        ("app!=web", False),
        ("other!=x", True),
        ("app in (web, db)", True),
        ("app in (db)", False),
        ("app notin (db,cache)", True),
        ("other notin (x)", True),
        ("app", True),
        ("other", False),
        ("!other", True),
        ("!app", False),
        ("app=web,tier in (1,2),!old", True),
        ("app=web,tier in (2)", False),
        ("tier>0", True),
        ("tier<1", False),
        ("app>0", False),
        ("empty=", True),
        ("example.com/part=x", True),
    ],
)
def test_a_label_selector_chooses_as_on_a_server(text: str, expected: bool) -> None:
    labels = {"app": "web", "tier": "1", "empty": "", "example.com/part": "x"}
    assert chosen(text, **labels) is expected


@pytest.mark.parametrize("text", ["a=b=c", "a in b", "a in (b", "=b", "a==,=", "a=!", "-a=b", "a,,b"])
def test_what_is_no_label_selector_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="unable to parse requirement"):
        parse_labels(text)


def test_field_terms_keep_escaped_commas() -> None:
    assert parse_fields(r"a=x\,y,b!=z,c==") == [("a", "x,y", True), ("b", "z", False), ("c", "", True)]


def test_what_is_no_field_selector_is_refused() -> None:
    with pytest.raises(ValueError, match="can't understand 'nothing'"):
        parse_fields("a=b,nothing")
