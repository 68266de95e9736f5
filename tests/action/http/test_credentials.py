"""Signatures of bodies."""

from __future__ import annotations

import pytest

from rulectl.action.http.credentials import BasicAuth, Signature, TlsSettings
from rulectl.action.secret import Secret, SecretSource
from rulectl.errors import PermanentError

KEY = SecretSource(file="/run/key")


def headers(signature: Signature, key: bytes, body: bytes = b'{"test": 2432232314}') -> dict[str, str]:
    found = signature.headers(body, lambda _: Secret(key), message_id="msg_p5jXN8AQM9LWM0D4loKWxJek", now=1614265330.7)
    return dict(found)


def test_a_body_is_signed_as_github_does() -> None:
    # The example of GitHub's own documentation of webhooks.
    signed = headers(Signature(KEY, "X-Hub-Signature-256"), b"It's a Secret to Everybody", b"Hello, World!")
    digest = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert signed == {"X-Hub-Signature-256": f"sha256={digest}"}


def test_a_standard_webhook_is_signed_with_id_and_time() -> None:
    # The example of the Standard Webhooks reference libraries.
    signed = headers(Signature(KEY, scheme="standardWebhooks"), b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n")
    assert signed == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_key_that_is_no_base64_is_refused() -> None:
    with pytest.raises(PermanentError, match="has to be base64, after whsec_"):
        headers(Signature(KEY, scheme="standardWebhooks"), b"not base64!")


def test_descriptions_have_references() -> None:
    reference = {"file": "/run/key"}
    assert Signature(KEY).describe() == {"scheme": "body", "header": "X-Signature-256", "key": reference}
    assert BasicAuth("me", KEY).describe() == {"username": "me", "password": reference}
    assert TlsSettings(certificate=KEY, key=KEY).describe() == {"certificate": reference, "key": reference}
    assert TlsSettings().describe() == {}
