"""``rulectl schema``: JSON Schemas for editors, and what there is to write: actions and functions."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import click

from rulectl.action.registry import ActionType, Registry
from rulectl.cli.command import Command
from rulectl.cli.document import written
from rulectl.cli.exits import Exit
from rulectl.cli.output import Palette, palette_for
from rulectl.cli.parameter import parameter_rows
from rulectl.cli.plugins import Plugins, load_plugins, plugin_option
from rulectl.errors import UsageError
from rulectl.expression import Function, Functions
from rulectl.problem import nearest
from rulectl.rule.schema import COMMON_FIELDS, defaults_schema, rule_schema
from rulectl.value import Value

_Schemas = Mapping[str, Mapping[str, Value]]
_KINDS: Mapping[str, Callable[[_Schemas], dict[str, Any]]] = {"Rule": rule_schema, "RuleDefaults": defaults_schema}
_LISTS = ("actions", "functions")


@click.command(
    cls=Command,
    short_help="Show the JSON Schema of rules, and all actions and functions.",
    examples="""
rulectl schema > rule.schema.json
rulectl schema actions
rulectl schema http
rulectl schema functions
rulectl schema quantity
""",
)
@click.argument("topic", metavar="[KIND|ACTION|functions]", required=False)
@click.option("-o", "--output", type=click.Choice(["text", "json", "yaml"]), help="How to write the result.")
@plugin_option
def command(topic: str | None, output: str | None, plugin: tuple[str, ...]) -> Exit:
    """Show what may be written into a rule.

    Without an argument: the JSON Schema of a rule, with the parameters of every installed action, for editors
    and CI. KIND is Rule or RuleDefaults; `actions` and `functions` list what there is; the name of one shows
    all of it.

    Editors with yaml-language-server check a rule while it is written when this is its first line:
    # yaml-language-server: $schema=rule.schema.json
    """
    plugins = load_plugins(plugin)
    name = topic or "Rule"
    if name in _KINDS:
        found: Value = _KINDS[name](_schemas(plugins.registry))
        click.echo(written(found, "yaml" if output == "yaml" else "json"))
        return Exit.FINE
    if output in {"json", "yaml"}:
        click.echo(written(_as_data(name, plugins), output))
    else:
        import sys  # noqa: PLC0415 - looked up when used: tests replace stdout

        click.echo(_as_text(name, plugins, palette_for(sys.stdout)))
    return Exit.FINE


_REFERENCE = """\
{secretKeyRef, file} is a value by reference, read just before it is used: secretKeyRef: {name: NAME, key: KEY} of a
Secret, whose namespace is that of the object acted on unless `namespace` says another; or file: PATH, absolute.

"""


def function_text(function: Function, palette: Palette) -> str:
    """A function's signature, what it does, and an example with its result."""
    source, result = function.example
    shown = written(result, "raw") if not isinstance(result, str) else f'"{result}"'
    lines = [palette.name(function.signature), f"    {' '.join(function.doc.replace('``', '`').split())}"]
    if source:
        lines.append(f"    {palette.quiet(f'{source}  =>  {shown}')}")
    return "\n".join(lines)


def action_text(action: ActionType, palette: Palette) -> str:
    """What an action does, its parameters as a table, and how to get their schema."""
    rows = parameter_rows(action.schema)
    formatter = click.HelpFormatter()
    if rows:
        formatter.write_dl(rows, col_max=24)
    common = ", ".join(COMMON_FIELDS)
    reference = _REFERENCE if any("{secretKeyRef, file}" in told for _, told in rows) else ""
    return (
        f"{palette.name(action.name)} ({action.defined_by})\n\n"
        f"{_doc(action)}\n\n"
        f"Parameters (beside the common fields {common}):\n{formatter.getvalue()}\n"
        f"{reference}"
        f"`rulectl schema {action.name} -o json` has their JSON Schema."
    )


def _as_text(name: str, plugins: Plugins, palette: Palette) -> str:
    match name:
        case "functions":
            return "\n\n".join(function_text(one, palette) for one in _sorted(plugins.functions))
        case "actions":
            formatter = click.HelpFormatter()
            formatter.write_dl([(one.name, _first_line(one)) for one in plugins.registry], col_max=24)
            faults = [f"{broken}: not usable: {fault}" for broken, fault in plugins.registry.faults().items()]
            return "\n".join([formatter.getvalue().rstrip("\n"), *faults])
        case _:
            found = _named(name, plugins)
            if isinstance(found, Function):
                return function_text(found, palette)
            return action_text(found, palette)


def _as_data(name: str, plugins: Plugins) -> Value:
    match name:
        case "functions":
            return [_function_data(one) for one in _sorted(plugins.functions)]
        case "actions":
            return [
                {"name": one.name, "doc": one.doc, "definedBy": one.defined_by, "schema": one.schema}
                for one in plugins.registry
            ]
        case _:
            found = _named(name, plugins)
            return _function_data(found) if isinstance(found, Function) else found.schema


def _function_data(function: Function) -> dict[str, Value]:
    source, result = function.example
    return {
        "name": function.name,
        "signature": function.signature,
        "doc": " ".join(function.doc.split()),
        "example": {"expression": source, "result": result} if source else None,
    }


def _named(name: str, plugins: Plugins) -> ActionType | Function:
    found = plugins.registry.get(name) or plugins.functions.get(name.removesuffix("()"))
    if found is not None:
        return found
    known = [*_KINDS, *_LISTS, *plugins.registry.names, *plugins.functions.by_name]
    near = nearest(name, known)
    hint = f"did you mean {near!r}?" if near else "`rulectl schema actions` and `rulectl schema functions` list them"
    raise UsageError(f"there is no kind, action or function {name!r}; {hint}")


def _schemas(registry: Registry) -> _Schemas:
    return {action.name: action.rule_schema for action in registry}


def _sorted(functions: Functions) -> list[Function]:
    return sorted(functions, key=lambda function: function.name)


def _first_line(action: ActionType) -> str:
    return _doc(action).partition("\n")[0]


def _doc(action: ActionType) -> str:
    return inspect.cleandoc(action.doc).replace("``", "`")
