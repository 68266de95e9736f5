from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulectl.state.configmap_payload import of_config_map, payload_of, to_config_map
from rulectl.value import Value, encode


def made(document: bytes) -> dict[str, Value]:
    return to_config_map(payload_of(document), namespace="ns", name="n", state="rulectl", resource_version="5")


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=40)), st.sampled_from([0, 3000, 20_000]))
def test_a_document_comes_back_as_it_was(document: dict[str, str], padding: int) -> None:
    document = {**document, "padding": "x" * padding}
    assert of_config_map(json.loads(encode(made(encode(document))))) == document


def test_small_documents_can_be_read_by_people() -> None:
    assert made(b'{"a":1}') == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "n",
            "namespace": "ns",
            "labels": {
                "app.kubernetes.io/name": "rulectl",
                "app.kubernetes.io/managed-by": "rulectl",
                "rulectl.dev/state-of": "rulectl",
            },
            "resourceVersion": "5",
        },
        "data": {"state.json": '{"a":1}'},
    }


def test_large_documents_are_compressed() -> None:
    document = encode({"x": "y" * 100_000})
    assert set(made(document)) == {"apiVersion", "kind", "metadata", "binaryData"}
    assert payload_of(document).size < 1000


@pytest.mark.parametrize(
    "config_map",
    [
        {},
        {"data": {}},
        {"data": {"state.json": "{"}},
        {"binaryData": {"state.json.gz": "%"}},
        {"binaryData": {"state.json.gz": "AAAA"}},
    ],
    ids=str,
)
def test_what_cannot_be_read_is_an_error(config_map: dict[str, Value]) -> None:
    with pytest.raises(ValueError, match=r"."):
        of_config_map(config_map)
