"""Functions that read and write encodings: JSON, YAML, base64, digests."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import Any

import yaml

from rulectl.expression.function import Function, Parameter
from rulectl.expression.kind import ANY, Kind
from rulectl.value import Value, decode

MAX_YAML_NODES = 100_000
_MAX_TEXT = 2_000_000
_MAX_DEPTH = 200
_SafeLoader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _CoreLoader(_SafeLoader):  # type: ignore[misc, valid-type] # the C loader where it is built in
    """YAML 1.2's core schema: no dates, no yes/no, no octal by a leading 0."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - yaml's own shape


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", "~nN"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+", "-+.0123456789"),
):
    _CoreLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), [*_first, *([""] if _tag == "null" else [])]
    )


def _parse_json(text: str) -> Value:
    try:
        return decode(text)
    except (ValueError, RecursionError) as error:
        msg = f"the text is not JSON: {error}"
        raise ValueError(msg) from error


def _parse_yaml(text: str) -> Value:
    if len(text) > _MAX_TEXT:
        msg = f"the text has {len(text):,} characters; {_MAX_TEXT:,} are allowed"
        raise ValueError(msg)
    try:
        loaded = yaml.load(text, Loader=_CoreLoader)  # noqa: S506 - a safe loader with fewer types
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        where = getattr(error, "problem_mark", None)
        place = f" at line {where.line + 1}, column {where.column + 1}" if where else ""
        msg = f"the text is not YAML{place}: {getattr(error, 'problem', None) or error}"
        raise ValueError(msg) from error
    return _Plain().of(loaded, 0)


class _Plain:
    """Makes JSON of what YAML loaded; aliases are written out, within a budget (they can grow without end)."""

    def __init__(self) -> None:
        self._left = MAX_YAML_NODES

    def of(self, value: Any, depth: int) -> Value:
        self._left -= 1
        if self._left < 0 or depth > _MAX_DEPTH:
            msg = f"the YAML has more than {MAX_YAML_NODES:,} nodes or {_MAX_DEPTH} levels, aliases written out"
            raise ValueError(msg)
        if isinstance(value, dict):
            return {self._key(key): self.of(each, depth + 1) for key, each in value.items()}
        if isinstance(value, list | set | tuple):
            return [self.of(each, depth + 1) for each in value]
        if value is None or isinstance(value, bool | int | float | str):
            return value
        msg = f"the YAML has a value of type {type(value).__name__}, which JSON has not"
        raise ValueError(msg)

    def _key(self, key: Any) -> str:
        if isinstance(key, bool):
            return "true" if key else "false"
        if key is None:
            return "null"
        return str(key)


def _base64_decode(text: str) -> Value:
    try:
        return base64.b64decode(re.sub(r"\s", "", text), validate=True).decode()
    except binascii.Error as error:
        msg = f"the text is not base64: {error}"
        raise ValueError(msg) from error
    except UnicodeDecodeError as error:
        msg = "the decoded bytes are not UTF-8 text"
        raise ValueError(msg) from error


_TEXT = Parameter("text", Kind.STRING)

CODEC: tuple[Function, ...] = (
    Function(
        "parse_json",
        (_TEXT,),
        ANY,
        "The value that a JSON text holds.",
        _parse_json,
        ("parse_json('{\"a\": [1]}')", {"a": [1]}),
        strict=True,
    ),
    Function(
        "parse_yaml",
        (_TEXT,),
        ANY,
        "The value that a YAML text holds (one document; dates and yes/no stay texts).",
        _parse_yaml,
        ("parse_yaml('a: [1, yes]')", {"a": [1, "yes"]}),
        strict=True,
    ),
    Function(
        "base64_decode",
        (_TEXT,),
        Kind.STRING,
        "The UTF-8 text that is encoded in base64.",
        _base64_decode,
        ("base64_decode('aGVsbG8=')", "hello"),
        strict=True,
    ),
    Function(
        "base64_encode",
        (_TEXT,),
        Kind.STRING,
        "The text's UTF-8 bytes in base64.",
        lambda text: base64.b64encode(text.encode()).decode(),
        ("base64_encode('hello')", "aGVsbG8="),
        strict=True,
    ),
    Function(
        "sha256",
        (_TEXT,),
        Kind.STRING,
        "The SHA-256 digest of the text's UTF-8 bytes, in hexadecimal.",
        lambda text: hashlib.sha256(text.encode()).hexdigest(),
        ("truncate(sha256('hello'), `8`)", "2cf24dba"),
        strict=True,
    ),
)
