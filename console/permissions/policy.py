"""One policy answers what an operator may do: the engine of the access graph, over the console's own rights.

Rights in the whole console come from realm roles of the console's own realm, rights in a tenant from
membership of `/tenants/<slug>/admins` there. Members of a group listed in CLUSTER_ADMIN_GROUPS have the
rights of `gatehouse-admin`. An API token has what it carries, and never more than its maker.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from django.conf import settings

from console.graph.edges import EdgeKind, NodeKind, role
from console.graph.paths import paths
from console.identity.actor import Actor, ActorKind, Carried
from console.permissions import own
from console.permissions.own import Held, Rules
from console.permissions.vocabulary import Permission as P

ADMIN = "gatehouse-admin"
AUDITOR = "gatehouse-auditor"
SUPERUSER = "gatehouse-superuser"
BREAK_GLASS = "break-glass account"
SYSTEM = "system"

_TOKENS = frozenset({P.TOKEN_CREATE, P.TOKEN_REVOKE, P.TOKEN_VIEW})
_EVERYTHING = frozenset(P)
_VIEWS = frozenset(one for one in P if one.verb == "view")
_OWN_PAGES = frozenset({P.PROFILE_VIEW, P.PROFILE_EDIT})

ROLE_TABLE: Mapping[str, frozenset[P]] = {
    ADMIN: _EVERYTHING - {P.TOKEN_CREATE, P.TOKEN_REVOKE},
    AUDITOR: _VIEWS | _OWN_PAGES,
    SUPERUSER: _OWN_PAGES | _TOKENS,
    BREAK_GLASS: _EVERYTHING,
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

CARRIABLE: frozenset[P] = _EVERYTHING - _TOKENS - _OWN_PAGES
"""What an API token may carry. None makes another token, and none has a profile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer, why, and who can change it."""

    allowed: bool
    reason: str
    who: str = ""

    def __bool__(self) -> bool:
        return self.allowed


_NEEDED_ROLES = (ADMIN, AUDITOR, SUPERUSER)
_NEEDED = frozenset(_NEEDED_ROLES)


def decide(actor: Actor, permission: P, tenant: str | None = None) -> Decision:
    """Return whether the actor holds the right in that tenant; without one, in the whole console."""
    if actor.carried is not None:
        return _by_token(actor.carried, permission, tenant)
    return _allowed(_rules(), held_by(actor), permission, tenant) or _refusal(actor, permission, tenant)


@lru_cache(maxsize=8192)
def _allowed(rules: Rules, held: Held, permission: P, tenant: str | None) -> Decision | None:
    """Return the yes of the engine with its first reason, or None. Nothing else than the key decides."""
    answer = own.answer(rules, held, permission, tenant or "")
    if not answer.is_allowed:
        return None
    chain = next(one for one in answer.chains if one.holds)
    if chain.right.kind is NodeKind.ROLE:
        return Decision(allowed=True, reason=f"{_how(held, chain.right.name)} gives it everywhere.")
    if chain.resource:
        return Decision(allowed=True, reason=f"The group {chain.right.name} gives it in {tenant}.")
    return Decision(allowed=True, reason="Every tenant's administrators hold it.")


def decide_somewhere(actor: Actor, permission: P) -> Decision:
    """Return whether the right is held in the whole console or in at least one tenant.

    For pages that list several tenants: they narrow what they show with `visible_tenants`.
    """
    decision = decide(actor, permission)
    if decision:
        return decision
    found = (decide(actor, permission, slug) for slug in sorted(administered_tenants(actor)))
    return next((one for one in found if one), decision)


def visible_tenants(actor: Actor) -> Literal["all"] | frozenset[str]:
    """Return the slugs of the tenants that the actor may know of."""
    if (carried := actor.carried) is not None:
        known = visible_tenants(carried.maker)
        only = frozenset({carried.tenant} - {""})
        return known if not only else only if known == "all" else known & only
    return "all" if decide(actor, P.TENANT_VIEW) else administered_tenants(actor)


def has_any_standing(actor: Actor) -> bool:
    """Return False for a person who could sign in but has nothing to do here."""
    return actor.carried is not None or bool(standings(actor) or administered_tenants(actor))


def standings(actor: Actor) -> frozenset[str]:
    """Return the rows of the role table that hold for the actor."""
    rights = own.facts_of(held_by(actor)).rights
    return frozenset(one.name for one in rights if one.kind is NodeKind.ROLE)


def administered_tenants(actor: Actor) -> frozenset[str]:
    """Return the slugs of `/tenants/<slug>/admins` among the actor's groups, matched exactly."""
    if (carried := actor.carried) is None:
        return own.administered(held_by(actor))
    if not carried.tenant:
        return administered_tenants(carried.maker)
    may_know = decide(carried.maker, P.TENANT_VIEW, carried.tenant)
    return frozenset({carried.tenant}) if may_know else frozenset()


