"""From paths to rules: files found, documents read and sorted by kind, defaults looked up and put in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path as FilePath

from rulectl.problem import Place, Problem, Severity, has_errors, in_order
from rulectl.rule.conformity import conforms
from rulectl.rule.defaults import Defaults, chain, merge
from rulectl.rule.document import Document
from rulectl.rule.files import SUFFIXES, files_in, find_files, read_file
from rulectl.rule.kind import DocumentKind, kind_of
from rulectl.rule.model import Rule
from rulectl.rule.parse import parse_rule
from rulectl.rule.reading import MAX_BYTES, Reading, read_text
from rulectl.value import Value, mapping, text


@dataclass(frozen=True, slots=True)
class Loaded:
    """The rules in the order of their files, also those with faults (`Rule.sound` says), and all problems."""

    rules: tuple[Rule, ...]
    problems: tuple[Problem, ...]
    tests: tuple[Document, ...] = ()
    """The RuleTest documents that were among them, unread."""
    defaults: tuple[Document, ...] = ()
    """The RuleDefaults documents that hold for some of them."""
    others: tuple[Document, ...] = ()
    """Documents that are somebody else's: manifests beside the rules."""


def load_rules(paths: Iterable[FilePath]) -> Loaded:
    """The rules in files and folders, with the RuleDefaults that hold for them.

    Defaults are looked up from a file's folder up to the root: the nearest folder above with a
    ``.git``; where there is none, the working directory if the file is below it, else the topmost
    of `paths` that contains the file. So one file gives the same rules as all of them.

    Raises:
        UsageError: a path does not exist.
    """
    given = list(paths)
    found = find_files(given)
    loading = _Loading(list(found.problems), resolved=dict(zip(found.files, found.resolved, strict=True)))
    for file in found.files:
        loading.add(file, read_file(file))
    return loading.finish(given)


def load_text(text: str, file: str = "rule.yaml") -> Loaded:
    """The rules in `text`, as if it were the only file of its folder."""
    loading = _Loading()
    loading.add(FilePath(file), read_text(file, text), is_real=False)
    return loading.finish([FilePath(file)])


