"""The plugin project that ``rulectl init --plugin`` writes; pure."""

from __future__ import annotations

from collections.abc import Mapping

_PYPROJECT = """\
[build-system]
requires = ["setuptools>=61"]
build-backend = "setuptools.build_meta"

[project]
name = "rulectl-{name}"
version = "0.1.0"
description = "Say here what {action} does."
requires-python = ">=3.11"
dependencies = ["rulectl"]

[project.optional-dependencies]
test = ["pytest"]

# Whoever installs this package can write `{action}:` in a rule, and call {function}() in its expressions.
[project.entry-points."rulectl.actions"]
{action} = "{package}.action:{cls}"

[project.entry-points."rulectl.functions"]
{function} = "{package}.functions:{function}"

[tool.setuptools]
packages = ["{package}"]

[tool.pytest.ini_options]
testpaths = ["tests"]
"""

_ACTION = '''\
"""`{action}`: say here what it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from rulectl.action import (
    ActionContext,
    Done,
    Duration,
    Outcome,
    Permission,
    SecretSource,
    Unchanged,
    action,
)
from rulectl.errors import PermanentError, TransientError
from rulectl.resource import Kind


@action()
@dataclass(frozen=True, slots=True)
class {cls}:
    """Mark the object with an annotation, so that there is something to see.

    The fields are what a rule may write below `{action}:`; their types become its JSON Schema, the strings below
    them its documentation: `rulectl schema {action}` shows both.
    """

    value: str
    """What the annotation says."""
    level: Literal["low", "high"] = "low"
    """One of a few words."""
    patience: Duration = 10.0
    """A duration: rules write 30s or 5m, the plugin gets seconds."""
    token: SecretSource | None = None
    """A secret: rules write a reference to it, never the value."""

    def __post_init__(self) -> None:
        if not self.value:
            raise ValueError("the value is empty")  # told by `rulectl validate`, with file and line

    def run(self, context: ActionContext) -> Outcome:
        """Acts, within context.remaining() seconds. It may be called again with the same idempotency key.

        Raises:
            TransientError: later it may work; rulectl tries again.
            PermanentError: it failed for good.
        """
        if self.token is not None:
            token = context.secrets.read(self.token, context.key.namespace).reveal_token()
            context.log(f"the token is {{token}}")  # rulectl shows *** in its place
        if context.remaining() < 0.1:
            raise TransientError("no time left; it is tried again")
        before: Any = context.kube.get(context.resource, context.key)
        if before["metadata"].get("annotations", {{}}).get(_ANNOTATION) == self._text():
            return Unchanged(f"{{context.key}} says so already")  # so that a rule never wakes itself
        if before["metadata"].get("deletionTimestamp"):
            raise PermanentError(f"{{context.key}} is being deleted")
        body = {{"metadata": {{"uid": context.uid, "annotations": {{_ANNOTATION: self._text()}}}}}}
        context.kube.patch(context.resource, context.key, body, "merge", field_manager=context.field_manager)
        return Done(f"marked {{context.key}}", {{"text": self._text()}})  # the second is results.NAME

    def describe(self, context: ActionContext) -> object:
        """What `run` would send: shown by --dry-run and mode: audit. It asks nobody anything."""
        return {{"annotate": str(context.key), _ANNOTATION: self._text()}}

    @staticmethod
    def permissions(parameters: Mapping[str, Any], acted_on: Kind) -> tuple[Permission, ...]:
        """What it asks of the API server: `rulectl rbac` grants it."""
        return (Permission(acted_on, ("get", "patch")),)

    def _text(self) -> str:
        return f"{{self.value}} ({{self.level}})"


_ANNOTATION = "example.com/{name}"
'''

_FUNCTIONS = '''\
"""Functions for the expressions of rules."""

from __future__ import annotations

from rulectl.expression import rule_function


@rule_function()
def {function}(text: str, most: int = 20) -> str:
    """The first characters of a text. A doctest is the example that `rulectl schema {function}` shows.

    >>> {function}('abcdef', 3)
    'abc'
    """
    return text[:most]
'''

