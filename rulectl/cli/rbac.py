"""``rulectl rbac``: the least Roles and ClusterRoles that rules need."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Literal

import click

from rulectl.check.rbac.grant import Wanted, grants_of
from rulectl.check.rbac.granted import allowed_by, compared
from rulectl.check.rbac.manifest import role_manifests, role_yaml
from rulectl.check.rbac.need import Own, needs_of, own_needs, telling_needs
from rulectl.check.rbac.resources import Find, crd_resources
from rulectl.check.rbac.role import roles_of
from rulectl.check.report import fails
from rulectl.cli.command import Command
from rulectl.cli.connection import ConnectionFlags, connection_options
from rulectl.cli.document import read_objects, written
from rulectl.cli.exits import Exit
from rulectl.cli.output import Palette, output_option, palette_for
from rulectl.cli.plugins import load_plugins, plugin_option
from rulectl.cli.problems import coloured
from rulectl.errors import UsageError
from rulectl.plan.compiler import compile_rules
from rulectl.resource import Kind, Resource


@click.command(
    cls=Command,
    short_help="Print the least Roles that rules need, or check that they are granted.",
    examples="""
rulectl rbac rules/ -n rulectl | kubectl apply -f -
rulectl rbac rules/ --check deploy/rbac.yaml
rulectl rbac rules/ --verify --as system:serviceaccount:rulectl:rulectl
rulectl rbac rules/ --state sqlite -o json
""",
)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("-n", "--namespace", default="rulectl", show_default=True, metavar="NAME", help="Where rulectl runs.")
@click.option("--name", default="rulectl", show_default=True, metavar="NAME", help="Its ServiceAccount, and the roles.")
@click.option(
    "--state",
    type=click.Choice(["configmap", "sqlite", "memory"]),
    default="configmap",
    show_default=True,
    help="Where it keeps its records.",
)
@click.option("--leader-elect", is_flag=True, help="It elects a leader, for which it needs Leases.")
@click.option("--schemas", multiple=True, metavar="DIR", help="CRDs: what their kinds' resources are called.")
@click.option("--cluster", is_flag=True, help="Ask the cluster what kinds' resources are called.")
@click.option("--check", "check_file", metavar="FILE", help="Compare with the roles in this file; for CI.")
@click.option("--strict", is_flag=True, help="With --check: fail also when more is granted than is needed.")
@click.option("--verify", is_flag=True, help="Ask the cluster whether we (or --as) have all of it.")
@output_option("yaml", "json")
@plugin_option
@connection_options
def command(
    paths: tuple[str, ...],
    namespace: str,
    name: str,
    state: Literal["configmap", "sqlite", "memory"],
    leader_elect: bool,
    schemas: tuple[str, ...],
    cluster: bool,
    check_file: str | None,
    strict: bool,
    verify: bool,
    output: str,
    plugin: tuple[str, ...],
    connection: ConnectionFlags,
) -> Exit:
    """Print the least privileges for the rules in files and folders, and for rulectl itself, as YAML.

    Where a rule names namespaces, a Role is enough; where it names objects, resourceNames. What a template
    decides cannot be known and is granted everywhere. Rules with faults are left out and told.

    Exit status 1: there are faults, --check found something missing (with --strict: or more than needed), or
    --verify was told no.
    """
    if check_file is not None and verify:
        raise UsageError("give either --check FILE or --verify, not both")
    plugins = load_plugins(plugin)
    compilation = compile_rules(paths, registry=plugins.registry, functions=plugins.functions, environ=os.environ)
    palette = palette_for(sys.stdout)
    if compilation.problems:
        told = coloured(compilation.problems, palette_for(sys.stderr), rules=len(compilation.names))
        click.echo(told, nl=False, err=True)
    own = Own(namespace, state, leader_elect)
    find = _find(schemas, connection if cluster or verify else None)
    wanted = grants_of([*needs_of(compilation.plan), *telling_needs(compilation.plan), *own_needs(own)], find)
    is_fine = not fails(compilation.problems)
    if verify:
        is_fine = _verify(wanted, connection, palette) and is_fine
    elif check_file is not None:
        is_fine = _check(wanted, check_file, (name, namespace), palette, strict=strict) and is_fine
    else:
        roles = roles_of(wanted)
        if output == "json":
            items = role_manifests(roles, name=name, account_namespace=namespace)
            click.echo(written({"apiVersion": "v1", "kind": "List", "items": items}, "json"))
        else:
            click.echo(role_yaml(roles, name=name, account_namespace=namespace), nl=False)
    return Exit.FINE if is_fine else Exit.PROBLEMS


def _find(schemas: tuple[str, ...], flags: ConnectionFlags | None) -> Find:
    """What kinds' resources are called: by CRDs in files first, then by the cluster."""
    defined = crd_resources([Path(folder) for folder in schemas]) if schemas else {}
    if flags is None:
        return defined.get
    from rulectl.cli.live import connect  # noqa: PLC0415 - the way to a cluster is slow to import
    from rulectl.clock import SystemClock  # noqa: PLC0415
    from rulectl.kube.discovery import Discovery  # noqa: PLC0415

    discovery = Discovery(connect(flags).transport, SystemClock())

    def find(kind: Kind) -> Resource | None:
        return defined.get(kind) or discovery.find(kind)

    return find


def _check(wanted: list[Wanted], file: str, account: tuple[str, str], palette: Palette, *, strict: bool) -> bool:
    found = compared(wanted, allowed_by(read_objects(file), *account))
    for one in found.missing:
        click.echo(f"{palette.bad('missing')}: {one.grant} ({_reasons(one)})")
    for extra in found.excess:
        how = "wider than needed" if extra.is_wider else "not needed"
        click.echo(f"{palette.warning(how)}: {extra.allowed.grant} ({extra.allowed.role})")
    needed = f"{len(wanted)} permission{'' if len(wanted) == 1 else 's'} needed"
    click.echo(f"{file}: {needed}, {len(found.missing)} missing, {len(found.excess)} more than needed")
    return not found.missing and not (strict and found.excess)


def _verify(wanted: list[Wanted], flags: ConnectionFlags, palette: Palette) -> bool:
    from rulectl.cli.live import connect  # noqa: PLC0415 - the way to a cluster is slow to import
    from rulectl.clock import SystemClock  # noqa: PLC0415
    from rulectl.errors import TransientError  # noqa: PLC0415
    from rulectl.manager.access import review_access  # noqa: PLC0415

    connection = connect(flags)
    try:
        access = review_access(connection.transport, SystemClock(), (one.grant for one in wanted))
    finally:
        connection.transport.close()
    if access.problem:
        raise TransientError(f"the cluster did not answer all questions: {access.problem}")
    denied = access.lacks(wanted)
    for one in denied:
        click.echo(f"{palette.bad('not allowed')}: {one.grant} ({_reasons(one)})")
    click.echo(f"{len(wanted)} permissions needed, {len(denied)} not allowed on {connection.server}")
    return not denied


def _reasons(one: Wanted) -> str:
    return ", ".join(dict.fromkeys(f"{need.rule or 'rulectl'}: {need.purpose}" for need in one.needs))
