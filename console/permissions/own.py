"""The console's own rights as a catalogue, answered by the engine that answers for every platform.

A permission is a capability on a tenant. A realm role gives some on every tenant, the group of a tenant's
administrators some on that one. What an operator has is a graph of a few edges: realm roles and groups of
the token, and membership of a listed group as the second source of comprehensive rights.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from console.graph.catalogue import Capability, Catalogue, Grant, Pattern, Service
from console.graph.closure import Graph
from console.graph.decisions import Answer, Facts, Question, decide
from console.graph.edges import Edge, EdgeKind, NodeKind, group, person, role
from console.permissions.vocabulary import Permission

SERVICE = "console"
TENANT = "tenant"
SELF = person("operator")
ADMINISTRATORS = Pattern("/tenants/<tenant>/admins")
"""The group of the console's realm whose members administer a tenant."""
WHOLE = "/"  # the console as a whole: no group of that form can name it, whatever it is called


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Which realm role gives what, and what the administrators of tenants have in theirs and anywhere."""

    of_roles: frozenset[tuple[str, frozenset[Permission]]]
    in_tenant: frozenset[Permission]
    anywhere: frozenset[Permission]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a token or an account brings: realm roles, and groups, some of which give a role."""

    roles: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    listed: tuple[str, ...] = ()
    given: str = ""

    @property
    def edges(self) -> Iterator[Edge]:
        for name in self.roles:
            yield Edge(SELF, role(name), EdgeKind.PERSON_ROLE)
        for path in self.groups:
            yield Edge(SELF, group(path), EdgeKind.MEMBERSHIP)
            if path in self.listed:
                yield Edge(group(path), role(self.given), EdgeKind.GROUP_ROLE)


def capability_of(permission: Permission) -> str:
    """Return the key of the capability that a permission is."""
    return f"{SERVICE}:{permission.value}"


@lru_cache(maxsize=8)
def catalogue(rules: Rules) -> Catalogue:
    """Return the console's service: each permission, and which role or group gives it."""
    return Catalogue(
        services=(Service(key=SERVICE, name="This console", short="Console"),),
        capabilities=tuple(_capability(one) for one in Permission),
        grants=(*_by_role(rules), *_by_group(rules)),
        key=SERVICE,
    )


@lru_cache(maxsize=1024)
def graph_of(held: Held) -> Graph:
    """Return the edges from an operator to the realm roles of the console."""
    return Graph(held.edges)


@lru_cache(maxsize=1024)
def facts_of(held: Held) -> Facts:
    """Return everything that an operator reaches: groups, and roles by either source."""
    return Facts(subject=SELF, rights=frozenset(graph_of(held).downstream_of(SELF)))


def answer(rules: Rules, held: Held, permission: Permission, tenant: str) -> Answer:
    """Return the engine's answer for one tenant, or with "" for the console as a whole."""
    question = Question(capability=capability_of(permission), resource=f"{TENANT}:{tenant or WHOLE}")
    return decide(catalogue(rules), facts_of(held), question)


@lru_cache(maxsize=1024)
def administered(held: Held) -> frozenset[str]:
    """Return the tenants that the operator's groups administer, matched exactly."""
    found = (ADMINISTRATORS.match(path) for path in held.groups)
    return frozenset(slug for slug in found if slug)


def _capability(permission: Permission) -> Capability:
    return Capability(
        key=capability_of(permission),
        service=SERVICE,
        name=permission.sentence,
        short=permission.sentence[:22],
        group=permission.area,
        resource=TENANT,
        actions=(permission.value,),
        in_documents=False,
    )


def _by_role(rules: Rules) -> Iterator[Grant]:
    for name, permissions in sorted(rules.of_roles, key=lambda row: row[0]):
        for one in sorted(permissions):
            yield Grant(kind=NodeKind.ROLE, right=Pattern(name), capability=capability_of(one))


def _by_group(rules: Rules) -> Iterator[Grant]:
    own = f"<{ADMINISTRATORS.parameter}>"
    for resource, permissions in ((own, rules.in_tenant), ("", rules.anywhere)):
        for one in sorted(permissions):
            yield Grant(
                kind=NodeKind.GROUP,
                right=ADMINISTRATORS,
                capability=capability_of(one),
                resource=resource,
            )