_TEST = '''\
"""{cls}, without a cluster: an API server in memory, everything on record."""

from __future__ import annotations

from rulectl.action import Done, RetryAfter, Unchanged
from rulectl.errors import Unreachable
from rulectl.testing import (
    FakeKube,
    FakeLog,
    context_for,
    faults_of,
    plugin_type,
    run_action,
    secret,
)

from {package}.action import {cls}
from {package}.functions import {function}


def test_it_marks_the_object() -> None:
    kube = FakeKube()
    outcome = run_action({cls}, {{"value": "blue"}}, context_for(kube=kube))
    assert outcome == Done("marked default/web-1", {{"text": "blue (low)"}})
    pod = kube.see("v1", "Pod", "web-1", "default")
    assert pod["metadata"]["annotations"] == {{"example.com/{name}": "blue (low)"}}


def test_it_leaves_alone_what_says_so_already() -> None:
    context = context_for()
    run_action({cls}, {{"value": "blue"}}, context)
    assert run_action({cls}, {{"value": "blue"}}, context) == Unchanged("default/web-1 says so already")


def test_it_is_tried_again_when_nobody_answers() -> None:
    kube = FakeKube()
    context = context_for(kube=kube)
    kube.fail("patch", Unreachable("nobody there"))
    assert run_action({cls}, {{"value": "blue"}}, context) == RetryAfter(None, "nobody there")
    assert isinstance(run_action({cls}, {{"value": "blue"}}, context), Done)


def test_secrets_come_by_reference() -> None:
    kube, log = FakeKube(secret("agent", token="hunter2hunter2")), FakeLog()
    context = context_for(kube=kube, log=log)
    token = {{"secretKeyRef": {{"name": "agent", "key": "token"}}}}
    run_action({cls}, {{"value": "blue", "token": token}}, context)
    assert context.secrets.masker.mask(log.lines[0][0]) == "the token is ***"


def test_parameters_that_do_not_fit_are_told() -> None:
    assert faults_of({cls}, {{"value": "blue", "level": "lo", "patience": 10}}) == [
        "level: expected low or high, not 'lo' (did you mean 'low'?)",
        "patience: expected a duration such as 30s or 5m, not the number 10",
    ]
    assert faults_of({cls}, {{"value": ""}}) == ["the value is empty"]


def test_a_dry_run_shows_what_would_be_sent() -> None:
    shown = plugin_type({cls}).bind({{"value": "blue"}}).describe(context_for())
    assert shown == {{"annotate": "default/web-1", "example.com/{name}": "blue (low)"}}


def test_the_function() -> None:
    assert {function}("abcdef", 3) == "abc"
'''

_RULE = """\
apiVersion: rulectl.dev/v1alpha1
kind: Rule
metadata:
  name: {name}
spec:
  watch: {{apiVersion: v1, kind: ConfigMap}}
  changed:
    labels: [team]
  events: [added, modified]
  actions:
  - timeout: 10s
    # isolation: process       # for what may hang, crash the interpreter, or has to be killed
    {action}:
      value: ${{{{ {function}(label(object, 'team')) }}}}
      level: high
"""

_README = """\
# rulectl-{name}

An action `{action}` and a function `{function}()` for [rulectl](https://pypi.org/project/rulectl/) rules.

```console
$ pip install -e '.[test]'
$ pytest                                       # the plugin, without a cluster
$ rulectl schema {action}                      # what a rule may write
$ rulectl validate rules/                      # an example rule
$ rulectl run rules/ --sandbox                 # at work, on an API server in memory
```

Without installing it: `rulectl run rules/ --sandbox --plugin {package}.action --plugin {package}.functions`.
"""


def plugin_files(name: str) -> Mapping[str, str]:
    """The project's files by their paths, for a name of lower-case letters, digits and dashes."""
    first, *rest = name.split("-")
    words = {
        "name": name,
        "package": f"rulectl_{name.replace('-', '_')}",
        "action": first + "".join(part.title() for part in rest),
        "cls": "".join(part.title() for part in name.split("-")),
        "function": f"{name.replace('-', '_')}_start",
    }
    package = words["package"]
    files = {
        "pyproject.toml": _PYPROJECT,
        "README.md": _README,
        f"{package}/__init__.py": '"""An action and a function for rulectl rules."""\n',
        f"{package}/action.py": _ACTION,
        f"{package}/functions.py": _FUNCTIONS,
        f"tests/test_{name.replace('-', '_')}.py": _TEST,
        f"rules/{name}.yaml": _RULE,
    }
    return {path: text.format(**words) for path, text in files.items()}
