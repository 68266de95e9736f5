"""The kubeconfig with which kubectl and any client reach a sandbox."""

from __future__ import annotations

import base64

import yaml

from rulectl.value import Value

CONTEXT = "rulectl-sandbox"
NOBODY = "not-checked"
"""The token for servers that ask for none."""


def kubeconfig(url: str, *, token: str | None = None, authority: bytes | None = None) -> str:
    """The file's text; `authority` is the CA certificate in PEM."""
    cluster: dict[str, Value] = {"server": url}
    if authority is not None:
        cluster["certificate-authority-data"] = base64.b64encode(authority).decode()
        # Over TLS kubectl asks for a user name and a password when it has no credentials at all.
        token = token or NOBODY
    user: dict[str, Value] = {"token": token} if token is not None else {}
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": CONTEXT, "cluster": cluster}],
            "users": [{"name": CONTEXT, "user": user}],
            "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": CONTEXT, "namespace": "default"}}],
            "current-context": CONTEXT,
        },
        sort_keys=False,
    )
