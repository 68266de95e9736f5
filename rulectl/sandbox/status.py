"""Refusals: the Status objects that an API server answers with, and the exception that carries one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rulectl.value import Value


@dataclass(frozen=True, slots=True)
class Subject:
    """What a refusal is about: the plural and group of a resource, and an object's name."""

    plural: str = ""
    group: str = ""
    name: str = ""

    @property
    def resource(self) -> str:
        """The resource as messages spell it: ``deployments.apps``, ``pods``."""
        return f"{self.plural}.{self.group}" if self.group else self.plural


class ApiError(Exception):
    """A request that is refused; `body()` is the Status object to answer with."""

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        *,
        details: Mapping[str, Value] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
        self.headers: Mapping[str, str] = headers or {}

    def body(self) -> dict[str, Value]:
        """The Status object."""
        return failure(self.code, self.reason, self.message, self.details)


def failure(code: int, reason: str, message: str, details: Mapping[str, Value] | None = None) -> dict[str, Value]:
    """A Status object that says what went wrong."""
    body: dict[str, Value] = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
    }
    if details:
        body["details"] = details
    return {**body, "code": code}


def success(subject: Subject, uid: str) -> dict[str, Value]:
    """The Status object that answers a deletion."""
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": {**_details(subject), "uid": uid},
    }


def not_found(subject: Subject) -> ApiError:
    """404 for an object."""
    message = f'{subject.resource} "{subject.name}" not found'
    return ApiError(404, "NotFound", message, details=_details(subject))


def no_such_resource() -> ApiError:
    """404 for a resource or subresource that is not served."""
    return ApiError(404, "NotFound", "the server could not find the requested resource", details={})


def already_exists(subject: Subject) -> ApiError:
    """409 for a create."""
    message = f'{subject.resource} "{subject.name}" already exists'
    return ApiError(409, "AlreadyExists", message, details=_details(subject))


def conflict(
    subject: Subject, why: str = "the object has been modified; please apply your changes to the latest version"
) -> ApiError:
    """409 for a write with a stale resourceVersion or another uid."""
    message = f'Operation cannot be fulfilled on {subject.resource} "{subject.name}": {why}'
    return ApiError(409, "Conflict", message, details=_details(subject))


def forbidden(subject: Subject, why: str, causes: Sequence[Value] = ()) -> ApiError:
    """403."""
    message = f'{subject.resource} "{subject.name}" is forbidden: {why}'
    details = {**_details(subject), **({"causes": list(causes)} if causes else {})}
    return ApiError(403, "Forbidden", message, details=details)


def invalid(kind: str, group: str, name: str, causes: Sequence[tuple[str, str]]) -> ApiError:
    """422; `causes` are pairs of a field and what is wrong with its value."""
    subject = f"{kind}.{group}" if group else kind
    told = [f"{field}: {wrong}" if field else wrong for field, wrong in causes]
    listed = told[0] if len(told) == 1 else f"[{', '.join(told)}]"
    details: dict[str, Value] = {
        **({"name": name} if name else {}),
        **({"group": group} if group else {}),
        "kind": kind,
        "causes": [{"reason": "FieldValueInvalid", "message": wrong, "field": field} for field, wrong in causes],
    }
    return ApiError(422, "Invalid", f'{subject} "{name}" is invalid: {listed}', details=details)


def bad_request(message: str) -> ApiError:
    """400."""
    return ApiError(400, "BadRequest", message)


def method_not_allowed() -> ApiError:
    """405."""
    return ApiError(
        405, "MethodNotAllowed", "the server does not allow this method on the requested resource", details={}
    )


def unsupported_media_type(message: str) -> ApiError:
    """415."""
    return ApiError(415, "UnsupportedMediaType", message)


def not_acceptable(accepted: Sequence[str]) -> ApiError:
    """406."""
    message = f"only the following media types are accepted: {', '.join(accepted)}"
    return ApiError(406, "NotAcceptable", message)


def expired(message: str) -> ApiError:
    """410: the version asked for is no longer known."""
    return ApiError(410, "Expired", message)


def too_large_version(asked: int, current: int) -> ApiError:
    """504: the version asked for does not exist yet."""
    details: dict[str, Value] = {
        "causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}],
        "retryAfterSeconds": 1,
    }
    message = f"Too large resource version: {asked}, current: {current}"
    return ApiError(504, "Timeout", f"Timeout: {message}", details=details, headers={"Retry-After": "1"})


def _details(subject: Subject) -> dict[str, Value]:
    told = {"name": subject.name, "group": subject.group, "kind": subject.plural}
    return {key: value for key, value in told.items() if value}
