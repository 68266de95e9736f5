"""Kinds to resources: asked from discovery, again and again while a kind is not served."""

from __future__ import annotations

from typing import Protocol

from rulectl.errors import TransientError
from rulectl.resource import Kind, Resource


class Kinds(Protocol):
    """What the server serves. Any thread may call it."""

    def find(self, kind: Kind) -> Resource | None:
        """The resource of a kind; None: it is not served now (asking again asks the server again, not too often).

        Raises:
            TransientError, PermanentError: the server could not be asked.
        """
        ...


def resolver(kinds: Kinds, kind: Kind) -> Resource:
    """The resource of a kind, for actions.

    Raises:
        TransientError: it is not served now: its CRD may come.
    """
    found = kinds.find(kind)
    if found is None:
        msg = f"the server has no {kind}; check apiVersion and kind, or apply its CRD"
        raise TransientError(msg)
    return found
