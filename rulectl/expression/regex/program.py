"""A pattern compiled to the instructions of a Pike machine."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from re import _constants as sre  # type: ignore[attr-defined] # the parser of `re`, not in its stubs
from re import _parser  # type: ignore[attr-defined]
from typing import Any, Literal, TypeAlias

import msgspec

MAX_PATTERN = 1_000
MAX_INSTRUCTIONS = 5_000

Edge: TypeAlias = Literal["text start", "text end", "line start", "line end", "word edge", "no word edge"]


class Characters(msgspec.Struct, frozen=True):
    """A set of characters: single ones, ranges and named classes, perhaps all others."""

    singles: frozenset[str] = frozenset()
    ranges: tuple[tuple[str, str], ...] = ()
    classes: tuple[str, ...] = ()
    negated: bool = False
    fold: bool = False

    def __contains__(self, character: str) -> bool:
        """Whether `character` is one of them; with `fold` in either case."""
        if self._has(character):
            return not self.negated
        if self.fold and (self._has(character.lower()) or self._has(character.upper())):
            return not self.negated
        return self.negated

    def _has(self, character: str) -> bool:
        return (
            character in self.singles
            or any(first <= character <= last for first, last in self.ranges)
            or any(_in_class(character, name) for name in self.classes)
        )


def is_word(character: str) -> bool:
    """Whether it is one of ``[0-9A-Za-z_]``."""
    return character == "_" or (character.isascii() and character.isalnum())


def _in_class(character: str, name: str) -> bool:
    match name:
        case "CATEGORY_DIGIT":
            return "0" <= character <= "9"
        case "CATEGORY_SPACE":
            return character in " \t\n\r\f\v"
        case "CATEGORY_WORD":
            return is_word(character)
        case _:
            return not _in_class(character, name.replace("NOT_", ""))


class Take(msgspec.Struct, frozen=True):
    """Goes on with the next instruction if the character is one of `characters`."""

    characters: Characters


class Split(msgspec.Struct, frozen=True):
    """Goes on at `first`, and, if that fails, at `second`."""

    first: int
    second: int


class Jump(msgspec.Struct, frozen=True):
    """Goes on at `target`."""

    target: int


class Save(msgspec.Struct, frozen=True):
    """Notes the position: `slot` 2n is where group n begins, 2n+1 where it ends."""

    slot: int


class Assert(msgspec.Struct, frozen=True):
    """Goes on only at such an edge."""

    edge: Edge


class Accept(msgspec.Struct, frozen=True):
    """A match ends here."""


Instruction: TypeAlias = Take | Split | Jump | Save | Assert | Accept


class Program(msgspec.Struct, frozen=True):
    """`groups` counts the groups without the whole match; `names` maps a group's name to its number."""

    instructions: tuple[Instruction, ...]
    groups: int
    names: dict[str, int]


@lru_cache(maxsize=512)
def compile_pattern(pattern: str) -> Program:
    """The program of `pattern`.

    Raises:
        ValueError: the pattern is wrong, too long, or asks for what RE2 has not.
    """
    if len(pattern) > MAX_PATTERN:
        msg = f"the pattern has {len(pattern)} characters; {MAX_PATTERN} are allowed"
        raise ValueError(msg)
    try:
        tree = _parser.parse(pattern, re.ASCII)
    except (re.error, OverflowError, RecursionError) as error:
        msg = f"{pattern!r} is not a regular expression: {error}"
        raise ValueError(msg) from error
    compiler = _Compiler()
    compiler.emit(Save(0))
    compiler.sequence(tree, tree.state.flags)
    compiler.emit(Save(1))
    compiler.emit(Accept())
    names = dict(tree.state.groupdict)
    return Program(tuple(compiler.instructions), tree.state.groups - 1, names)


