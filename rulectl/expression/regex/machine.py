"""Runs patterns: whether they match, and what to put in place of the matches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TypeAlias, assert_never

from rulectl.expression.regex.program import (
    Accept,
    Assert,
    Edge,
    Jump,
    Program,
    Save,
    Split,
    Take,
    compile_pattern,
    is_word,
)

MAX_WORK = 5_000_000
"""Characters of the text times instructions of the pattern; more is refused."""

_MAX_CACHED_STEPS = 2_000
_UNKNOWN = frozenset({-1})
_REFERENCE = re.compile(r"\$(?:(\$)|\{([0-9A-Za-z_]+)\}|([0-9A-Za-z_]+))")

Slots: TypeAlias = "tuple[int | None, ...]"


def matches(pattern: str, text: str) -> bool:
    """Whether `pattern` matches anywhere in `text`; anchor it with ^ and $ to match all of it.

    Raises:
        ValueError: the pattern is wrong, or the text too long for it.
    """
    return _scanner(pattern).search(text)


def replace_all(pattern: str, text: str, replacement: str, *, literal: bool = False) -> str:
    """`text` with every match replaced; ``$1``, ``${1}``, ``${name}`` stand for groups, ``$$`` for a dollar.

    Raises:
        ValueError: the pattern is wrong, or the text too long for it.
    """
    program = compile_pattern(pattern)
    _check_work(program, text)
    pieces, copied = [], 0
    for slots in _matches(program, text):
        start, end = slots[0], slots[1]
        assert start is not None
        assert end is not None
        pieces.append(text[copied:start])
        pieces.append(replacement if literal else _expanded(replacement, program, text, slots))
        copied = end
    return "".join(pieces) + text[copied:]


def _check_work(program: Program, text: str) -> None:
    if len(text) * len(program.instructions) > MAX_WORK:
        msg = f"the text has {len(text):,} characters, too many for this pattern; shorten it with truncate()"
        raise ValueError(msg)


def _expanded(replacement: str, program: Program, text: str, slots: Slots) -> str:
    def group(match: re.Match[str]) -> str:
        if match[1]:
            return "$"
        name = match[2] or match[3]
        number = int(name) if name.isdigit() and len(name) < 5 else program.names.get(name, -1)
        if not 0 <= number <= program.groups:
            return ""
        start, end = slots[2 * number], slots[2 * number + 1]
        return "" if start is None or end is None else text[start:end]

    return _REFERENCE.sub(group, replacement)


def _holds(edge: Edge, before: str, after: str) -> bool:
    """Whether there is such an edge between two characters (empty: the text begins or ends there)."""
    match edge:
        case "text start":
            return not before
        case "text end":
            return not after
        case "line start":
            return not before or before == "\n"
        case "line end":
            return not after or after == "\n"
        case "word edge":
            return is_word(before) != is_word(after)
        case "no word edge":
            return is_word(before) == is_word(after)
        case _:
            assert_never(edge)


class _Scanner:
    """Answers only whether there is a match: sets of states, each step remembered once taken."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._steps: dict[tuple[frozenset[int], str, str], frozenset[int] | None] = {}
        self._looks_back = any(isinstance(instruction, Assert) for instruction in program.instructions)

    def search(self, text: str) -> bool:
        _check_work(self._program, text)
        steps, looks_back = self._steps, self._looks_back
        states: frozenset[int] = frozenset()
        before = ""
        for after in (*text, ""):
            key = (states, before, after)
            following = steps.get(key, _UNKNOWN)
            if following is _UNKNOWN:
                if len(steps) >= _MAX_CACHED_STEPS:
                    steps.clear()
                following = steps[key] = self._step(states, before, after)
            if following is None:
                return True
            states = following
            if looks_back:
                before = after
        return False

    def _step(self, states: frozenset[int], before: str, after: str) -> frozenset[int] | None:
        """The states after the character `after`; None when there is a match before it."""
        instructions = self._program.instructions
        waiting, seen, following = [0, *states], set(), set()
        while waiting:
            at = waiting.pop()
            if at in seen:
                continue
            seen.add(at)
            match instructions[at]:
                case Accept():
                    return None
                case Take(characters):
                    if after and after in characters:
                        following.add(at + 1)
                case Split(first, second):
                    waiting += (first, second)
                case Jump(target):
                    waiting.append(target)
                case Save():
                    waiting.append(at + 1)
                case Assert(edge):
                    if _holds(edge, before, after):
                        waiting.append(at + 1)
        return frozenset(following)


@lru_cache(maxsize=512)
def _scanner(pattern: str) -> _Scanner:
    return _Scanner(compile_pattern(pattern))


def _matches(program: Program, text: str) -> Iterator[Slots]:
    """All matches from left to right that do not overlap; an empty one never touches the one before."""
    position, last_end = 0, -1
    while position <= len(text):
        slots = _match_from(program, text, position)
        if slots is None:
            return
        start, end = slots[0], slots[1]
        assert start is not None
        assert end is not None
        if end > start or start > last_end:
            yield slots
            last_end = end
        position = end if end > start else end + 1


def _match_from(program: Program, text: str, position: int) -> Slots | None:
    """The leftmost match at or after `position`; of several there, the one a backtracker would find."""
    empty: Slots = (None,) * (2 * program.groups + 2)
    found: Slots | None = None
    threads: list[tuple[int, Slots]] = []
    for index in range(position, len(text) + 1):
        before = text[index - 1] if index else ""
        after = text[index] if index < len(text) else ""
        if found is None:
            threads.append((0, empty))
        following: list[tuple[int, Slots]] = []
        for at, slots in _closure(program, threads, index, before, after):
            instruction = program.instructions[at]
            if isinstance(instruction, Accept):
                found = slots
                break
            assert isinstance(instruction, Take)
            if after and after in instruction.characters:
                following.append((at + 1, slots))
        threads = following
        if found is not None and not threads:
            break
    return found


def _closure(
    program: Program, threads: list[tuple[int, Slots]], index: int, before: str, after: str
) -> Iterator[tuple[int, Slots]]:
    """The Take and Accept instructions that the threads stand at, best first, each once."""
    seen: set[int] = set()
    for thread in threads:
        waiting = [thread]
        while waiting:
            at, slots = waiting.pop()
            if at in seen:
                continue
            seen.add(at)
            match program.instructions[at]:
                case Split(first, second):
                    waiting += ((second, slots), (first, slots))
                case Jump(target):
                    waiting.append((target, slots))
                case Save(slot):
                    waiting.append((at + 1, (*slots[:slot], index, *slots[slot + 1 :])))
                case Assert(edge):
                    if _holds(edge, before, after):
                        waiting.append((at + 1, slots))
                case Take() | Accept():
                    yield at, slots
