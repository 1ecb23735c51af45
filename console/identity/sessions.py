"""Browser sessions in the database, sealed: they hold nonces, and second factors while they are enrolled."""

import json
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.utils.encoding import force_str

from console.seal import CannotOpen, seal, unseal


class SessionStore(DatabaseSessionStore):
    """Django's own store, with its content encrypted, and bound to the key of its row."""

    def encode(self, session_dict: dict[str, Any]) -> str:
        return seal(json.dumps(session_dict, separators=(",", ":")), context=self._context)

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        """Return the content; nothing when it does not open, which signs the browser out."""
        try:
            return json.loads(unseal(force_str(session_data), context=self._context))
        except (CannotOpen, ValueError):
            return {}

    @property
    def _context(self) -> str:
        return f"browser session/{self.session_key}"

    @classmethod
    def get_model_class(cls) -> Any:
        from django.contrib.sessions.models import Session  # models load after this module

        return Session
