"""The shape of a document against its JSON Schema: every fault once, at its own place, in plain words."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from rulectl.problem import nearest
from rulectl.rule.advice import duration_advice
from rulectl.rule.node import Path
from rulectl.rule.schema import packaged_schema
from rulectl.value import Value

_TYPE_NAMES = {
    "object": "a mapping", "array": "a list", "string": "text", "integer": "a whole number",
    "number": "a number", "boolean": "true or false", "null": "nothing",
}  # fmt: skip
_OLD_BOOLEANS = frozenset({"yes", "no", "on", "off", "y", "n", "Yes", "No", "On", "Off"})


@dataclass(frozen=True, slots=True)
class ShapeFault:
    """One fault of shape. `key`: the fault is the key at the end of `path`, not its value.

    `missing`: something required is not there, so what is around it cannot be used.
    """

    path: Path
    code: str
    message: str
    hint: str = ""
    key: bool = False
    missing: bool = False


@functools.cache
def validator(kind: str) -> Draft202012Validator:
    """The validator for documents of `kind` (``Rule`` or ``RuleDefaults``); made once, safe to share."""
    return Draft202012Validator(packaged_schema(kind))


def shape_faults(kind: str, value: Value) -> list[ShapeFault]:
    """All faults of a document of `kind`, at most one for each mistake, in the order of their paths' places."""
    found = dict.fromkeys(fault for error in validator(kind).iter_errors(value) for fault in _faults(error, ()))
    blamed = {fault.path[:-1] for fault in found if fault.code == "RC203"}
    kept = []
    for fault in found:
        if not fault.key and fault.path in blamed:
            continue
        if not fault.key:
            blamed.add(fault.path)
        kept.append(fault)
    return kept


