"""`exec`: a program on the machine that rulectl runs on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Final, TypeAlias

import msgspec

from rulectl.action.contract import ActionContext
from rulectl.action.masker import Masker
from rulectl.action.names import as_text
from rulectl.action.outcome import Done, Failed, Outcome
from rulectl.action.process import Command, Ended, run_process
from rulectl.action.secret import SecretSource
from rulectl.errors import PermanentError, TransientError
from rulectl.value import Value

Scalar: TypeAlias = str | int | float | bool
ENVIRONMENT: Final[Mapping[str, str]] = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "HOME": "/",
}
"""All that a program gets besides what the rule names: nothing of rulectl's own environment."""
_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Exec:
    """Run a program with arguments; no shell is involved. Only with ``--allow-exec``.

    Status 0 is done, one of `finalStatuses` a final failure; everything else is tried again. At the
    action's timeout it is killed with all that it started. The result: status, stdout, stderr, truncated.
    """

    name: ClassVar[str] = "exec"

    command: Annotated[tuple[Scalar, ...], msgspec.Meta(min_length=1)]
    """The program and its arguments, one per entry."""
    env: Mapping[str, Scalar | SecretSource | None] = field(default_factory=dict)
    """Environment variables; null leaves one out. RULECTL_IDEMPOTENCY_KEY is always there."""
    stdin: str = ""
    """What the program reads."""
    working_directory: str = "/"
    """Where it runs."""
    final_statuses: tuple[Annotated[int, msgspec.Meta(ge=1, le=255)], ...] = ()
    """Exit statuses that no retry can heal."""

    def __post_init__(self) -> None:
        for name in self.env:
            if not name or "=" in name or "\0" in name:
                raise ValueError(f"{name!r} cannot be the name of an environment variable")

    def run(self, context: ActionContext) -> Outcome:
        """Runs the program and waits for its end."""
        if not context.allow_exec:
            raise PermanentError("exec is off: start rulectl with --allow-exec to let rules run programs")
        arguments = [as_text(argument) for argument in self.command]
        command = Command(arguments, self._environment(context), self.working_directory, self.stdin.encode())
        ended = run_process(command, clock=context.clock, deadline=context.deadline, stop=context.stop)
        said = f"{arguments[0]} ended with status {ended.status}"
        if ended.status == 0:
            return Done(said, _result(ended, context.secrets.masker))
        output = context.secrets.masker.mask((ended.stderr or ended.stdout).decode("utf-8", "replace"))
        message = f"{said}{_excerpt(output)}"
        if ended.status in self.final_statuses:
            return Failed(message)
        raise TransientError(message)

    def describe(self, context: ActionContext) -> Value:
        """The command and its environment; secrets stand as references."""
        env: dict[str, Value] = {
            name: value.describe() if isinstance(value, SecretSource) else as_text(value)
            for name, value in self.env.items()
            if value is not None
        }
        ours = {**ENVIRONMENT, "RULECTL_IDEMPOTENCY_KEY": context.idempotency_key}
        parts: dict[str, Value] = {"command": [as_text(one) for one in self.command], "env": {**ours, **env}}
        if self.stdin:
            parts["stdin"] = self.stdin
        return {**parts, "workingDirectory": self.working_directory}

    def _environment(self, context: ActionContext) -> Mapping[str, str]:
        found = {**ENVIRONMENT, "RULECTL_IDEMPOTENCY_KEY": context.idempotency_key}
        for name, value in self.env.items():
            if isinstance(value, SecretSource):
                found[name] = context.secrets.read(value, context.key.namespace).reveal_token()
            elif value is not None:
                found[name] = as_text(value)
        return found


def _result(ended: Ended, masker: Masker) -> Mapping[str, Value]:
    mask = masker.mask_cut if ended.is_truncated else masker.mask
    return {
        "status": ended.status,
        "stdout": mask(ended.stdout.decode("utf-8", "replace")),
        "stderr": mask(ended.stderr.decode("utf-8", "replace")),
        "truncated": ended.is_truncated,
    }


def _excerpt(output: str) -> str:
    text = " ".join(output.split())
    return f": {text[-_SHOWN:]}" if text else ""
