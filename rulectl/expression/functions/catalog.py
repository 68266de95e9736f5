"""All functions that every rule has."""

from __future__ import annotations

from rulectl.expression.function import Functions
from rulectl.expression.functions.access import ACCESS
from rulectl.expression.functions.certificate import CERTIFICATE
from rulectl.expression.functions.codec import CODEC
from rulectl.expression.functions.collection import COLLECTION
from rulectl.expression.functions.network import NETWORK
from rulectl.expression.functions.quantity import QUANTITY
from rulectl.expression.functions.semver import SEMVER
from rulectl.expression.functions.standard import STANDARD
from rulectl.expression.functions.text import TEXT
from rulectl.expression.functions.timestamp import TIMESTAMP

JMESPATH = Functions().with_functions(STANDARD)
"""JMESPath's own functions only."""

BUILTIN = JMESPATH.with_functions(
    [*ACCESS, *QUANTITY, *TIMESTAMP, *TEXT, *SEMVER, *NETWORK, *COLLECTION, *CODEC, *CERTIFICATE]
)
"""What expressions may call when no plugin adds more."""
