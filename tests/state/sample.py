"""Records as the bandwidth rule leaves them, and some that have everything."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence

import msgspec

from rulectl.state.identity import Identity, Owner
from rulectl.state.record import (
    Change,
    Failure,
    Finished,
    Fired,
    Owed,
    Record,
    RuleState,
    Run,
    Source,
    TargetRef,
    Tried,
)
from rulectl.state.store import Loaded
from rulectl.value import Value

CLUSTER = Identity("kube-system", "0b6e2f4e-uid", "5e7f1a2b3c4d5e6f", "the cluster of the tests")
OTHER_CLUSTER = Identity("kube-system", "77777777-uid", "ffffffffffffffff", "quite another cluster")
OWNER = Owner("rulectl", CLUSTER)

_INGRESS, _EGRESS = "kubernetes.io/ingress-bandwidth", "kubernetes.io/egress-bandwidth"


def record(uid: str = "uid-1", *, rule: str = "pod-bandwidth", number: int = 1, name: str = "web-0") -> Record:
    """A small one."""
    return Record(rule, uid, f"id-of-{uid}", "shop", name, settled=True, number=number)


def bandwidth_record(rng: random.Random) -> Record:
    """What a pod's bandwidth rule keeps of each pod."""
    ingress, egress = f"{rng.randint(1, 900)}M", f"{rng.randint(1, 900)}M"
    path = 'metadata.annotations."{}"'
    return Record(
        "pod-bandwidth",
        str(uuid.UUID(int=rng.getrandbits(128))),
        f"{rng.getrandbits(96):024x}",
        "shop",
        f"web-6d4cf56db6-{rng.getrandbits(20):05x}",
        resource_version=str(rng.randint(10**6, 10**8)),
        base={path.format(_INGRESS): ingress, path.format(_EGRESS): egress},
        old={"metadata": {"annotations": {_INGRESS: ingress, _EGRESS: egress}}},
        settled=True,
        when_held=True,
        number=rng.randint(1, 9),
        last_success=1.7e9 + rng.random() * 1e6,
        last_end=1.7e9 + rng.random() * 1e6,
    )


def full_record() -> Record:
    """One with a value in every field, and JSON of every kind in it."""
    value: Value = {"a": [1, 2.5, None, True, "ü\n", {}], "b": {"": []}}
    change = Change("spec.x", None, [1])
    target = TargetRef("t-1", "shop", "web", "failed")
    source = Source(
        "s-1", "shop", "a", 3, "resolve", "resolved", value, value, (change,), "cleared", 1.5, "recorded", 2.5
    )
    run = Run(
        7, "fire", "modified", 3.5, {"spec.x": [1]}, value, value, (change,), "left", 4.5, "recorded",
        {"push": {"status": 200}}, 3, 5.5, (target,), (source,), "it failed",
    )  # fmt: skip
    failure = Failure(
        "resync", 6, 6.5, "no", {"spec.x": 1}, value, value, "resync", "deleted", 7.5, "recorded", (target,), (source,)
    )
    made = Record(
        rule="everything", uid="u-1", id="i-1", namespace="shop", name="web", resource_version="42",
        base={"spec.x": value}, old=value, settled=True, when_held=True, number=7, owed=Owed("added", 8.5), run=run,
        tried=(Tried({"spec.x": 2}, value),), failed=failure, fired=Fired(value, 9.5, (target,)), muted=True,
        pending={"spec.x": None}, pending_since=10.5, true_since=11.5, false_since=12.5, seen_false=True,
        last_success=13.5, last_end=14.5, gone=True, held=True, is_target=True, waiting=(source,),
        finished=(Finished("s-1", 3, "because"),), known_paths=("spec.x",),
    )  # fmt: skip
    return _filled(made)


def _filled(made: Record) -> Record:
    """Also in fields that are newer than this file."""
    fillings: dict[type, Value] = {bool: True, str: "x", float: 1.5, int: 2, tuple: ("x",)}
    defaults = Record.__struct_defaults__
    left = {
        name: fillings[type(default)]
        for name, default in zip(Record.__struct_fields__[-len(defaults) :], defaults, strict=True)
        if getattr(made, name) == default and type(default) in fillings
    }
    return msgspec.structs.replace(made, **left)


def rule_state(rule: str = "pod-bandwidth", *scopes: str) -> RuleState:
    """What is kept of a rule."""
    return RuleState(rule, digest="d1", scope_digest="s1", scopes=scopes, paths=("spec.x",))


def content(loaded: Loaded) -> tuple[dict[tuple[str, str], Record], dict[str, RuleState]]:
    """What was loaded, without its order."""
    records = {(one.rule, one.uid): one for one in loaded.records}
    assert len(records) == len(loaded.records), "a record came twice"
    return records, {one.rule: one for one in loaded.rules}


def by_uid(records: Sequence[Record]) -> dict[str, Record]:
    """Records of one rule."""
    return {one.uid: one for one in records}
