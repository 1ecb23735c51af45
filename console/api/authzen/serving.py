"""The addresses of the Authorization API, answered without sessions, forms or templates.

`application` is the WSGI entry of the web process for them, `view` the same answer inside Django.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any

import orjson
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from console.api.authzen.deciding import NoTenant, evaluate
from console.api.authzen.grounds import Caller, caller_of
from console.api.authzen.messages import (
    Ask,
    Json,
    Malformed,
    Semantic,
    body_of,
    evaluation_of,
    evaluations_of,
    search_of,
)
from console.api.authzen.reasons import Answered, failed
from console.api.authzen.searching import search
from console.identity.api_tokens import BadToken, note_used
from console.permissions.policy import decide_somewhere
from console.permissions.vocabulary import Permission

log = logging.getLogger(__name__)

WELL_KNOWN = "/.well-known/authzen-configuration"
BASE = "/access/v1/"
LARGEST_BODY = 1_000_000
LONGEST_REQUEST_ID = 1000

ENDPOINTS: Mapping[str, str] = {
    "access_evaluation_endpoint": f"{BASE}evaluation",
    "access_evaluations_endpoint": f"{BASE}evaluations",
    "search_subject_endpoint": f"{BASE}search/subject",
    "search_resource_endpoint": f"{BASE}search/resource",
    "search_action_endpoint": f"{BASE}search/action",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    method: str
    path: str
    content_type: str = ""
    authorization: str = ""
    request_id: str = ""
    is_secure: bool = True
    body: bytes = b""
    is_too_large: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """A request as a whole is not answered. The reason is for whoever wrote the program."""

    def __init__(self, status: int, reason: str, *, where: str = "", **headers: str) -> None:
        super().__init__(reason)
        self.status = status
        self.where = where
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def serve(request: Request, *, now: datetime) -> Reply:
    """Return the reply to one request: an answer, or a refusal with its reason. Never a yes by mistake."""
    try:
        return Reply(status=200, body=_answer(request, now))
    except Refusal as error:
        return _refused(error.status, str(error), error.where, error.headers)
    except Malformed as error:
        return _refused(400, str(error), error.where)
    except NoTenant as error:
        return _refused(400, str(error), "context.tenant")
    except (InterfaceError, DatabaseError):
        log.exception("A decision could not be read from the database.")
        connection.close()
        return _refused(503, "The database does not answer, so nothing is decided.")


def headers_of(request: Request, reply: Reply) -> dict[str, str]:
    """Return the headers of a reply. It is kept in no cache, and carries the id of its request."""
    told = {
        "Content-Type": "application/json",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        **reply.headers,
    }
    given = request.request_id
    if given and len(given) <= LONGEST_REQUEST_ID and given.isascii() and given.isprintable():
        told["X-Request-ID"] = given
    return told


def _answer(request: Request, now: datetime) -> Any:
    if request.path == WELL_KNOWN:
        _refuse_method(request, "GET", "HEAD")
        return metadata()
    handler = _HANDLERS.get(request.path)
    if handler is None:
        raise Refusal(404, "There is no such address in the Authorization API.")
    if settings.SECURE_SSL_REDIRECT and not request.is_secure:
        raise Refusal(403, "Use HTTPS: an API token must not travel in the clear.")
    _refuse_method(request, "POST")
    caller = _caller(request, now)
    if request.is_too_large:
        raise Refusal(413, f"Send at most {LARGEST_BODY} bytes.")
    if request.content_type.partition(";")[0].strip().lower() != "application/json":
        raise Refusal(400, "Send the Content-Type application/json.", where="Content-Type")
    return handler(caller, body_of(request.body), now)


def metadata() -> dict[str, str]:
    """Return where everything is, by the address under which this console is known."""
    base = settings.GATEHOUSE_URL
    return {"policy_decision_point": base} | {name: f"{base}{path}" for name, path in ENDPOINTS.items()}


def _caller(request: Request, now: datetime) -> Caller:
    try:
        caller = caller_of(request.authorization, now=now)
    except BadToken as error:
        raise Refusal(401, str(error), WWW_Authenticate='Bearer realm="authzen"') from None
    note_used(caller.bearer, now=now)
    verdict = decide_somewhere(caller.actor, Permission.DECISION_VIEW)
    if not verdict:
        raise Refusal(403, verdict.reason)
    return caller


def _refuse_method(request: Request, *allowed: str) -> None:
    if request.method not in allowed:
        raise Refusal(405, f"Use {' or '.join(allowed)} here.", Allow=", ".join(allowed))


def _refused(status: int, reason: str, where: str = "", headers: Mapping[str, str] | None = None) -> Reply:
    body = {"status": status, "reason": reason} | ({"where": where} if where else {})
    return Reply(status=status, body=body, headers=headers or {})


# --- the endpoints ------------------------------------------------------------------------------------


def _evaluation(caller: Caller, body: Json, now: datetime) -> Any:
    return evaluate(caller, [evaluation_of(body)], now=now)[0].as_json()


def _evaluations(caller: Caller, body: Json, now: datetime) -> Any:
    asked = evaluations_of(body)
    if isinstance(asked, Ask):
        return evaluate(caller, [asked], now=now)[0].as_json()
    sound = [one for one in asked.asks if isinstance(one, Ask)]
    answers = iter(evaluate(caller, sound, now=now))
    found = [
        next(answers) if isinstance(one, Ask) else failed(str(one), where=one.where, now=now)
        for one in asked.asks
    ]
    return {"evaluations": [one.as_json() for one in _until(found, asked.semantic)]}


def _until(answers: list[Answered], semantic: Semantic) -> list[Answered]:
    """Return the answers up to the one that decides the whole."""
    if semantic is Semantic.EXECUTE_ALL:
        return answers
    decides = semantic is Semantic.PERMIT_ON_FIRST_PERMIT
    first = next((number for number, one in enumerate(answers) if one.decision is decides), len(answers))
    return answers[: first + 1]


def _search_for(looked_for: str) -> Callable[[Caller, Json, datetime], Any]:
    def handler(caller: Caller, body: Json, now: datetime) -> Any:
        ask, page = search_of(body, looked_for)
        return search(caller, looked_for, ask, page).as_json()

    return handler


_HANDLERS: Mapping[str, Callable[[Caller, Json, datetime], Any]] = {
    ENDPOINTS["access_evaluation_endpoint"]: _evaluation,
    ENDPOINTS["access_evaluations_endpoint"]: _evaluations,
    ENDPOINTS["search_subject_endpoint"]: _search_for("subject"),
    ENDPOINTS["search_resource_endpoint"]: _search_for("resource"),
    ENDPOINTS["search_action_endpoint"]: _search_for("action"),
}


# --- two ways in --------------------------------------------------------------------------------------


def is_ours(path: str) -> bool:
    return path.startswith(BASE) or path == WELL_KNOWN


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer as a WSGI application, with a connection that stays open."""
    _renew_connection()
    request = _from_environ(environ)
    reply = serve(request, now=timezone.now())
    content = orjson.dumps(reply.body)
    headers = headers_of(request, reply) | {"Content-Length": str(len(content))}
    start_response(f"{reply.status} {HTTPStatus(reply.status).phrase}", list(headers.items()))
    return [b"" if request.method == "HEAD" else content]


