from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rulectl.state.digest import KEY, digest, digest_key, is_digest, new_meta
from rulectl.value import Value

KEY_A, KEY_B = b"a" * 32, b"b" * 32


def test_equal_values_have_equal_digests() -> None:
    assert digest({"a": 1, "b": [1.0, None]}, KEY_A) == digest({"b": [1, None], "a": 1.0}, KEY_A)


def test_different_values_have_different_digests() -> None:
    values: list[Value] = ["1", 1, True, None, "", [], {}, [1], {"a": 1}, "true", "null", False, 0, "0"]
    assert len({digest(value, KEY_A) for value in values}) == len(values)


def test_another_key_gives_another_digest() -> None:
    assert digest("secret", KEY_A) != digest("secret", KEY_B)


def test_the_digest_of_a_value_stays_the_same_for_good() -> None:
    assert digest("hunter2", KEY_A) == "rulectl.dev/hmac-sha256:0c34de6002b974a0cc99687e07e77738"


@given(st.text())
def test_a_digest_is_told_from_plain_values(value: str) -> None:
    assert is_digest(digest(value, KEY_A))
    assert not is_digest(value)
    assert not is_digest({"a": value})


def test_a_key_has_256_bits_and_is_new_each_time() -> None:
    first, second = new_meta(), new_meta()
    assert len(digest_key(first)) == 32
    assert first[KEY] != second[KEY]
