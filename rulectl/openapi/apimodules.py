"""The source of the Python client's API modules -> rows of discovery. Used by the build script alone."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from rulectl.value import Value, mapping, text

_REQUEST = re.compile(r"method='([A-Z]+)',\s*resource_path='([^']+)'", re.DOTALL)
_FUNCTION = re.compile(r"^    def (\w+)\(", re.MULTILINE)
_RESULT = re.compile(r"^    \) -> ([\w\[\], ]+):", re.MULTILINE)
_BODY = re.compile(r"^        body: (?:Annotated\[)?(\w+)", re.MULTILINE)
_MODEL = re.compile(r"^(?:[A-Z][a-z]+)*?(V\d+(?:(?:alpha|beta)\d+)?)([A-Z]\w*)$")
_PATH = re.compile(
    r"^/(?:api|apis/(?P<group>[^/]+))/(?P<version>v\d\w*)(?P<space>/namespaces/\{namespace\})?"
    r"/(?P<plural>[a-z]+)(?P<item>/\{name\}(?:/(?P<sub>[a-z]+))?)?$"
)
_NO_OBJECTS = frozenset({"exec", "attach", "portforward", "proxy", "log"})
_VERBS = {
    ("GET", False): ("list", "watch"),
    ("POST", False): ("create",),
    ("DELETE", False): ("deletecollection",),
    ("GET", True): ("get",),
    ("POST", True): ("create",),
    ("PUT", True): ("update",),
    ("PATCH", True): ("patch",),
    ("DELETE", True): ("delete",),
}

SHORT_NAMES = {
    ("", "componentstatuses"): ("cs",),
    ("", "configmaps"): ("cm",),
    ("", "endpoints"): ("ep",),
    ("", "events"): ("ev",),
    ("", "limitranges"): ("limits",),
    ("", "namespaces"): ("ns",),
    ("", "nodes"): ("no",),
    ("", "persistentvolumeclaims"): ("pvc",),
    ("", "persistentvolumes"): ("pv",),
    ("", "pods"): ("po",),
    ("", "replicationcontrollers"): ("rc",),
    ("", "resourcequotas"): ("quota",),
    ("", "serviceaccounts"): ("sa",),
    ("", "services"): ("svc",),
    ("apiextensions.k8s.io", "customresourcedefinitions"): ("crd", "crds"),
    ("apps", "daemonsets"): ("ds",),
    ("apps", "deployments"): ("deploy",),
    ("apps", "replicasets"): ("rs",),
    ("apps", "statefulsets"): ("sts",),
    ("autoscaling", "horizontalpodautoscalers"): ("hpa",),
    ("batch", "cronjobs"): ("cj",),
    ("certificates.k8s.io", "certificatesigningrequests"): ("csr",),
    ("events.k8s.io", "events"): ("ev",),
    ("networking.k8s.io", "ingresses"): ("ing",),
    ("networking.k8s.io", "ipaddresses"): ("ip",),
    ("networking.k8s.io", "networkpolicies"): ("netpol",),
    ("policy", "poddisruptionbudgets"): ("pdb",),
    ("scheduling.k8s.io", "priorityclasses"): ("pc",),
    ("storage.k8s.io", "storageclasses"): ("sc",),
    ("storage.k8s.io", "volumeattributesclasses"): ("vac",),
}
"""What people type for short; the client's modules do not have it."""

ALL = frozenset(
    {
        ("", "pods"),
        ("", "replicationcontrollers"),
        ("", "services"),
        ("apps", "daemonsets"),
        ("apps", "deployments"),
        ("apps", "replicasets"),
        ("apps", "statefulsets"),
        ("autoscaling", "horizontalpodautoscalers"),
        ("batch", "cronjobs"),
        ("batch", "jobs"),
    }
)
"""The resources of ``kubectl get all``."""

_EXTENSIONS = frozenset(
    {
        ("admissionregistration.k8s.io", plural)
        for plural in (
            "mutatingadmissionpolicies",
            "mutatingadmissionpolicybindings",
            "mutatingwebhookconfigurations",
            "validatingadmissionpolicies",
            "validatingadmissionpolicybindings",
            "validatingwebhookconfigurations",
        )
    }
    | {("apiextensions.k8s.io", "customresourcedefinitions"), ("apiregistration.k8s.io", "apiservices")}
)
_UNWATCHED = frozenset({("", "componentstatuses")})


