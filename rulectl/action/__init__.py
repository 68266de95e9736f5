"""What rules do when they fire: the contract for plugins, and the actions that rulectl brings.

What an author of plugins needs is here; `rulectl.action.registry` has what the rest of rulectl needs.
Nothing in this package decides when an action runs, how often it is tried or where its outcome is kept.
"""

from rulectl.action.annotation import Duration
from rulectl.action.contract import Action, ActionContext
from rulectl.action.outcome import Done, Failed, Outcome, RetryAfter, Unchanged
from rulectl.action.permission import Permission
from rulectl.action.plugin import action
from rulectl.action.secret import Secret, SecretSource
from rulectl.action.subject import ResourceRef

__all__ = [
    "Action",
    "ActionContext",
    "Done",
    "Duration",
    "Failed",
    "Outcome",
    "Permission",
    "ResourceRef",
    "RetryAfter",
    "Secret",
    "SecretSource",
    "Unchanged",
    "action",
]
