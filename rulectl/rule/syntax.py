"""What broken YAML or JSON syntax is called, where it is shown, and what to do about it."""

from __future__ import annotations

import json

import yaml

from rulectl.problem import Problem
from rulectl.rule.advice import HELM, is_template, json_advice
from rulectl.rule.source import Source

_HINTS = (
    ("mapping values are not allowed", "is the indentation right? quote a value that holds ': '"),
    ("scanning an alias", "a word that begins with * is an alias to YAML: quote it"),
    ("scanning an anchor", "a word that begins with & is an anchor to YAML: quote it"),
    ("escape", "write \\\\ for a backslash, or use single quotes"),
    ("scanning a quoted scalar", "the closing quote is missing"),
    ("parsing a flow mapping", "a comma or } is missing; quote an expression inside { }"),
    ("parsing a flow sequence", "a comma or ] is missing; quote an expression inside [ ]"),
    ("could not find expected ':'", "is a colon missing, or the indentation wrong?"),
    ("did not find expected key", "is the indentation right? everything of one mapping begins in one column"),
    ("did not find expected '-' indicator", "is the indentation right? list items begin in one column"),
    ("scanning a block scalar", "the line after | or > sets the indentation of the text"),
    ("exceeded maximum nesting depth", "a rule needs far less; is a bracket missing?"),
)


def yaml_fault(error: yaml.YAMLError, source: Source, base: int) -> tuple[Problem, int]:
    """The problem that a YAML parser's error stands for, and the index it was noticed at.

    `base` is the index in the file at which the parse began.
    """
    if not isinstance(error, yaml.MarkedYAMLError):
        place = source.place(base)
        return source.problem("RC104", f"the YAML cannot be read: {error}", place), base
    noticed, began = _index(error.problem_mark, base), _index(error.context_mark, base)
    noticed = base if noticed is None else noticed
    at = noticed
    whole = f"{error.context or ''} {error.problem or ''}"
    if began is not None and "escape" not in whole and ("scanning a" in whole or "parsing a flow" in whole):
        at = began
    if broken_tag(error, source, base) is not None:
        line = source.line(source.place(at).line)[source.place(at).column - 1 :].rstrip()
        hint = f'a word that begins with ! is a tag to YAML: quote the term, "{line}"'
        message = "this is a YAML tag, and not a valid one"
        return source.problem("RC106", message, source.place(at, at + len(line)), hint=hint), noticed
    if "maximum nesting depth" in whole:
        problem = source.problem(
            "RC109", "mappings and lists are nested too deeply", source.place(at), hint=_HINTS[-1][1]
        )
        return problem, noticed
    message = f"the YAML is broken: {error.problem}"
    if error.context:
        message += f" {error.context}"
    return source.problem("RC104", message, source.place(at, at + 1), hint=_hint(whole, source, at)), noticed


def broken_tag(error: yaml.YAMLError, source: Source, base: int) -> int | None:
    """The index of the ``!`` of what cannot be a tag, most likely an expression; None for other errors."""
    if not isinstance(error, yaml.MarkedYAMLError) or "scanning a tag" not in f"{error.context}":
        return None
    began = _index(error.context_mark, base)
    return began if began is not None and source.text[began : began + 1] == "!" else None


def json_fault(source: Source) -> Problem | None:
    """The problem with a JSON text that is not strictly JSON; None when it is JSON."""
    try:
        json.loads(source.text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        place = source.place(error.pos, error.pos + 1)
        advice = json_advice(source.text, error.pos, error.msg)
        return source.problem("RC104", f"the JSON is broken: {error.msg}", place, hint=advice)
    except RecursionError:
        return source.problem("RC109", "objects and lists are nested too deeply", source.place(0))
    except ValueError as error:
        return source.problem("RC107", f"the JSON holds a number that cannot be read: {error}", source.place(0))
    return None


def _refuse_constant(name: str) -> None:
    msg = f"{name} is not a JSON number"
    raise ValueError(msg)


def _index(mark: object, base: int) -> int | None:
    index = getattr(mark, "index", None)
    return base + index if isinstance(index, int) else None


def _hint(whole: str, source: Source, at: int) -> str:
    if is_template(source.line(source.place(at).line)):
        return HELM
    character = source.text[at : at + 1]
    before = source.line(source.place(at).line)[: source.place(at).column - 1].rstrip()
    if "did not find expected" in whole and before.endswith(("'", '"')):
        return "a value that begins with a quote ends with it: quote all of the expression"
    if "cannot start any token" in whole:
        if character == "\t":
            return "indent with spaces, not with tabs"
        return f"quote a value that begins with {character}"
    return next((hint for words, hint in _HINTS if words in whole), "")
