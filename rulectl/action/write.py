"""Writes to an object that leave alone what is gone and say whether anything changed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Final, cast

from rulectl.action.contract import ActionContext
from rulectl.action.kube import KubeObject, PatchType
from rulectl.action.outcome import Done, Outcome, Unchanged
from rulectl.action.subject import ResourceRef, Subject, current, named, time_left, uid_of, version_of
from rulectl.errors import Conflict, NotFound, PermanentError, TransientError
from rulectl.value import Value, mapping, same

MOST_TRIES: Final = 5
"""How often an object is read anew and written when others write it at the same time."""


class WrittenMeanwhile(TransientError):  # noqa: N818 - says what happened
    """Somebody else wrote the object between our reading and our writing."""


def on_fresh_object(step: Callable[[], Outcome]) -> Outcome:
    """What `step`, which reads and then writes, comes to on the object as it is by then; at most five times.

    Raises:
        WrittenMeanwhile: others were faster each time.
    """
    for _ in range(MOST_TRIES - 1):
        with contextlib.suppress(WrittenMeanwhile):
            return step()
    return step()


def patch(
    context: ActionContext,
    subject: Subject,
    body: object,
    patch_type: PatchType,
    *,
    subresource: str = "",
    force: bool = False,
) -> KubeObject | None:
    """The object after the patch, which holds only for `subject.uid`; None: that object is gone.

    Raises:
        WrittenMeanwhile: somebody else wrote at the same time (not with ``apply``).
        TransientError: nobody answered.
        Conflict: with ``apply``, a field belongs to another manager.
        PermanentError: the server will not have it.
    """
    try:
        return context.kube.patch(
            subject.resource,
            subject.key,
            _only_for(subject.uid, body, patch_type),
            patch_type,
            subresource=subresource,
            field_manager=context.field_manager,
            force=force,
            dry_run=context.dry_run == "server",
            timeout_seconds=time_left(context),
        )
    except NotFound:
        return None
    except PermanentError as fault:
        # A wrong uid is answered with 422 (the field cannot change), or 409 by apply and by older servers.
        if subject.uid and fault.status in {409, 422} and current(context, subject) is None:
            return None
        if isinstance(fault, Conflict) and patch_type != "apply":
            raise WrittenMeanwhile(f"{subject} was written by somebody else at the same time: {fault}") from fault
        raise


def _only_for(uid: str, body: object, patch_type: PatchType) -> object:
    if not uid:
        return body
    if patch_type == "json":
        operations = body if isinstance(body, list | tuple) else []
        return [{"op": "test", "path": "/metadata/uid", "value": uid}, *operations]
    given = cast("Mapping[str, Value]", body)
    return {**given, "metadata": {**mapping(given.get("metadata")), "uid": uid}}


def described_patch(
    context: ActionContext,
    reference: ResourceRef | None,
    body: object,
    patch_type: PatchType,
    *,
    subresource: str = "",
    force: bool = False,
) -> Value:
    """The patch as `patch` sends it. The uid of an object that `reference` names is known only when it is read."""
    guarded = _only_for(context.uid if reference is None else "", body, patch_type)
    parts: dict[str, Value] = {
        "patch": named(context, reference) + (f"/{subresource}" if subresource else ""),
        "type": patch_type,
        "fieldManager": context.field_manager,
        "body": plain(guarded),
    }
    return {**parts, "force": True} if force else parts


def plain(value: object) -> Value:
    """`value` as JSON.

    Raises:
        ValueError: there is something in it that is none.
    """
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise ValueError(f"a patch cannot contain {type(value).__name__}")


def gone(subject: Subject) -> Unchanged:
    """There is nothing to write to any more."""
    return Unchanged(f"{subject} is gone")


def written(context: ActionContext, before: KubeObject, after: KubeObject, message: str, subject: Subject) -> Outcome:
    """Done with `message`, or unchanged when the server's answer shows the same object as before."""
    if not _differs(before, after, is_dry_run=context.dry_run == "server"):
        return Unchanged(f"{subject} says so already")
    return Done(message, reference_to(after))


def reference_to(obj: KubeObject) -> Value:
    """What later actions may want to know of an object that was written."""
    metadata = mapping(obj.get("metadata"))
    names = [name for name in ("namespace", "name", "uid", "resourceVersion") if name in metadata]
    return {"metadata": {name: metadata[name] for name in names}}


def _differs(before: KubeObject, after: KubeObject, *, is_dry_run: bool) -> bool:
    if uid_of(before) != uid_of(after) or version_of(before) != version_of(after):
        return True
    if version_of(after) and not is_dry_run:
        return False
    # A dry run leaves the resourceVersion as it is: then only the content tells.
    return not same(_content(before), _content(after))


def _content(obj: KubeObject) -> KubeObject:
    bookkeeping = {"managedFields", "resourceVersion", "generation"}
    kept = {name: value for name, value in mapping(obj.get("metadata")).items() if name not in bookkeeping}
    return {**obj, "metadata": kept}
