"""Keeps secrets out of everything that is shown, logged or stored."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, quote_plus

from rulectl.value import Value

MASK: Final = "***"
SHORTEST: Final = 4
"""Shorter values are not masked: they would blot out ordinary words and still be guessed."""
_LONGEST_MEMORY: Final = 20_000


class Masker:
    """Remembers secret values and replaces them, in any text, by ``***``.

    A value is found as it is, URL-encoded, as the inside of a JSON string, in base64, and line by line
    when it has several long lines. Any number of threads may use one masker. What was forgotten (the oldest,
    past some 20,000 spellings) or cut into pieces is not found.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[str, None] = {}
        self._spellings: dict[str, None] = {}
        self._ordered: tuple[str, ...] | None = ()
        """The spellings, longest first; None: to be ordered anew."""

    def remember(self, value: str) -> None:
        """From now on `value` is masked."""
        with self._lock:
            if value in self._values:
                return
            self._values[value] = None
            spellings = (spelling for spelling in _spellings(value) if len(spelling) >= SHORTEST)
            self._spellings.update(dict.fromkeys(spellings))
            while len(self._spellings) > _LONGEST_MEMORY:
                # A value that is forgotten is learnt anew when it is handed out again.
                self._values.clear()
                del self._spellings[next(iter(self._spellings))]
            self._ordered = None

    def mask(self, text: str) -> str:
        """`text` without any remembered value."""
        for spelling in self._longest_first():
            if spelling in text:
                text = text.replace(spelling, MASK)
        return text

    def mask_cut(self, text: str) -> str:
        """`text`, of which the end was cut off, also without the beginning of a value at its end."""
        masked = self.mask(text)
        for spelling in self._longest_first():
            for length in range(len(spelling) - 1, SHORTEST - 1, -1):
                if masked.endswith(spelling[:length]):
                    return masked[:-length] + MASK
        return masked

    def mask_value(self, value: Value) -> Value:
        """`value` with every string in it masked, keys too."""
        if isinstance(value, str):
            return self.mask(value)
        if isinstance(value, Mapping):
            return {self.mask(key): self.mask_value(part) for key, part in value.items()}
        if isinstance(value, list | tuple):
            return [self.mask_value(part) for part in value]
        return value

    def _longest_first(self) -> tuple[str, ...]:
        with self._lock:
            if self._ordered is None:
                self._ordered = tuple(sorted(self._spellings, key=len, reverse=True))
            return self._ordered


def _spellings(value: str) -> set[str]:
    bare = value.strip()
    lines = [line.strip() for line in bare.splitlines() if len(line.strip()) >= 16]
    found: set[str] = set()
    for text in [value, bare, *lines]:
        found |= {text, quote(text, safe=""), quote(text), quote_plus(text)}
        found |= {json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]}
        if len(text) >= SHORTEST:
            encoded = base64.b64encode(text.encode())
            found |= {
                encoded.decode(),
                base64.urlsafe_b64encode(text.encode()).decode(),
                encoded.rstrip(b"=").decode(),
            }
    return found
