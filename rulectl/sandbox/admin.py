"""``/_sandbox/*``: what tests in another process tell the server to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from rulectl.errors import UsageError
from rulectl.sandbox.answer import Answer, json_answer
from rulectl.sandbox.fault import fault_of
from rulectl.sandbox.loading import load_objects, manifests_of
from rulectl.sandbox.sandbox import Sandbox
from rulectl.sandbox.status import failure
from rulectl.value import Value, decode, mapping

ROOT = "/_sandbox/"


def administer(sandbox: Sandbox, method: str, path: str, body: bytes) -> Answer:
    """The answer to a request below `ROOT`.

    ``GET|POST|DELETE faults`` (a fault or a list of them; see `Fault`), ``GET faults/injected``,
    ``POST compact``, ``POST load`` (YAML or JSON manifests), ``POST reset``, ``GET clock``,
    ``POST clock`` (``{"advance": seconds}``).
    """
    try:
        match method, path.removeprefix(ROOT).strip("/"):
            case "GET", "faults":
                return json_answer(_faults(sandbox))
            case "POST", "faults":
                return json_answer({"added": _add(sandbox, body)}, 201)
            case "DELETE", "faults":
                sandbox.faults.clear()
                return json_answer(_faults(sandbox))
            case "GET", "faults/injected":
                hits = [{"method": hit.method, "path": hit.path, "at": hit.at} for hit in sandbox.faults.injected]
                return json_answer({"injected": hits})
            case "POST", "compact":
                sandbox.compact()
                return json_answer({"compactedAt": str(sandbox.store.rv)})
            case "POST", "load":
                return json_answer({"loaded": load_objects(sandbox.api, manifests_of("the request", body))}, 201)
            case "POST", "reset":
                sandbox.reset()
                return json_answer({"resourceVersion": str(sandbox.store.rv)})
            case "POST", "clock":
                sandbox.advance(_seconds(body))
                return json_answer({"now": sandbox.clock.now()})
            case "GET", "clock":
                return json_answer({"now": sandbox.clock.now()})
    except (UsageError, ValueError, TypeError) as error:
        return json_answer(failure(400, "BadRequest", str(error)), 400)
    return json_answer(failure(404, "NotFound", f"there is no {method} {path}"), 404)


def _faults(sandbox: Sandbox) -> Mapping[str, object]:
    active = sandbox.faults.active()
    return {"faults": [{"id": number, **asdict(fault)} for number, fault in active.items()]}


def _add(sandbox: Sandbox, body: bytes) -> list[int]:
    content = decode(body)
    faults = [fault_of(mapping(entry)) for entry in (content if isinstance(content, list) else [content])]
    return [sandbox.faults.add(fault) for fault in faults]


def _seconds(body: bytes) -> float:
    seconds: Value = mapping(decode(body)).get("advance")
    if not isinstance(seconds, int | float):
        raise ValueError('say by how many seconds: {"advance": 60}')  # noqa: TRY004 - the request is at fault
    return float(seconds)
