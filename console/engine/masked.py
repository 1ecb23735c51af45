"""Masked secrets: Keycloak answers `**********` for a secret. Written back, that is the secret.

One asterisk alone is no mask: it is the wildcard of redirect URIs and web origins. The guard judges that.
"""

import re
from collections.abc import Mapping
from typing import Any

MASK = re.compile(r"\*{2,}")
# Keycloak keeps these among settings that it shows; a value of ours would stand in plans and in the record.
SECRET_KEYS = frozenset(
    {"authToken", "authTokenClientSecret", "bindCredential", "client.secret", "clientSecret", "keyPassword"}
    | {"keystorePassword", "password", "privateKey", "secret", "storePassword"}
)


def has_mask(value: Any) -> bool:
    """Tell whether a value, or one inside it, a name among them, is nothing but asterisks."""
    if isinstance(value, str):
        return MASK.fullmatch(value) is not None
    if isinstance(value, Mapping):
        return any(has_mask(name) or has_mask(one) for name, one in value.items())
    return isinstance(value, list | tuple | set | frozenset) and any(has_mask(one) for one in value)
