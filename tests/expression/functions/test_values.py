"""The functions on quantities, times, texts, versions, addresses, collections and encodings, case by case."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulectl.expression import EvaluationError, compile_expression
from rulectl.value import Value


def _value(text: str, value: Value = None) -> Value:
    return compile_expression(text, roots=("v",)).evaluate({"v": value}, 1_800_000_000.0)


def _fault(text: str, value: Value) -> str:
    with pytest.raises(EvaluationError) as caught:
        _value(text, value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("quantity", "number"),
    [
        ("0", 0),
        ("500m", 0.5),
        ("2", 2),
        ("1.5", 1.5),
        ("1k", 1000),
        ("1Ki", 1024),
        ("1Gi", 2**30),
        ("1.5Gi", 3 * 2**29),
        ("1E", 10**18),
        ("1e3", 1000),
        ("1E3", 1000),
        ("-1M", -1_000_000),
        ("100n", 1e-7),
        ("5u", 5e-6),
        (".5", 0.5),
        ("1.", 1),
        (3, 3),
    ],
)
def test_quantities_are_read_as_kubernetes_does(quantity: Value, number: float) -> None:
    assert _value("quantity(v)", quantity) == number


@pytest.mark.parametrize("quantity", ["", "x", "1 Gi", "1gi", "Gi", "1e", "--1", "1KiB", "1" * 200, "1e9999", "٣"])
def test_what_is_no_quantity_is_an_error(quantity: str) -> None:
    assert "is not a quantity; write a number and a unit" in _fault("quantity(v)", quantity)


def test_quantities_compare() -> None:
    assert _value("quantity('500m') < quantity('1Gi')") is True
    assert _value("quantity(v) == quantity('1000m')", "1") is True
    assert _value("sum(map(&quantity(@), v))", ["100m", "200m", "1"]) == pytest.approx(1.3)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("add(quantity('1Gi'), quantity('1Gi'))", 2**31),
        ("subtract(`1`, `3`)", -2),
        ("divide(`6`, `3`)", 2),
        ("modulo(`-7`, `3`)", -1),
        ("modulo(`7.5`, `2`)", 1.5),
        ("round(`2.5`, `0`)", 3),
        ("round(`-2.5`, `0`)", -3),
    ],
)
def test_arithmetic(text: str, result: float) -> None:
    assert _value(text) == result


def test_arithmetic_that_has_no_result_is_an_error() -> None:
    assert _fault("modulo(`1`, v)", 0) == "modulo(): the divisor is 0; test it before dividing"
    assert "no number of decimal places" in _fault("round(`1`, v)", 99)
    assert "too large" in _fault("ceil(multiply(v, v))", 1e300)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("age(v)", 1_800_000_000.0 - 1_767_225_600.0),
        ("timestamp(v)", 1_767_225_600.0),
        ("timestamp('2026-01-01T01:00:00.123456789+01:00')", 1_767_225_600.123456),
        ("timestamp('2026-01-01t00:00:00.5z')", 1_767_225_600.5),
        ("time_now()", "2027-01-15T08:00:00Z"),
        ("now()", 1_800_000_000.0),
        ("time_add(v, '-1h')", "2025-12-31T23:00:00Z"),
        ("time_add('2026-01-01T00:00:00-05:00', '6h')", "2026-01-01T06:00:00-05:00"),
        ("time_since('', v, '')", "9104h"),
        ("time_since('2006-01-02', '2026-01-01', '2026-01-02')", "24h"),
        ("time_parse('1', '60')", "1970-01-01T00:01:00Z"),
        ("time_parse('02 Jan 06 15:04 MST', '31 Jan 26 12:30 UTC')", "2026-01-31T12:30:00Z"),
        ("time_parse('2006-01-02T15:04:05.000Z07:00', '2026-01-31T12:00:00.250+02:00')", "2026-01-31T12:00:00+02:00"),
        ("time_parse('Monday, January 2006', 'Saturday, January 2026')", "2026-01-01T00:00:00Z"),
        ("time_truncate('2026-01-31T12:34:56Z', '24h')", "2026-01-31T00:00:00Z"),
        ("time_truncate(v, '0s')", "2026-01-01T00:00:00Z"),
        ("time_between(v, '2025-01-01T00:00:00Z', '2026-01-01T00:00:00Z')", False),
        ("time_diff('2026-01-01T01:00:00Z', v)", "-1h"),
    ],
)
def test_times(text: str, result: Value) -> None:
    assert _value(text, "2026-01-01T00:00:00Z") == result


@pytest.mark.parametrize("text", ["2026-01-01", "yesterday", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00", ""])
def test_what_is_no_time_is_an_error(text: str) -> None:
    assert _fault("timestamp(v)", text).startswith("timestamp(): ")
    assert _fault("age(v)", text).startswith("age(): ")


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("compare('b', 'a')", 1),
        ("replace('aaa', 'a', 'b', `-1`)", "bbb"),
        ("trim('  a ', ' ')", "a"),
        ("trim(' a ', '')", " a "),
        ("split('abc', '')", ["a", "b", "c"]),
        ("split('a', ',')", ["a"]),
        ("truncate('abc', `-1`)", ""),
        ("path_canonicalize('//a/./b/')", "/a/b"),
        ("regex_match('^[1-5]$', `3`)", True),
        ("regex_match('a.c', 'xabcx')", True),
        ("regex_match('^b', 'ab')", False),
        ("regex_replace_all('(?P<name>\\w+)=', 'a=b', '${name}:')", "a:b"),
        ("pattern_match('10.*.?', '10.20.3')", True),
        ("pattern_match('*', '')", True),
        ("pattern_match('a*b*c', 'abxbc')", True),
        ("pattern_match('a?', 'a')", False),
        ("pattern_match('[ab]', 'a')", False),
        ("to_boolean('FALSE')", False),
        ("equal_fold('straße', 'STRASSE')", True),
    ],
)
def test_texts(text: str, result: Value) -> None:
    assert _value(text) == result


def test_a_wildcard_takes_no_exponential_time() -> None:
    begin = time.process_time()
    assert _value("pattern_match(v, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')", "*a" * 30 + "b") is False
    assert time.process_time() - begin < 1


@pytest.mark.parametrize(
    ("version", "versions", "result"),
    [
        ("1.2.3", "1.2.3", True),
        ("1.2.3", "=1.2.3", True),
        ("v1.2.3", ">= 1.2.0", True),
        ("1.2.3", ">1.2.3", False),
        ("1.2.3-rc.1", "<1.2.3", True),
        ("1.2.3-rc.2", ">1.2.3-rc.1", True),
        ("1.2.3-rc.10", ">1.2.3-rc.9", True),
        ("1.2.3-alpha.beta", ">1.2.3-alpha.1", True),
        ("1.2.3+build", "1.2.3", True),
        ("1.2.3", "1.2.x", True),
        ("1.3.0", "1.2.x", False),
        ("1.3.0", ">1.2.x", True),
        ("1.2.9", "<=1.2.x", True),
        ("1.2.9", "<1.2.x", False),
        ("1.9.9", "1.x", True),
        ("1.9.9", "!=1.x", False),
        ("2.0.0", "!1.9.9", True),
        ("3.0.0", ">=1.0.0 <2.0.0 || >=3.0.0 !3.0.1", True),
        ("3.0.1", ">=1.0.0 <2.0.0 || >=3.0.0 !3.0.1", False),
    ],
)
def test_versions(version: str, versions: str, result: bool) -> None:
    assert _value(f"semver_compare(v, '{versions}')", version) is result


@pytest.mark.parametrize("versions", ["", "||", "^1.2.3", "latest", ">=", "1.2.3.4", "x" * 600])
def test_what_is_no_range_is_an_error(versions: str) -> None:
    assert "range" in _fault("semver_compare('1.2.3', v)", versions)


def test_what_is_no_version_is_an_error() -> None:
    assert "is not a semantic version; write it as 1.2.3" in _fault("semver_compare(v, '1.x')", "latest")


@pytest.mark.parametrize(
    ("block", "address", "result"),
    [
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.0.0.0/8", "10.2.0.0/16", True),
        ("10.2.0.0/16", "10.0.0.0/8", False),
        ("fd00::/8", "fd12::1", True),
        ("10.0.0.0/8", "fd12::1", False),
    ],
)
def test_addresses(block: str, address: str, result: bool) -> None:
    assert _value(f"cidr_contains('{block}', v)", address) is result
    assert "is not an address or a CIDR block" in _fault(f"cidr_contains('{block}', v)", "10.0.0.300")


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ('difference(`[1, true, "1", 1.0]`, `[1]`)', [True, "1"]),
        ("intersection(`[[1], [2]]`, `[[2]]`)", [[2]]),
        ('unique(`[1, 1.0, true, "1", null, null]`)', [1, True, "1", None]),
        ("items(`[\"a\"]`, 'index', 'value')", [{"index": 0, "value": "a"}]),
        ("object_from_lists(['a', 'b'], `[1]`)", {"a": 1, "b": None}),
        ("zip(`[1, 2]`, ['a'])", [[1, "a"]]),
        ("label_match(`{}`, `{}`)", True),
        ('label_match(`{"a": "1"}`, `{}`)', False),
    ],
)
def test_collections(text: str, result: Value) -> None:
    assert repr(_value(text)) == repr(result)


@given(st.lists(st.integers(0, 40), max_size=60), st.lists(st.integers(0, 40), max_size=60))
@settings(max_examples=50, deadline=None)
def test_sets_are_the_same_however_long_the_lists(left: list[int], right: list[int]) -> None:
    values: Value = {"l": left, "r": right}
    assert _value("difference(v.l, v.r)", values) == [n for n in dict.fromkeys(left) if n not in right]
    assert _value("intersection(v.l, v.r)", values) == [n for n in dict.fromkeys(left) if n in right]


def test_groups_need_texts_as_keys() -> None:
    assert "must be a string" in _fault("group_by(v, &a)", [{"a": 1}])


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("on: [yes, no, off]", {"on": ["yes", "no", "off"]}),
        ("a: 2026-01-31", {"a": "2026-01-31"}),
        ("a: 010", {"a": "010"}),
        ("a: 0x1f", {"a": 31}),
        ("a: 1:30", {"a": "1:30"}),
        ("a: 1.5e3", {"a": 1500.0}),
        ("a: ~", {"a": None}),
        ("a:", {"a": None}),
        ("1: true", {"1": True}),
        ("[a, b]", ["a", "b"]),
        ("a: &x {b: 1}\nc: *x", {"a": {"b": 1}, "c": {"b": 1}}),
        ("", None),
    ],
)
def test_yaml_means_what_it_says(text: str, result: Value) -> None:
    assert repr(_value("parse_yaml(v)", text)) == repr(result)


def test_yaml_that_grows_by_aliases_is_refused() -> None:
    bomb = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12))
    assert "more than 100,000 nodes" in _fault("parse_yaml(v)", bomb)
    assert "nodes" in _fault("parse_yaml(v)", "&a [*a]")


@pytest.mark.parametrize(
    "text", ["a: [", "!!python/object:os.system x", "a: b: c", "- !!binary aGk=", "a: b\n---\nc: d"]
)
def test_yaml_that_is_none_is_an_error(text: str) -> None:
    assert _fault("parse_yaml(v)", text).startswith("parse_yaml(): the ")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("parse_json", "{", "the text is not JSON"),
        ("parse_json", "[" * 5000, "the text is not JSON"),
        ("base64_decode", "a", "the text is not base64"),
        ("base64_decode", "/w==", "the decoded bytes are not UTF-8 text"),
        ("x509_decode", "hello", "the text is no PEM certificate"),
        ("to_boolean", "yes", "'yes' is neither 'true' nor 'false'"),
    ],
)
def test_what_cannot_be_read_is_an_error(name: str, text: str, message: str) -> None:
    assert _fault(f"{name}(v)", text).startswith(f"{name}(): {message}")


@given(st.text(max_size=50))
@settings(max_examples=50, deadline=None)
def test_base64_comes_back(text: str) -> None:
    if text.isprintable():
        assert _value("base64_decode(base64_encode(v))", text) == text
