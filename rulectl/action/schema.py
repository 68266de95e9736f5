"""From shapes to JSON Schema (draft 2020-12), with the words of the plugin's own documentation."""

from __future__ import annotations

import ast
import functools
import inspect
import itertools
import textwrap
from collections.abc import Callable, Mapping
from typing import assert_never

from rulectl import duration
from rulectl.action.shape import (
    AnyShape,
    BooleanShape,
    ChoiceShape,
    DurationShape,
    ListShape,
    MapShape,
    NullShape,
    NumberShape,
    RecordShape,
    Shape,
    TextShape,
    UnionShape,
    takes_templates,
)
from rulectl.value import Value

TEMPLATE: Mapping[str, Value] = {"type": "string", "pattern": r"\$\{\{"}
"""What may stand for a value of any type until it is rendered."""


def schema_of(shape: Shape, *, templates: bool = False) -> dict[str, Value]:
    """The JSON Schema of `shape`; with `templates` of what a rule may write instead.

    Nothing is shared by reference (no ``$defs``), so it can be put anywhere into another schema.
    """
    plain = _plain(shape, templates)
    if not templates or _takes_any_text(shape) or not takes_templates(shape):
        return plain
    options = plain["anyOf"] if isinstance(shape, UnionShape) else [plain]
    assert isinstance(options, list)
    return {"anyOf": [*options, dict(TEMPLATE)]}


def _takes_any_text(shape: Shape) -> bool:
    if isinstance(shape, UnionShape):
        return any(map(_takes_any_text, shape.options))
    return isinstance(shape, AnyShape) or shape == TextShape()


def _plain(shape: Shape, templates: bool) -> dict[str, Value]:
    match shape:
        case AnyShape():
            return {}
        case NullShape():
            return {"type": "null"}
        case BooleanShape():
            return {"type": "boolean"}
        case NumberShape(is_integer, least, most):
            kind = "integer" if is_integer else "number"
            return _without_none({"type": kind, "minimum": least, "maximum": most})
        case TextShape(pattern, shortest, longest):
            limits = {"minLength": shortest or None, "maxLength": longest, "pattern": pattern or None}
            return _without_none({"type": "string", **limits})
        case DurationShape():
            return {"type": "string", "pattern": duration.PATTERN, "examples": ["30s", "5m", "1h30m"]}
        case ChoiceShape(values):
            return {"enum": list(values)}
        case ListShape(item, _, shortest):
            items = schema_of(item, templates=templates)
            return _without_none({"type": "array", "items": items, "minItems": shortest or None})
        case MapShape(value):
            return {"type": "object", "additionalProperties": schema_of(value, templates=templates)}
        case UnionShape(options):
            return {"anyOf": [_plain(option, templates) for option in options]}
        case RecordShape():
            return record_schema(shape, templates=templates)
        case _:
            assert_never(shape)


def record_schema(shape: RecordShape, *, templates: bool = False) -> dict[str, Value]:
    """Like `schema_of`, but a template cannot stand for the record as a whole."""
    words = attribute_docs(shape.documented or shape.make)
    properties: dict[str, Value] = {}
    for parameter in shape.parameters:
        described = parameter.doc or words.get(parameter.attribute, "")
        one: dict[str, Value] = {"description": described} if described else {}
        one |= schema_of(parameter.shape, templates=templates)
        if parameter.default is not None:
            one["default"] = parameter.default
        properties[parameter.key] = one
    required = [parameter.key for parameter in shape.parameters if parameter.is_required]
    schema: dict[str, Value] = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        schema["required"] = required
    return schema | dict(shape.extras)


def _without_none(schema: Mapping[str, Value]) -> dict[str, Value]:
    return {key: value for key, value in schema.items() if value is not None}


@functools.cache
def attribute_docs(made: Callable[..., object]) -> Mapping[str, str]:
    """The strings below a class's fields, or the ``Args:`` of a function's docstring, by name.

    Empty when the source is not there.
    """
    if not inspect.isclass(made):
        return _argument_docs(inspect.getdoc(made) or "")
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(made)))
    except (OSError, TypeError, SyntaxError):
        return {}
    found: dict[str, str] = {}
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    for field, below in itertools.pairwise(body):
        if not (isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)):
            continue
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            found[field.target.id] = inspect.cleandoc(str(below.value.value))
    return found


def _argument_docs(doc: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    _, _, section = doc.partition("Args:\n")
    name = ""
    for line in section.splitlines():
        if line and not line.startswith(" "):
            break
        start, colon, rest = line.strip().partition(":")
        if colon and start.isidentifier() and len(line) - len(line.lstrip()) <= 4:
            name, found[start] = start, rest.strip()
        elif name and line.strip():
            found[name] = f"{found[name]} {line.strip()}"
    return found
