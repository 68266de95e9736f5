"""Answers what a plugin's process asks, with what the context of its call allows."""

from __future__ import annotations

import base64
from typing import Any, assert_never

import msgspec

from rulectl.action.contract import ActionContext
from rulectl.action.isolation import wire
from rulectl.action.secret import SecretSource
from rulectl.errors import RulectlError


def answer_of(context: ActionContext, frame: wire.Question | wire.Say) -> wire.Answer | None:
    """What to send back; None: nothing, it was a line for the log."""
    if isinstance(frame, wire.Say):
        context.log(frame.line, frame.level)
        return None
    try:
        return wire.Answer(_value(context, frame))
    except RulectlError as fault:
        return wire.fault_answer(fault)


def _value(context: ActionContext, question: wire.Question) -> Any:
    kube = context.kube
    match question:
        case wire.Get(resource, key, subresource, seconds):
            return kube.get(resource, key, subresource=subresource, timeout_seconds=seconds)
        case wire.ListObjects(resource, namespace, labels, fields, seconds):
            return kube.list(resource, namespace, label_selector=labels, field_selector=fields, timeout_seconds=seconds)
        case wire.Create(resource, namespace, body, manager, dry_run, seconds):
            return kube.create(
                resource, namespace, body, field_manager=manager, dry_run=dry_run, timeout_seconds=seconds
            )
        case wire.Update(resource, key, body, subresource, manager, dry_run, seconds):
            return kube.update(
                resource,
                key,
                body,
                subresource=subresource,
                field_manager=manager,
                dry_run=dry_run,
                timeout_seconds=seconds,
            )
        case wire.Patch(resource, key, body, kind, subresource, manager, force, dry_run, seconds):
            return kube.patch(
                resource,
                key,
                body,
                kind,
                subresource=subresource,
                field_manager=manager,
                force=force,
                dry_run=dry_run,
                timeout_seconds=seconds,
            )
        case wire.Delete(resource, key, uid, version, propagation, grace, dry_run, seconds):
            return kube.delete(
                resource,
                key,
                uid=uid,
                resource_version=version,
                propagation=propagation,
                grace_seconds=grace,
                dry_run=dry_run,
                timeout_seconds=seconds,
            )
        case wire.Resolve(kind):
            return msgspec.to_builtins(context.resolve(kind))
        case wire.Send(request, seconds, most):
            left = min(seconds, context.remaining())
            response = context.http.send(request, egress=context.egress, timeout_seconds=left, max_bytes=most)
            return msgspec.to_builtins(response)
        case wire.Read(reference, file, namespace, again):
            source = SecretSource(reference, file)
            read = context.secrets.read_again if again else context.secrets.read
            return base64.b64encode(read(source, namespace).reveal_bytes()).decode()
        case _:
            assert_never(question)
