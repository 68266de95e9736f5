"""Certificates for a connection, from PEM text."""

from __future__ import annotations

import os
import ssl
import tempfile
from pathlib import Path

from rulectl.action.http.port import Tls
from rulectl.errors import PermanentError


def context_of(tls: Tls) -> ssl.SSLContext:
    """What a connection checks and shows.

    Raises:
        PermanentError: a certificate or the key cannot be read, or they do not belong together.
    """
    try:
        context = ssl.create_default_context(cadata=tls.ca or None)
    except (ssl.SSLError, ValueError) as fault:
        raise PermanentError(f"tls.ca holds no certificate in PEM form ({fault})") from fault
    if tls.insecure_skip_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if tls.certificate:
        _show(context, tls)
    return context


def _show(context: ssl.SSLContext, tls: Tls) -> None:
    """OpenSSL reads a private key only from a file: one that others cannot read and that is gone at once."""
    descriptor, name = tempfile.mkstemp(prefix="rulectl-")
    path = Path(name)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{tls.certificate}\n{tls.private_key}\n")
        # The empty password keeps OpenSSL from asking for one on the terminal.
        context.load_cert_chain(path, password="")
    except (ssl.SSLError, ValueError) as fault:
        raise PermanentError(f"the client certificate and its key cannot be used ({fault})") from fault
    finally:
        path.unlink()
