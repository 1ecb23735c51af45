"""The answer to an operator who may not go on: no role at all, or one right missing.

A 403 is the policy's own answer: which right is missing, every way to it, and who is known to have that way.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from console.identity.actor import Actor, actor_of
from console.identity.pages import plain_page
from console.identity.people import administrators_seen, holders_seen
from console.permissions.policy import (
    ADMIN,
    Decision,
    givers_of,
    group_of,
    has_any_standing,
    needed_roles,
    visible_tenants,
)
from console.permissions.vocabulary import Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class Giver:
    """One way to the missing right: a realm role or a group, and who is known to be there."""

    words: str
    people: tuple[str, ...]


def forbidden(
    request: HttpRequest,
    *,
    decision: Decision,
    permission: Permission | None = None,
    needs: str = "",
    tenant: str | None = None,
) -> HttpResponse:
    """Return the 403 page that names the missing right and who can give it."""
    actor = actor_of(request)
    if not has_any_standing(actor):
        people = administrators_seen(role=ADMIN)
        missing = {"needed": needed_roles(), "roles": sorted(actor.roles), "people": people}
        return plain_page(request, "identity/no_role.html", missing, status=403)
    context: dict[str, Any] = {
        "decision": decision,
        "permission": permission,
        "needs": needs or (permission.sentence if permission else ""),
        "people": administrators_seen(role=ADMIN),
        "givers": tuple(_givers(actor, permission, tenant)) if permission else (),
    }
    return render(request, "identity/forbidden.html", context, status=403)


def _givers(actor: Actor, permission: Permission, tenant: str | None) -> Iterator[Giver]:
    """Yield each way to a right. People of a tenant's group are named to those who may know the tenant."""
    names = givers_of(permission, tenant)
    listed = settings.CLUSTER_ADMIN_GROUPS if ADMIN in names else ()
    known = visible_tenants(actor)
    told = tenant is not None and (known == "all" or tenant in known)
    own = group_of(tenant) if tenant else ""
    seen = holders_seen(
        roles=[name for name in names if name != own], groups=[*listed, *([own] if told else [])]
    )
    for name in names:
        words = f"the group {name}" if name == own else f"the realm role {name}"
        yield Giver(words=words, people=seen.get(name, ()))
    for path in listed:
        yield Giver(words=f"the group {path}, which has the rights of {ADMIN}", people=seen[path])
