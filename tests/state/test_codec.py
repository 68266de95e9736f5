from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulectl.state.codec import RECORDS, RULES
from rulectl.state.packing import pack, unpack
from rulectl.state.record import Record, RuleState
from rulectl.value import Value, decode
from tests.state.sample import bandwidth_record, full_record, record, rule_state

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def there_and_back(value: Record) -> Record:
    return RECORDS.of(decode(unpack(pack(RECORDS.encode(value)))))


@pytest.mark.parametrize("value", [record(), full_record(), bandwidth_record(random.Random(1))])
def test_a_record_comes_back_as_it_was(value: Record) -> None:
    assert there_and_back(value) == value


def test_every_field_of_the_full_record_is_set() -> None:
    missing = set(Record.__struct_fields__) - set(mapping_of(RECORDS.encode(full_record())))
    assert not missing, "a new field: give it a value in tests/state/sample.py"


def test_nested_structs_come_back_as_structs() -> None:
    back = there_and_back(full_record())
    assert back.run is not None
    assert back.run.changes[0].path == "spec.x"
    assert back.run.targets is not None
    assert back.run.targets[0].ended == "failed"


@given(json_values)
def test_any_json_in_a_record_comes_back(value: Value) -> None:
    kept = Record("r", "u", "i", "ns", "n", old=value, base={"p": value})
    assert there_and_back(kept) == kept


def test_a_rules_state_comes_back_as_it_was() -> None:
    state = rule_state("r", "a", "b")
    assert RULES.of(decode(RULES.encode(state))) == state
    assert RULES.of({"rule": "r"}) == RuleState("r")


def test_fields_of_a_later_version_are_passed_over() -> None:
    assert RULES.of({"rule": "r", "colour": "blue"}) == RuleState("r")


@pytest.mark.parametrize("value", [None, [], "text", {"rule": "r"}, {"rule": "r", "run": 3}], ids=repr)
def test_what_is_no_record_is_said_to_be_none(value: Value) -> None:
    with pytest.raises(ValueError, match="this is no entry of a state"):
        RECORDS.of(value)


def test_a_bandwidth_record_takes_less_than_200_bytes() -> None:
    rng = random.Random(7)
    sizes = [len(pack(RECORDS.encode(bandwidth_record(rng)))) for _ in range(100)]
    assert max(sizes) < 200


@given(st.binary(max_size=300), st.data())
def test_damage_is_found(data: bytes, choice: st.DataObject) -> None:
    packed = bytearray(pack(data))
    packed[choice.draw(st.integers(0, len(packed) - 1))] ^= 1 << choice.draw(st.integers(0, 7))
    try:
        found = unpack(bytes(packed))
    except ValueError:
        return
    assert found == data  # a bit that says nothing, such as the compressor's level


def test_an_entry_cut_short_is_damage() -> None:
    packed = pack(b"x" * 100)
    with pytest.raises(ValueError, match=r"damaged entry|cut short"):
        unpack(packed[:-1])


def mapping_of(data: bytes) -> dict[str, object]:
    value = decode(data)
    assert isinstance(value, dict)
    return value