def ways_of(actor: Actor, permission: P, tenant: str | None = None) -> tuple[str, ...]:
    """Return every path to a right that is held, each as a sentence: both sources, where both hold."""
    held = held_by(actor.carried.maker if actor.carried else actor)
    answer = own.answer(_rules(), held, permission, tenant or "")
    graph = own.graph_of(held)
    return tuple(
        f"{', which '.join(_step(edge.kind, edge.target.name) for edge in path.edges)}."
        for chain in answer.chains
        if chain.holds
        for path in paths(graph, own.SELF, chain.right).listed
    )


def group_of(tenant: str) -> str:
    """Return the group of the console's realm whose members administer the tenant."""
    return own.ADMINISTRATORS.of(tenant)


def needed_roles() -> tuple[str, ...]:
    """Return the realm roles that open the console."""
    return _NEEDED_ROLES


def held_by(actor: Actor) -> Held:
    """Return what the actor's verified token, or the kind of account, brings."""
    if actor.kind is ActorKind.SYSTEM:
        return Held(roles=frozenset({SYSTEM}))
    if actor.kind is ActorKind.LOCAL and actor.is_superuser:
        return Held(roles=frozenset({BREAK_GLASS}))
    if actor.kind is not ActorKind.SSO:
        return Held()
    return Held(
        roles=actor.roles & _NEEDED,
        groups=actor.groups,
        listed=settings.CLUSTER_ADMIN_GROUPS,
        given=ADMIN,
    )


def givers_of(permission: P, tenant: str | None) -> tuple[str, ...]:
    """Return the realm roles and the group with which a right comes, the strongest first."""
    roles = tuple(name for name in needed_roles() if permission in ROLE_TABLE[name])
    return (*roles, group_of(tenant)) if tenant and permission in TENANT_ADMIN else roles


def _rules() -> Rules:
    return _rules_of(tuple(ROLE_TABLE.items()))


@lru_cache(maxsize=8)
def _rules_of(table: tuple[tuple[str, frozenset[P]], ...]) -> Rules:
    return Rules(of_roles=frozenset(table), in_tenant=TENANT_ADMIN, anywhere=TENANT_ADMIN_ANYWHERE)


def _by_token(carried: Carried, permission: P, tenant: str | None) -> Decision:
    """Return what a token allows: a right it carries, in its tenant, which its maker holds now."""
    if permission not in CARRIABLE or permission.value not in carried.permissions:
        return Decision(
            allowed=False,
            reason=f"This API token does not carry “{permission.sentence}” ({permission}).",
            who="A superuser of this console can make one that does.",
        )
    if carried.tenant and carried.tenant != tenant:
        return Decision(
            allowed=False,
            reason=f"This API token is for the tenant {carried.tenant} only.",
            who="A superuser of this console can make one for another tenant, or for all.",
        )
    maker = decide(carried.maker, permission, tenant)
    if not maker:
        return Decision(
            allowed=False,
            reason=f"{carried.maker.name}, who made this API token, may not “{permission.sentence}” there.",
            who=_who_grants(permission, tenant),
        )
    return Decision(allowed=True, reason=f"The API token carries it, and its maker has it. {maker.reason}")


def _how(held: Held, standing: str) -> str:
    if standing == SYSTEM:
        return "Work of the console itself"
    if standing == BREAK_GLASS:
        return "The break-glass account"
    edges = own.graph_of(held).entering.get(role(standing), ())
    if not any(edge.kind is EdgeKind.PERSON_ROLE for edge in edges):
        return f"The group {min(edge.source.name for edge in edges)}"
    return f"The realm role {standing}"


_STEPS: Mapping[EdgeKind, str] = {
    EdgeKind.PERSON_ROLE: "has the realm role {}",
    EdgeKind.MEMBERSHIP: "is a member of {}",
    EdgeKind.GROUP_ROLE: "stands in CLUSTER_ADMIN_GROUPS and has the rights of {}",
}


def _step(kind: EdgeKind, name: str) -> str:
    if name in (BREAK_GLASS, SYSTEM):
        return "is a break-glass account" if name == BREAK_GLASS else "is work of the console itself"
    return _STEPS[kind].format(name)


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
    ways = [f"the realm role {name}" for name in needed_roles() if permission in ROLE_TABLE[name]]
    if permission in TENANT_ADMIN:
        ways.append(
            f"membership of {group_of(tenant)}" if tenant else "membership of the administrators of a tenant"
        )
    return (
        f"It comes with {', or '.join(ways)}. An administrator with the realm role {ADMIN} can give you that."
    )
