"""Which fields a write names, and whether a watched value is among them."""

from __future__ import annotations

from typing import Any

import pytest

from rulectl.controller.writes import overlaps, touched_by
from rulectl.fields import NOTHING, WHOLE, FieldTree, tree_of

META = tree_of("metadata", "annotations", "bw")
IMAGES = FieldTree(fields={"spec": FieldTree(fields={"containers": FieldTree(items=tree_of("image"))})})


@pytest.mark.parametrize(
    ("body", "tree"),
    [
        pytest.param({"metadata": {"annotations": {"bw": "1"}}}, META, id="merge patch"),
        pytest.param({"metadata": {"annotations": {"bw": None}}}, META, id="merge patch that removes"),
        pytest.param({}, NOTHING, id="a merge patch that names nothing"),
        pytest.param(
            {"spec": {"paths": [{"path": "/a"}]}}, tree_of("spec", "paths"), id="a list in an object, as a whole"
        ),
        pytest.param([{"op": "replace", "path": "/metadata/annotations/bw", "value": "1"}], META, id="JSON patch"),
        pytest.param(
            [{"op": "add", "path": "/metadata/labels/a~1b"}], tree_of("metadata", "labels", "a/b"), id="escaped slash"
        ),
        pytest.param(
            [{"op": "add", "path": "/metadata/labels/a~0b"}], tree_of("metadata", "labels", "a~b"), id="tilde"
        ),
        pytest.param(
            [{"op": "add", "path": "/spec/containers/0/image"}], tree_of("spec", "containers"), id="into a list"
        ),
        pytest.param([{"op": "add", "path": "/spec/containers/-"}], tree_of("spec", "containers"), id="end of a list"),
        pytest.param([{"op": "replace", "path": "", "value": {}}], WHOLE, id="the whole object"),
        pytest.param([], WHOLE, id="an empty JSON patch"),
        pytest.param("nonsense", WHOLE, id="what is no patch may touch anything"),
    ],
)
def test_a_patch_touches_the_fields_that_it_names(body: Any, tree: FieldTree) -> None:
    assert touched_by(body) == tree


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        pytest.param(META, META, True, id="the same"),
        pytest.param(META, tree_of("metadata", "annotations"), True, id="one within the other"),
        pytest.param(META, tree_of("metadata", "annotations", "other"), False, id="another key"),
        pytest.param(META, tree_of("spec"), False, id="another branch"),
        pytest.param(META, WHOLE, True, id="everything"),
        pytest.param(META, NOTHING, False, id="nothing"),
        pytest.param(IMAGES, tree_of("spec", "containers"), True, id="a list of which items are read"),
        pytest.param(IMAGES, IMAGES, True, id="items"),
    ],
)
def test_trees_overlap_where_they_share_a_leaf(left: FieldTree, right: FieldTree, expected: bool) -> None:
    assert overlaps(left, right) is expected
    assert overlaps(right, left) is expected
