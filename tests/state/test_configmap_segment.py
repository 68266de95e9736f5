from __future__ import annotations

import random

import pytest

from rulectl.state.configmap_log import entries_of
from rulectl.state.configmap_payload import of_config_map, to_config_map
from rulectl.state.configmap_segment import divided, segment_of
from rulectl.state.store import Edit, Put, PutRule
from tests.state.sample import bandwidth_record, record, rule_state
from tests.state.test_configmap import with_old


@pytest.mark.parametrize("size", [10, 200_000], ids=["many small", "few large"])
def test_a_log_is_divided_into_parts_that_fit(size: int) -> None:
    rng = random.Random(1)
    padding = [with_old(bandwidth_record(rng), rng.randbytes(size).hex()) for _ in range(9000 if size < 100 else 9)]
    edits: list[Edit] = [*map(Put, padding), PutRule(rule_state())]
    entries = entries_of(7, edits)
    found = []
    for part, payload in divided(entries):
        assert payload.size <= 512 * 1024
        document = of_config_map(to_config_map(payload, namespace="n", name="x", state="s"))
        assert segment_of(document) == list(part.values())
        found += segment_of(document)
    assert found == list(entries.values())


def test_what_is_no_segment_is_an_error() -> None:
    with pytest.raises(ValueError, match="it has no entries"):
        segment_of({})
    with pytest.raises(ValueError, match="sequence number"):
        segment_of({"entries": [{"put": record().name}]})
