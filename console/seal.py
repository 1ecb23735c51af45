"""Secrets at rest: AES-256-GCM with a key id, bound to the place where the secret belongs.

The context is authenticated with the text, so a sealed value copied to another row, or kept
while the server's address is changed, no longer opens.
"""

import base64
import os
from collections.abc import Mapping
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE_BYTES = 12


class CannotOpen(Exception):
    """A sealed value does not open: wrong key, or moved from where it was sealed."""


def seal(text: str, *, context: str) -> str:
    """Return the text encrypted under the newest key, as `v1.<key id>.<base64>`."""
    key_id, key = next(iter(_keys().items()))
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, text.encode(), f"{key_id}|{context}".encode())
    return f"v1.{key_id}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def unseal(sealed: str, *, context: str) -> str:
    """Return the text that was sealed for this context. Raises CannotOpen otherwise."""
    try:
        _, key_id, body = sealed.split(".", 2)
        raw = base64.urlsafe_b64decode(body)
        key = _keys()[key_id]
        return (
            AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], f"{key_id}|{context}".encode()).decode()
        )
    except (ValueError, KeyError, InvalidTag):
        raise CannotOpen("A stored secret does not open with the present keys. Enter it again.") from None


@cache
def _keys() -> Mapping[str, bytes]:
    """Return the keys by id, newest first, from ENCRYPTION_KEYS=`id:base64,id:base64`."""
    pairs = (entry.split(":", 1) for entry in settings.ENCRYPTION_KEYS.split(",") if entry)
    return {key_id: base64.b64decode(text) for key_id, text in pairs}
