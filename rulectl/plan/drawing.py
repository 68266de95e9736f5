"""A described plan as text for people, and as a graph for dot and mermaid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rulectl.value import Value, encode, mapping, text


def plan_text(described: Mapping[str, Value]) -> str:
    """The plan as indented text: informers first, then rules. Ends with a line break."""
    if not _list(described, "rules"):
        return "no rules\n"
    lines = ["Informers"]
    for informer in _each(described, "informers"):
        users = ", ".join(f"{text(user.get('rule'))} ({text(user.get('for'))})" for user in _each(informer, "usedBy"))
        lines += ["", f"  {_selection(informer)}", f"    used by  {users}"]
        lines += _column("keeps", [str(path) for path in _list(informer, "keeps")])
    lines += ["", "Rules"]
    for rule in _each(described, "rules"):
        lines += ["", *_rule_lines(rule)]
    return "\n".join(lines) + "\n"


def plan_dot(described: Mapping[str, Value]) -> str:
    """The plan as a graph in Graphviz's language: informer -> rule -> action."""
    lines = ["digraph rulectl {", "  rankdir=LR;", "  node [shape=box];"]
    graph = _graph(described)
    lines += [f"  {node} [label={_quoted(label)}];" for node, label in graph.nodes.items()]
    lines += [
        f"  {edge.start} -> {edge.end}" + (f" [label={_quoted(edge.label)}];" if edge.label else ";")
        for edge in graph.edges
    ]
    return "\n".join([*lines, "}"]) + "\n"


def plan_mermaid(described: Mapping[str, Value]) -> str:
    """The same graph in mermaid's language."""
    graph = _graph(described)
    lines = ["flowchart LR"]
    lines += [f"  {node}[{_quoted(label)}]" for node, label in graph.nodes.items()]
    lines += [f"  {edge.start} -->{f'|{edge.label}|' if edge.label else ''} {edge.end}" for edge in graph.edges]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class _Edge:
    start: str
    end: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class _Graph:
    nodes: Mapping[str, str]
    edges: tuple[_Edge, ...]


def _graph(described: Mapping[str, Value]) -> _Graph:
    rules = list(_each(described, "rules"))
    node_of = {text(rule.get("name")): f"rule{index}" for index, rule in enumerate(rules)}
    nodes: dict[str, str] = {}
    edges: list[_Edge] = []
    for index, informer in enumerate(_each(described, "informers")):
        nodes[f"informer{index}"] = _selection(informer)
        for user in _each(informer, "usedBy"):
            purpose = text(user.get("for"))
            label = "" if purpose == "watch" else purpose
            edges.append(_Edge(f"informer{index}", node_of[text(user.get("rule"))], label))
    for rule in rules:
        node = node_of[text(rule.get("name"))]
        nodes[node] = text(rule.get("name"))
        for part in ("actions", "resolved"):
            for number, action in enumerate(_each(rule, part)):
                nodes[f"{node}_{part}{number}"] = _named(action)
                edges.append(_Edge(node, f"{node}_{part}{number}", "" if part == "actions" else part))
    return _Graph(nodes, tuple(edges))


def _rule_lines(rule: Mapping[str, Value]) -> Iterator[str]:
    state = "".join(f" [{word}]" for word in _states(rule))
    yield f"  {text(rule.get('name'))} ({text(rule.get('file'))}:{rule.get('line')}){state}"
    if "description" in rule:
        yield f"    {text(rule.get('description'))}"
    watch = _selection(mapping(rule.get("watch")))
    yield f"    {'watches':<9}{watch}, {_joined(rule, 'events')}, existing: {rule.get('existing')}"
    yield from _column("changed", [_short(item) for item in _list(rule, "changed")])
    yield from _column("when", [_short(item) for item in _list(rule, "when")])
    for key in ("for", "since", "forEach"):
        if key in rule:
            yield f"    {key:<9}{_short(rule[key])}"
    for key in ("lookup", "let"):
        yield from _column(key, [f"{name}: {_short(part)}" for name, part in mapping(rule.get(key)).items()])
    queue = mapping(rule.get("queue"))
    yield from _column("queue", [f"{name}: {_queue_part(part)}" for name, part in queue.items()])
    yield from _column("actions", [_named(action) for action in _each(rule, "actions")])
    after = f" after {rule['resolvedFor']}" if "resolvedFor" in rule else ""
    yield from _column("resolved", [f"{_named(action)}{after}" for action in _each(rule, "resolved")])
    yield from _column("records", [str(path) for path in _list(rule, "records")])


def _queue_part(value: Value) -> str:
    if not isinstance(value, Mapping):
        return _short(value)
    attempts = value.get("attempts")  # of a retry policy
    times = f"{attempts} attempt{'' if attempts == 1 else 's'}" if isinstance(attempts, int) else str(attempts)
    return f"{times}, {value.get('initialDelay')} to {value.get('maxDelay')} apart"


def _states(rule: Mapping[str, Value]) -> Iterator[str]:
    if rule.get("enabled") is False:
        yield "off by enabledIf"
    if rule.get("mode") == "audit":
        yield "audit"


def _selection(informer: Mapping[str, Value]) -> str:
    parts = [f"{text(informer.get('apiVersion'))} {text(informer.get('kind'))}"]
    if "namespaces" in informer:
        parts.append(f"in {_joined(informer, 'namespaces')}")
    if "namespaceSelector" in informer:
        parts.append(f"in namespaces with {text(informer.get('namespaceSelector'))}")
    if "excludeNamespaces" in informer:
        parts.append(f"not in {_joined(informer, 'excludeNamespaces')}")
    selectors = [text(informer[key]) for key in ("labelSelector", "fieldSelector") if key in informer]
    return " ".join([*parts, *(f"[{selector}]" for selector in selectors)])


def _named(action: Mapping[str, Value]) -> str:
    name, kind = text(action.get("name")), text(action.get("action"))
    return kind if name == kind else f"{name}: {kind}"


def _column(title: str, items: list[str]) -> list[str]:
    return [f"    {title if index == 0 else '':<9}{item}" for index, item in enumerate(items)]


def _short(value: Value) -> str:
    return value if isinstance(value, str) else encode(value).decode()


def _joined(owner: Mapping[str, Value], key: str) -> str:
    return ", ".join(str(item) for item in _list(owner, key))


def _list(owner: Mapping[str, Value], key: str) -> list[Value]:
    value = owner.get(key)
    return list(value) if isinstance(value, list) else []


def _each(owner: Mapping[str, Value], key: str) -> list[Mapping[str, Value]]:
    return [mapping(item) for item in _list(owner, key)]


def _quoted(label: str) -> str:
    return '"' + label.replace("\\", "\\\\").replace('"', "'") + '"'
