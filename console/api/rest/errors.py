"""Errors in one shape: a status, a sentence, and what is wrong with which field."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings

from console.api.kept import KeyUsedOtherwise, StillAtWork
from console.sync import cause
from console.sync.commands import Conflict, Gone, Refused
from console.sync.preview import Unreachable


class Forbidden(Exception):
    """The token may not do this. `who` says who can change that."""

    def __init__(self, reason: str, *, who: str = "") -> None:
        super().__init__(reason)
        self.who = who


class Wrong(Exception):
    """A request that cannot be meant. `fields` has the sentences of each."""

    def __init__(
        self, reason: str, *, status: int = 400, fields: Mapping[str, list[str]] | None = None
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.fields = dict(fields or {})


def error(status: int, reason: str, **more: Any) -> Response:
    """Return the one shape of an error."""
    return Response(
        {"status": status, "reason": reason} | {k: v for k, v in more.items() if v}, status=status
    )


def handled(raised: Exception, context: Mapping[str, Any]) -> Response | None:
    """Return the answer to what a view raised, or None for a fault of ours."""
    return _ours(raised) or _of_framework(raised)


def _ours(raised: Exception) -> Response | None:
    match raised:
        case Forbidden():
            return error(403, str(raised), who=raised.who)
        case cause.Forbidden():
            return error(403, str(raised))
        case Wrong():
            return error(raised.status, str(raised), fields=raised.fields)
        case Conflict():
            return error(412, str(raised), theirs=raised.theirs, revision=raised.revision)
        case Unreachable():
            return error(503, str(raised))
        case Gone():
            return error(404 if raised.field is None else 422, str(raised), fields=_field(raised))
        case Refused():
            return error(422, str(raised), fields=_field(raised))
        case KeyUsedOtherwise() | StillAtWork():
            return error(409, str(raised))
    return None


def _field(raised: Refused) -> dict[str, list[str]]:
    return {raised.field: [str(raised)]} if raised.field else {}


def _of_framework(raised: Exception) -> Response | None:
    if isinstance(raised, Http404):
        return error(404, "There is nothing here, or you may not know of it.")
    if isinstance(raised, RequestDataTooBig):
        return error(413, "A request has at most 2.5 MB. Split it, or upload the file on its page.")
    if isinstance(raised, PermissionDenied):
        return error(403, "You may not do this.")
    if not isinstance(raised, exceptions.APIException):
        return None
    response = _told(raised)
    if header := getattr(raised, "auth_header", None):
        response["WWW-Authenticate"] = header
    if wait := getattr(raised, "wait", None):
        response["Retry-After"] = str(int(wait) + 1)
    return response


def _told(raised: exceptions.APIException) -> Response:
    if not isinstance(raised, exceptions.ValidationError):
        return error(raised.status_code, str(raised.detail))
    fields = _sentences(raised.detail)
    common = fields.pop(api_settings.NON_FIELD_ERRORS_KEY, [])
    reason = common[0] if common else "Some fields are wrong."
    return error(400, reason, fields=fields)


def _sentences(detail: Any, path: str = "") -> dict[str, list[str]]:
    """Return the sentences of each field, a nested one by its dotted path."""
    if isinstance(detail, Mapping):
        found: dict[str, list[str]] = {}
        for key, value in detail.items():
            found |= _sentences(value, f"{path}.{key}" if path else str(key))
        return found
    name = path or str(api_settings.NON_FIELD_ERRORS_KEY)
    if isinstance(detail, list) and any(isinstance(one, Mapping | list) for one in detail):
        return {k: v for n, one in enumerate(detail) for k, v in _sentences(one, f"{name}.{n}").items()}
    return {name: [str(one) for one in detail] if isinstance(detail, list) else [str(detail)]}
