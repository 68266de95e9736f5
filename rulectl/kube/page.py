"""The bytes of a list's page -> its objects."""

from __future__ import annotations

import msgspec
from msgspec import Raw, Struct

from rulectl.kube.frames import Broken, broken
from rulectl.kube.object import KubeObject
from rulectl.kube.projection import PageMetadata, Projection


class ListPage(Struct, frozen=True):
    """One page of a list. `continue_token` is empty on the last one; all share one `resource_version`."""

    objects: list[KubeObject]
    broken: list[Broken]
    resource_version: str
    continue_token: str


class _RawPage(Struct, frozen=True):
    metadata: PageMetadata
    items: list[Raw] | None = None


def decode_page(body: bytes, projection: Projection) -> ListPage:
    """The page in `body`; an item that cannot be read does not spoil the others.

    Raises:
        ValueError: `body` is no list.
    """
    if projection.types is not None:
        try:
            page = projection.types.pages.decode(body)
        except ValueError:
            pass  # one odd object in it; one by one finds out which
        else:
            return _page(list(page.items or ()), [], page.metadata)
    raw = msgspec.json.decode(body, type=_RawPage)
    objects: list[KubeObject] = []
    poisoned: list[Broken] = []
    for item in raw.items or ():
        try:
            objects.append(projection.decode(item))
        except ValueError as error:
            poisoned.append(broken(bytes(item), str(error)))
    return _page(objects, poisoned, raw.metadata)


def _page(objects: list[KubeObject], poisoned: list[Broken], metadata: PageMetadata) -> ListPage:
    return ListPage(objects, poisoned, metadata.version or "", metadata.token or "")
