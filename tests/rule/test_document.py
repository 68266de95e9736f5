"""Places: of values, of keys, and of characters inside of scalars in every YAML style."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from rulectl.rule.document import Document
from rulectl.rule.reading import read_text
from rulectl.value import mapping, text

SAMPLE = """\
# a comment
name: web
list:
- first
-  second
flow: {a: 1, "b c": [x, 'y']}
empty:
nested:
  deep:
    key: value
"""


def document(written: str, file: str = "a.yaml") -> Document:
    reading = read_text(file, written)
    assert reading.problems == ()
    return reading.documents[0]


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("name",), "a.yaml:2:7"),
        (("list", 0), "a.yaml:4:3"),
        (("list", 1), "a.yaml:5:4"),
        (("flow", "a"), "a.yaml:6:11"),
        (("flow", "b c", 1), "a.yaml:6:25"),
        (("empty",), "a.yaml:7:1"),
        (("nested",), "a.yaml:9:3"),
        (("nested", "deep", "key"), "a.yaml:10:10"),
        (("nested", "deep", "missing"), "a.yaml:10:5"),
        ((), "a.yaml:2:1"),
    ],
)
def test_a_value_is_found_by_its_path(path: tuple[str | int, ...], place: str) -> None:
    assert str(document(SAMPLE).place(path)) == place


def test_a_key_is_found_with_its_end() -> None:
    place = document(SAMPLE).place(("flow", "b c"), key=True)
    assert (place.line, place.column, place.end_column) == (6, 14, 19)


def test_an_aliased_value_is_where_its_anchor_is() -> None:
    found = document("a: &x {b: 1}\nc: *x\n")
    assert str(found.place(("c", "b"))) == "a.yaml:1:11"


STYLES = {
    "plain": "x: some words here\n",
    "plain over lines": "x: some\n  words\n\n  here\n",
    "single quotes": "x: 'some words here'\n",
    "single quotes with an escaped quote": "x: 'it''s some words here'\n",
    "single quotes over lines": "x: 'some\n  words\n  here'\n",
    "double quotes": 'x: "some words here"\n',
    "double quotes with escapes": 'x: "\\ts\\u006fme\\x20w\\U0001F600 words\\n\\"here\\""\n',
    "double quotes over lines": 'x: "some\n  words \\\n  here"\n',
    "literal": "x: |\n  some\n    words\n  here\n",
    "literal that strips": "x: |-\n  some words\n\n  here\n",
    "literal with an indicator": "x: |2\n    some words\n  here\n",
    "literal with a comment": "x: | # says what\n  some words\n  here\n",
    "folded": "x: >\n  some\n  words\n\n  here\n",
    "folded that keeps": "x: >+\n  some words\n    indented\n  here\n\n",
    "folded in a list": "x: >-\n      some\n      words here\n",
    "anchored": "x: &a some words here\n",
    "with wide characters": "x: äöü😀 some words here\n",
    "with Windows line ends": "x: |\r\n  some\r\n  words\r\n  here\r\n",
    "in a flow mapping": 'x: "some words here"\ny: {a: b}\n',
}


@pytest.mark.parametrize("written", STYLES.values(), ids=STYLES)
def test_a_word_is_found_inside_a_scalar_of_any_style(written: str) -> None:
    found = document(written)
    value = text(mapping(found.value)["x"])
    for word in ("words", "here"):
        offset = value.index(word)
        place = found.place(("x",), offset=offset, end=offset + len(word))
        line = found.source.line(place.line)
        assert line[place.column - 1 : place.end_column - 1] == word


def test_an_escaped_character_is_found_where_its_escape_begins() -> None:
    found = document('x: "a\\u0062c"\n')
    place = found.place(("x",), offset=1, end=2)
    assert (place.column, place.end_column) == (6, 7)


def test_an_offset_past_the_end_is_just_behind_the_last_character() -> None:
    assert document("x: abc  # comment\n").place(("x",), offset=3).column == 7


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=60), st.data())
def test_every_visible_character_is_found_however_yaml_writes_the_text(value: str, data: st.DataObject) -> None:
    style = data.draw(st.sampled_from(["'", '"', "|", ">", None]))
    written = yaml.safe_dump({"x": value}, default_style=style, allow_unicode=True, width=20)
    reading = read_text("a.yaml", written)
    if not reading.documents or mapping(reading.documents[0].value).get("x") != value:
        return  # YAML 1.1 and 1.2 differ about it
    found = reading.documents[0]
    for offset, character in enumerate(value):
        if character.isspace():
            continue
        place = found.place(("x",), offset=offset)
        shown = found.source.line(place.line)[place.column - 1 :]
        assert shown.startswith((character, "\\"))


def test_json_is_read_with_the_same_places() -> None:
    found = document('{\n\t"a": ["\\ud83d\\ude00", {"b": 1.5e3}]\n}', "a.json")
    assert found.value == {"a": ["😀", {"b": 1500.0}]}
    assert str(found.place(("a", 1), key=False)).startswith("a.json:2:")


def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    from rulectl.rule.reading import read_bytes

    [found] = read_bytes("a.yaml", b"\xef\xbb\xbfa: 1\n").documents
    assert str(found.place(("a",), key=True)) == "a.yaml:1:1"
