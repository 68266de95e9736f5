"""A node of a schema: what may stand at one place of an object, whatever document said so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rulectl.value import Value


@dataclass(frozen=True, slots=True)
class Limits:
    """What a value must keep to beyond its type. None: no limit.

    The four combinations at the end hold nodes that check the same value again.
    """

    minimum: float | int | None = None
    maximum: float | int | None = None
    exclusive_minimum: bool = False
    exclusive_maximum: bool = False
    multiple_of: float | int | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str = ""
    min_items: int | None = None
    max_items: int | None = None
    unique_items: bool = False
    min_properties: int | None = None
    max_properties: int | None = None
    all_of: tuple[Node, ...] = ()
    any_of: tuple[Node, ...] = ()
    one_of: tuple[Node, ...] = ()
    negated: Node | None = None


NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """What may stand at one place of an object: one format for every source of schemas.

    References are followed when a property is looked at, never before: definitions may contain
    themselves, and a table of 900 of them costs nothing until it is walked. Nodes compare by
    identity; looking at the same place twice gives the same node.

    `type` is ``object``, ``array``, ``string``, ``integer``, ``number``, ``boolean``, or empty: anything.
    `properties` are the declared fields of an object.
    """

    type: str = ""
    format: str = ""
    description: str = ""
    name: str = ""
    """The definition this node is (``io.k8s.api.core.v1.Pod``); empty for one written in place."""
    properties: Mapping[str, Node] = field(default_factory=dict)
    parts: Mapping[str, Node] = field(default_factory=dict)
    """The nodes of `items` and `additional`, where there are any; read through those two."""
    required: tuple[str, ...] = ()
    enum: tuple[Value, ...] = ()
    default: Value = None
    has_default: bool = False
    """True also for a default of null."""
    nullable: bool = False
    list_type: str = ""
    """``atomic``, ``set`` or ``map``; empty where the schema does not say (then: atomic)."""
    map_keys: tuple[str, ...] = ()
    """For lists of type map: the fields that name an element."""
    merge_key: str = ""
    """Strategic merge: the field that names an element of this list."""
    patch_strategy: tuple[str, ...] = ()
    """Strategic merge: ``merge``, ``replace``, ``retainKeys``."""
    map_type: str = ""
    """``atomic`` or ``granular``; empty where the schema does not say (then: granular)."""
    preserve_unknown: bool = False
    int_or_string: bool = False
    embedded_resource: bool = False
    limits: Limits = NO_LIMITS

    @property
    def items(self) -> Node | None:
        """What a list's items are; None when the schema does not say."""
        return self.parts.get("items")

    @property
    def additional(self) -> Node | None:
        """What the entries of a map are, and all fields that are not declared; None: there are none."""
        return self.parts.get("additional")

    @property
    def quantity(self) -> bool:
        """Whether values are Kubernetes quantities (``500m``, ``1Gi``): text that compares as a number."""
        return self.name.endswith(".api.resource.Quantity")

    @property
    def anything(self) -> bool:
        """Whether nothing is known about what stands here: any JSON value may."""
        return not (self.type or self.int_or_string or self.quantity or self.properties)

    @property
    def open(self) -> bool:
        """Whether an object here may have keys that the schema does not name.

        An object for which the schema names nothing at all is open: that is how the documents
        write raw extensions.
        """
        return self.preserve_unknown or self.additional is not None or not self.properties

    def child(self, key: str) -> Node | None:
        """The node below `key` of an object; None when the schema says nothing about it."""
        return self.properties.get(key, self.additional)


ANYTHING = Node()
