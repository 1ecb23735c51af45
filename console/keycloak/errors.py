"""How a call to Keycloak can fail, as sentences for an administrator, and the reading of a failed reply.

The classes follow what was measured on Keycloak 26.7: 409 and even 400 can be a lost race, 401 is answered by
a new token once, 431 means too large a token, a 5xx after a write does not say whether it was done.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from console.transport import Lost, NotSent, Refused, Reply, TransportError


class KeycloakError(Exception):
    """Any failure of a call. `sentence` holds no secret, no HTML and no raw JSON."""

    def __init__(self, sentence: str, *, status: int | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status


class Temporary(KeycloakError):
    """Nothing was changed; the same call may work later. `wait` is what the server asked for, in seconds."""

    def __init__(self, sentence: str, *, status: int | None = None, wait: float | None = None) -> None:
        super().__init__(sentence, status=status)
        self.wait = wait


class Permanent(KeycloakError):
    """Nothing was changed, and the same call will fail again until somebody changes something."""


class Unknown(KeycloakError):
    """A write whose reply was lost or a 5xx: it may be done. It is read back, then decided."""


class Forbidden(Permanent):
    """403, or the stub that Keycloak shows of a realm in which the service account has no rights."""


class NotFound(Permanent):
    """404."""


class Conflict(Permanent):
    """409: it exists already, or another write won a race."""


class Changed(Conflict):
    """Somebody changed, renamed or moved it between our reading and our writing; nothing was written."""


class BadRequest(Permanent):
    """400: Keycloak refuses the content. For a new realm it can be a lost race."""


NOT_KEYCLOAK = "The server's answer is not Keycloak's: check the server's address."


class Strange(Permanent):
    """The server answered with what is not Keycloak's: the wrong shape, or no JSON."""


@contextmanager
def understood() -> Iterator[None]:
    """Raise Strange where an answer has not the shape that Keycloak's has."""
    try:
        yield
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise Strange(NOT_KEYCLOAK) from error


_READS = {"GET", "HEAD"}
_FIXED = {
    401: (Permanent, "Keycloak refuses our credentials."),
    431: (
        Permanent,
        "Our token is too large for Keycloak: switch on lightweight access tokens for the client.",
    ),
    413: (Permanent, "The request is too large for Keycloak."),
    429: (Temporary, "Keycloak asks us to slow down."),
}
_SAID = {
    400: (BadRequest, "Keycloak refuses it"),
    403: (Forbidden, "Our service account may not do this"),
    404: (NotFound, "It does not exist in Keycloak"),
    409: (Conflict, "Keycloak reports a conflict"),
}


# https://www.keycloak.org/docs/latest/server_admin/index.html#user-profile
_PROFILE_ERRORS = {
    "error-invalid-email": "is no e-mail address",
    "error-invalid-length": "is too short or too long",
    "error-invalid-value": "has a value that is not allowed",
    "error-pattern-no-match": "has a form that is not allowed",
    "error-person-name-invalid-character": "has a character that is not allowed",
    "error-user-attribute-read-only": "may not be changed",
    "error-user-attribute-required": "is required",
    "error-username-invalid-character": "has a character that is not allowed",
}


def lost(error: TransportError, *, method: str) -> KeycloakError:
    """Return our error for a call that ended without a reply."""
    if isinstance(error, Refused):
        return Permanent(error.sentence)
    if isinstance(error, NotSent) or method in _READS:
        return Temporary(error.sentence)
    assert isinstance(error, Lost)
    return Unknown(error.sentence)


def failed(reply: Reply, *, method: str) -> KeycloakError:
    """Return our error for a reply with a status of 300 or more."""
    status = reply.status
    if status in _FIXED:
        kind, sentence = _FIXED[status]
        return _with_wait(kind, sentence, reply)
    if status in _SAID:
        said, sentence = _SAID[status]
        return said(_sentence(sentence, reply), status=status)
    if status >= 500:
        return _server_error(reply, method)
    if 300 <= status < 400:
        return Permanent(
            "The server answers with a redirect: check the server's address.",
            status=status,
        )
    return Permanent(_sentence(f"Keycloak refuses it with status {status}", reply), status=status)


def _with_wait(kind: type[KeycloakError], sentence: str, reply: Reply) -> KeycloakError:
    if kind is Temporary:
        return Temporary(sentence, status=reply.status, wait=wait_of(reply))
    return kind(_sentence(sentence.rstrip("."), reply), status=reply.status)


def _server_error(reply: Reply, method: str) -> KeycloakError:
    who = "Keycloak" if reply.json is not None else "A server in front of Keycloak, or Keycloak itself,"
    sentence = _sentence(f"{who} reports an internal error ({reply.status})", reply)
    if method in _READS:
        return Temporary(sentence, status=reply.status, wait=wait_of(reply))
    return Unknown(sentence, status=reply.status)


def wait_of(reply: Reply) -> float | None:
    """Return the seconds that a server asked us to wait, if it did."""
    text = reply.headers.get("retry-after", "")
    return float(text) if text.isdecimal() and len(text) < 6 else None


def _sentence(start: str, reply: Reply) -> str:
    words = _words(reply.json)
    if not words:
        return f"{start}."
    return f"{start}: {words}" if words[-1] in ".!?…" else f"{start}: {words}."


def _words(json: Any) -> str:
    """Return Keycloak's own message on one line of at most 300 characters, or nothing."""
    if not isinstance(json, dict):
        return ""
    for key in ("errorMessage", "error_description", "error"):
        text = json.get(key)
        # “HTTP 403 Forbidden” says nothing that our own sentence does not say.
        if isinstance(text, str) and text.strip() and not text.startswith("HTTP "):
            return _safe(_meant(text, json.get("field")))
    return ""


def _meant(text: str, field: Any) -> str:
    """Return the words for a key of the user profile's, with the field that it is about."""
    if not isinstance(field, str) or not field:
        return text
    meaning = _PROFILE_ERRORS.get(text)
    return f"{field} {meaning}" if meaning else f"{field}: {text}"


def _safe(text: str) -> str:
    line = re.sub(r"[\x00-\x1f\x7f-\x9f\s]+", " ", text).strip()
    return line if len(line) <= 300 else line[:299] + "…"
