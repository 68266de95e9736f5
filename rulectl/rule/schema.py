"""The JSON Schemas of rule files: for the loader, and whole, with the plugins' parameters, for editors."""

from __future__ import annotations

import copy
import functools
from collections.abc import Mapping
from pkgutil import get_data
from typing import Any

from rulectl.value import Value, decode

COMMON_FIELDS = ("name", "if", "timeout", "retry", "onError", "isolation")
"""What every action may have beside its plugin's key."""


def rule_schema(actions: Mapping[str, Mapping[str, Value]]) -> dict[str, Any]:
    """The whole JSON Schema of a Rule; `actions` has each plugin's schema of what a rule may write.

    For editors: an action has exactly one plugin key, and that plugin's parameters are checked.
    """
    schema = copy.deepcopy(packaged_schema("Rule"))
    action = schema["$defs"]["action"]
    action["properties"] |= {name: dict(parameters) for name, parameters in sorted(actions.items())}
    action["additionalProperties"] = False
    action["oneOf"] = [{"required": [name]} for name in sorted(actions)]
    return schema


def defaults_schema(actions: Mapping[str, Mapping[str, Value]]) -> dict[str, Any]:
    """The whole JSON Schema of RuleDefaults; of a plugin's parameters any number may be preset."""
    schema = copy.deepcopy(packaged_schema("RuleDefaults"))
    presets = schema["properties"]["spec"]["properties"]["actions"]
    presets["properties"] = {name: _optional(parameters) for name, parameters in sorted(actions.items())}
    presets["additionalProperties"] = False
    return schema


def _optional(parameters: Mapping[str, Value]) -> dict[str, Value]:
    return {
        key: value for key, value in parameters.items() if key not in {"required", "oneOf", "anyOf", "minProperties"}
    }


@functools.cache
def packaged_schema(kind: str) -> dict[str, Any]:
    """The schema of documents of `kind` (``Rule`` or ``RuleDefaults``) without plugins; not to be changed."""
    name = {"Rule": "rule.schema.json", "RuleDefaults": "rule-defaults.schema.json"}[kind]
    data = get_data("rulectl.rule", name)
    assert data is not None, "the package's files are where its modules are"
    loaded = decode(data)
    assert isinstance(loaded, dict)
    return loaded
