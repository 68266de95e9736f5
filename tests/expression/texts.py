"""Hypothesis strategies for expressions and for the values that they are evaluated on."""

from __future__ import annotations

from hypothesis import strategies as st

from rulectl.value import Value

KEYS = ("a", "b", "metadata", "annotations", "labels", "status", "conditions", "type", "ownerReferences", "kind")
WORDS = ("a", "b", "x", "Ready", "1", "12", "")

_scalars: st.SearchStrategy[Value] = st.one_of(
    st.none(), st.booleans(), st.integers(-1, 3), st.sampled_from([0.0, 1.0, 1.5]), st.sampled_from(WORDS)
)


def _containers(inner: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    return st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from((*["a", "b"] * 4, *KEYS)), inner, max_size=4),
    )


values: st.SearchStrategy[Value] = st.recursive(_scalars, _containers, max_leaves=25)

_pairs = st.dictionaries(st.sampled_from(("a", "b", "type")), _scalars, min_size=1, max_size=3)
_lists = st.lists(st.one_of(_pairs, _pairs, values), min_size=1, max_size=4)

objects: st.SearchStrategy[Value] = st.fixed_dictionaries(
    {"a": st.one_of(_lists, _lists, _pairs, values), "b": st.one_of(_lists, _pairs, values)},
    optional={
        "metadata": st.fixed_dictionaries(
            {},
            optional={
                "annotations": st.dictionaries(st.sampled_from(KEYS), _scalars, max_size=3),
                "labels": values,
                "ownerReferences": st.lists(
                    st.dictionaries(st.sampled_from(("kind", "controller", "a")), _scalars, max_size=3), max_size=3
                ),
            },
        ),
        "status": st.fixed_dictionaries(
            {},
            optional={
                "conditions": st.lists(
                    st.dictionaries(st.sampled_from(("type", "a", "b")), _scalars, max_size=3), max_size=3
                )
            },
        ),
    },
)

documents: st.SearchStrategy[Value] = st.sampled_from((objects, objects, objects, values)).flatmap(lambda one: one)

_LITERALS = (
    *("`0`", "`1`", "`1.0`", "`1.5`", "`true`", "`false`", "`null`", "`[]`", "`{}`", "`[1, true]`", '`{"a": 1}`'),
    *(f"'{word}'" for word in WORDS),
)
_ATOMS = (*["a", "b"] * 12, *KEYS, '"a"', '"b c"', *_LITERALS, *["@"] * 4, "[*]", "*", "[0]", "[]", "[?a]")
_STEPS = (
    "{0}.a", "{0}.b", "{0}.a.b", "{0}[0]", "{0}[-1]", "{0}[1:]", "{0}[:2].a", "{0}[::-1]", "{0}[::2]", "{0}[0][1]",
    "{0}[*]", "{0}[*].a", "{0}[]", "{0}[].b", "{0}.*", "{0}.*.a", "{0}[?{1}]", "{0}[?a].b", "{0}[?{1}].a[]",
    "{0}[?a == {1}]", "{0}[?type == 'Ready'].a | [0]", "{0}[*].b | [0].a", "{0}.[a, {1}]", "{0}.{{a: b, b: {1}}}",
    "{0}[*].{{a: a, b: {1}}}", "{0}.type(@)", "{0}[*].not_null(a, {1})", "a[*].{0}", "a[?{0}]", "*.{0}", "({0})[0]",
)  # fmt: skip
_OPERATIONS = (
    "{0} == {1}", "{0} != {1}", "{0} < {1}", "{0} <= {1}", "{0} > {1}", "{0} >= {1}", "{0} || {1}", "{0} || {1}",
    "{0} && {1}", "{0} && {1}", "{0} | {1}", "({0}) | {1}", "!{0}", "!({0})", "({0}).a", "[{0}, {1}]",
    "{{a: {0}, b: {1}}}",
)  # fmt: skip
_STANDARD = (
    "type({0})", "not_null({0}, {1})", "to_array({0})", "to_string({0})", "to_number({0})", "length({0})",
    "length(to_array({0}))", "length(to_string({0}))", "keys({0})", "values({0})", "contains({0}, {1})",
    "contains(to_array({0}), {1})", "starts_with({0}, 'a')", "ends_with(to_string({0}), {1})", "reverse({0})",
    "map(&{0}, {1})", "map(&{0}, to_array({1}))", "sort_by({0}, &{1})", "max_by({0}, &a)",
    "min_by(to_array({0}), &{1})", "sort({0})", "sort({0}[*].a)", "sum({0}[*].a)", "avg({0})", "max({0})",
    "min({0}[])", "join('-', {0})", "merge({0}, {1})", "abs({0})", "ceil({0})", "floor({0})",
    "sum(map(&to_number(@), to_array({0})))",
)  # fmt: skip
_OWN = (
    "annotation({0}, 'a')", "annotation({0}, {1})", "label({0}, 'b')", "condition({0}, 'Ready')",
    "condition({0}, {1})", "condition({0}, 'a').b", "owner({0})", "owner({0}, 'a').a", "get({0}, 'a')",
    "get({0}, {1})", "get({0}, `1`)",
    "get({0}, `[\"a\", 0, \"b\"]`, {1})", "get({0}, ['a', {1}])", "lookup({0}, 'a')", "lookup({0}, {1})",
    "default({0}, {1})", "default({0}, {1}).a", "items({0}, 'a', 'b')", "items({0}, 'a', 'b')[*].b.a",
    "items({0}, {1}, 'b')", "zip({0}, {1})", "zip({0}, {1})[*][0].a", "group_by({0}, &a)", "group_by({0}, &a).a[*].b",
    "difference({0}, {1})", "intersection({0}, {1})", "unique({0})", "label_match({0}, {1})", "split({0}, 'a')",
    "to_upper({0})", "add({0}, {1})", "object_from_lists({0}, {1})", "sort_by({0}, &a)[0].b", "values({0})[0].a",
)  # fmt: skip


def _expressions(functions: tuple[str, ...]) -> st.SearchStrategy[str]:
    forms = st.one_of(st.sampled_from(_STEPS), st.sampled_from(_OPERATIONS), st.sampled_from(functions))
    return st.recursive(
        st.sampled_from(_ATOMS),
        lambda inner: st.builds(lambda form, one, two: form.format(one, two), forms, inner, inner),
        max_leaves=8,
    )


standard_expressions = _expressions(_STANDARD)
"""JMESPath with its own functions; most are valid, some are not (an operator may end up in a wrong place)."""

expressions = _expressions((*_STANDARD, *_OWN))
"""With rulectl's functions too."""
