"""From the paths on a command line to the rule files below them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rulectl.errors import UsageError
from rulectl.problem import Place, Problem
from rulectl.rule.reading import MAX_BYTES, Reading, read_bytes

SUFFIXES = (".yaml", ".yml", ".json")
_FIRST_BYTES = 64 * 1024
"""Read at once; room for the largest file would cost more than reading one of the usual size."""


@dataclass(frozen=True, slots=True)
class Found:
    """The files in the order in which they are read, and what could not be looked into."""

    files: tuple[Path, ...]
    problems: tuple[Problem, ...]
    resolved: tuple[Path, ...]
    """Each of the files without symbolic links."""


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
        for resolved, file in _below(path, problems, set()) if path.is_dir() else ((path.resolve(), path),):
            files.setdefault(resolved, file)
    return Found(tuple(files.values()), tuple(problems), tuple(files))


def read_file(path: Path) -> Reading:
    """The documents in the file at `path`; that it cannot be read is a problem too."""
    try:
        with path.open("rb") as stream:
            data = stream.read(_FIRST_BYTES)
            if len(data) == _FIRST_BYTES:
                data += stream.read(MAX_BYTES + 1 - _FIRST_BYTES)
    except OSError as fault:
        return Reading(problems=(_unreadable(path, fault),))
    return read_bytes(str(path), data)


def files_in(folder: Path) -> Iterator[tuple[Path, Path]]:
    """The files right in `folder` that end as rule files do, by name: without symbolic links, and as they are called.

    `folder` has to be a resolved one.

    Raises:
        OSError: it cannot be read.
    """
    for entry in _entries(folder):
        path = folder / entry.name
        if _ends_as_rules_do(entry.name) and (path.is_file() if entry.is_symlink() else _is_file(entry)):
            yield path.resolve() if entry.is_symlink() else path, path


def _below(folder: Path, problems: list[Problem], above: set[Path]) -> Iterator[tuple[Path, Path]]:
    resolved = folder.resolve()
    if resolved in above:
        return
    try:
        entries = _entries(folder)
    except OSError as fault:
        problems.append(_unreadable(folder, fault))
        return
    for entry in entries:
        path = folder / entry.name
        is_link = entry.is_symlink()
        if path.is_dir() if is_link else entry.is_dir(follow_symlinks=False):
            yield from _below(path, problems, above | {resolved})
        elif _ends_as_rules_do(entry.name) and (is_link or _is_file(entry)):
            yield path.resolve() if is_link else resolved / entry.name, path


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """What is in it, by name, but for hidden entries; asking these for their kind rarely costs a system call."""
    with os.scandir(folder) as entries:
        return sorted((one for one in entries if not one.name.startswith(".")), key=lambda one: one.name)


def _is_file(entry: os.DirEntry[str]) -> bool:
    return entry.is_file(follow_symlinks=False)


def _ends_as_rules_do(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in SUFFIXES  # noqa: PTH122 - a Path for every name takes long


def _unreadable(path: Path, fault: OSError) -> Problem:
    reason = fault.strerror or str(fault)
    return Problem(Place(str(path)), "RC101", f"cannot be read: {reason}", hint="check the path and its permissions")
