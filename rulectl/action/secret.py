"""Secrets in parameters: always a reference, never the value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from rulectl.action.masker import MASK
from rulectl.errors import PermanentError
from rulectl.value import Value


@dataclass(frozen=True, slots=True)
class SecretKeyRef:
    """One key of a Kubernetes Secret."""

    name: str
    """The Secret's name."""
    key: str
    """The key in the Secret's data."""
    namespace: str = ""
    """The Secret's namespace; absent: that of the object acted on."""

    def __str__(self) -> str:
        return f"key {self.key!r} of Secret {self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True)
class SecretSource:
    """Where a secret value comes from, read just before it is used."""

    secret_key_ref: SecretKeyRef | None = None
    """A key of a Kubernetes Secret."""
    file: str | None = None
    """A file that rulectl can read, with its absolute path; read anew each time."""

    is_secret: ClassVar[bool] = True
    json_schema: ClassVar[Mapping[str, Value]] = {"minProperties": 1, "maxProperties": 1}

    def __post_init__(self) -> None:
        if (self.secret_key_ref is None) == (self.file is None):
            raise ValueError("give exactly one of secretKeyRef and file")
        if self.file is not None and not self.file.startswith("/"):
            raise ValueError(f"the path of a secret's file has to be absolute; {self.file!r} is not")

    def describe(self) -> Value:
        """The reference, as it is written in a rule."""
        reference = self.secret_key_ref
        if reference is None:
            return {"file": self.file}
        where: dict[str, Value] = {"namespace": reference.namespace} if reference.namespace else {}
        return {"secretKeyRef": {**where, "name": reference.name, "key": reference.key}}


class Secret:
    """A secret value. It shows itself only through `reveal`; printed or formatted it stays hidden."""

    __slots__ = ("_data",)

    def __init__(self, data: bytes) -> None:
        self._data = data

    def reveal(self) -> str:
        """The value as text.

        Raises:
            PermanentError: it is not UTF-8 text.
        """
        try:
            return self._data.decode()
        except UnicodeDecodeError as fault:
            raise PermanentError("a secret that has to be text is not UTF-8; store it as text") from fault

    def reveal_token(self) -> str:
        """The value as text, without white space around it (files tend to end with a line break)."""
        return self.reveal().strip()

    def reveal_bytes(self) -> bytes:
        """The value as it is stored."""
        return self._data

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK
