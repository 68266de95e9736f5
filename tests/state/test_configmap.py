from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Mapping

import msgspec
import pytest

from rulectl.errors import Forbidden, NotFound, PermanentError, RulectlError, TransientError, Unreachable
from rulectl.kube.client import KubeClient
from rulectl.resource import ObjectKey, Resource
from rulectl.sandbox import Fault
from rulectl.state.configmap import ConfigMapStore
from rulectl.state.configmap_layout import Layout
from rulectl.state.configmap_object import CONFIG_MAPS
from rulectl.state.configmap_reading import read_config_maps
from rulectl.state.identity import Owner
from rulectl.state.record import Record
from rulectl.state.store import Drop, Put, PutRule
from rulectl.testing.transport import Crashed
from rulectl.value import Value, mapping
from tests.state.places import InCluster
from tests.state.sample import CLUSTER, OTHER_CLUSTER, bandwidth_record, content, record, rule_state

HEAD = "rulectl-state-rulectl-head"
WRITES = "POST|PUT|DELETE"


def loaded(cluster: InCluster) -> ConfigMapStore:
    store = cluster.open()
    store.load()
    return store


def held(cluster: InCluster) -> dict[str, int]:
    """The numbers of the records that the next process finds."""
    return {uid: one.number for (_, uid), one in content(cluster.open().load())[0].items()}


def records(rng: random.Random, count: int) -> list[Record]:
    return [bandwidth_record(rng) for _ in range(count)]


def with_old(one: Record, old: str) -> Record:
    return msgspec.structs.replace(one, old=old)


# ----------------------------------------------------------------- what lies where


def test_a_small_state_is_one_config_map(cluster: InCluster) -> None:
    store = loaded(cluster)
    store.write([Put(record()), PutRule(rule_state())], durable=True)
    assert cluster.names() == [HEAD]
    found = cluster.kube.get(CONFIG_MAPS, ObjectKey("default", HEAD))
    assert mapping(mapping(found["metadata"])["labels"])["rulectl.dev/state-of"] == "rulectl"


def test_a_state_knows_whether_it_is_new(cluster: InCluster) -> None:
    first, second = loaded(cluster), loaded(cluster)
    assert (first.is_new, second.is_new) == (True, False)


def test_many_records_spread_over_pages_as_the_log_grows(cluster: InCluster) -> None:
    store = loaded(cluster)
    rng = random.Random(1)
    written = records(rng, 4000)
    for number in range(0, 4000, 100):
        store.write([Put(one) for one in written[number : number + 100]], durable=True)
    pages = [name for name in cluster.names() if name.removeprefix("rulectl-state-rulectl-").isdecimal()]
    assert len(pages) > 5
    assert content(cluster.open().load())[0] == {(one.rule, one.uid): one for one in written}


def test_segments_go_when_their_pages_have_it_all(cluster: InCluster) -> None:
    store = loaded(cluster)
    store.write([Put(one) for one in records(random.Random(1), 4000)], durable=True)
    assert "rulectl-state-rulectl-log-1-000001" in cluster.names()
    store._bring_up_to_date(0)
    for number in range(2):
        store.write([Put(record(number=number))], durable=True)
    assert not any("-log-" in name for name in cluster.names())


# ----------------------------------------------------------------- what it costs


def test_a_fired_action_costs_two_writes_at_most(cluster: InCluster) -> None:
    store = loaded(cluster)
    before = cluster.writes()
    for number in range(100):
        uid = f"uid-{number}"
        store.write([Put(record(uid, number=1))], durable=True)  # the intent
        store.write([Put(record(uid, number=2))], durable=False)  # how it ended
        cluster.clock.advance(60.0)
        store.flush_due(cluster.clock.monotonic())
    assert cluster.writes() - before <= 2 * 100 + 2


def test_a_busy_state_costs_about_one_write_per_action(cluster: InCluster) -> None:
    store = loaded(cluster)
    rng = random.Random(1)
    store.write([Put(one) for one in records(rng, 2000)], durable=True)
    before = cluster.writes()
    for one in records(rng, 700):
        store.write([Put(one)], durable=True)
        store.write([Put(one)], durable=False)
    assert cluster.writes() - before < 1.3 * 700


