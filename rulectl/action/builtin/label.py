"""`label`: Labels set and removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from rulectl.action.builtin import metadata
from rulectl.action.builtin.metadata import Scalar
from rulectl.action.contract import ActionContext
from rulectl.action.names import refuse_bad_key, refuse_bad_label
from rulectl.action.outcome import Outcome
from rulectl.action.permission import Permission, permissions_on
from rulectl.action.subject import ResourceRef
from rulectl.fields import FieldTree
from rulectl.resource import Kind
from rulectl.value import Value


@dataclass(frozen=True, slots=True)
class Label:
    """Set and remove labels of an object; leave it alone when it says so already.

    The check before the patch is what keeps a rule from waking itself for ever.
    """

    name: ClassVar[str] = "label"
    has_server_dry_run: ClassVar[bool] = True

    set: Mapping[str, Scalar] = field(default_factory=dict)
    """Labels by key; numbers and booleans become text, null removes the key."""
    remove: tuple[str, ...] = ()
    """Keys of labels to remove."""
    resource: ResourceRef | None = None
    """The object; absent: the target with forEach, else the object."""

    def __post_init__(self) -> None:
        for key, value in metadata.wanted(self.set, self.remove).items():
            refuse_bad_key(key)
            refuse_bad_label(key, value or "")

    def run(self, context: ActionContext) -> Outcome:
        """One merge patch of the keys that differ, or nothing."""
        return metadata.write(context, "labels", metadata.wanted(self.set, self.remove), self.resource)

    def describe(self, context: ActionContext) -> Value:
        """The patch."""
        return metadata.described(context, "labels", metadata.wanted(self.set, self.remove), self.resource)

    @staticmethod
    def permissions(parameters: Mapping[str, Value], acted_on: Kind) -> tuple[Permission, ...]:
        """To get and patch the object's kind."""
        return permissions_on(parameters, acted_on, "get", "patch")

    @staticmethod
    def reads(parameters: Mapping[str, Value]) -> FieldTree:
        """The labels it names."""
        return metadata.read_tree("labels", parameters)
