"""What a server answers when a patch cannot be done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rulectl.errors import PermanentError
from rulectl.value import Value


@dataclass(frozen=True, slots=True)
class Cause:
    """One entry of a Status' ``details.causes``."""

    reason: str
    message: str
    field: str = ""

    def to_value(self) -> Value:
        """As it stands in the JSON of a Status."""
        told: dict[str, Value] = {"reason": self.reason, "message": self.message}
        return {**told, "field": self.field} if self.field else told


class PatchError(PermanentError):
    """A patch that cannot be done, with all that a Status says: status, reason, message, causes."""

    def __init__(self, status: int, reason: str, message: str, causes: Iterable[Cause] = ()) -> None:
        super().__init__(message, status=status)
        self.reason = reason
        self.message = message
        self.causes = tuple(causes)


def bad_request(message: str) -> PatchError:
    """400: the patch itself makes no sense."""
    return PatchError(400, "BadRequest", message)


def unprocessable(detail: str) -> PatchError:
    """422, in the words in which a server reports that a JSON patch does not apply."""
    return PatchError(
        422,
        "Invalid",
        "the server rejected our request due to an error in our request",
        (Cause("UnexpectedServerResponse", detail),),
    )
