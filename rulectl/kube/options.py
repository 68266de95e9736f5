"""The flags that say which API server, and as whom."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ConnectionOptions:
    """kubectl's flags of the same names; empty means not given."""

    kubeconfig: str = ""
    context: str = ""
    namespace: str = ""
    server: str = ""
    token: str = ""
    certificate_authority: str = ""
    insecure_skip_tls_verify: bool = False
    compress: bool = False
    """Ask for answers in gzip. kube-apiserver sends those of 128 KB and more so, watches never."""
    as_user: str = ""
    """``--as``"""