@dataclass(slots=True)
class _Loading:
    problems: list[Problem] = field(default_factory=list)
    rules: list[tuple[FilePath, Document]] = field(default_factory=list)
    tests: list[Document] = field(default_factory=list)
    others: list[Document] = field(default_factory=list)
    defaults: dict[FilePath, Defaults] = field(default_factory=dict)
    read: set[FilePath] = field(default_factory=set)
    is_real: bool = True
    count: int = 0
    resolved: dict[FilePath, FilePath] = field(default_factory=dict)
    roots: dict[FilePath, FilePath] = field(default_factory=dict)
    chains: dict[FilePath, list[Defaults]] = field(default_factory=dict)

    def add(self, file: FilePath, reading: Reading, *, is_real: bool = True) -> None:
        self.is_real = is_real
        self.count += 1
        self.read.add(self._resolved(file))
        self.problems += reading.problems
        self.others += [one for one in reading.documents if one.value is not None and kind_of(one) is None]
        for document, kind in self._sorted(reading.documents):
            match kind:
                case "Rule":
                    self.rules.append((file, document))
                case "RuleDefaults":
                    self._add_defaults(file, document)
                case "RuleTest":
                    self.tests.append(document)

    def finish(self, given: list[FilePath]) -> Loaded:
        if self.is_real:
            self._look_up_defaults(given)
        if not self.rules and not has_errors(self.problems):
            self.problems.append(self._no_rules(given))
        rules = tuple(self._rule(file, document, given) for file, document in self.rules)
        defaults = tuple(one.document for one in self.defaults.values())
        return Loaded(rules, tuple(in_order(self.problems)), tuple(self.tests), defaults, tuple(self.others))

    def _sorted(self, documents: Iterable[Document]) -> Iterator[tuple[Document, DocumentKind]]:
        for document in documents:
            kind = kind_of(document)
            if isinstance(kind, Problem):
                self.problems.append(kind)
            elif kind is not None:
                yield document, kind

    def _checked(self, document: Document, kind: DocumentKind) -> tuple[Value, bool]:
        if conforms(kind, document.value):
            return document.value, document.sound
        from rulectl.rule.prune import prune  # noqa: PLC0415 - the JSON Schema library is slow to import
        from rulectl.rule.shape import shape_faults  # noqa: PLC0415

        faults = shape_faults(kind, document.value)
        metadata = mapping(mapping(document.value).get("metadata"))
        name = text(metadata.get("name")) if kind == "Rule" else ""
        for fault in faults:
            if document.is_faulty(fault.path):
                continue
            problem = document.problem(fault.code, fault.message, fault.path, key=fault.key, hint=fault.hint, rule=name)
            self.problems.append(problem)
        return prune(document.value, faults), document.sound and not faults

    def _rule(self, file: FilePath, document: Document, given: list[FilePath]) -> Rule:
        value, sound = self._checked(document, "Rule")
        folder = self._resolved(file).parent
        defaults = self._chain(folder, given) if self.is_real else self.defaults.values()
        merged = merge(document, value, defaults)
        return parse_rule(merged, merged.value, sound=sound)

    def _add_defaults(self, file: FilePath, document: Document) -> None:
        folder = self._resolved(file).parent
        value, _ = self._checked(document, "RuleDefaults")
        first = self.defaults.get(folder)
        if first is not None:
            message = f"this folder has RuleDefaults already, at {first.document.place(())}"
            self.problems.append(document.problem("RC318", message, (), hint="put them into one document"))
            return
        self.defaults[folder] = Defaults(document, value)

    def _look_up_defaults(self, given: list[FilePath]) -> None:
        """Reads the RuleDefaults of the folders above the rules that have not been read."""
        folders: dict[FilePath, None] = {}
        for start in dict.fromkeys(self._resolved(file).parent for file, _ in self.rules):
            root = self._root(start, given)
            for folder in (start, *start.parents):
                folders.setdefault(folder)
                if folder == root:
                    break
        for folder in folders:
            for resolved, file in _files_in(folder):
                if resolved not in self.read and _mentions_defaults(file):
                    self.read.add(resolved)
                    reading = read_file(_shown(file))
                    for document, kind in self._sorted(reading.documents):
                        if kind == "RuleDefaults":
                            self._add_defaults(file, document)

    def _resolved(self, file: FilePath) -> FilePath:
        """`file` without symbolic links; asked from the system once."""
        if file not in self.resolved:
            self.resolved[file] = file.resolve()
        return self.resolved[file]

    def _root(self, folder: FilePath, given: list[FilePath]) -> FilePath:
        """The folder above which no defaults are looked for, for files in `folder`."""
        if folder not in self.roots:
            self.roots[folder] = _root(folder, given)
        return self.roots[folder]

    def _chain(self, folder: FilePath, given: list[FilePath]) -> list[Defaults]:
        """The defaults that hold for files in `folder`, once all of them are known."""
        if folder not in self.chains:
            self.chains[folder] = chain(folder, self.defaults, self._root(folder, given))
        return self.chains[folder]

    def _no_rules(self, given: list[FilePath]) -> Problem:
        place = Place(str(given[0])) if given else Place(".")
        files = "1 file was" if self.count == 1 else f"{self.count} files were"
        message = f"no rules found: {files} read, none has a document of kind Rule"
        if not self.count:
            message = f"no rules found: there is no file that ends in {', '.join(SUFFIXES)}"
        is_ours = bool(self.tests or self.defaults)
        severity = Severity.WARNING if is_ours else Severity.ERROR
        return Problem(place, "RC120", message, severity, "rulectl init NAME writes a first rule")


def _root(start: FilePath, given: list[FilePath]) -> FilePath:
    """The folder above which no defaults are looked for."""
    parents = (start, *start.parents)
    for folder in parents:
        if (folder / ".git").exists():
            return folder
    if FilePath.cwd() in parents:
        return FilePath.cwd()
    above = [path.resolve() for path in given if path.resolve() in parents]
    return min(above, key=lambda folder: len(folder.parts), default=start)


def _files_in(folder: FilePath) -> list[tuple[FilePath, FilePath]]:
    try:
        return list(files_in(folder))
    except OSError:
        return []


def _mentions_defaults(file: FilePath) -> bool:
    """Whether it is worth reading: most files above the rules are something else."""
    try:
        with file.open("rb") as stream:
            return b"RuleDefaults" in stream.read(MAX_BYTES)
    except OSError:
        return False


def _shown(file: FilePath) -> FilePath:
    """`file` as problems should name it: relative to the working directory where that is shorter."""
    return file.relative_to(FilePath.cwd()) if file.is_relative_to(FilePath.cwd()) else file