def dotted(path: Path) -> str:
    """`path` as people write it: ``spec.actions[0].http``."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def _faults(error: ValidationError, above: Path) -> Iterator[ShapeFault]:
    path: Path = (*above, *error.relative_path)
    match error.validator:
        case "anyOf":
            yield from _branch(error, path)
        case "additionalProperties" if isinstance(error.instance, Mapping):
            yield from _unknown_keys(error, path)
        case "required":
            yield from _missing(error, path)
        case "type":
            yield _wrong_type(error, path)
        case _ if "propertyNames" in error.relative_schema_path:
            form = _form(error) or "a valid key"
            name = str(error.instance)
            yield ShapeFault((*path, name), "RC207", f"the key {name!r} is not {form}", key=True)
        case _:
            yield _limit(error, path)


def _branch(error: ValidationError, path: Path) -> Iterator[ShapeFault]:
    """The faults of the one alternative that was meant: the one whose type the value has."""
    if _is_cut_text(error):
        hint = "quote the text: ': ' makes it a mapping in YAML"
        yield ShapeFault(path, "RC204", f"{_name(path)} must be {_form(error)}, not a mapping", hint)
        return
    branches: dict[int, list[ValidationError]] = {}
    for part in error.context or ():
        branches.setdefault(int(part.relative_schema_path[0]), []).append(part)
    for parts in branches.values():
        if not any(part.validator == "type" and not part.relative_path for part in parts):
            for part in parts:
                yield from _faults(part, path)
            return
    yield ShapeFault(path, "RC204", f"{_name(path)} must be {_form(error)}, not {_shown(error.instance)}", _trap(error))


def _is_cut_text(error: ValidationError) -> bool:
    """Whether a mapping stands where text may stand, and its only key is no word: an expression with ': ' in it."""
    keys = list(_mapping(error.instance))
    return len(keys) == 1 and not keys[0].replace("-", "_").isidentifier()


def _unknown_keys(error: ValidationError, path: Path) -> Iterator[ShapeFault]:
    known = list(_mapping(_mapping(error.schema).get("properties")))
    present = _mapping(error.instance)
    for name in present:
        if name in known:
            continue
        close = nearest(name, [word for word in known if word not in present])
        hint = f"did you mean {close!r}?" if close else f"known here: {', '.join(known)}"
        where = f" in {dotted(path)}" if path else ""
        yield ShapeFault((*path, name), "RC203", f"unknown key {name!r}{where}", hint, key=True)


def _missing(error: ValidationError, path: Path) -> Iterator[ShapeFault]:
    present = _mapping(error.instance)
    names = error.validator_value if isinstance(error.validator_value, Sequence) else ()
    for name in names:
        if name not in present:
            where = dotted(path) or "the document"
            yield ShapeFault(path, "RC205", f"{where} has no {name!r}", f"add {name}:", key=True, missing=True)


def _wrong_type(error: ValidationError, path: Path) -> ShapeFault:
    if error.instance is None:
        return ShapeFault(
            path, "RC204", f"{_name(path)} is empty; it must be {_form(error)}", "write it or remove the key"
        )
    message = f"{_name(path)} must be {_form(error)}, not {_shown(error.instance)}"
    return ShapeFault(path, "RC204", message, _trap(error))


def _limit(error: ValidationError, path: Path) -> ShapeFault:
    allowed = error.validator_value
    name = _name(path)
    match error.validator:
        case "enum":
            options = ", ".join(str(option) for option in _sequence(allowed))
            close = nearest(str(error.instance), [str(option) for option in _sequence(allowed)])
            hint = f"did you mean {close!r}?" if close else ""
            return ShapeFault(path, "RC206", f"{name} must be one of {options}, not {_shown(error.instance)}", hint)
        case "const":
            return ShapeFault(path, "RC206", f"{name} must be {allowed}, not {_shown(error.instance)}")
        case "pattern":
            form = _form(error) or f"text like {allowed}"
            message = f"{name} must be {form}, not {_shown(error.instance)}"
            return ShapeFault(path, "RC207", message, duration_advice(error.instance) if "duration" in form else "")
        case "minimum":
            return ShapeFault(path, "RC208", f"{name} must be at least {allowed}, not {error.instance}")
        case "maximum":
            return ShapeFault(path, "RC208", f"{name} must be at most {allowed}, not {error.instance}")
        case "minLength" | "minItems" | "minProperties":
            return ShapeFault(path, "RC208", f"{name} is empty", "write something or remove the key")
        case "maxProperties":
            known = ", ".join(_mapping(_mapping(error.schema).get("properties")))
            return ShapeFault(path, "RC208", f"{name} must have only one of the keys {known}")
        case "maxLength":
            return ShapeFault(path, "RC208", f"{name} must not be longer than {allowed} characters")
        case "uniqueItems":
            return ShapeFault(path, "RC208", f"{name} has the same entry twice", "remove one of the two")
        case _:
            return ShapeFault(path, "RC208", f"{name}: {error.message}")


def _form(error: ValidationError) -> str:
    schema = _mapping(error.schema)
    form = schema.get("x-form")
    if isinstance(form, str):
        return form
    kinds = schema.get("type")
    names = [kinds] if isinstance(kinds, str) else list(_sequence(kinds))
    return " or ".join(_TYPE_NAMES.get(str(kind), str(kind)) for kind in names)


def _trap(error: ValidationError) -> str:
    """A hint where YAML, not the author, made the value what it is."""
    instance = error.instance
    if _form(error).startswith("a duration"):
        return duration_advice(instance)
    wants = str(_mapping(error.schema).get("type", ""))
    if isinstance(instance, str) and wants != "array":
        return "write true or false: rulectl reads YAML 1.2" if wants == "boolean" and instance in _OLD_BOOLEANS else ""
    if wants == "array" and not isinstance(instance, Mapping):
        return "write it as a list, with - before it"
    takes_text = "string" in wants or "expression" in _form(error)
    if takes_text and isinstance(instance, Mapping) and len(instance) == 1:
        return "quote the text: ': ' makes it a mapping in YAML"
    if takes_text and isinstance(instance, Mapping | list):
        return "quote the text: [ and { begin lists and mappings in YAML"
    return "quote it if it is text" if takes_text else ""


def _name(path: Path) -> str:
    return dotted(path) or "the document"


def _shown(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case str():
            return repr(value if len(value) <= 40 else f"{value[:37]}...")
        case Mapping():
            return "a mapping"
        case list():
            return "a list"
        case _:
            return str(value)


def _mapping(value: object) -> Mapping[str, Value]:
    return value if isinstance(value, Mapping) else {}


def _sequence(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else ()