def test_a_start_costs_one_write_whatever_is_kept(cluster: InCluster) -> None:
    store = loaded(cluster)
    store.write([Put(one) for one in records(random.Random(1), 500)], durable=True)
    before = cluster.writes()
    cluster.open().load()
    assert cluster.writes() - before == 1


def test_edits_that_need_not_be_durable_wait_five_seconds(cluster: InCluster) -> None:
    store = loaded(cluster)
    before = cluster.writes()
    for number in range(50):
        store.write([Put(record(f"u{number}"))], durable=False)
    store.flush_due(cluster.clock.monotonic() + 4.9)
    assert (store.next_flush(), cluster.writes()) == (cluster.clock.monotonic() + 5.0, before)
    store.flush_due(cluster.clock.monotonic() + 5.0)
    assert (store.next_flush(), cluster.writes()) == (None, before + 1)


def test_a_durable_write_lingers_for_others() -> None:
    cluster = InCluster(linger_seconds=0.05)
    store = loaded(cluster)
    before = cluster.clock.monotonic()
    store.write([Put(record())], durable=True)
    assert cluster.clock.monotonic() - before == pytest.approx(0.05)


# ----------------------------------------------------------------- whose it is


def test_a_process_whose_state_was_taken_over_can_write_nothing_more(cluster: InCluster) -> None:
    old, new = loaded(cluster), loaded(cluster)
    with pytest.raises(PermanentError) as caught:
        old.write([Put(record("late"))], durable=True)
    assert str(caught.value).startswith(
        "another rulectl has taken over the state rulectl in namespace default: process "
    )
    assert str(caught.value).endswith(
        "This process can record nothing any more and ends;"
        " see that one rulectl runs with this --name, or use --leader-elect"
    )
    for durable in (True, False):
        with pytest.raises(PermanentError, match="another rulectl has taken over"):
            old.write([Put(record("later"))], durable=durable)
    new.write([Put(record("new"))], durable=True)
    old.close()
    assert held(cluster) == {"new": 1}


def test_what_the_old_process_wrote_before_the_takeover_is_there(cluster: InCluster) -> None:
    old = loaded(cluster)
    old.write([Put(record("before"))], durable=True)
    new = cluster.open()
    assert [one.uid for one in new.load().records] == ["before"]


class BetweenReads:
    """A client of which each read of an object is followed by what is still to happen."""

    def __init__(self, kube: KubeClient, events: list[Callable[[], None]]) -> None:
        self._kube = kube
        self._events = events
        self.list_page, self.create, self.update, self.delete = kube.list_page, kube.create, kube.update, kube.delete

    def get(self, resource: Resource, key: ObjectKey) -> Mapping[str, Value]:
        found = self._kube.get(resource, key)
        if self._events:
            self._events.pop()()
        return found


def test_a_write_between_reading_and_taking_over_is_taken_in(cluster: InCluster) -> None:
    old = loaded(cluster)
    kube = BetweenReads(cluster.kube, [lambda: old.write([Put(record("between"))], durable=True)])
    new = ConfigMapStore(kube, "default", cluster.owner, cluster.clock)
    assert [one.uid for one in new.load().records] == ["between"]


def test_processes_that_take_it_over_all_the_time_are_told_so(cluster: InCluster) -> None:
    old = loaded(cluster)
    kube = BetweenReads(cluster.kube, [lambda: old.write([Put(record())], durable=True)] * 5)
    with pytest.raises(TransientError, match="is being written by other processes all the time"):
        ConfigMapStore(kube, "default", cluster.owner, cluster.clock).load()


def test_pages_of_a_deposed_process_that_come_late_do_no_harm(cluster: InCluster) -> None:
    old = loaded(cluster)
    old.write([Put(one) for one in records(random.Random(1), 300)], durable=True)
    new = loaded(cluster)
    new.write([Put(record(f"n{number}")) for number in range(300)], durable=True)
    for _ in range(10):
        old._bring_fullest_page_up_to_date()
    with pytest.raises(PermanentError, match="another rulectl has taken over"):
        old.write([Put(record("late"))], durable=True)
    new._bring_up_to_date(0)
    new.write([Drop("pod-bandwidth", "n0")], durable=True)
    assert len(held(cluster)) == 599


