"""A plugin that says its secret wherever it can, and prints without end."""

from __future__ import annotations

import sys

from rulectl.action import ActionContext, Done, Outcome, SecretSource, action


@action()
def leak(context: ActionContext, token: SecretSource, how: str) -> Outcome:
    """Tell everybody."""
    secret = context.secrets.read(token, "default").reveal()
    print(f"printed {secret}\n" * 20_000)
    print(f"on stderr {secret}\n" * 20_000, file=sys.stderr)
    context.log(f"logged {secret}", "warning")
    match how:
        case "raise":
            raise RuntimeError(f"raised {secret}")
        case "return":
            return Done(f"returned {secret}", {"token": secret, secret: "key"})
        case _:
            raise ValueError(how)
