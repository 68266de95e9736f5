"""Whether an object is one that a rule watches at all: kind, namespace, labels, fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from rulectl.check.rbac.need import NAMESPACE, is_cluster_scoped
from rulectl.check.why.finding import Finding, answered
from rulectl.check.why.scope import Listed
from rulectl.check.why.show import Show
from rulectl.kube.selector import LabelSelector
from rulectl.plan.model import Selection
from rulectl.value import Value, mapping, text


@dataclass(frozen=True, slots=True)
class Place:
    """Judges the scope of one watch."""

    select: Selection
    listed: Listed
    show: Show

    def judge(self, obj: Value) -> list[Finding]:
        """A finding for each thing that the watch asks for."""
        return list(self._findings(mapping(obj)))

    def _findings(self, obj: dict[str, Value] | object) -> Iterator[Finding]:
        select, whole = self.select, mapping(obj)
        metadata = mapping(whole.get("metadata"))
        api_version, kind = text(whole.get("apiVersion")), text(whole.get("kind"))
        fits = (kind or select.kind.kind, api_version or select.kind.api_version)
        is_kind = fits == (select.kind.kind, select.kind.api_version)
        detail = "" if is_kind else f"it is {api_version} {kind}".rstrip()
        yield Finding(f"its kind is {select.kind}", answered(is_kind), detail)
        namespace = text(metadata.get("namespace"))
        if not is_cluster_scoped(select.kind):
            yield from self._namespace(namespace)
        if select.label_selector:
            labels = mapping(metadata.get("labels"))
            for requirement in LabelSelector.parse(select.label_selector).requirements:
                detail = f"{requirement.key} is {self.show(labels.get(requirement.key))}"
                yield Finding(f"label {requirement}", answered(requirement.matches(labels)), detail)
        for term in filter(None, (term.strip() for term in select.field_selector.split(","))):
            yield self._field(term, whole)

    def _namespace(self, namespace: str) -> Iterator[Finding]:
        select, detail = self.select, f"it is in {namespace or 'none'}"
        if select.namespaces:
            is_in = namespace in select.namespaces
            yield Finding(f"in {' or '.join(select.namespaces)}", answered(is_in), "" if is_in else detail)
        for glob in select.exclude_namespaces:
            is_in = not fnmatchcase(namespace, glob)
            yield Finding(f"not in {glob}", answered(is_in), "" if is_in else detail)
        if select.namespace_selector is not None:
            title = f"in a namespace with {select.namespace_selector}"
            listed = self.listed(NAMESPACE)
            found = [one for one in listed or () if text(mapping(one.get("metadata")).get("name")) == namespace]
            if not found:
                yield Finding(title, "unknown", f"the labels of namespace {namespace} are not known")
                return
            labels = mapping(mapping(found[0].get("metadata")).get("labels"))
            matches = LabelSelector.parse(select.namespace_selector).matches(labels)
            yield Finding(title, answered(matches), f"its labels are {self.show(labels)}")

    def _field(self, term: str, obj: object) -> Finding:
        path, _, wanted = term.partition("=")
        is_not = path.endswith("!")
        value: Value = mapping(obj)
        for name in path.rstrip("!").strip().split("."):
            value = mapping(value).get(name)
        same = ("" if value is None else value) == wanted.lstrip("=").strip()
        return Finding(f"field {term}", answered(same != is_not), f"{path.rstrip('!')} is {self.show(value)}")