def test_a_deposed_process_never_writes_over_a_newer_page(cluster: InCluster) -> None:
    old = loaded(cluster)
    old.write([Put(one) for one in records(random.Random(1), 300)], durable=True)
    new = loaded(cluster)
    new._bring_up_to_date(0)
    new.write([Put(record())], durable=True)
    with pytest.raises(PermanentError, match="another rulectl has taken over"):
        old._bring_fullest_page_up_to_date()
    assert len(held(cluster)) == 301


def test_what_a_crash_left_over_is_removed_at_the_next_start(cluster: InCluster) -> None:
    store = loaded(cluster)
    cluster.crash.at = cluster.crash.passed + 3  # after the segment was made, before the head names it
    with pytest.raises(Crashed):
        store.write([Put(one) for one in records(random.Random(1), 300)], durable=True)
    cluster.crash.at = None
    assert cluster.names() == [HEAD, "rulectl-state-rulectl-log-1-000001"]
    cluster.open().load()
    assert cluster.names() == [HEAD]


@pytest.mark.parametrize(
    ("owner", "said"),
    [
        (Owner("rulectl", OTHER_CLUSTER), "the state in namespace default belongs to another cluster: "),
        (Owner("second", CLUSTER), ""),
    ],
    ids=["cluster", "name"],
)
def test_a_state_is_for_its_cluster_and_name(cluster: InCluster, owner: Owner, said: str) -> None:
    loaded(cluster).write([Put(record())], durable=True)
    cluster.owner = owner
    if said:
        with pytest.raises(PermanentError, match=said):
            cluster.open().load()
    else:
        assert cluster.open().load().records == ()


# ----------------------------------------------------------------- answers that are lost, and other weather


def test_a_write_whose_answer_was_lost_counts_as_not_done(cluster: InCluster) -> None:
    store = loaded(cluster)
    cluster.fault(Fault(method="PUT", reset=True, carry_out=True, times=1))
    with pytest.raises(Unreachable, match="nothing that was recorded is lost, see whether the API server is well"):
        store.write([Put(record("lost"))], durable=True)
    store.write([Put(record("next"))], durable=True)
    assert held(cluster) == {"next": 1}


def test_a_write_that_nobody_took_counts_as_not_done(cluster: InCluster) -> None:
    store = loaded(cluster)
    store.write([Put(record("kept"))], durable=False)
    cluster.fault(Fault(method="PUT", status=429, retry_after=7, times=1))
    with pytest.raises(TransientError) as caught:
        store.write([Put(record("refused"))], durable=True)
    assert (caught.value.retry_after_seconds, caught.value.status) == (7.0, 429)
    store.write([Put(record("next"))], durable=True)
    assert held(cluster) == {"kept": 1, "next": 1}


def test_one_thing_of_a_lost_large_write_is_not_kept_either(cluster: InCluster) -> None:
    store = loaded(cluster)
    cluster.fault(Fault(method="PUT", path=f".*/{HEAD}", hang=True, carry_out=True, times=1))
    with pytest.raises(Unreachable):
        store.write([Put(one) for one in records(random.Random(1), 500)], durable=True)
    store.write([Put(record("next"))], durable=True)
    assert held(cluster) == {"next": 1}
    assert not any("-log-" in name for name in cluster.names())


def test_labels_that_somebody_adds_to_the_head_change_nothing(cluster: InCluster) -> None:
    store = loaded(cluster)
    cluster.kube.patch(CONFIG_MAPS, ObjectKey("default", HEAD), {"metadata": {"labels": {"team": "blue"}}})
    store.write([Put(record())], durable=True)
    assert held(cluster) == {"uid-1": 1}


def test_a_head_changed_by_hand_is_never_overwritten(cluster: InCluster) -> None:
    store = loaded(cluster)
    found = cluster.kube.get(CONFIG_MAPS, ObjectKey("default", HEAD))
    document = str(mapping(found["data"])["state.json"]).replace('"sequence":0', '"sequence":9')
    cluster.kube.patch(CONFIG_MAPS, ObjectKey("default", HEAD), {"data": {"state.json": document}})
    with pytest.raises(PermanentError, match=f"the ConfigMap {HEAD} was changed by hand"):
        store.write([Put(record())], durable=True)


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (403, Forbidden, "rulectl needs get, list, create, update and delete on configmaps there"),
        (401, Forbidden, "check the credentials"),
        (413, PermanentError, "takes no request of that size: raise its limit"),
        (422, PermanentError, "see what admission or quota in the namespace say"),
        (503, TransientError, "see whether the API server is well"),
    ],
)
def test_what_the_server_says_is_explained(
    cluster: InCluster, status: int, kind: type[RulectlError], said: str
) -> None:
    store = loaded(cluster)
    cluster.fault(Fault(method="PUT", status=status, times=1))
    with pytest.raises(kind) as caught:
        store.write([Put(record())], durable=True)
    assert str(caught.value).startswith("the state in the ConfigMaps of namespace default: updating v1 ConfigMap ")
    assert said in str(caught.value)
    store.write([Put(record("next"))], durable=True)
    assert held(cluster) == {"next": 1}


