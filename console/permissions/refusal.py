"""The answer to an operator who may not go on: no role at all, or one right missing."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from console.identity.actor import actor_of
from console.identity.pages import plain_page
from console.identity.people import administrators_seen
from console.permissions.policy import ADMIN, Decision, has_any_standing, needed_roles
from console.permissions.vocabulary import Permission


def forbidden(
    request: HttpRequest, *, decision: Decision, permission: Permission | None = None, needs: str = ""
) -> HttpResponse:
    """Return the 403 page that names the missing right and who can give it."""
    actor = actor_of(request)
    people = administrators_seen(role=ADMIN)
    if not has_any_standing(actor):
        missing = {"needed": needed_roles(), "roles": sorted(actor.roles), "people": people}
        return plain_page(request, "identity/no_role.html", missing, status=403)
    context: dict[str, Any] = {
        "decision": decision,
        "permission": permission,
        "needs": needs or (permission.sentence if permission else ""),
        "people": people,
    }
    return render(request, "identity/forbidden.html", context, status=403)
