"""How much CPU `rulectl validate` takes for one file and for a thousand: python -m tests.benchmarks.validate.

Wanted: 1,000 files under 2 s, one file under 300 ms, the help under 150 ms, on a machine that is otherwise idle. All
rules differ in names, labels, fields, expressions and texts; a tenth of them have faults.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

FILES = 1000
ROUNDS = 5
PROGRAM = [sys.executable, "-c", "import sys; from rulectl.cli.main import main; sys.exit(main())"]
WATCHES = (
    ("v1", "Pod", "spec.nodeName", "status.phase == 'Running'"),
    ("apps/v1", "Deployment", "spec.replicas", "spec.replicas > `{n}`"),
    ("v1", "ConfigMap", "data", "metadata.name != 'c-{n}'"),
    ("v1", "Service", "spec.type", "spec.type == 'LoadBalancer'"),
)
CHANGED = """\
apiVersion: rulectl.dev/v1alpha1
kind: Rule
metadata:
  name: rule-{n}
  annotations: {{rulectl.dev/description: Rule number {n}.}}
spec:
  watch: {{apiVersion: {version}, kind: {kind}, excludeNamespaces: [kube-*], fieldSelector: metadata.name=a{n}}}
  events: [added, modified]
  changed:
    annotations: [example.com/key-{n}]
    fields: [{field}]
  when:
  - object.{term}
  - "!contains(object.metadata.name, 'skip-{n}')"
  let: {{limit: "annotation(object, 'example.com/key-{n}') || '{n}'"}}
  cooldown: 10m
  actions:
  - name: push
    if: let.limit
    timeout: 10s
    retry: {{attempts: 5, initialDelay: 1s, maxDelay: 1m}}
    http:
      method: PUT
      url: https://example.com/{n}/${{{{ object.metadata.namespace }}}}/${{{{ object.metadata.name }}}}
      json: {{limit: "${{{{ let.limit }}}}", was: "${{{{ annotation(old, 'example.com/key-{n}') }}}}", rule: {n}}}
  - label: {{set: {{example.com/seen-{n}: "true"}}}}
"""
CONDITION = """\
apiVersion: rulectl.dev/v1alpha1
kind: Rule
metadata: {{name: rule-{n}}}
spec:
  watch: {{apiVersion: {version}, kind: {kind}}}
  when:
  - any:
    - object.{term}
    - label(object, 'tier-{n}') == 'web'
  for: 5m
  actions:
  - event: {{type: Warning, reason: Seen, message: "seen {n}: ${{{{ object.metadata.name }}}} since ${{{{ {n} }}}}"}}
  resolved:
  - annotate: {{remove: [example.com/since-{n}]}}
"""


def rule(number: int) -> str:
    """The text of one rule."""
    version, kind, field, term = WATCHES[number % len(WATCHES)]
    text = (CONDITION if number % 3 == 0 else CHANGED).format(
        n=number, version=version, kind=kind, field=field, term=term.format(n=number)
    )
    text = text.replace(f"${{{{ {number} }}}}", "${{ object.metadata.creationTimestamp }}")
    return text.replace("cooldown: 10m", "cooldwn: 10 minutes") if number % 10 == 1 else text


def cpu_seconds(arguments: list[str], rounds: int = ROUNDS) -> float:
    """The least CPU time that a process with these arguments took."""
    best = float("inf")
    for _ in range(rounds):
        before = _children()
        done = subprocess.run(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        if done.returncode not in {0, 1}:
            raise SystemExit(done.stderr.decode())
        best = min(best, _children() - before)
    return best


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measures and tells."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as other:
        for number in range(FILES):
            (Path(folder) / f"rule-{number:04}.yaml").write_text(rule(number))
        one = str(Path(other) / "rule.yaml")  # alone: beside others it is looked whether they hold its defaults
        Path(one).write_text(rule(2))
        print(f"python -c pass        {cpu_seconds([sys.executable, '-c', 'pass']) * 1000:7.0f} ms")
        print(f"rulectl --help        {cpu_seconds([*PROGRAM, '--help']) * 1000:7.0f} ms (under 150)")
        print(f"validate 1 file       {cpu_seconds([*PROGRAM, 'validate', one]) * 1000:7.0f} ms (under 300)")
        print(f"validate {FILES} files  {cpu_seconds([*PROGRAM, 'validate', folder], 2) * 1000:7.0f} ms (under 2000)")


if __name__ == "__main__":
    main()