class _Compiler:
    def __init__(self) -> None:
        self.instructions: list[Instruction] = []

    def emit(self, instruction: Instruction) -> int:
        if len(self.instructions) >= MAX_INSTRUCTIONS:
            msg = "the pattern is too large: counted repeats such as {1,100} are written out"
            raise ValueError(msg)
        self.instructions.append(instruction)
        return len(self.instructions) - 1

    def sequence(self, items: Iterable[tuple[Any, Any]], flags: int) -> None:
        for operation, argument in items:
            self._item(operation, argument, flags)

    def _item(self, operation: Any, argument: Any, flags: int) -> None:
        if operation in {sre.LITERAL, sre.NOT_LITERAL}:
            characters = Characters(
                frozenset({chr(argument)}),
                negated=operation is sre.NOT_LITERAL,
                fold=bool(flags & re.IGNORECASE),
            )
            self.emit(Take(characters))
        elif operation is sre.ANY:
            excluded = frozenset() if flags & re.DOTALL else frozenset({"\n"})
            self.emit(Take(Characters(excluded, negated=True)))
        elif operation is sre.IN:
            self.emit(Take(_characters(argument, flags)))
        elif operation is sre.AT:
            self.emit(Assert(_edge(argument, flags)))
        elif operation is sre.BRANCH:
            self._branch(argument[1], flags)
        elif operation is sre.SUBPATTERN:
            group, added, removed, body = argument
            if group is not None:
                self.emit(Save(2 * group))
            self.sequence(body, (flags | added) & ~removed)
            if group is not None:
                self.emit(Save(2 * group + 1))
        elif operation in {sre.MAX_REPEAT, sre.MIN_REPEAT}:
            low, high, body = argument
            self._repeat(low, high, body, operation is sre.MAX_REPEAT, flags)
        else:
            msg = "look-around, back-references and atomic groups are not supported, as in RE2"
            raise ValueError(msg)

    def _branch(self, branches: list[Any], flags: int) -> None:
        ends = []
        for branch in branches[:-1]:
            split = self.emit(Jump(0))
            self.sequence(branch, flags)
            ends.append(self.emit(Jump(0)))
            self.instructions[split] = Split(split + 1, len(self.instructions))
        self.sequence(branches[-1], flags)
        for end in ends:
            self.instructions[end] = Jump(len(self.instructions))

    def _repeat(self, low: int, high: Any, body: Any, greedy: bool, flags: int) -> None:
        for _ in range(low):
            self.sequence(body, flags)
        if high is sre.MAXREPEAT:
            split = self.emit(Jump(0))
            self.sequence(body, flags)
            self.emit(Jump(split))
            self._fork(split, split + 1, len(self.instructions), greedy)
            return
        splits = []
        for _ in range(high - low):
            splits.append(self.emit(Jump(0)))
            self.sequence(body, flags)
        for split in splits:
            self._fork(split, split + 1, len(self.instructions), greedy)

    def _fork(self, at: int, inside: int, after: int, greedy: bool) -> None:
        self.instructions[at] = Split(inside, after) if greedy else Split(after, inside)


def _characters(items: list[tuple[Any, Any]], flags: int) -> Characters:
    singles, ranges, classes, negated = set(), [], [], False
    for operation, argument in items:
        if operation is sre.NEGATE:
            negated = True
        elif operation is sre.LITERAL:
            singles.add(chr(argument))
        elif operation is sre.RANGE:
            ranges.append((chr(argument[0]), chr(argument[1])))
        else:
            classes.append(str(argument))
    fold = bool(flags & re.IGNORECASE)
    return Characters(frozenset(singles), tuple(ranges), tuple(classes), negated, fold)


def _edge(argument: Any, flags: int) -> Edge:
    lines = bool(flags & re.MULTILINE)
    if argument is sre.AT_BEGINNING:
        return "line start" if lines else "text start"
    if argument is sre.AT_END:
        return "line end" if lines else "text end"
    if argument is sre.AT_BEGINNING_STRING:
        return "text start"
    if argument is sre.AT_END_STRING:
        return "text end"
    return "word edge" if argument is sre.AT_BOUNDARY else "no word edge"
