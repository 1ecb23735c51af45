"""The messages of the Authorization API: read strictly where the specification asks for something, and else
open, since unknown fields must be ignored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import orjson

MOST_EVALUATIONS = 1000
MOST_RESULTS = 1000
LONGEST_NAME = 1000

Json = Mapping[str, Any]


class Malformed(Exception):
    """A message breaks the specification. The text says how, `where` names the field."""

    def __init__(self, reason: str, *, where: str = "") -> None:
        super().__init__(reason)
        self.where = where


class Semantic(StrEnum):
    EXECUTE_ALL = "execute_all"
    DENY_ON_FIRST_DENY = "deny_on_first_deny"
    PERMIT_ON_FIRST_PERMIT = "permit_on_first_permit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A subject or a resource. In a search the id of what is looked for is ""."""

    type: str
    id: str = ""
    properties: Json = field(default_factory=dict)

    @property
    def is_possible(self) -> bool:
        """Whether anything could have this name. Unlike a wrong form, an impossible name is only unknown."""
        return all(_is_possible(text) for text in (self.type, self.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    name: str
    properties: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """May this subject do this to this resource? A search for actions has none."""

    subject: Entity
    resource: Entity
    action: Action | None = None
    context: Json = field(default_factory=dict)

    @property
    def properties(self) -> dict[str, Any]:
        """What conditions look at, as the request has it."""
        return {
            "subject": _as_read(self.subject),
            "resource": _as_read(self.resource),
            "action": {"name": self.action.name, "properties": self.action.properties} if self.action else {},
            "context": self.context,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Several questions, some of which may be malformed by themselves."""

    asks: tuple[Ask | Malformed, ...]
    semantic: Semantic


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which part of the results is wanted."""

    token: str = ""
    limit: int | None = None


def body_of(raw: bytes) -> Json:
    """Return the object that a body holds. Raises Malformed."""
    if not raw:
        raise Malformed("The body is empty. Send a JSON object.")
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"The body is not valid JSON: {error.msg}, line {error.lineno}.") from None
    if not isinstance(body, dict):
        raise Malformed("The body must be a JSON object.")
    return body


def evaluation_of(body: Json) -> Ask:
    """Return the one question of a body. Raises Malformed."""
    return Ask(
        subject=_entity(body, "subject"),
        action=_action(body),
        resource=_entity(body, "resource"),
        context=_object(body, "context"),
    )


def evaluations_of(body: Json) -> Ask | Batch:
    """Return the questions of a body; without an `evaluations` array the one. Raises Malformed."""
    items = body.get("evaluations", [])
    if not isinstance(items, list):
        raise Malformed("`evaluations` must be an array.", where="evaluations")
    if not items:
        return evaluation_of(body)
    if len(items) > MOST_EVALUATIONS:
        raise Malformed(f"Send at most {MOST_EVALUATIONS} evaluations at once.", where="evaluations")
    semantic = _semantic(body)
    defaults = {name: _object(body, name) for name in ("subject", "action", "resource", "context")}
    return Batch(asks=tuple(_one_of(item, defaults, body) for item in items), semantic=semantic)


def search_of(body: Json, looked_for: str) -> tuple[Ask, Page]:
    """Return what a search asks, with the part that is wanted. Raises Malformed."""
    ask = Ask(
        subject=_entity(body, "subject", needs_id=looked_for != "subject"),
        resource=_entity(body, "resource", needs_id=looked_for != "resource"),
        action=None if looked_for == "action" else _action(body),
        context=_object(body, "context"),
    )
    return ask, _page(body)


def _one_of(item: Any, defaults: Mapping[str, Json], body: Json) -> Ask | Malformed:
    """Return one question with the defaults of the whole, or what is wrong with it.

    An entity replaces the default as a whole; of the default only `type`, `id` or `name` fill a gap.
    """
    if not isinstance(item, dict):
        return Malformed("Each evaluation must be an object.", where="evaluations")
    whole: dict[str, Any] = {}
    for name, default in defaults.items():
        given = item.get(name, default if name in body else None)
        if given is not None or name in item:
            whole[name] = _filled(given, default) if name != "context" else given
    try:
        return evaluation_of(whole)
    except Malformed as error:
        return error


def _filled(given: Any, default: Json) -> Any:
    if not isinstance(given, dict):
        return given
    return {key: default[key] for key in ("type", "id", "name") if key in default} | given


def _semantic(body: Json) -> Semantic:
    wanted = _object(body, "options").get("evaluations_semantic", Semantic.EXECUTE_ALL)
    try:
        return Semantic(wanted)
    except ValueError:
        names = ", ".join(Semantic)
        raise Malformed(f"`evaluations_semantic` is one of {names}.", where="options") from None


def _entity(body: Json, name: str, *, needs_id: bool = True) -> Entity:
    found = _required(body, name)
    return Entity(
        type=_text(found, "type", name),
        id=_text(found, "id", name) if needs_id else "",
        properties=_object(found, "properties", name),
    )


def _action(body: Json) -> Action:
    found = _required(body, "action")
    return Action(name=_text(found, "name", "action"), properties=_object(found, "properties", "action"))


def _required(body: Json, name: str) -> Json:
    if name not in body:
        raise Malformed(f"`{name}` is missing.", where=name)
    return _object(body, name)


def _text(found: Json, key: str, of: str) -> str:
    where = f"{of}.{key}"
    if key not in found:
        raise Malformed(f"`{where}` is missing.", where=where)
    if not isinstance(found[key], str):
        raise Malformed(f"`{where}` must be a string.", where=where)
    return found[key]


def _object(found: Json, key: str, of: str = "") -> Json:
    value = found.get(key, {})
    if not isinstance(value, dict):
        where = f"{of}.{key}" if of else key
        raise Malformed(f"`{where}` must be an object.", where=where)
    return value


def _page(body: Json) -> Page:
    found = _object(body, "page")
    token, limit = found.get("token", ""), found.get("limit")
    if not isinstance(token, str):
        raise Malformed("`page.token` must be a string.", where="page.token")
    if limit is None:
        return Page(token=token)
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 0:
        raise Malformed("`page.limit` must be a non-negative integer.", where="page.limit")
    return Page(token=token, limit=min(limit, MOST_RESULTS))


def _as_read(entity: Entity) -> dict[str, Any]:
    return {"type": entity.type, "id": entity.id, "properties": entity.properties}


def _is_possible(text: str) -> bool:
    return len(text) <= LONGEST_NAME and "\0" not in text
