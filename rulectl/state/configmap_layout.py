"""Which ConfigMap a record belongs in, and how the ConfigMaps are named; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rulectl.value import Value

RULES = -1
"""The index of the page that has the rules' own state."""
SHARDS = 64
MAX_SHARDS = 4096
_BASIS, _PRIME, _MASK = 0xCBF29CE484222325, 0x100000001B3, 0xFFFFFFFFFFFFFFFF


def fnv1a64(text: str) -> int:
    """The 64-bit FNV-1a hash, by which Kubernetes' own sharding (KEP-5866) divides uids as well."""
    value = _BASIS
    for byte in text.encode():
        value = ((value ^ byte) * _PRIME) & _MASK
    return value


@dataclass(frozen=True, slots=True)
class Layout:
    """How records are spread: over `count` pages (a power of two), by the top bits of their uid's hash.

    `epoch` is that of the process that chose it, 0 for the first: two that double at once choose different names.
    """

    count: int = SHARDS
    epoch: int = 0

    def page_of(self, uid: str) -> int:
        """The index of the page that has the records of `uid`."""
        return self.page_at(fnv1a64(uid))

    def page_at(self, spot: int) -> int:
        """The index of the page for a uid whose hash is `spot`."""
        return spot * self.count >> 64

    def doubled(self, epoch: int) -> Layout:
        """Twice the pages: page i becomes 2i and 2i+1."""
        return Layout(self.count * 2, epoch)

    @classmethod
    def of(cls, value: Mapping[str, Value]) -> Layout:
        """What `to_json` gave. Raises KeyError, ValueError."""
        count, epoch = value["count"], value["epoch"]
        if not isinstance(count, int) or not isinstance(epoch, int) or count.bit_count() != 1:
            raise ValueError(f"no layout: {value}")
        return cls(count, epoch)

    def to_json(self) -> dict[str, int]:
        """For the head."""
        return {"count": self.count, "epoch": self.epoch}


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one state's ConfigMaps; no two names of states share any."""

    name: str

    @property
    def prefix(self) -> str:
        """What all of them begin with (those of other states may, too)."""
        return f"rulectl-state-{self.name}-"

    def is_one(self, name: str) -> bool:
        """Whether `name` could be one of them."""
        return name.startswith(self.prefix)

    @property
    def head(self) -> str:
        """The one that says what is durable."""
        return self.prefix + "head"

    def page(self, layout: Layout, index: int) -> str:
        """``NAME-rules``, ``NAME-07``, and once there are more pages ``NAME-128-EPOCH-007``."""
        if index == RULES:
            return self.prefix + "rules"
        if layout.epoch == 0:
            return f"{self.prefix}{index:02}"
        return f"{self.prefix}{layout.count}-{layout.epoch}-{index:04}"

    def segment(self, epoch: int, number: int) -> str:
        """A part of the log that did not fit into the head."""
        return f"{self.prefix}log-{epoch}-{number:06}"

    def epoch_of(self, name: str) -> int | None:
        """In which epoch the ConfigMap `name`, a segment or a page of records, got its name; None: it is neither."""
        if not self.is_one(name):
            return None
        match name.removeprefix(self.prefix).split("-"):
            case ["log", epoch, number] if epoch.isdecimal() and number.isdecimal():
                return int(epoch)
            case [count, epoch, index] if count.isdecimal() and epoch.isdecimal() and index.isdecimal():
                return int(epoch)
            case [index] if index.isdecimal():
                return 0
            case _:
                return None
