"""Searches: which subjects, resources or actions an evaluation would allow, a page at a time.

Candidates are looked at in a fixed order, some thousand a request at most, so that no search holds a worker.
A page may therefore be short, or empty, and still have a next one.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import orjson
from django.conf import settings

from access.models import Group, Resource, Role
from console.api.authzen.deciding import Ground, ground_of, over, tenant_of, tenants_named
from console.api.authzen.grounds import Caller
from console.api.authzen.members import members_of, usernames_after
from console.api.authzen.messages import Action, Ask, Entity, Malformed, Page
from console.api.authzen.subjects import SERVICE, SUBJECTS, capabilities_of, node_of, of_resource
from console.graph.conditions import names_of
from console.graph.decisions import Facts
from console.graph.edges import Node, NodeKind
from tenants.models import Tenant

USUAL_PAGE = 100
CHUNK = 500
MOST_LOOKED_AT = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of results, and the mark of the next one ("" at the end)."""

    results: tuple[dict[str, str], ...]
    next_token: str

    def as_json(self) -> dict[str, Any]:
        page = {"next_token": self.next_token, "count": len(self.results)}
        return {"page": page, "results": list(self.results)}


def search(caller: Caller, looked_for: str, ask: Ask, page: Page) -> Found:
    """Return a page of what is looked for. Raises NoTenant, and Malformed for a page token of elsewhere."""
    slug = tenant_of(caller.actor, ask)
    known = tenants_named(caller, {slug}).get(slug)
    mark = _mark_of(page, looked_for, ask, slug)
    limit = mark.limit if page.limit is None else page.limit
    if known is None:
        return Found(results=(), next_token="")
    asked = () if looked_for == "subject" else (ask,)
    return _SEARCHES[looked_for](ground_of(*known, asked), ask, replace(mark, limit=limit))


# --- where a page begins ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """After which candidate a page begins, how long it is, and which search it belongs to."""

    after: str = ""
    limit: int = USUAL_PAGE
    search: str = ""

    def next_after(self, last: str) -> str:
        """Return the token of the page after `last`, signed so that it cannot be made up."""
        payload = orjson.dumps([last, self.limit, self.search])
        return base64.urlsafe_b64encode(_seal(payload) + payload).decode()


def _seal(payload: bytes) -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), b"authzen page" + payload, "sha256")[:16]


def _mark_of(page: Page, looked_for: str, ask: Ask, slug: str) -> Mark:
    asked = orjson.dumps([looked_for, slug, ask.properties], option=orjson.OPT_SORT_KEYS)
    search_id = hashlib.sha256(asked).hexdigest()[:24]
    if not page.token:
        return Mark(search=search_id)
    try:
        raw = base64.urlsafe_b64decode(page.token)
        payload = raw[16:]
        if not hmac.compare_digest(raw[:16], _seal(payload)):
            raise ValueError
        after, limit, search_of = orjson.loads(payload)
    except (ValueError, binascii.Error):
        raise Malformed("`page.token` is not one of ours.", where="page.token") from None
    if search_of != search_id:
        raise Malformed("`page.token` belongs to another search: repeat it unchanged.", where="page.token")
    return Mark(after=after, limit=limit, search=search_id)


def _part(names: list[str], is_allowed: Callable[[str], bool], mark: Mark) -> tuple[list[str], str]:
    """Return those of one page that are allowed, of all names in order, and the token of the next page."""
    found: list[str] = []
    last = mark.after
    for name in (one for one in names if one > mark.after):
        if is_allowed(name):
            if len(found) == mark.limit:
                return found, mark.next_after(last)
            found.append(name)
        last = name
    return found, ""


# --- subjects -----------------------------------------------------------------------------------------


def _subjects(ground: Ground, ask: Ask, mark: Mark) -> Found:
    kind = SUBJECTS.get(ask.subject.type)
    if kind is None or ask.action is None or not capabilities_of(ground.catalogue, ask.action, ask.resource):
        return Found(results=(), next_token="")
    found: list[dict[str, str]] = []
    last, looked_at = mark.after, 0
    while looked_at < MOST_LOOKED_AT:
        names = _CANDIDATES[kind](ground.tenant, last, CHUNK)
        for name in _allowed(ground, ask, kind, names):
            if len(found) == mark.limit:
                return Found(results=tuple(found), next_token=mark.next_after(_before(names, name, last)))
            found.append({"type": ask.subject.type, "id": name})
        if len(names) < CHUNK:
            return Found(results=tuple(found), next_token="")
        last, looked_at = names[-1], looked_at + len(names)
    return Found(results=tuple(found), next_token=mark.next_after(last))


