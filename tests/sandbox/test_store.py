from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rulectl.sandbox.store import FIRST_VERSION, Place, StorageType, Store, key_of
from rulectl.value import Value, mapping

MAPS = StorageType("", "configmaps")
Write = tuple[str, str, int]
WRITES = st.lists(
    st.tuples(st.sampled_from(["put", "remove"]), st.sampled_from(["a", "a-b", "b/x", "a/x", "a-b/x"]), st.integers()),
    max_size=30,
)


def body(value: int = 0, uid: str = "", owners: tuple[str, ...] = ()) -> dict[str, Value]:
    references: list[Value] = [{"uid": owner} for owner in owners]
    return {"metadata": {"uid": uid, "ownerReferences": references}, "data": value}


def run(store: Store, writes: list[Write]) -> dict[int, list[tuple[str, Value]]]:
    """Does the writes; the state at each resourceVersion."""
    states = {store.rv: state(store)}
    for verb, key, value in writes:
        if verb == "put":
            store.put(MAPS, key, body(value))
        elif store.get(MAPS, key):
            store.remove(MAPS, key)
        states[store.rv] = state(store)
    return states


def state(store: Store) -> list[tuple[str, Value]]:
    return [(item.key, item.object["data"]) for item in store.collection(MAPS).in_order()]


def test_versions_begin_where_one_is_already_too_old() -> None:
    store = Store()
    assert store.put(MAPS, "a", body()).rv == FIRST_VERSION + 1


def test_what_is_put_carries_its_version() -> None:
    item = Store().put(MAPS, "a", body())
    assert item.metadata["resourceVersion"] == str(item.rv)


def test_what_is_removed_carries_the_removal_s_version() -> None:
    store = Store()
    first = store.put(MAPS, "a", body())
    assert int(str(store.remove(MAPS, "a").metadata["resourceVersion"])) > first.rv


def test_a_put_leaves_the_given_object_alone() -> None:
    given_body = body()
    Store().put(MAPS, "a", given_body)
    assert "resourceVersion" not in mapping(given_body["metadata"])


@given(WRITES)
def test_objects_are_in_the_order_of_their_keys(writes: list[Write]) -> None:
    store = Store()
    run(store, writes)
    keys = [key for key, _ in state(store)]
    assert keys == sorted(store.collection(MAPS).items)


@given(WRITES)
def test_every_state_since_the_beginning_can_be_seen_again(writes: list[Write]) -> None:
    store = Store()
    for rv, then in run(store, writes).items():
        again = store.collection(MAPS).state_at(rv)
        assert [(item.key, item.object["data"]) for item in again] == then


@given(WRITES, st.sampled_from(["", "a", "b"]), st.sampled_from(["", "a", "a/x"]))
def test_the_past_is_counted_as_it_is_shown(writes: list[Write], namespace: str, after: str) -> None:
    store = Store()
    collection = store.collection(MAPS)
    for rv in run(store, writes):
        shown = list(collection.state_at(rv, namespace, after))
        assert len(shown) == collection.count_at(rv, namespace, after)


def test_a_namespace_has_only_its_own_objects() -> None:
    store = Store()
    for namespace in ("a", "a-b", "a.c", "ab", "b"):
        store.put(MAPS, key_of(namespace, "x"), body())
    assert [item.key for item in store.collection(MAPS).in_order("a")] == ["a/x"]


def test_dependents_are_found_by_their_owner_s_uid_until_they_let_go() -> None:
    store = Store()
    store.put(MAPS, "child", body(owners=("u1", "u2")))
    assert store.dependents("u1") == [Place(MAPS, "child")]
    store.put(MAPS, "child", body(owners=("u2",)))
    assert (store.dependents("u1"), store.dependents("u2")) == ([], [Place(MAPS, "child")])


def test_an_object_is_found_by_its_uid_as_long_as_it_is_there() -> None:
    store = Store()
    store.put(MAPS, "a", body(uid="u"))
    assert store.find("u") is not None
    store.remove(MAPS, "a")
    assert store.find("u") is None


def test_readers_are_called_for_their_own_type_only() -> None:
    store, calls = Store(), list[str]()
    store.collection(MAPS).readers["me"] = lambda: calls.append("woken")
    store.put(StorageType("", "secrets"), "a", body())
    assert calls == []
    store.put(MAPS, "a", body())
    assert calls == ["woken"]
