"""The schemas of kinds: `Table` (packaged, or a live server's), `node_of_crd` (a CRD's), `Node`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache

from rulectl.openapi import packaged
from rulectl.openapi.node import ANYTHING, Limits, Node
from rulectl.openapi.reader import joined, read
from rulectl.resource import Kind
from rulectl.value import Value, encode, mapping, text

__all__ = ["Limits", "Node", "Table", "node_of_crd"]

_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_GVK = "x-kubernetes-group-version-kind"


class Table:
    """The schemas of many kinds, by kind and by definition name.

    Safe to share between threads. Nothing of a definition is read before it is asked for.
    """

    def __init__(self, definitions: Mapping[str, Value], *, version: str = "") -> None:
        """`definitions`: OpenAPI schema objects by name; a ``$ref`` may have any path before the name."""
        self.version = version
        """The Kubernetes version, such as ``1.37``; empty when not known."""
        self._definitions = definitions
        self._nodes: dict[str, Node] = {}
        self._names: dict[Kind, str] | None = None

    @staticmethod
    def packaged(version: str | None = None) -> Table:
        """The built-in kinds of Kubernetes `version` (``1.30`` and up), by default the newest known.

        It costs 3 ms once per version, and the same table is given every time.

        Raises:
            ValueError: there is no such version; the message names those that are.
        """
        return _packaged(version or packaged.newest())

    @staticmethod
    def of_documents(documents: Iterable[Mapping[str, Value]], *, version: str = "") -> Table:
        """The kinds of a live server's ``/openapi/v3/...`` documents (or one ``/openapi/v2``)."""
        found = (
            mapping(mapping(document.get("components")).get("schemas")) or mapping(document.get("definitions"))
            for document in documents
        )
        return Table(joined(found), version=version)

    @staticmethod
    def versions() -> tuple[str, ...]:
        """The Kubernetes versions that `packaged` knows, newest first."""
        return packaged.versions()

    def kinds(self) -> tuple[Kind, ...]:
        """Every kind of object in the table, sorted; lists and kinds without metadata are left out."""
        return tuple(sorted(kind for kind, name in self._by_kind().items() if self._is_object(name)))

    def schema(self, kind: Kind) -> Node | None:
        """The node of a kind's objects (of lists too), or None when the table does not have it."""
        name = self._by_kind().get(kind)
        return self.definition(name) if name is not None else None

    def definition(self, name: str) -> Node | None:
        """The node of a definition, such as ``io.k8s.api.core.v1.PodSpec``; None when there is none."""
        known = self._nodes.get(name)
        if known is not None:
            return known
        if name not in self._definitions:
            return None
        return self._nodes.setdefault(name, read(mapping(self._definitions[name]), self._resolve, name=name))

    def definition_name(self, kind: Kind) -> str:
        """The name of the definition of `kind`; empty when the table does not have it."""
        return self._by_kind().get(kind, "")

    def names(self) -> tuple[str, ...]:
        """The names of all definitions, sorted."""
        return tuple(sorted(self._definitions))

    def raw(self, name: str) -> Mapping[str, Value]:
        """A definition as the OpenAPI schema object it was given as; empty when there is none."""
        return mapping(self._definitions.get(name))

    def _resolve(self, name: str) -> Node:
        return self.definition(name) or ANYTHING

    def _is_object(self, name: str) -> bool:
        # Lists and Status have metadata too, but of another make.
        meta = mapping(self.raw(name).get("properties")).get("metadata")
        return b'ObjectMeta"' in encode(meta)

    def _by_kind(self) -> dict[Kind, str]:
        if self._names is None:
            names: dict[Kind, str] = {}
            for name, schema in self._definitions.items():
                marks = mapping(schema).get(_GVK)
                # Definitions such as DeleteOptions belong to every group at once: to no kind.
                if isinstance(marks, list) and len(marks) == 1:
                    names[_kind(mapping(marks[0]))] = name
            self._names = names
        return self._names


def node_of_crd(schema: Mapping[str, Value]) -> Node:
    """The node of a custom resource from its version's ``openAPIV3Schema``.

    ``metadata`` is Kubernetes' own, as on a server, whatever the CRD says about it (a CRD may only
    limit name and generateName, and those limits are kept); apiVersion and kind are strings.

    Raises:
        ValueError: the schema has a ``$ref``, which a CRD cannot have (raised when that part is looked at).
    """
    root = read(schema)
    meta = Table.packaged().definition(_META) or ANYTHING
    given = root.properties.get("metadata")
    named = {key: node for key, node in given.properties.items() if key in ("name", "generateName")} if given else {}
    fixed = {
        "apiVersion": Node(type="string"),
        "kind": Node(type="string"),
        "metadata": replace(meta, properties={**meta.properties, **named}) if named else meta,
    }
    return replace(root, type=root.type or "object", properties={**root.properties, **fixed})


@cache
def _packaged(version: str) -> Table:
    return Table(packaged.definitions(version), version=".".join(version.removeprefix("v").split(".")[:2]))


def _kind(mark: Mapping[str, Value]) -> Kind:
    group, version = text(mark.get("group")), text(mark.get("version"))
    return Kind(f"{group}/{version}" if group else version, text(mark.get("kind")))
