"""The ways from the rights that somebody holds to a capability, each with its conditions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from console.graph.catalogue import Capability, Catalogue, Effect, Grant
from console.graph.conditions import Asked, Circumstances, Met, Truth, is_enforced, look
from console.graph.edges import Node, NodeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of somebody: effective rights, what is owned (`type:name`), and how old that is.

    `unread` says what could not be read and why, by kind or address. A role as subject holds itself.
    """

    subject: Node
    rights: frozenset[Node]
    owns: frozenset[str] = frozenset()
    read_at: datetime | None = None
    unread: Mapping[str, str] = field(default_factory=dict)


Looked = tuple[Truth, tuple[Met, ...]]


@dataclass(frozen=True, slots=True)
class Held:
    """A right that is held, and what it gives. `bound`: only on this resource (`type:name`), "" on each."""

    right: Node
    grant: Grant
    bound: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """One way to the capability: a right that is held, the grant it brings, and the conditions of it.

    `resource` is the one that the grant is bound to (`type:name`), "" where it is for each. `holds` is None
    where a condition hangs on something that could not be read, or on a request that there is not.
    """

    right: Node
    grant: Grant
    resource: str
    conditions: tuple[Met, ...]
    holds: Truth

    @property
    def gives(self) -> bool:
        """Say whether the grant is one: what the documents may mean gives nothing."""
        return self.grant.effect is Effect.GIVES

    @property
    def first_missing(self) -> Met | None:
        """Return the first condition that is not met, or None where nothing is missing."""
        return next((one for one in self.conditions if one.met is not True), None) if not self.holds else None


@dataclass(frozen=True, kw_only=True)
class Ways:
    """Everything that somebody has towards one capability. `properties` None: there is no request."""

    catalogue: Catalogue
    facts: Facts
    capability: Capability
    properties: Mapping[str, Any] | None = None

    @cached_property
    def held(self) -> tuple[Held, ...]:
        """The rights held with the grants of the capability, in the order of the catalogue."""
        key, rights = self.capability.key, self.facts.rights
        if key not in self.catalogue.plain_of:
            return ()
        plain, named = self.catalogue.plain_of[key], self.catalogue.rights_of[key] & rights
        found = [(place, node, grant, "") for node in named for place, grant in plain[node]]
        for place, grant in self.catalogue.patterned_of.get(key, ()):
            of_kind = (one for one in rights if one.kind is grant.kind)
            matched = ((one, grant.right.match(one.name)) for one in of_kind)
            found += [(place, one, grant, value) for one, value in matched if value]
        found.sort(key=lambda one: (one[0], one[1].name))
        return tuple(
            Held(right, grant, bound_of(self.capability, grant, value) if grant.resource else "")
            for _, right, grant, value in found
        )

    def chain(self, held: Held, resource: str) -> Chain:
        """Return the chain of one right, asked about one resource ("": of none)."""
        holds, conditions = self.looked(held.grant, resource)
        return Chain(
            right=held.right,
            grant=held.grant,
            resource=held.bound,
            conditions=conditions,
            holds=holds,
        )

    def looked(self, grant: Grant, resource: str) -> Looked:
        """Return whether the conditions of a grant are met, with each of them. Many grants have the same."""
        key = (id(grant.when), grant.exempt, resource)
        if key not in self._known:
            self._known[key] = self._look(grant, resource)
        return self._known[key]

    @cached_property
    def _known(self) -> dict[tuple[int, bool, str], Looked]:
        return {}

    def _look(self, grant: Grant, resource: str) -> Looked:
        about = Circumstances(
            catalogue=self.catalogue,
            rights=self.facts.rights,
            owns=self.facts.owns,
            resource=resource,
            properties=self.properties,
            asked=self._asked(grant),
            is_unread=self.is_unread,
        )
        needs, needed = look(self.capability.needs, about)
        when, also = look(grant.when, about)
        holds = False if needs is False or when is False else None if None in (needs, when) else True
        return holds, needed + also

    def depends(self, grant: Grant) -> bool:
        """Say whether it hangs on the resource whether a grant holds."""
        if grant.exempt or not self.catalogue.enforced or not self.capability.resource:
            return False
        return self._is_enforced or is_enforced(grant.when)

    @cached_property
    def _is_enforced(self) -> bool:
        return is_enforced(self.capability.needs)

    def is_unread(self, kind: NodeKind) -> bool:
        return is_unread(self.facts.unread, kind)

    def _asked(self, grant: Grant) -> Asked:
        if grant.exempt:
            return Asked.EXEMPT
        return Asked.YES if self.catalogue.enforced else Asked.NOT_ENFORCED


def bound_of(capability: Capability, grant: Grant, value: str) -> str:
    """Return the one resource that a grant is for (`type:name`), or "" where it is for each."""
    if not grant.resource or not capability.resource:
        return ""
    name = value if grant.resource == f"<{grant.right.parameter}>" else grant.resource
    return f"{capability.resource}:{name}"


# --- what could not be read --------------------------------------------------------------------------------

# By kind of right: without which kinds of links (and things) it is not known who holds it. That a realm
# role can be had through a client role as well does not make each one unknown where client roles are hidden.
_PEOPLE = frozenset({"group", "membership", "person"})
_OF_ROLES = _PEOPLE | {"composite", "group-role", "person-role", "role", "service-membership", "service-role"}
NEEDED: Mapping[NodeKind, frozenset[str]] = {
    NodeKind.ROLE: _OF_ROLES,
    NodeKind.CLIENT_ROLE: _OF_ROLES
    | {"client", "client-composite-client-role", "client-role", "composite-client-role"}
    | {"group-client-role", "person-client-role", "service-client-role"},
    NodeKind.CLIENT_SCOPE: _OF_ROLES
    | {"client", "client-default-scope", "client-scope", "scope-client-role", "scope-role"},
    NodeKind.ENTITLEMENT: _PEOPLE | {"entitlement", "service-membership"},
}


def is_unread(unread: Mapping[str, str], kind: NodeKind) -> bool:
    """Say whether something could not be read without which it is not known who holds rights of this kind."""
    if not unread:
        return False
    needed = NEEDED.get(kind, frozenset())
    return any(name.partition(":")[0] in needed for name in unread)