@dataclass(slots=True)
class _Requests:
    namespaced: bool = False
    verbs: set[str] = field(default_factory=set)
    models: list[tuple[str, str]] = field(default_factory=list)
    """(method, model) of requests to one object or that make one."""


def resources(modules: Mapping[str, str], definitions: Mapping[str, Value]) -> list[Value]:
    """Rows of discovery, in order of group, version and plural.

    `modules`: source by module name. `definitions`: the trimmed definitions, to find a model's kind.
    """
    found: dict[tuple[str, str, str], dict[str, _Requests]] = defaultdict(lambda: defaultdict(_Requests))
    for source in modules.values():
        for method, path, model in requests(source):
            match = _PATH.match(path)
            if match is None or match["sub"] in _NO_OBJECTS:
                continue
            row = found[match["group"] or "", match["version"], match["plural"]][match["sub"] or ""]
            row.namespaced = row.namespaced or match["space"] is not None
            row.verbs.update(_VERBS.get((method, match["item"] is not None), ()))
            if match["item"] is not None or method == "POST":
                row.models.append((method, model))
    kinds = _kinds(definitions)
    return [_row(key, found[key], kinds) for key in sorted(found) if "" in found[key]]


def requests(source: str) -> list[tuple[str, str, str]]:
    """(HTTP method, path, model sent or answered) of every call in a module."""
    starts = [(match.start(), match[1]) for match in _FUNCTION.finditer(source)]
    parts = {
        name: source[start : starts[index + 1][0] if index + 1 < len(starts) else len(source)]
        for index, (start, name) in enumerate(starts)
    }
    result = []
    for name, part in parts.items():
        request = _REQUEST.search(part)
        public = parts.get(name.removeprefix("_").removesuffix("_serialize"))
        if request is None or public is None:
            continue
        body, answer = _BODY.search(public), _RESULT.search(public)
        sent = body[1] if body and request[1] == "POST" else ""
        result.append((request[1], request[2], sent or (answer[1] if answer else "")))
    return result


def _kinds(definitions: Mapping[str, Value]) -> dict[tuple[str, str], list[tuple[str, str]]]:
    kinds: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for schema in definitions.values():
        marks = mapping(schema).get("x-kubernetes-group-version-kind")
        if isinstance(marks, list) and len(marks) == 1:
            mark = mapping(marks[0])
            group, version, kind = text(mark["group"]), text(mark["version"]), text(mark["kind"])
            kinds[version.lower(), kind].append((group, version))
    return kinds


def _row(
    key: tuple[str, str, str],
    parts: Mapping[str, _Requests],
    kinds: Mapping[tuple[str, str], list[tuple[str, str]]],
) -> dict[str, Value]:
    group, _, plural = key
    own = parts[""]
    api_version, kind = _kind(own, key, kinds)
    verbs = own.verbs - ({"watch"} if (group, plural) in _UNWATCHED else set())
    row: dict[str, Value] = {
        "apiVersion": api_version,
        "kind": kind,
        "plural": plural,
        "singular": kind.lower(),
        "namespaced": own.namespaced,
        "verbs": sorted(verbs),
    }
    categories = (["all"] if (group, plural) in ALL else []) + (
        ["api-extensions"] if (group, plural) in _EXTENSIONS else []
    )
    if categories:
        row["categories"] = categories
    if (group, plural) in SHORT_NAMES:
        row["shortNames"] = list(SHORT_NAMES[group, plural])
    below: list[Value] = []
    for name in sorted(parts.keys() - {""}):
        sub_version, sub_kind = _kind(parts[name], key, kinds)
        below.append({"name": name, "apiVersion": sub_version, "kind": sub_kind, "verbs": sorted(parts[name].verbs)})
    if below:
        row["subresources"] = below
    return row


def _kind(
    requests_of_it: _Requests,
    key: tuple[str, str, str],
    kinds: Mapping[tuple[str, str], list[tuple[str, str]]],
) -> tuple[str, str]:
    group, version, plural = key
    for _, model in sorted(requests_of_it.models, key=lambda pair: pair[0] == "DELETE"):
        match = _MODEL.match(model)
        if match is None:
            continue
        places = kinds.get((match[1].lower(), match[2]), [])
        best = (group, version) if (group, version) in places else places[0] if places else None
        if best is not None:
            return (f"{best[0]}/{best[1]}" if best[0] else best[1]), match[2]
    raise ValueError(f"{group}/{version} {plural}: no kind found for it; the client's modules have a new form")
