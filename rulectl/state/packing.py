"""One record's JSON in few bytes."""

from __future__ import annotations

import zlib

_FORMAT = b"\x01"
"""Stands for this dictionary. It may never change: a better one gets a new number, and this one stays for reading."""
_DICTIONARY = (
    b'"final_state":"recorded","cause":"cleared""cause":"deleted""cause":"left","is_target":true,"held":true,"gone":true'
    b'"finished":[{"waiting":[{"stage":"resync","event":"resync""stage":"delete","event":"deleted""stage":"resolve"'
    b'"sources":[{"targets":[{"error":"","retry_at":17,"attempts":"muted":true,"seen_false":true,"false_since":17'
    b'"failed":{"stage":"fire","number":1,"at":17,"message":","owed":{"event":"modified","at":17'
    b',"tried":[{"values":{},"object":{"pending":{},"pending_since":17,"changes":[{"path":"","old":null,"new":"'
    b'"run":{"number":1,"stage":"fire","event":"added","begun":17,"values":{"done":{}'
    b'"fired":{"object":{"true_since":17,"status":{"phase":"Pending","phase":"Running","conditions":[{"type":"Ready",'
    b'"status":"True","status":"False","reason":"","lastTransitionTime":"202'
    b'"spec":{"replicas":1,"nodeName":"","containers":[{"name":"","image":"spec.containers[].image"'
    b'"labels":{"app.kubernetes.io/name":"metadata.labels."metadata":{"ownerReferences":[{"kind":"'
    b'"kubernetes.io/ingress-bandwidth\\"":"kubernetes.io/egress-bandwidth\\"":"'
    b'{"metadata":{"annotations":{"","uid":"","id":"","namespace":"","name":"","resource_version":"'
    b'","base":{"metadata.annotations.\\"","metadata.annotations.\\""},"old":{"metadata":{"annotations":{"'
    b'"}},"settled":true,"when_held":true,"number":1,"last_success":17,"last_end":17'
)


def pack(data: bytes) -> bytes:
    """`data` (one record's JSON) in few bytes: what records have in common is not stored with each."""
    deflate = zlib.compressobj(6, zlib.DEFLATED, 11, zdict=_DICTIONARY)
    return _FORMAT + deflate.compress(data) + deflate.flush()


def unpack(packed: bytes) -> bytes:
    """What `pack` was given; a checksum in it finds damage.

    Raises:
        ValueError: damaged, or not from `pack`.
    """
    if packed[:1] != _FORMAT:
        raise ValueError("an entry of an unknown format")
    inflate = zlib.decompressobj(11, zdict=_DICTIONARY)
    try:
        data = inflate.decompress(packed[1:])
    except zlib.error as error:
        raise ValueError(f"a damaged entry: {error}") from error
    if not inflate.eof:
        raise ValueError("an entry that is cut short")
    return data
