"""A quick look whether a document surely has the right shape, without the JSON Schema library.

Most documents are right, and the library takes a tenth of a second to import. Here is only what the schemas of rules
use of JSON Schema, and only yes or no; what is not a plain yes is left to `rulectl.rule.shape`, which says why.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from rulectl.rule.schema import packaged_schema
from rulectl.value import Value

_Test: TypeAlias = Callable[[Any], bool]
_ANNOTATIONS = frozenset({"$schema", "$id", "$defs", "title", "description", "examples", "default", "x-form"})
_OF_OBJECTS = frozenset(
    {"properties", "additionalProperties", "required", "propertyNames", "minProperties", "maxProperties"}
)


class UnknownKeywordError(ValueError):
    """The schema has a keyword that is not known here: then nothing surely conforms."""


def conforms(kind: str, value: Value) -> bool:
    """Whether a document of `kind` (``Rule`` or ``RuleDefaults``) surely fits its schema; False is no verdict."""
    return _test_of(kind)(value)


@functools.cache
def _test_of(kind: str) -> _Test:
    return compile_test(packaged_schema(kind))


def compile_test(schema: Mapping[str, Any]) -> _Test:
    """A function that is true of values that surely fit `schema`."""
    try:
        return _Compiler(schema.get("$defs", {})).test(schema)
    except UnknownKeywordError:
        return lambda _: False


def _both(first: _Test, second: _Test) -> _Test:
    return lambda value: first(value) and second(value)


class _Compiler:
    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self._definitions = definitions
        self._named: dict[str, _Test] = {}

    def test(self, schema: Any) -> _Test:
        if isinstance(schema, bool):
            return lambda _: schema
        describes_object = bool(_OF_OBJECTS & schema.keys())
        is_object = describes_object and schema.get("type") == "object"  # then one test sees to that, too
        keywords = ((key, given) for key, given in schema.items() if not (is_object and key == "type"))
        tests = [test for key, given in keywords if (test := self._keyword(key, given, schema)) is not None]
        if describes_object:
            tests.append(self._object(schema, passes_others=not is_object))
        return functools.reduce(_both, tests) if tests else lambda _: True

    def _keyword(self, key: str, given: Any, schema: Mapping[str, Any]) -> _Test | None:
        if key in _ANNOTATIONS or key in _OF_OBJECTS:
            return None
        match key:
            case "$ref":
                return self._reference(given)
            case "anyOf":
                branches = [self.test(branch) for branch in given]
                return lambda value: any(branch(value) for branch in branches)
            case "items":
                element = self.test(given)
                return lambda value: not isinstance(value, list) or all(map(element, value))
            case _:
                return _simple(key, given, schema)

    def _reference(self, reference: str) -> _Test:
        name = reference.removeprefix("#/$defs/")
        if name not in self._named:
            holder: list[_Test] = []
            self._named[name] = lambda value: holder[0](value)  # noqa: PLW0108 - a definition may refer to itself
            holder.append(self.test(self._definitions[name]))
            self._named[name] = holder[0]
        return self._named[name]

    def _object(self, schema: Mapping[str, Any], *, passes_others: bool) -> _Test:
        known = {key: self.test(part) for key, part in schema.get("properties", {}).items()}
        others = self.test(schema.get("additionalProperties", True))
        names = self.test(schema.get("propertyNames", True))
        required = frozenset(schema.get("required", ()))
        least, most = schema.get("minProperties", 0), schema.get("maxProperties", 1 << 30)
        is_closed = schema.get("additionalProperties") is False
        checks_names = "propertyNames" in schema

        def test(value: Any) -> bool:
            if not isinstance(value, dict):
                return passes_others
            if not least <= len(value) <= most or not required <= value.keys():
                return False
            for key, part in value.items():
                own = known.get(key)
                if own is None:
                    if is_closed or not others(part):
                        return False
                elif not own(part):
                    return False
                if checks_names and not names(key):
                    return False
            return True

        return test


_TYPES: Mapping[str, _Test] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
}


def _simple(key: str, given: Any, schema: Mapping[str, Any]) -> _Test:
    """A keyword that says everything about itself."""
    match key:
        case "type":
            if isinstance(given, str):
                return _TYPES[given]
            tests = [_TYPES[name] for name in given]
            return lambda value: any(test(value) for test in tests)
        case "const" | "enum":
            allowed = frozenset([given] if key == "const" else given)
            if not all(isinstance(one, str) for one in allowed):
                raise UnknownKeywordError(key)
            return lambda value: isinstance(value, str) and value in allowed
        case "pattern":
            search = re.compile(given).search
            return lambda value: not isinstance(value, str) or search(value) is not None
        case "minLength" | "maxLength":
            least, most = schema.get("minLength", 0), schema.get("maxLength", 1 << 60)
            return lambda value: not isinstance(value, str) or least <= len(value) <= most
        case "minItems" | "maxItems":
            least, most = schema.get("minItems", 0), schema.get("maxItems", 1 << 60)
            return lambda value: not isinstance(value, list) or least <= len(value) <= most
        case "minimum" | "maximum":
            low, high = schema.get("minimum", float("-inf")), schema.get("maximum", float("inf"))
            return lambda value: not isinstance(value, int | float) or isinstance(value, bool) or low <= value <= high
        case "uniqueItems":
            return lambda value: not isinstance(value, list) or _are_unique_texts(value)
        case _:
            raise UnknownKeywordError(key)


def _are_unique_texts(values: list[Any]) -> bool:
    return all(isinstance(value, str) for value in values) and len(set(values)) == len(values)