def _before(names: list[str], name: str, last: str) -> str:
    """Return the candidate before this one, `last` before the first: a page begins after it."""
    place = names.index(name)
    return names[place - 1] if place else last


def _allowed(ground: Ground, ask: Ask, kind: NodeKind, names: list[str]) -> Iterator[str]:
    nodes = {name: Node(kind, name) for name in names}
    facts = members_of(ground.tenant, nodes.values())[0] if nodes else {}
    assert ask.action is not None
    named = capabilities_of(ground.catalogue, ask.action, ask.resource)
    for name, node in nodes.items():
        asked = replace(ask, subject=replace(ask.subject, id=name))
        if node in facts and over(ground.catalogue, facts[node], named, asked).is_allowed:
            yield name


def _groups_after(tenant: Tenant, last: str, limit: int) -> list[str]:
    rows = Group.objects.of(tenant).filter(path__gt=last).order_by("path")
    return list(rows.values_list("path", flat=True)[:limit])


def _roles_after(tenant: Tenant, last: str, limit: int) -> list[str]:
    rows = Role.objects.of(tenant).filter(name__gt=last).order_by("name")
    return list(rows.values_list("name", flat=True)[:limit])


def _service_accounts_after(tenant: Tenant, last: str, limit: int) -> list[str]:
    rows = tenant.realm.declarations.filter(kind="client", fields__service_accounts=True)
    names = sorted(one.at.path[0] for one in rows)
    return [name for name in names if name > last][:limit]


_CANDIDATES: dict[NodeKind, Callable[[Tenant, str, int], list[str]]] = {
    NodeKind.PERSON: lambda tenant, last, limit: usernames_after(tenant, last, limit=limit),
    NodeKind.GROUP: _groups_after,
    NodeKind.ROLE: _roles_after,
    NodeKind.SERVICE_ACCOUNT: _service_accounts_after,
}


# --- resources ----------------------------------------------------------------------------------------


def _resources(ground: Ground, ask: Ask, mark: Mark) -> Found:
    facts = _facts(ground, ask)
    named = capabilities_of(ground.catalogue, ask.action, ask.resource) if ask.action else ()
    if facts is None or not named or ask.resource.type == SERVICE:
        return Found(results=(), next_token="")

    def is_allowed(name: str) -> bool:
        asked = replace(ask, resource=replace(ask.resource, id=name))
        return over(ground.catalogue, facts, named, asked).is_allowed

    names, token = _part(_names_of_resources(ground, facts, ask.resource), is_allowed, mark)
    return Found(results=tuple({"type": ask.resource.type, "id": name} for name in names), next_token=token)


def _names_of_resources(ground: Ground, facts: Facts, resource: Entity) -> list[str]:
    """Return every resource of a type that is known: kept here, owned, or named by a right that is held."""
    kept = Resource.objects.of(ground.tenant).filter(type__name=resource.type)
    names = set(kept.values_list("name", flat=True))
    names |= {one.partition(":")[2] for one in facts.owns if one.startswith(f"{resource.type}:")}
    for right in facts.rights:
        if right.kind is NodeKind.ENTITLEMENT:
            parts = names_of(right.name)
            names |= {parts[1]} if parts and parts[0] == resource.type else set()
            continue
        for grant, value in ground.catalogue.grants_of(right):
            capability = ground.catalogue.by_key.get(grant.capability)
            if value and grant.resource and capability and capability.resource == resource.type:
                names.add(value)
    return sorted(names - {"*", ""})


def _facts(ground: Ground, ask: Ask) -> Facts | None:
    subject = node_of(ask.subject)
    return ground.facts.get(subject) if subject else None


# --- actions ------------------------------------------------------------------------------------------


def _actions(ground: Ground, ask: Ask, mark: Mark) -> Found:
    facts = _facts(ground, ask)
    if facts is None or not ask.resource.is_possible:
        return Found(results=(), next_token="")

    def is_allowed(name: str) -> bool:
        action = Action(name=name)
        named = capabilities_of(ground.catalogue, action, ask.resource)
        return over(ground.catalogue, facts, named, replace(ask, action=action)).is_allowed

    of_type = of_resource(ground.catalogue, ask.resource)
    known = {name for capability in of_type for name in (*capability.actions, capability.key)}
    names, token = _part(sorted(known), is_allowed, mark)
    return Found(results=tuple({"name": name} for name in names), next_token=token)


_SEARCHES: dict[str, Callable[[Ground, Ask, Mark], Found]] = {
    "subject": _subjects,
    "resource": _resources,
    "action": _actions,
}
