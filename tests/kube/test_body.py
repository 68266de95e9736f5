"""HTTP framing taken off."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulectl.errors import Unreachable
from rulectl.kube.body import Body, Chunked, Sized, UntilClosed, body_of

CHUNKS = st.lists(st.binary(min_size=1, max_size=40), max_size=6)


def chunked(parts: list[bytes]) -> bytes:
    return b"".join(b"%X;ext=1\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\nTrailer: x\r\n\r\n"


@settings(deadline=None)
@given(CHUNKS, st.lists(st.integers(0, 300), max_size=10))
def test_chunks_may_be_cut_anywhere(parts: list[bytes], cuts: list[int]) -> None:
    data = chunked(parts)
    ends = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    body = Chunked()
    pieces = [data[start:end] for start, end in pairwise(ends) if end > start]
    assert b"".join(body.feed(piece) for piece in pieces) == b"".join(parts)
    assert body.ended


@pytest.mark.parametrize("data", [b"zz\r\n", b"3\r\nabcdef\r\n", b"1" * 5000], ids=["size", "length", "endless"])
def test_chunks_that_make_no_sense_are_a_broken_connection(data: bytes) -> None:
    with pytest.raises(Unreachable, match="faulty proxy"):
        Chunked().feed(data)


@pytest.mark.parametrize("body", [Chunked(), Sized(5)], ids=["chunked", "sized"])
def test_a_connection_that_closes_in_the_middle_is_broken(body: Body) -> None:
    with pytest.raises(Unreachable, match="cut in the middle"):
        body.feed(b"")


def test_a_length_is_counted_down() -> None:
    body = Sized(5)
    assert (body.feed(b"abc"), body.ended) == (b"abc", False)
    assert (body.feed(b"defg"), body.ended) == (b"de", True)


def test_without_a_length_the_end_of_the_connection_is_the_end() -> None:
    body = UntilClosed()
    assert (body.feed(b"abc"), body.ended) == (b"abc", False)
    assert (body.feed(b""), body.ended) == (b"", True)


def test_headers_decide() -> None:
    assert isinstance(body_of({"transfer-encoding": "Chunked"}), Chunked)
    assert isinstance(body_of({"content-length": "5"}), Sized)
    assert isinstance(body_of({}), UntilClosed)
