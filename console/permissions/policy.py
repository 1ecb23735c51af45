"""The one policy: which standing gives which rights, and the sentence that explains the answer.

A standing is what an operator is to the console: a realm role of the console's own realm, or the
administration of one tenant through the group `/tenants/<slug>/admins`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from django.conf import settings

from console.identity.actor import Actor, ActorKind
from console.permissions.vocabulary import Permission as P

ADMIN = "gatehouse-admin"
AUDITOR = "gatehouse-auditor"
SUPERUSER = "gatehouse-superuser"
SYSTEM = "system"

_EVERYTHING = frozenset(P)
_VIEWS = frozenset(one for one in P if one.verb == "view")
_OWN_PAGES = frozenset({P.PROFILE_VIEW, P.PROFILE_EDIT})

ROLE_TABLE: Mapping[str, frozenset[P]] = {
    ADMIN: _EVERYTHING,
    AUDITOR: _VIEWS | _OWN_PAGES,
    SUPERUSER: _OWN_PAGES,
    SYSTEM: _EVERYTHING,
}
"""Rights in the whole console. The Django admin is not in the table: it opens by account, not by right."""

TENANT_ADMIN: frozenset[P] = (
    frozenset(one for one in P if one.area == "access")
    | {P.DRIFT_ACCEPT, P.DRIFT_CHECK, P.DRIFT_IGNORE, P.DRIFT_PUSH, P.DRIFT_VIEW}
    | {P.PLAN_APPLY, P.PLAN_CREATE, P.PLAN_VIEW, P.RUN_RETRY, P.RUN_START, P.RUN_VIEW}
    | {P.AUDIT_VIEW, P.BLUEPRINT_VIEW, P.TENANT_VIEW}
)
"""Rights of a tenant's administrators, in that tenant only."""

TENANT_ADMIN_ANYWHERE: frozenset[P] = _OWN_PAGES | {P.OVERVIEW_VIEW}
"""What the administrators of any tenant may see of the console itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer, why, and who can change it."""

    allowed: bool
    reason: str
    who: str = ""

    def __bool__(self) -> bool:
        return self.allowed


def decide(actor: Actor, permission: P, tenant: str | None = None) -> Decision:
    """Return whether the actor holds the right in that tenant; without one, in the whole console."""
    for standing in sorted(standings(actor)):
        if permission in ROLE_TABLE[standing]:
            return Decision(allowed=True, reason=f"{_how(actor, standing)} gives it everywhere.")
    own = administered_tenants(actor)
    if tenant is not None and tenant in own and permission in TENANT_ADMIN:
        return Decision(allowed=True, reason=f"The group {group_of(tenant)} gives it in {tenant}.")
    if own and permission in TENANT_ADMIN_ANYWHERE:
        return Decision(allowed=True, reason="Every tenant's administrators hold it.")
    return _refusal(actor, permission, tenant)


def decide_somewhere(actor: Actor, permission: P) -> Decision:
    """Return whether the right is held in the whole console or in at least one tenant.

    For pages that list several tenants: they narrow what they show with `visible_tenants`.
    """
    decision = decide(actor, permission)
    own = sorted(administered_tenants(actor))
    if decision or not own or permission not in TENANT_ADMIN:
        return decision
    return Decision(allowed=True, reason=f"The group {group_of(own[0])} gives it in {own[0]}.")


def visible_tenants(actor: Actor) -> Literal["all"] | frozenset[str]:
    """Return the slugs of the tenants that the actor may know of."""
    return "all" if decide(actor, P.TENANT_VIEW) else administered_tenants(actor)


def has_any_standing(actor: Actor) -> bool:
    """Return False for a person who could sign in but has nothing to do here."""
    return bool(standings(actor) or administered_tenants(actor))


def standings(actor: Actor) -> frozenset[str]:
    """Return the rows of the role table that hold for the actor."""
    if actor.kind is ActorKind.SYSTEM:
        return frozenset({SYSTEM})
    if actor.kind is ActorKind.LOCAL:
        return frozenset({ADMIN, SUPERUSER}) if actor.is_superuser else frozenset()
    if actor.kind is not ActorKind.SSO:
        return frozenset()
    held = actor.roles & {ADMIN, AUDITOR, SUPERUSER}
    return held | {ADMIN} if actor.groups & _cluster_admin_groups() else held


def administered_tenants(actor: Actor) -> frozenset[str]:
    """Return the slugs of `/tenants/<slug>/admins` among the actor's groups, matched exactly."""
    paths = (group.split("/") for group in actor.groups if actor.kind is ActorKind.SSO)
    return frozenset(
        path[2]
        for path in paths
        if len(path) == 4 and path[:2] == ["", "tenants"] and path[3] == "admins" and path[2]
    )


def group_of(tenant: str) -> str:
    """Return the group of the console's realm whose members administer the tenant."""
    return f"/tenants/{tenant}/admins"


def needed_roles() -> tuple[str, ...]:
    """Return the realm roles that open the console."""
    return (ADMIN, AUDITOR, SUPERUSER)


def _cluster_admin_groups() -> frozenset[str]:
    return frozenset(settings.CLUSTER_ADMIN_GROUPS)


def _how(actor: Actor, standing: str) -> str:
    if actor.kind is ActorKind.SYSTEM:
        return "Work of the console itself"
    if actor.kind is ActorKind.LOCAL:
        return "The break-glass account"
    groups = sorted(actor.groups & _cluster_admin_groups())
    if standing == ADMIN and ADMIN not in actor.roles and groups:
        return f"The group {groups[0]}"
    return f"The realm role {standing}"


def _refusal(actor: Actor, permission: P, tenant: str | None) -> Decision:
    place = f" in {tenant}" if tenant else ""
    if actor.kind is ActorKind.ANONYMOUS:
        return Decision(allowed=False, reason="Nobody is signed in.", who="Sign in first.")
    return Decision(
        allowed=False,
        reason=f"You need “{permission.sentence}” ({permission}){place}.",
        who=_who_grants(permission, tenant),
    )


def _who_grants(permission: P, tenant: str | None) -> str:
    ways = [f"the realm role {name}" for name in (ADMIN, AUDITOR) if permission in ROLE_TABLE[name]]
    if permission in TENANT_ADMIN:
        ways.append(
            f"membership of {group_of(tenant)}" if tenant else "membership of the administrators of a tenant"
        )
    return (
        f"It comes with {', or '.join(ways)}. An administrator with the realm role {ADMIN} can give you that."
    )
