"""The public keys of the identity provider: kept for ten minutes, read again once for a new key id."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import jwt

from console.identity import provider

KEEP_SECONDS = 600
BETWEEN_FORCED_SECONDS = 2
"""An unknown key id reads the keys again, but not more often than this: anyone can send unknown ids."""

TYPES = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC"}
"""The accepted algorithms, each with the type of key that it may use."""


class UnknownKey(Exception):
    """No published key fits. The message says what was looked for."""


class KeyRing:
    """The keys of one issuer. `read` returns the key set, `clock` counts seconds and never jumps."""

    def __init__(
        self, *, read: Callable[[], Mapping[str, Any]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._read = read
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: tuple[Mapping[str, Any], ...] = ()
        self._read_at: float | None = None

    def find(self, *, kid: str, algorithm: str) -> jwt.PyJWK:
        """Return the one signing key with this id. Raises UnknownKey or provider.ProviderDown."""
        with self._lock:
            if self._is_older_than(KEEP_SECONDS):
                self._renew()
            found = self._fitting(kid, algorithm)
            if not found and self._is_older_than(BETWEEN_FORCED_SECONDS):
                self._renew()
                found = self._fitting(kid, algorithm)
        if len(found) != 1:
            raise UnknownKey(
                "Its key is not among the keys of the realm." if not found else "Its key id is not unique."
            )
        return _loaded(found[0], algorithm)

    def forget(self) -> None:
        """Drop what was read, e.g. because the issuer's settings changed."""
        with self._lock:
            self._keys, self._read_at = (), None

    def _is_older_than(self, seconds: float) -> bool:
        return self._read_at is None or self._clock() - self._read_at >= seconds

    def _renew(self) -> None:
        keys = self._read().get("keys")
        if not isinstance(keys, list):
            raise provider.ProviderDown("Keycloak's list of public keys cannot be read.")
        self._keys = tuple(key for key in keys if isinstance(key, dict))
        self._read_at = self._clock()

    def _fitting(self, kid: str, algorithm: str) -> list[Mapping[str, Any]]:
        return [
            key
            for key in self._keys
            if key.get("kid") == kid
            and key.get("kty") == TYPES[algorithm]
            and key.get("use", "sig") == "sig"
            and key.get("alg", algorithm) == algorithm
        ]


def _loaded(key: Mapping[str, Any], algorithm: str) -> jwt.PyJWK:
    try:
        return jwt.PyJWK(dict(key), algorithm=algorithm)
    except jwt.PyJWTError as error:
        raise UnknownKey("Its key cannot be read.") from error


ring = KeyRing(read=provider.key_set)
"""The keys of the console's own realm, shared by the requests of this process."""
