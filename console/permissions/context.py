"""The context processor of rights: templates hide what `can` refuses, and decide nothing else."""

from typing import Any

from django.http import HttpRequest

from console.identity.actor import Actor, actor_of
from console.permissions.policy import decide
from console.permissions.vocabulary import Permission


class Can:
    """`can.ROLE_CREATE` in a template: whether the actor holds it, in the tenant of the page."""

    def __init__(self, *, actor: Actor, tenant: str | None) -> None:
        self._actor = actor
        self._tenant = tenant

    def __getitem__(self, name: str) -> bool:
        """Return the decision. Raises KeyError for a name that is no permission."""
        return decide(self._actor, Permission[name], self._tenant).allowed


def rights(request: HttpRequest) -> dict[str, Any]:
    """Return `can` for the actor and the tenant of the address."""
    match = request.resolver_match
    tenant = match.kwargs.get("tenant") if match else None
    return {"can": Can(actor=actor_of(request), tenant=tenant)}
