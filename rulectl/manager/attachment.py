"""Bringing one rule to life: its informers, caches, queue and reconciler."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from rulectl.clock import Clock
from rulectl.controller.cache import Cache
from rulectl.controller.controller import LOW, Controller, QueueKey, TargetKey
from rulectl.controller.editing import loaded
from rulectl.controller.evaluation import Evaluator
from rulectl.controller.execution import Toolbox
from rulectl.controller.faults import Faults
from rulectl.controller.idle import Glance, Idle
from rulectl.controller.intake import Intake
from rulectl.controller.limits import Limiter
from rulectl.controller.lookup import Lookups
from rulectl.controller.orders import Orders
from rulectl.controller.panel import Panel
from rulectl.controller.performance import Performance
from rulectl.controller.reconciler import Reconciler
from rulectl.controller.recording import Recording
from rulectl.controller.suspects import Suspects
from rulectl.controller.targets import Targets
from rulectl.fields import FieldTree, tree_of
from rulectl.informer.change import Notice, Relisted
from rulectl.informer.factory import InformerFactory
from rulectl.informer.informer import SharedInformer
from rulectl.informer.reflector import Target
from rulectl.manager.caches import InformerCache, ScopedCache
from rulectl.manager.own import IsOwn
from rulectl.manager.scope import ALL, Namespaces
from rulectl.plan.model import RulePlan
from rulectl.resource import Kind, ObjectKey, Resource
from rulectl.state.ledger import Ledger
from rulectl.state.record import RuleState
from rulectl.workqueue import WorkQueue

NAMESPACE = Kind("v1", "Namespace")
_NAMESPACE_TREE = tree_of("metadata", "labels")
_OWN_TREE = tree_of("metadata", "labels") | tree_of("reportingController") | tree_of("reportingComponent")


@dataclass(slots=True)
class Attached:
    """A rule at work. `targets` are the watches it needs, for health and for letting go of them."""

    rule: RulePlan
    controller: Controller
    informers: tuple[SharedInformer, ...]
    said: str = ""
    """The problem of its informers that was reported last."""


@dataclass(slots=True)
class Attacher:
    """Attaches rules. One thread at a time."""

    factory: InformerFactory
    ledger: Ledger
    tools: Toolbox
    clock: Clock
    rng: random.Random
    digest_key: bytes
    """Under which digests of Secrets are recorded."""
    is_own: IsOwn
    on_ready: Callable[[], None]
    glance: Glance = field(default_factory=Glance)
    _panels: dict[Target, Panel] = field(default_factory=dict)
    _served: dict[Kind, Resource] = field(default_factory=dict)

    def kinds_of(self, rule: RulePlan) -> list[Kind]:
        """Every kind that must be served before the rule can start."""
        kinds = [rule.select.kind, *(lookup.kind for lookup in rule.lookups)]
        if rule.for_each is not None:
            kinds.append(rule.for_each.kind)
        if rule.select.namespace_selector is not None:
            kinds.append(NAMESPACE)
        return list(dict.fromkeys(kinds))

    def attach(self, rule: RulePlan, served: Mapping[Kind, Resource]) -> Attached:
        """Starts watching for the rule; its queue fills as lists come in."""
        watched = served[rule.select.kind]
        mains = self._main_informers(rule, watched)
        lookups = {lookup.name: self._whole(served[lookup.kind], lookup.tree) for lookup in rule.lookups}
        target = None
        if rule.for_each is not None:
            target = self._whole(served[rule.for_each.kind], rule.for_each.tree)
        spaces = None
        if rule.select.namespace_selector is not None:
            spaces = self._whole(served[NAMESPACE], _NAMESPACE_TREE)
        namespaces = Namespaces(rule.select, watched.namespaced, spaces, lambda _name: None)
        is_selected = bool(rule.select.label_selector or rule.select.field_selector)
        cache = ScopedCache(watched, mains, namespaces.matches, self.is_own.of(watched), is_selected)
        controller = self._controller(rule, cache, {n: InformerCache(i) for n, i in lookups.items()}, target, served)
        namespaces.on_change = _NamespaceMoves(rule, controller, cache)
        if spaces is not None:
            spaces.add_handler(namespaces.on_notice)
        for name, informer in lookups.items():
            informer.add_handler(_on_lookup(controller, name))
        if target is not None:
            target.add_handler(controller.on_target)
        needed = (*lookups.values(), *([target] if target else []))
        controller.start(set(mains), lambda: any(informer.health().reason == "listing" for informer in needed))
        for scope, informer in mains.items():
            seat = self._panels.setdefault(informer.target, Panel(self.glance)).join(controller)
            informer.add_handler(_on_notice(controller, scope), tree=rule.judged_by | rule.recorded, seat=seat)
        if spaces is not None:
            mains[ALL].add_handler(_on_first_list(namespaces.on_change, spaces))
        others = [*needed, *([spaces] if spaces else [])]
        return Attached(rule, controller, (*mains.values(), *others))

    def _main_informers(self, rule: RulePlan, watched: Resource) -> dict[str, SharedInformer]:
        names = rule.select.namespaces if watched.namespaced and rule.select.namespaces else (ALL,)
        tree = rule.tree | rule.judged_by | rule.recorded
        if self.is_own.may_be(watched):
            tree = tree | _OWN_TREE
        return {
            name: self.factory.informer(
                Target(watched, "" if name == ALL else name, rule.select.label_selector, rule.select.field_selector),
                tree,
            )
            for name in names
        }

    def _whole(self, resource: Resource, tree: FieldTree) -> SharedInformer:
        return self.factory.informer(Target(resource), tree)

    def _controller(
        self,
        rule: RulePlan,
        cache: ScopedCache,
        lookups: Mapping[str, Cache],
        target: SharedInformer | None,
        served: Mapping[Kind, Resource],
    ) -> Controller:
        queue: WorkQueue[QueueKey] = WorkQueue(self.clock, rule.name)
        evaluator = Evaluator(rule, Lookups(lookups))
        faults = Faults(rule.name, self.tools.report)
        limiter = Limiter(rule.limits)
        target_resource = served[rule.for_each.kind] if rule.for_each is not None else None
        recording = Recording.of(rule, self.digest_key)
        rule = dataclasses.replace(rule, watched=recording.watched(rule.watched))
        performance = Performance(
            rule, cache.watched, target_resource, evaluator, self.ledger, self.tools, faults, recording, self.rng
        )
        state = self._remembered(rule)
        holder: list[Controller] = []
        intake = Intake(frozenset(state.scopes), lambda scope: holder[0].complete(scope))  # noqa: PLW0108 - the controller comes later

        def wake_source(key: ObjectKey) -> None:
            holder[0].enqueue(key)

        def wake_target(uid: str) -> None:
            holder[0].enqueue(TargetKey(uid))

        targets = Targets(
            rule=rule,
            cache=None if target is None else InformerCache(target),
            ledger=self.ledger,
            evaluator=evaluator,
            performance=performance,
            limiter=limiter,
            wake_target=wake_target,
            wake_source=wake_source,
            rng=self.rng,
        )
        reconciler = Reconciler(
            rule=rule,
            cache=cache,
            ledger=self.ledger,
            evaluator=evaluator,
            targets=targets,
            intake=intake,
            tools=self.tools,
            performance=performance,
            limiter=limiter,
            faults=faults,
            orders=Orders(),
            recording=recording,
            rng=self.rng,
        )
        suspects = Suspects(rule, cache.watched, self.ledger, intake, self.tools.kube, self.tools.report)
        idle = Idle.of(evaluator, self.ledger, self.glance)
        controller = Controller(rule, queue, intake, reconciler, suspects, self.clock, self.on_ready, idle)
        holder.append(controller)
        return controller

    def _remembered(self, rule: RulePlan) -> RuleState:
        """What is known of the rule, after what an edit of it makes of its records."""
        records = self.ledger.of_rule(rule.name)
        named = rule.select.namespaces
        edits = loaded(rule, self.ledger.rule(rule.name), records, lambda n: not named or n in named, self.clock.now())
        if edits:
            self.ledger.write(edits, durable=True)
        return self.ledger.rule(rule.name) or RuleState(rule.name)


@dataclass(frozen=True, slots=True)
class _NamespaceMoves:
    """A namespace came into a rule's scope, or left it: all of its objects are looked at."""

    rule: RulePlan
    controller: Controller
    cache: ScopedCache

    def __call__(self, namespace: str) -> None:
        controller = self.controller
        if self.cache.is_in(namespace) and ALL in controller.intake.listed_scopes():
            # Objects of a namespace that is new to the rule are existing ones, those of a known one are added.
            for found in self.cache.select(namespace):
                controller.intake.initial(namespace, found.key)
            controller.intake.listed(namespace)
        for informer in self.cache.informers.values():
            for found in informer.lister.list(namespace):
                controller.enqueue(found.key, LOW)
        for record in controller.reconciler.ledger.of_rule(self.rule.name):
            if record.namespace == namespace and not record.is_target:
                controller.enqueue(record.key, LOW)


def _on_notice(controller: Controller, scope: str) -> Callable[..., None]:
    return lambda notice: controller.on_notice(scope, notice)


def _on_first_list(look_at: Callable[[str], None], spaces: SharedInformer) -> Callable[..., None]:
    """Has the objects of every namespace looked at once they are listed: which list comes first is all the same."""

    def on_notice(notice: Notice) -> None:
        if isinstance(notice, Relisted) and notice.initial:
            for namespace in spaces.lister.list():
                look_at(namespace.key.name)

    return on_notice


def _on_lookup(controller: Controller, name: str) -> Callable[..., None]:
    return lambda notice: controller.on_lookup(name, notice)
