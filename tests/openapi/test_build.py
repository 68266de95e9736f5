from __future__ import annotations

import gzip
from importlib.resources import files
from pathlib import Path

import pytest

from rulectl.openapi import apimodules, build, packaged
from rulectl.openapi.resources import RESOURCES
from rulectl.value import Value, decode, encode, encode_sorted

GVK: Value = [{"group": "", "kind": "Pod", "version": "v1"}]
NEW: dict[str, Value] = {
    "io.x.v1.Pod": {
        "description": "Pod runs. And more.",
        "type": "object",
        "x-kubernetes-group-version-kind": GVK,
        "properties": {
            "kind": {"type": ["string", "null"], "enum": ["Pod"], "description": "The kind."},
            "spec": {"$ref": "#/$defs/io.x.v1.Spec", "description": "What it is."},
            "phase": {"type": ["string", "null"], "enum": ["Up", "Down"]},
        },
    },
    "io.x.v1.Spec": {"type": ["object", "null"], "additionalProperties": {"type": ["string", "null"]}},
}
OLD: dict[str, Value] = {"io.x.v1.Pod": NEW["io.x.v1.Pod"], "io.x.v1.Gone": {"type": "object"}}

MODULE = """
class CoreV1Api:
    def create_namespaced_pod(
        self,
        body: V1Pod,
    ) -> V1Pod:
        ...

    def create_namespaced_pod_with_http_info(
        self,
        body: V1Pod,
    ) -> ApiResponse:
        ...

    def _create_namespaced_pod_serialize(
        self,
    ):
        return self.api_client.param_serialize(
            method='POST',
            resource_path='/api/v1/namespaces/{namespace}/pods',
        )

    def read_namespaced_pod_status(
        self,
        name: str,
    ) -> V1Pod:
        ...

    def _read_namespaced_pod_status_serialize(
        self,
    ):
        return self.api_client.param_serialize(
            method='GET',
            resource_path='/api/v1/namespaces/{namespace}/pods/{name}/status',
        )

    def connect_get_namespaced_pod_exec(
        self,
    ) -> str:
        ...

    def _connect_get_namespaced_pod_exec_serialize(
        self,
    ):
        return self.api_client.param_serialize(
            method='GET',
            resource_path='/api/v1/namespaces/{namespace}/pods/{name}/exec',
        )
"""


def source(folder: Path) -> Path:
    for version, definitions in (("1.37.0", NEW), ("1.36.0", OLD), ("1.29.0", OLD)):
        below = folder / f"v{version}-local"
        below.mkdir()
        (below / "_definitions.json").write_bytes(encode({"$defs": definitions}))
    return folder


def test_texts_null_types_and_pinned_kinds_are_dropped() -> None:
    assert build.trim_all(NEW) == {
        "io.x.v1.Pod": {
            "type": "object",
            "x-kubernetes-group-version-kind": GVK,
            "properties": {
                "kind": {"type": "string"},
                "spec": {"$ref": "io.x.v1.Spec"},
                "phase": {"type": "string", "enum": ["Up", "Down"]},
            },
        },
        "io.x.v1.Spec": {"type": "object", "additionalProperties": {"type": "string"}},
    }


def test_an_older_version_is_kept_as_its_difference(tmp_path: Path) -> None:
    content = build.contents(build.source_files(source(tmp_path)), {"core_v1_api": MODULE})
    assert content[packaged.OLDER] == {
        "1.36": {"changed": {"io.x.v1.Gone": {"type": "object"}}, "gone": ["io.x.v1.Spec"]}
    }


def test_descriptions_are_first_sentences_by_field(tmp_path: Path) -> None:
    content = build.contents(build.source_files(source(tmp_path)), {"core_v1_api": MODULE})
    assert content[packaged.DESCRIPTIONS] == {
        "io.x.v1.Pod": {"": "Pod runs.", "kind": "The kind.", "spec": "What it is."}
    }


def test_discovery_is_read_from_the_clients_requests() -> None:
    assert apimodules.resources({"core_v1_api": MODULE}, NEW) == [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "plural": "pods",
            "singular": "pod",
            "namespaced": True,
            "verbs": ["create"],
            "categories": ["all"],
            "shortNames": ["po"],
            "subresources": [{"name": "status", "apiVersion": "v1", "kind": "Pod", "verbs": ["get"]}],
        }
    ]


def test_a_resource_whose_kind_is_not_found_stops_the_build() -> None:
    with pytest.raises(ValueError, match="v1 pods: no kind found for it"):
        apimodules.resources({"core_v1_api": MODULE}, {})


@pytest.mark.parametrize("arguments", [[], ["/nowhere"], ["a", "b"]], ids=["none", "missing", "two"])
def test_wrong_arguments_are_answered_with_the_usage(arguments: list[str]) -> None:
    told: list[str] = []
    assert build.main(arguments, told.append) == 2
    assert told == ["usage: python -m rulectl.openapi.build SOURCE_DIR (the folder kubernetes-json-schema)\n"]


def test_a_folder_without_definitions_is_refused(tmp_path: Path) -> None:
    told: list[str] = []
    assert build.main([str(tmp_path)], told.append) == 2
    assert "has no v*-local/_definitions.json from 1.30 on" in told[0]


def test_the_packaged_files_are_as_the_build_writes_them() -> None:
    for name in (packaged.BASE, packaged.OLDER, packaged.DESCRIPTIONS, RESOURCES):
        data = (files("rulectl.openapi") / name).read_bytes()
        plain = gzip.decompress(data)
        assert data[4:8] == b"\0\0\0\0", f"{name} carries a time stamp"
        assert encode_sorted(decode(plain)) == plain


def test_the_notice_names_the_origin_and_the_licence() -> None:
    notice = (files("rulectl.openapi") / "NOTICE").read_text("utf-8")
    assert "derived from Kubernetes" in notice
    assert "Apache License, Version 2.0" in notice
