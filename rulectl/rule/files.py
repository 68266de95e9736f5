"""From the paths on a command line to the rule files below them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rulectl.errors import UsageError
from rulectl.problem import Place, Problem
from rulectl.rule.reading import MAX_BYTES, Reading, read_bytes

SUFFIXES = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Found:
    """The files in the order in which they are read, and what could not be looked into."""

    files: tuple[Path, ...]
    problems: tuple[Problem, ...]


def find_files(paths: Iterable[Path]) -> Found:
    """The files that `paths` name, and in folders all below with a rule file's ending.

    Arguments keep their order, a folder's files are sorted by path; no file comes twice. Names
    that begin with a dot are left out of folders: mounted ConfigMaps keep their history there.

    Raises:
        UsageError: a path does not exist; the message names them all.
    """
    given = list(paths)
    missing = [path for path in given if not path.exists()]
    if missing:
        names = ", ".join(str(path) for path in missing)
        raise UsageError(f"no such file or folder: {names}; give the path of a rule file or of a folder with rules")
    files: dict[Path, Path] = {}
    problems: list[Problem] = []
    for path in given:
        for file in _below(path, problems, set()) if path.is_dir() else (path,):
            files.setdefault(file.resolve(), file)
    return Found(tuple(files.values()), tuple(problems))


def read_file(path: Path) -> Reading:
    """The documents in the file at `path`; that it cannot be read is a problem too."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as fault:
        return Reading(problems=(_unreadable(path, fault),))
    return read_bytes(str(path), data)


def _below(folder: Path, problems: list[Problem], above: set[Path]) -> Iterator[Path]:
    resolved = folder.resolve()
    if resolved in above:
        return
    try:
        entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    except OSError as fault:
        problems.append(_unreadable(folder, fault))
        return
    for entry in entries:
        if entry.is_dir():
            yield from _below(entry, problems, above | {resolved})
        elif entry.suffix.lower() in SUFFIXES and (entry.is_file() or entry.is_symlink()):
            yield entry


def _unreadable(path: Path, fault: OSError) -> Problem:
    reason = fault.strerror or str(fault)
    return Problem(Place(str(path)), "RC101", f"cannot be read: {reason}", hint="check the path and its permissions")
