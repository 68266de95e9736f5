"""rulectl: YAML rules in, a Kubernetes controller out.

One Pod update, from the socket to the action; read the files in this order:

1. `rulectl.kube.urllib3_transport`: the bytes of one watch stream
2. `rulectl.kube.frames`: bytes to lines to events, decoding only the fields that rules read
3. `rulectl.informer.machine`: list, watch, resume, list again: a pure state machine
4. `rulectl.informer.reflector`: the thread around it
5. `rulectl.informer.informer`: the store, and who is told of a change
6. `rulectl.controller.controller`: which rules care about the change, and their queues
7. `rulectl.workqueue.queue`: keyed, deduplicating, delayed, by priority
8. `rulectl.controller.pool`: the workers
9. `rulectl.controller.reconciler`: one key: look, decide, write the intent, act, write what came of it
10. `rulectl.controller.changed` and `rulectl.controller.condition`: the decisions
11. `rulectl.state.ledger`: the records, and the store that makes them last
12. `rulectl.controller.performance` and `rulectl.controller.execution`: the actions of a run, in order
13. `rulectl.action.builtin.http`: one action

One rule, from the file to the plan:

1. `rulectl.rule.document`: YAML nodes with line and column
2. `rulectl.rule.schema`: their shape, by JSON Schema
3. `rulectl.rule.model`: the rule as it is written
4. `rulectl.expression`: JMESPath, compiled, with the fields it reads
5. `rulectl.predicate.watched` and `rulectl.predicate.term`: watched values, terms
6. `rulectl.action.registry`: the plugins and their parameters
7. `rulectl.plan.compiler`: everything joined
8. `rulectl.plan.model`: what the controller runs by
9. `rulectl.manager.builder`: from the plan to an engine at work
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rulectl.version import __version__

__all__ = ["__version__", "load"]


def load(paths: Iterable[str | Path], *, environ: Mapping[str, str] | None = None) -> Any:
    """The compiled plan of the rules in files and folders, with every problem that was found.

    The result is a `rulectl.plan.compiler.Compilation`: ``.plan`` has the good rules, ``.problems`` what is
    wrong, each with file, line and column. Nothing is asked of a cluster.

    Raises:
        UsageError: a path does not exist.
    """
    from rulectl.plan.compiler import compile_rules  # noqa: PLC0415 - so that importing rulectl costs nothing

    return compile_rules(list(paths), environ=environ)
