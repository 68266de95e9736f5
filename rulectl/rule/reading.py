"""From the text of a file to its documents: YAML events in, nodes with places out, every fault a problem."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from rulectl.problem import Problem
from rulectl.rule.composer import Composer
from rulectl.rule.document import Document
from rulectl.rule.faults import Faults
from rulectl.rule.source import Source
from rulectl.rule.syntax import broken_tag, json_fault, yaml_fault

MAX_BYTES = 4 * 1024 * 1024
"""The largest file that is read: far above any rule file, far below what would make reading slow."""
MAX_FAULTS = 50
"""After so many faults in one file the rest are not shown."""

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LIFTED = "x"
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufffe\uffff\ufeff]")
_NEXT_DOCUMENT = re.compile(r"^---(?=\s|$)", re.MULTILINE)
_SURROGATES = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")


@dataclass(frozen=True, slots=True)
class Reading:
    """The documents that could be read, in order, and what was wrong with the file."""

    documents: tuple[Document, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_bytes(file: str, data: bytes) -> Reading:
    """The documents in `data`, which `file` names in problems.

    Time and memory are bounded by the size limit, whatever the bytes are; nothing is raised.
    """
    if len(data) > MAX_BYTES:
        message = f"the file has more than {MAX_BYTES // 1024 // 1024} MiB"
        source = Source(file, "")
        problem = source.problem("RC103", message, source.place(0), hint="split the rules into several files")
        return Reading(problems=(problem,))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        source = Source(file, data[: fault.start].decode("utf-8-sig", errors="replace"))
        message = f"the file is not UTF-8: byte 0x{data[fault.start]:02x}"
        hint = "save it as UTF-8 text"
        return Reading(problems=(source.problem("RC102", message, source.place(fault.start), hint=hint),))
    return read_text(file, text)


def read_text(file: str, text: str) -> Reading:
    """The documents in `text`: JSON if the name ends in .json, else YAML."""
    source = Source(file, text)
    bad = _NOT_TEXT.search(text)
    if bad is not None:
        message = f"the file holds the control character U+{ord(bad[0]):04X}"
        hint = "remove it, or write it as an escape in a double-quoted string"
        return Reading(problems=(source.problem("RC102", message, source.place(bad.start()), hint=hint),))
    if file.lower().endswith(".json"):
        broken = json_fault(source)
        if broken is not None:
            return Reading(problems=(broken,))
        # Tabs are white space in JSON, and only outside of strings; YAML's scanners do not all allow them.
        source = Source(file, _SURROGATES.sub(_joined, text.replace("\t", " ")))
    return _Reader(source).read()


def _joined(pair: re.Match[str]) -> str:
    code = 0x10000 + ((int(pair[2], 16) - 0xD800) << 10) + (int(pair[3], 16) - 0xDC00)
    return f"{pair[1]}\\U{code:08X}"


@dataclass(slots=True)
class _Reader:
    source: Source
    documents: list[Document] = field(default_factory=list)
    faults: Faults = field(init=False)
    lifted: set[int] = field(default_factory=set)
    """Where a ``!`` that cannot be a tag begins a term: it was told, and the text is read without it."""

    def __post_init__(self) -> None:
        self.faults = Faults(self.source, MAX_FAULTS)

    def read(self) -> Reading:
        start: int | None = 0
        while start is not None and not self.faults.full:
            start = self._read_from(start)
        return Reading(tuple(self.documents), tuple(self.faults.problems))

    def _read_from(self, start: int) -> int | None:
        """Reads documents from index `start`; where to go on after broken syntax, None at the end."""
        composer = Composer(self.source, start, self.faults, self.lifted)
        try:
            for root, sound in composer.roots(self._events(start)):
                self.documents.append(Document(self.source, root, sound=sound))
                if self.faults.full:
                    return None
        except yaml.YAMLError as error:
            problem, at = yaml_fault(error, self.source, start)
            self.faults.add(problem)
            term = broken_tag(error, self.source, start)
            if term is not None and term not in self.lifted:
                self.lifted.add(term)
                return composer.document_start
            onward = _NEXT_DOCUMENT.search(self.source.text, max(at, start + 1))
            return onward.start() if onward is not None else None
        return None

    def _events(self, start: int) -> Iterator[yaml.Event]:
        text = self.source.text[start:]
        for index in sorted(self.lifted):
            if index >= start:
                text = f"{text[: index - start]}{_LIFTED}{text[index - start + 1 :]}"
        return iter(_Loader(text).get_event, None)
