"""kubectl's flags that say which cluster, under kubectl's names, on every command that talks to one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, TypeVar, cast

import click

_Function = TypeVar("_Function", bound=Callable[..., Any])

_TEXT_FLAGS = (
    (("--kubeconfig",), "kubeconfig", "FILE", "Path to the kubeconfig (else KUBECONFIG, else ~/.kube/config)."),
    (("--context",), "context", "NAME", "The kubeconfig's context to use."),
    (("-s", "--server"), "server", "URL", "Address of the API server."),
    (("--token",), "token", "TOKEN", "Bearer token for the API server."),
    (("--certificate-authority",), "certificate_authority", "FILE", "CA certificates to trust."),
    (("--as",), "as_user", "USER", "User to impersonate."),
)


@dataclass(frozen=True, slots=True)
class ConnectionFlags:
    """The flags as they were given; empty means not given."""

    kubeconfig: str = ""
    context: str = ""
    server: str = ""
    token: str = ""
    certificate_authority: str = ""
    as_user: str = ""
    insecure_skip_tls_verify: bool = False
    compress: bool = False

    @property
    def are_given(self) -> bool:
        """Whether any of them says where to."""
        return replace(self, compress=False) != ConnectionFlags()


def connection_options(function: _Function) -> _Function:
    """Adds the flags; the function gets one parameter `connection`, a `ConnectionFlags`."""

    @wraps(function)
    def gathered(*args: Any, **kwargs: Any) -> Any:
        flags = {name: kwargs.pop(name) or "" for _, name, _, _ in _TEXT_FLAGS}
        insecure = kwargs.pop("insecure_skip_tls_verify")
        given = ConnectionFlags(**flags, insecure_skip_tls_verify=insecure, compress=kwargs.pop("compress"))
        return function(*args, connection=given, **kwargs)

    wrapped: Callable[..., Any] = click.option(
        "--compress", is_flag=True, help="Ask for long lists in gzip: for servers behind a slow line."
    )(gathered)
    wrapped = click.option("--insecure-skip-tls-verify", is_flag=True, help="Do not check the server's certificate.")(
        wrapped
    )
    for declarations, name, metavar, text in reversed(_TEXT_FLAGS):
        wrapped = click.option(*declarations, name, metavar=metavar, help=text)(wrapped)
    return cast("_Function", wrapped)


def namespace_option(function: _Function) -> _Function:
    """Adds ``-n/--namespace`` as the parameter `namespace`, empty when not given."""
    return click.option("-n", "--namespace", default="", metavar="NAME", help="The namespace to look in.")(function)
