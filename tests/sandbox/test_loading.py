from __future__ import annotations

from pathlib import Path

import pytest

from rulectl.errors import UsageError
from rulectl.sandbox import load
from rulectl.sandbox.manifest import parse_documents, parse_yaml
from tests.sandbox.client import CONFIG_MAPS, PODS, WIDGETS, Client

POD = """
apiVersion: v1
kind: Pod
metadata: {name: p, namespace: shop, uid: kept, creationTimestamp: 2024-01-01T00:00:00Z}
spec: {containers: [{name: c, image: i}]}
status: {phase: Running}
"""
WIDGET = """
apiVersion: example.com/v1
kind: Widget
metadata: {name: w}
spec: {size: 1}
"""
CRD = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, kind: Widget}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
"""


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder


def test_a_loaded_object_keeps_status_uid_and_times(client: Client, tmp_path: Path) -> None:
    assert client.sandbox.load([write(tmp_path, pod=POD)]) == 1
    shown = client.get("/api/v1/namespaces/shop/pods/p")
    assert (shown["status"]["phase"], shown["metadata"]["uid"]) == ("Running", "kept")
    assert shown["metadata"]["creationTimestamp"] == "2024-01-01T00:00:00Z"


def test_namespaces_are_made_where_they_are_missing(client: Client, tmp_path: Path) -> None:
    load(client.sandbox.api, [write(tmp_path, pod=POD)])
    assert client.get("/api/v1/namespaces/shop")["status"]["phase"] == "Active"


def test_crds_come_before_their_objects_whatever_the_files_are_called(client: Client, tmp_path: Path) -> None:
    load(client.sandbox.api, [write(tmp_path, a=WIDGET, z=CRD)])
    assert client.names(WIDGETS) == ["w"]


def test_many_documents_and_lists_are_unfolded(client: Client, tmp_path: Path) -> None:
    maps = "{kind: ConfigMapList, apiVersion: v1, items: [{metadata: {name: b}}, {metadata: {name: c}}]}"
    text = f"---\n---\nkind: ConfigMap\napiVersion: v1\nmetadata: {{name: a}}\n---\n{maps}\n"
    assert load(client.sandbox.api, [write(tmp_path, all=text)]) == 3
    assert client.names(CONFIG_MAPS) == ["a", "b", "c"]


def test_folders_are_looked_through_and_other_files_left_alone(client: Client, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    write(tmp_path / "deep", pod=POD)
    (tmp_path / "README.md").write_text("{{{ no YAML")
    (tmp_path / "map.json").write_text('{"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "m"}}')
    assert load(client.sandbox.api, [tmp_path]) == 2


def test_loading_again_replaces_and_keeps_the_uid(client: Client, tmp_path: Path) -> None:
    write(tmp_path, map="{kind: ConfigMap, apiVersion: v1, metadata: {name: m}, data: {a: '1'}}")
    load(client.sandbox.api, [tmp_path])
    uid = client.get(f"{CONFIG_MAPS}/m")["metadata"]["uid"]
    write(tmp_path, map="{kind: ConfigMap, apiVersion: v1, metadata: {name: m}, data: {a: '2'}}")
    load(client.sandbox.api, [tmp_path])
    shown = client.get(f"{CONFIG_MAPS}/m")
    assert (shown["data"], shown["metadata"]["uid"]) == ({"a": "2"}, uid)


def test_a_loaded_pod_without_status_is_pending(client: Client, tmp_path: Path) -> None:
    pod = "{kind: Pod, apiVersion: v1, metadata: {name: p}, spec: {containers: [{name: c, image: i}]}}"
    load(client.sandbox.api, [write(tmp_path, p=pod)])
    assert client.get(f"{PODS}/p")["status"]["phase"] == "Pending"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "one.yaml: not YAML"),
        ("just text", "one.yaml: a manifest is a mapping"),
        ("{kind: Gadget, apiVersion: x/v1, metadata: {name: g}}", "one.yaml: the sandbox serves no x/v1 Gadget; load"),
        ("{kind: ConfigMap, apiVersion: v1, metadata: {name: A_b}}", "one.yaml: v1 ConfigMap 'A_b': metadata.name"),
        ("{kind: Pod, apiVersion: v1, metadata: {name: p}, spec: {}}", 'one.yaml: Pod "p" is invalid: spec.cont'),
        ("{kind: ConfigMap, apiVersion: v1, metadata: {name: m}, data: {a: 1}}", "cannot unmarshal number"),
    ],
)
def test_what_cannot_be_loaded_is_named_with_its_file(client: Client, tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message.replace("(", r"\(")):
        load(client.sandbox.api, [write(tmp_path, one=text)])


def test_a_path_that_is_not_there_is_said_to_be_so(client: Client, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no file or folder"):
        load(client.sandbox.api, [tmp_path / "nothing"])


def test_dates_in_manifests_are_text() -> None:
    assert parse_yaml("a: 2024-01-01\nb: 2024-01-01T00:00:00Z") == {"a": "2024-01-01", "b": "2024-01-01T00:00:00Z"}


def test_keys_of_manifests_are_text() -> None:
    assert list(parse_documents("{2: a, true: b, null: c}")) == [{"2": "a", "true": "b", "null": "c"}]


@pytest.mark.parametrize("text", ["a: !!binary aGk=", "--- 1\n--- 2", "!!python/object:os.system {}"])
def test_what_has_no_json_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"YAML|JSON"):
        parse_yaml(text)