def test_a_namespace_that_is_not_there_says_so(cluster: InCluster) -> None:
    store = ConfigMapStore(cluster.kube, "nowhere", cluster.owner, cluster.clock)
    with pytest.raises(NotFound, match="create the namespace, or name another with -n/--namespace"):
        store.load()


def test_pages_that_cannot_be_written_now_follow_later(cluster: InCluster) -> None:
    store = loaded(cluster)
    cluster.fault(
        Fault(method="POST|PUT", path=r".*/configmaps(/rulectl-state-rulectl-\d\d)?", status=503, skip=2, times=40)
    )
    written = records(random.Random(1), 3000)
    for number in range(0, 3000, 500):
        batch = [Put(one) for one in written[number : number + 500]]
        for _ in range(50):
            try:
                store.write(batch, durable=True)
            except TransientError:
                continue
            break
    assert len(held(cluster)) == 3000


def test_what_is_put_off_is_said_once(cluster: InCluster, caplog: pytest.LogCaptureFixture) -> None:
    store = loaded(cluster)
    store.write([Put(one) for one in records(random.Random(1), 4000)], durable=True)
    cluster.fault(Fault(method="POST", status=413, message="too large"))
    for number in range(5):
        store.write([Put(record(number=number))], durable=True)
    assert caplog.messages == [
        "the state is kept, but not yet put in order; trying again: the state in the ConfigMaps of namespace default:"
        " creating v1 ConfigMap rulectl-state-rulectl-44: too large (413); the API server, or a proxy before it, takes"
        " no request of that size: raise its limit, have rules read fewer fields, or keep the state elsewhere with"
        " --state sqlite:PATH"
    ]


# ----------------------------------------------------------------- damage


def damaged(cluster: InCluster, name: str) -> str:
    cluster.kube.delete(CONFIG_MAPS, ObjectKey("default", name))
    with pytest.raises(PermanentError) as caught:
        cluster.open().load()
    return str(caught.value)


def with_pages(cluster: InCluster) -> ConfigMapStore:
    store = loaded(cluster)
    store.write([Put(one) for one in records(random.Random(1), 300)], durable=True)
    store._bring_up_to_date(0)
    store.write([Put(record())], durable=True)
    return store


def test_a_missing_page_is_damage(cluster: InCluster) -> None:
    with_pages(cluster)
    assert damaged(cluster, "rulectl-state-rulectl-07") == (
        "the state in the ConfigMaps of namespace default is damaged: the ConfigMap rulectl-state-rulectl-07 is not"
        " there. Restore all of them from one backup; or delete all of them to begin anew: then rules do not know what"
        " they have done, and handle what is there as `existing` says"
    )


def test_a_missing_head_is_damage_and_no_new_state(cluster: InCluster) -> None:
    with_pages(cluster)
    assert f"the ConfigMap {HEAD} is not there, but 64 others are (rulectl-state-rulectl-00, ...)" in damaged(
        cluster, HEAD
    )


def test_a_missing_segment_is_damage(cluster: InCluster) -> None:
    store = loaded(cluster)
    store.write([Put(one) for one in records(random.Random(1), 300)], durable=True)
    assert "rulectl-state-rulectl-log-1-000001 is not there" in damaged(cluster, "rulectl-state-rulectl-log-1-000001")


