"""The flags that say where the schemas of kinds come from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from rulectl.check.schemas import CrdSchemas, KindSchemas, Source, packaged_schemas
from rulectl.cli.connection import ConnectionFlags, connection_options
from rulectl.errors import UsageError
from rulectl.problem import Problem
from rulectl.rule.document import Document

_Function = TypeVar("_Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class SchemaFlags:
    """The flags as they were given; the version is None when it was not."""

    version: str | None
    files: tuple[str, ...]
    cluster: bool
    connection: ConnectionFlags

    @property
    def hint(self) -> str:
        """What to do about a kind whose schema is not known."""
        if self.cluster:
            return "the cluster does not serve it (now); give its CRD with --schemas"
        return "give its CRD with --schemas, or ask a cluster with --cluster"


@dataclass(frozen=True, slots=True)
class Opened:
    """The schemas, and what was wrong with their files: to be read when all that was wanted was asked for."""

    schemas: KindSchemas
    crds: tuple[CrdSchemas, ...]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Of files that could not be used."""
        return tuple(problem for crds in self.crds for problem in crds.problems)


def schema_options(function: _Function) -> _Function:
    """Adds the flags; the function gets one parameter `schema_flags`, a `SchemaFlags`."""

    @wraps(function)
    def gathered(*args: Any, **kwargs: Any) -> Any:
        flags = SchemaFlags(
            kwargs.pop("kubernetes_version"), kwargs.pop("schemas"), kwargs.pop("cluster"), kwargs.pop("connection")
        )
        return function(*args, schema_flags=flags, **kwargs)

    wrapped: Callable[..., Any] = connection_options(gathered)
    for option in (
        click.option("--cluster", is_flag=True, help="Ask a cluster for the schemas of all kinds."),
        click.option(
            "--schemas",
            multiple=True,
            metavar="DIR|FILE",
            help="Read CustomResourceDefinitions here; may be repeated.",
        ),
        click.option(
            "--kubernetes-version",
            metavar="VERSION",
            help="Whose built-in kinds rules are checked against, such as 1.30 (default: the newest known).",
        ),
    ):
        wrapped = option(wrapped)
    return cast("_Function", wrapped)


@contextmanager
def opened(flags: SchemaFlags, others: Iterable[Document]) -> Iterator[Opened]:
    """The schemas that `flags` ask for; `others` are manifests that were read anyway.

    The first wins of: files, manifests among the rules, the cluster, the packaged kinds.

    Raises:
        UsageError: flags that contradict each other, a path or a version that is not there, no kubeconfig.
    """
    if flags.cluster and flags.version is not None:
        raise UsageError("--cluster has a version of its own: leave --kubernetes-version away")
    if flags.connection.are_given and not flags.cluster:
        raise UsageError("flags of a connection need --cluster: without it no cluster is asked")
    crds = (CrdSchemas.of_files(map(Path, flags.files)), CrdSchemas.of_documents(others))
    packaged = packaged_schemas(flags.version)
    if not flags.cluster:
        yield Opened(_in_order(*crds, packaged), crds)
        return
    from rulectl.check.served import ServedSchemas  # noqa: PLC0415 - the way to a cluster is slow to import
    from rulectl.cli.live import connect  # noqa: PLC0415
    from rulectl.clock import SystemClock  # noqa: PLC0415

    connection = connect(flags.connection)
    try:
        yield Opened(_in_order(*crds, ServedSchemas(connection.transport, SystemClock()), packaged), crds)
    finally:
        connection.transport.close()


def _in_order(*sources: Source) -> KindSchemas:
    return KindSchemas(sources)
