"""RuleDefaults: which hold for a file, and a rule's document with them put in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath

from rulectl.problem import Place, Problem, Severity
from rulectl.rule.document import Document
from rulectl.rule.node import Path
from rulectl.value import Value, mapping

_JOINED = frozenset({"env", "retry", "limits", "watch"})
"""Keys of spec that are mappings and are joined key by key; all others are taken as a whole."""
_ONE_OF = frozenset({"namespaces", "namespaceSelector"})
"""Keys of watch of which a rule that has one does not get the other."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a folder's RuleDefaults say: `value` is the document's, without faulty parts."""

    document: Document
    value: Value


class Merged:
    """A rule's document with defaults in it: one value, whose parts know the file they come from."""

    def __init__(self, document: Document, value: Value, origins: Mapping[Path, tuple[Document, Path]]) -> None:
        self.document = document
        self._value = value
        self._origins = origins

    @property
    def value(self) -> Value:
        """The plain value, defaults included."""
        return self._value

    def place(self, path: Path, *, key: bool = False, offset: int | None = None, end: int | None = None) -> Place:
        """See `Document.place`; the place of a default is in the RuleDefaults' file."""
        document, there = self._origin(path)
        return document.place(there, key=key, offset=offset, end=end)

    def problem(
        self,
        code: str,
        message: str,
        path: Path,
        *,
        key: bool = False,
        offset: int | None = None,
        end: int | None = None,
        hint: str = "",
        severity: Severity = Severity.ERROR,
        rule: str = "",
    ) -> Problem:
        """See `Document.problem`."""
        document, there = self._origin(path)
        return document.problem(
            code, message, there, key=key, offset=offset, end=end, hint=hint, severity=severity, rule=rule
        )

    def rest_of_line(self, path: Path) -> str:
        """See `Document.rest_of_line`."""
        document, there = self._origin(path)
        return document.rest_of_line(there)

    def _origin(self, path: Path) -> tuple[Document, Path]:
        for length in range(len(path), 0, -1):
            found = self._origins.get(path[:length])
            if found is not None:
                return found[0], (*found[1], *path[length:])
        return self.document, path


def merge(document: Document, value: Value, defaults: Iterable[Defaults]) -> Merged:
    """`value`, the rule in `document`, with `defaults` where it says nothing; the nearest come first.

    `env`, `retry`, `limits` and `watch` are joined key by key, everything else is taken whole.
    Presets of a plugin's parameters are put into every action of that plugin, parameter by parameter.
    """
    origins: dict[Path, tuple[Document, Path]] = {}
    spec = dict(mapping(mapping(value).get("spec")))
    for default in defaults:
        given = mapping(mapping(default.value).get("spec"))
        for name, preset in given.items():
            path: Path = ("spec", name)
            if name == "actions":
                for part in ("actions", "resolved"):
                    spec = _preset_actions(spec, part, default.document, mapping(preset), origins)
            elif name == "resolvedFor" and "resolved" not in spec:
                continue
            elif name not in spec:
                spec[name] = preset
                origins[path] = (default.document, path)
            elif name in _JOINED:
                spec[name] = _joined(mapping(spec[name]), mapping(preset), path, default.document, origins)
    return Merged(document, {**mapping(value), "spec": spec}, origins)


def chain(folder: FilePath, known: Mapping[FilePath, Defaults], root: FilePath) -> list[Defaults]:
    """The defaults that hold for files in `folder`, nearest folder first, up to the folder `root`.

    All folders are resolved ones.
    """
    folders = (folder, *folder.parents)
    nearest = folders[: folders.index(root) + 1] if root in folders else folders
    return [known[one] for one in nearest if one in known]


def _joined(
    own: Mapping[str, Value],
    preset: Mapping[str, Value],
    path: Path,
    document: Document,
    origins: dict[Path, tuple[Document, Path]],
) -> Value:
    result = dict(own)
    for name, value in preset.items():
        if name in own or (path == ("spec", "watch") and name in _ONE_OF and _ONE_OF & own.keys()):
            continue
        result[name] = value
        origins[*path, name] = (document, (*path, name))
    return result


def _preset_actions(
    spec: dict[str, Value],
    part: str,
    document: Document,
    presets: Mapping[str, Value],
    origins: dict[Path, tuple[Document, Path]],
) -> dict[str, Value]:
    actions = spec.get(part)
    if not isinstance(actions, list | tuple):
        return spec
    changed: list[Value] = []
    for index, action in enumerate(actions):
        filled = dict(mapping(action))
        for plugin, parameters in presets.items():
            own = filled.get(plugin, ...)
            if own is None or isinstance(own, Mapping):
                path: Path = ("spec", part, index, plugin)
                result = dict(mapping(own))
                for name, value in mapping(parameters).items():
                    if name not in result:
                        result[name] = value
                        origins[*path, name] = (document, ("spec", "actions", plugin, name))
                filled[plugin] = result
        changed.append(filled if isinstance(action, Mapping) else action)
    return {**spec, part: changed}