def view(request: HttpRequest, what: str = "") -> HttpResponse:
    """Answer inside Django, where the same addresses stand in the table of URLs."""
    asked = _from_environ(request.META | {"PATH_INFO": request.path_info, "wsgi.input": request})
    reply = serve(asked, now=timezone.now())
    return HttpResponse(orjson.dumps(reply.body), status=reply.status, headers=headers_of(asked, reply))


def _from_environ(environ: Mapping[str, Any]) -> Request:
    body = _body(environ)
    proxied = settings.SECURE_PROXY_SSL_HEADER
    is_secure = environ.get("wsgi.url_scheme") == "https"
    if proxied and proxied[0] in environ:
        is_secure = str(environ[proxied[0]]).partition(",")[0].strip() == proxied[1]
    return Request(
        method=environ.get("REQUEST_METHOD", "GET"),
        path=environ.get("PATH_INFO", ""),
        content_type=environ.get("CONTENT_TYPE", ""),
        authorization=environ.get("HTTP_AUTHORIZATION", ""),
        request_id=environ.get("HTTP_X_REQUEST_ID", ""),
        is_secure=is_secure,
        body=body[:LARGEST_BODY],
        is_too_large=len(body) > LARGEST_BODY,
    )


def _body(environ: Mapping[str, Any]) -> bytes:
    """Return the body, or where it is too large one byte more than is taken."""
    length = str(environ.get("CONTENT_LENGTH") or "")
    is_chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
    size = int(length) if length.isdecimal() else LARGEST_BODY + 1 if is_chunked else 0
    read: bytes = environ["wsgi.input"].read(min(size, LARGEST_BODY + 1)) if size else b""
    return read


def _renew_connection() -> None:
    """Drop a connection that failed and is of no use any more. A sound one stays, and costs nothing."""
    if connection.connection is not None and connection.errors_occurred:
        connection.close_if_unusable_or_obsolete()