def test_a_page_of_an_older_backup_is_damage(cluster: InCluster) -> None:
    store = with_pages(cluster)
    key = ObjectKey("default", "rulectl-state-rulectl-07")
    backup = cluster.kube.get(CONFIG_MAPS, key)
    rng = random.Random(2)
    store.write([Put(one) for one in records(rng, 300)], durable=True)
    store._bring_up_to_date(0)
    store.write([Put(record())], durable=True)
    body: dict[str, Value] = {**backup, "metadata": {"name": key.name, "namespace": "default"}}
    labels = mapping(backup["metadata"])["labels"]
    body["metadata"] = {"name": key.name, "namespace": "default", "labels": labels}
    cluster.kube.update(CONFIG_MAPS, key, body)
    with pytest.raises(PermanentError, match="rulectl-state-rulectl-07 is older than the others"):
        cluster.open().load()


def test_a_page_that_was_deleted_under_way_is_written_again(cluster: InCluster) -> None:
    store = with_pages(cluster)
    cluster.kube.delete(CONFIG_MAPS, ObjectKey("default", "rulectl-state-rulectl-07"))
    store.write([Put(one) for one in records(random.Random(2), 300)], durable=True)
    store._bring_up_to_date(0)
    store.write([Put(record())], durable=True)
    assert len(held(cluster)) == 601


def test_a_deleted_head_ends_the_process(cluster: InCluster) -> None:
    store = loaded(cluster)
    cluster.kube.delete(CONFIG_MAPS, ObjectKey("default", HEAD))
    with pytest.raises(PermanentError, match=f"the ConfigMap {HEAD} was deleted"):
        store.write([Put(record())], durable=True)


def test_a_state_of_a_newer_format_is_refused(cluster: InCluster) -> None:
    loaded(cluster)
    found = cluster.kube.get(CONFIG_MAPS, ObjectKey("default", HEAD))
    document = str(mapping(found["data"])["state.json"]).replace('"format":1', '"format":2')
    cluster.kube.patch(CONFIG_MAPS, ObjectKey("default", HEAD), {"data": {"state.json": document}})
    with pytest.raises(PermanentError, match="the state has format 2, this rulectl knows 1: use the version"):
        cluster.open().load()


# ----------------------------------------------------------------- size


def test_pages_that_grow_large_are_spread_over_twice_as_many(cluster: InCluster) -> None:
    store = loaded(cluster)
    rng = random.Random(1)
    uids = [uid for number in range(2000) if Layout().page_of(uid := str(uuid.UUID(int=number << 64))) == 5]
    large = [with_old(record(uid), rng.randbytes(30_000).hex()) for uid in uids[:24]]
    store.write([PutRule(rule_state())], durable=True)
    for one in large:
        store.write([Put(one)], durable=True)
    while store._loaded_head().layout.count == 64:
        store._bring_fullest_page_up_to_date()
    assert content(cluster.open().load())[1] == {"pod-bandwidth": rule_state()}
    store = loaded(cluster)
    store._bring_up_to_date(0)
    store.write([Put(record("after"))], durable=True)
    names = cluster.names()
    assert not any(name.removeprefix("rulectl-state-rulectl-").isdecimal() for name in names)
    found, rules = content(cluster.open().load())
    assert {uid: one.old for (_, uid), one in found.items()} == {**{one.uid: one.old for one in large}, "after": None}
    assert rules == {"pod-bandwidth": rule_state()}


def test_spreading_pages_keeps_what_is_only_in_the_log(cluster: InCluster) -> None:
    store = with_pages(cluster)
    store.write([PutRule(rule_state()), Put(record("logged"))], durable=True)
    store._double()
    found, rules = content(cluster.open().load())
    assert (len(found), rules) == (302, {"pod-bandwidth": rule_state()})


def test_a_record_too_large_for_a_config_map_says_which(cluster: InCluster) -> None:
    store = loaded(cluster)
    with pytest.raises(PermanentError) as caught:
        store.write([Put(with_old(record(), "x" * 600_000))], durable=True)
    assert str(caught.value).startswith("the record of rule pod-bandwidth and shop/web-0 is 600")
    assert str(caught.value).endswith("have the rule read fewer fields, or use --state sqlite:PATH")


# ----------------------------------------------------------------- reading only


def test_reading_takes_nothing_from_the_process_that_works_with_it(cluster: InCluster) -> None:
    assert read_config_maps(cluster.kube, "default", cluster.owner) is None
    store = with_pages(cluster)
    before = cluster.writes()
    found = read_config_maps(cluster.kube, "default", cluster.owner)
    assert found is not None
    assert len(found.records) == 301
    assert cluster.writes() == before
    store.write([Put(record("b"))], durable=True)
