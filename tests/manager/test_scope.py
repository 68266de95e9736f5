"""Which namespaces a rule is about."""

from __future__ import annotations

from typing import Any

import pytest

from rulectl.clock import VirtualClock
from rulectl.fields import tree_of
from rulectl.informer.informer import SharedInformer
from rulectl.informer.reflector import Target
from rulectl.manager.scope import Namespaces
from rulectl.plan.model import Selection
from rulectl.resource import Kind
from rulectl.sandbox.sandbox import Sandbox
from rulectl.testing.cluster import Cluster
from rulectl.testing.transport import InProcessTransport
from tests.scenarios.objects import NAMESPACE

PODS = Kind("v1", "Pod")


def scope(namespaced: bool = True, **select: Any) -> Namespaces:
    return Namespaces(Selection(PODS, **select), namespaced, None, lambda _name: None)


@pytest.mark.parametrize(
    ("select", "inside", "outside"),
    [
        pytest.param({}, ["shop", "kube-system"], [], id="all"),
        pytest.param({"namespaces": ("shop", "web")}, ["shop", "web"], ["kube-system", "shop2"], id="named"),
        pytest.param({"exclude_namespaces": ("kube-*", "tmp")}, ["shop"], ["kube-system", "tmp"], id="but for globs"),
        pytest.param(
            {"namespaces": ("shop", "kube-x"), "exclude_namespaces": ("kube-*",)}, ["shop"], ["kube-x"], id="both"
        ),
    ],
)
def test_names_and_globs(select: dict[str, Any], inside: list[str], outside: list[str]) -> None:
    found = scope(**select)
    assert [found.matches(name) for name in inside] == [True] * len(inside)
    assert [found.matches(name) for name in outside] == [False] * len(outside)


def test_objects_without_a_namespace_are_always_in_scope() -> None:
    assert scope(namespaced=False, namespaces=("shop",)).matches("") is True


class Followed:
    """A scope chosen by label, over an API server in memory; `moved` are the namespaces that came or left."""

    def __init__(self) -> None:
        clock = VirtualClock()
        self.sandbox = Sandbox(clock=clock, seed=1)
        self.cluster = Cluster(self.sandbox.api)
        transport = InProcessTransport(self.sandbox.api, clock)
        self.informer = SharedInformer(transport, clock, Target(NAMESPACE), tree=tree_of("metadata", "labels"))
        self.moved: list[str] = []
        select = Selection(PODS, namespace_selector="team=a", exclude_namespaces=("kube-*",))
        self.scope = Namespaces(select, True, self.informer, self.moved.append)
        self.informer.add_handler(self.scope.on_notice)

    def label(self, name: str, **labels: str | None) -> None:
        self.cluster.patch(NAMESPACE, name, {"metadata": {"labels": dict(labels)}})
        self.settle()

    def settle(self) -> None:
        while self.informer.step():
            pass


def test_before_the_namespaces_are_listed_nothing_is_known_of_a_selected_scope() -> None:
    followed = Followed()
    assert followed.scope.matches("default") is None
    assert followed.scope.matches("kube-system") is False


def test_a_namespace_is_followed_in_and_out_of_a_selected_scope() -> None:
    followed = Followed()
    followed.settle()
    assert (followed.scope.matches("default"), followed.moved) == (False, [])
    followed.label("default", team="a")
    assert (followed.scope.matches("default"), followed.moved) == (True, ["default"])
    followed.label("default", other="x")
    assert followed.moved == ["default"]
    followed.label("default", team="b")
    assert (followed.scope.matches("default"), followed.moved) == (False, ["default", "default"])


def test_a_namespace_that_is_not_there_is_not_in_a_selected_scope() -> None:
    followed = Followed()
    followed.settle()
    assert followed.scope.matches("never") is False
