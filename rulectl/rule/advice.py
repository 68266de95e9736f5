"""What to write instead: for durations that people write otherwise, for broken JSON, for files that are templates."""

from __future__ import annotations

import re

from rulectl.duration import format_duration

_WORDS = {
    "ms": "ms", "millisecond": "ms", "msec": "ms",
    "s": "s", "sec": "s", "second": "s",
    "m": "m", "min": "m", "minute": "m",
    "h": "h", "hr": "h", "hour": "h",
}  # fmt: skip
_DAYS = {"d": 24, "day": 24, "w": 168, "week": 168}
_AMOUNT = re.compile(r"(\d+)\s*([A-Za-z]+)")
_TEMPLATE = re.compile(r"(?<!\$)\{\{")
HELM = "this looks like a Helm template, which is no YAML yet: keep charts out of the folders that rulectl is given"


def duration_advice(value: object) -> str:
    """How the duration is written that `value` most likely means; empty where that is not plain."""
    match value:
        case bool():
            return ""
        case int() | float() if value > 0:
            return f"a unit is missing: write {value:g}s if seconds are meant"
        case str():
            found = _AMOUNT.fullmatch(value.strip())
            if found is None:
                return ""
            amount, word = int(found[1]), found[2].lower()
            word = word if word in _WORDS or word in _DAYS else word.removesuffix("s")
            if word in _WORDS:
                return f"write {amount}{_WORDS[word]}"
            return f"write {format_duration(amount * _DAYS[word] * 3600)}" if word in _DAYS else ""
        case _:
            return ""


def json_advice(text: str, at: int, message: str) -> str:
    """What is most likely wrong at the index `at` of a JSON text; `message` is the parser's."""
    rest, before = text[at:].lstrip(), text[:at].rstrip()
    if rest.startswith(("#", "//", "/*")):
        return "JSON has no comments"
    if "trailing comma" in message or (before.endswith(",") and rest[:1] in {"]", "}"}):
        return "remove the comma before it: JSON has none after the last entry"
    if rest.startswith("'"):
        return "texts stand in double quotes in JSON"
    for words, advice in _JSON:
        if words in message:
            return advice
    return ""


_JSON = (
    ("Extra data", "a JSON file holds one document; write several as YAML, with --- between them"),
    ("property name", "keys stand in double quotes in JSON"),
    ("',' delimiter", "a comma or a closing bracket is missing"),
    ("':' delimiter", "a colon is missing after the key"),
    ("Unterminated string", "the closing quote is missing"),
    ("Invalid control character", "a text ends on its line: write a line break in it as \\n"),
    ("escape", "write \\\\ for a backslash"),
)


def is_template(line: str) -> bool:
    """Whether `line` has what Helm, and not rulectl, replaces: ``{{`` without a dollar sign."""
    return _TEMPLATE.search(line) is not None
