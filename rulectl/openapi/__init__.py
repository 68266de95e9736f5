"""Kubernetes' schemas and resources, offline: the table that type checks and the sandbox share."""

from rulectl.openapi.document import definitions
from rulectl.openapi.resources import ApiResource, ApiSubresource, builtin_resources
from rulectl.openapi.schema import Limits, Node, Table, node_of_crd

__all__ = [
    "ApiResource",
    "ApiSubresource",
    "Limits",
    "Node",
    "Table",
    "builtin_resources",
    "definitions",
    "node_of_crd",
]
