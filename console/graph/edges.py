"""The edges of the access graph: who is in what, and what gives which right.

A right is held by whoever reaches it along edges. An edge that is a resource of its own (a
membership, a composite, ...) can be removed by a change; a group's place in its parent cannot.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from operator import attrgetter

from console.engine.kinds import GIVEN_SCOPES, ends
from console.engine.state import Address, Kind, State
from console.graph.nodes import (
    EVERYBODY,
    SUBJECTS,
    Node,
    NodeKind,
    client_role,
    client_scope,
    entitlement,
    group,
    node_of,
    parents_of,
    person,
    role,
    scope,
    service_account,
)
from console.graph.vocabulary import COMPOSITES, INERT, WHY_INERT, Edge, EdgeKind, Origin, Provenance

__all__ = [
    "EVERYBODY",
    "INERT",
    "SUBJECTS",
    "WHY_INERT",
    "Edge",
    "EdgeKind",
    "Ends",
    "Node",
    "NodeKind",
    "Origin",
    "Provenance",
    "ProvenanceOf",
    "address_of",
    "client_role",
    "client_scope",
    "edges_of",
    "ends_of",
    "entitlement",
    "group",
    "node_of",
    "parents_of",
    "person",
    "rank",
    "role",
    "scope",
    "service_account",
]


ProvenanceOf = Callable[[Address], Provenance]
Ends = tuple[Node, Node, EdgeKind]


def edges_of(
    state: State,
    provenance_of: ProvenanceOf | None = None,
    *,
    default_role: str | None = None,
    known: Collection[str] = (),
    signs_in: bool = False,
) -> tuple[Edge, ...]:
    """Return every edge that a state says, sorted.

    A group that only its subgroups or members mention is placed in its parents all the same.
    With `default_role`, every person of the state has that role, as Keycloak gives it; without,
    only who is assigned it in so many words (which is how a live read shows it). Of those who are
    `known` Keycloak has said what they have, so nothing is supposed of them. With `signs_in`, people
    are shown to sign in even where this state does not say what that gives them.
    """
    told = provenance_of or _untold
    found = {edge: edge for edge in _linked(state, told)}
    found.update([(edge, edge) for edge in _scoped(state, told, found)])
    found.update((edge, edge) for edge in _mapped(state, told))
    if default_role is not None:
        found.update([(edge, edge) for edge in _defaults(state, default_role, found, frozenset(known))])
    groups = _groups_in(state, found)
    found.update((edge, edge) for edge in _nested(groups, told))
    if signs_in or any(edge.kind is EdgeKind.UNRESTRICTED_SCOPE for edge in found):
        found.update((edge, edge) for edge in _sign_ins(state, found))
    return tuple(sorted(found.values(), key=rank))


# The order of an edge as plain text: many times faster to sort by than the edges themselves.
rank: Callable[[Edge], tuple[str, ...]] = attrgetter(
    "source.kind", "source.name", "target.kind", "target.name", "kind"
)


def address_of(edge: Edge) -> Address | None:
    """Return the resource that is this edge, or None where no single resource is it."""
    match edge.kind:
        case _ if edge.kind in _OF_NO_LINK:
            return None
        case EdgeKind.CLIENT_DEFAULT_SCOPE:
            return Address(Kind.CLIENT_DEFAULT_SCOPE, (edge.target.name.partition("/")[0], edge.source.name))
        case EdgeKind.SCOPE_ROLE | EdgeKind.SCOPE_CLIENT_ROLE:
            return Address(Kind(edge.kind.value), (edge.target.name, *_path_of(edge.source)))
        case EdgeKind.ENTITLEMENT:
            return Address(
                Kind.ENTITLEMENT, (_CARRIERS[edge.source.kind], edge.source.name, edge.target.name)
            )
        case EdgeKind.ORGANIZATION_GROUP_MEMBER:
            return Address(Kind(edge.kind.value), (*_path_of(edge.target), *_path_of(edge.source)))
        case _:
            return Address(Kind(edge.kind.value), (*_path_of(edge.source), *_path_of(edge.target)))


def _path_of(node: Node) -> tuple[str, ...]:
    """Return the parts of a path that name a node."""
    if node.kind is NodeKind.CLIENT_ROLE:
        client, _, name = node.name.rpartition("/")
        return client, name
    if node.kind is NodeKind.ORGANIZATION_GROUP:
        organization, _, name = node.name.partition("//")
        return organization, name
    return (node.name,)


def _untold(_: Address) -> Provenance:
    return Provenance()


def _linked(state: State, told: ProvenanceOf) -> Iterator[Edge]:
    for resource in state:
        found = ends_of(resource.address)
        if found is not None:
            yield Edge(*found, told(resource.address))


@lru_cache(
    maxsize=1 << 14
)  # a structure is read anew after each change, and hardly anything of it is another
def ends_of(address: Address) -> Ends | None:
    """Return who has and what is had by an address, or None when it is no such link. See `INERT`."""
    kind = _GIVING.get(address.kind)
    if kind is None:
        return None
    if kind is EdgeKind.ENTITLEMENT:
        holder = node_of(ends(address)[0][1])
        return (holder, entitlement(address.path[2]), kind) if holder is not None else None
    nodes = [node for _, end in ends(address) if (node := node_of(end))]
    if kind is EdgeKind.ORGANIZATION_GROUP_MEMBER:
        nodes.reverse()
    return nodes[0], nodes[-1], kind


# What an entitlement's path calls its holder.
_CARRIERS = {
    NodeKind.PERSON: Kind.PERSON.value,
    NodeKind.GROUP: Kind.GROUP.value,
    NodeKind.SERVICE_ACCOUNT: Kind.CLIENT.value,
}
# Edges that follow from the rest, or from a setting inside another thing.
_OF_NO_LINK = frozenset(
    {
        EdgeKind.DEFAULT_GROUP,
        EdgeKind.DEFAULT_ROLE,
        EdgeKind.MAPPED,
        EdgeKind.PARENT,
        EdgeKind.SCOPE_INCLUDED,
        EdgeKind.SIGN_IN,
        EdgeKind.UNRESTRICTED_SCOPE,
    }
)
# What a scope needs is read from several links at once, see `_scoped`.
_OF_SCOPES = frozenset({EdgeKind.CLIENT_DEFAULT_SCOPE, EdgeKind.SCOPE_ROLE, EdgeKind.SCOPE_CLIENT_ROLE})
_GIVING = {Kind(kind.value): kind for kind in EdgeKind if kind not in _OF_NO_LINK | _OF_SCOPES}


def _groups_in(state: State, edges: Iterable[Edge]) -> frozenset[str]:
    """Return every group that the state knows or mentions, with the groups above it."""
    named = {one.address.path[0] for one in state.of_kind(Kind.GROUP)}
    for edge in edges:
        named.update(end.name for end in (edge.source, edge.target) if end.kind is NodeKind.GROUP)
    return frozenset(named.union(*(parents_of(name) for name in named)))


def _nested(groups: Iterable[str], told: ProvenanceOf) -> Iterator[Edge]:
    for name in groups:
        for parent in parents_of(name)[:1]:
            provenance = told(Address(Kind.GROUP, (name,)))
            yield Edge(group(name), group(parent), EdgeKind.PARENT, provenance)


def _defaults(
    state: State, default_role: str, found: Iterable[Edge], known: frozenset[str]
) -> Iterator[Edge]:
    """Yield what Keycloak gives to each person whom it creates: the default role and the default groups."""
    assigned = {edge.source for edge in found if edge.target == role(default_role)}
    given = Provenance(source=Origin.KEYCLOAK, reason="Keycloak gives this to every person it creates.")
    groups = [one.address.path[0] for one in state.of_kind(Kind.DEFAULT_GROUP)]
    for one in state.of_kind(Kind.PERSON):
        holder = person(one.address.path[0])
        if holder.name in known:
            continue
        if holder not in assigned:
            yield Edge(holder, role(default_role), EdgeKind.DEFAULT_ROLE, given)
        for name in groups:
            yield Edge(holder, group(name), EdgeKind.DEFAULT_GROUP, given)


def _sign_ins(state: State, found: Iterable[Edge]) -> Iterator[Edge]:
    """Yield that each person and service account signs in, and so is one of everybody."""
    given = Provenance(source=Origin.KEYCLOAK)
    holders = {person(one.address.path[0]) for one in state.of_kind(Kind.PERSON)}
    holders |= {
        service_account(one.address.path[0])
        for one in state.of_kind(Kind.CLIENT)
        if one.fields.get("service_accounts")
    }
    holders |= {edge.source for edge in found if edge.source.kind in SUBJECTS}
    return (Edge(one, EVERYBODY, EdgeKind.SIGN_IN, given) for one in holders)


# --- client scopes ---------------------------------------------------------------------------------


def _scoped(state: State, told: ProvenanceOf, found: Iterable[Edge]) -> Iterator[Edge]:
    """Yield what default client scopes give: to everybody who signs in through the client, or to the roles
    that are mapped to the scope, of which any one suffices.

    So does any role that a mapped one includes: Keycloak takes the composites of the scope's side apart, too
    (docs/keycloak-facts.md). The scopes that Keycloak makes itself give no right and are left out.
    """
    carried = [one.address for one in state.of_kind(Kind.CLIENT_DEFAULT_SCOPE)]
    carried = [one for one in carried if one.path[1] not in GIVEN_SCOPES]
    mappings: defaultdict[str, list[Address]] = defaultdict(list)
    for kind in (Kind.SCOPE_ROLE, Kind.SCOPE_CLIENT_ROLE):
        for one in state.of_kind(kind):
            mappings[one.address.path[0]].append(one.address)
    by_scope: defaultdict[str, list[Address]] = defaultdict(list)
    for address in carried:
        by_scope[address.path[1]].append(address)
        target = client_scope(*address.path)
        yield Edge(scope(address.path[1]), target, EdgeKind.CLIENT_DEFAULT_SCOPE, told(address))
    for name, links in by_scope.items():
        yield from _restricted([_mapping(one, told) for one in mappings[name]], found)
        yield from _unrestricted(name, links, mappings[name], told)


def _mapping(address: Address, told: ProvenanceOf) -> Edge:
    name, *path = address.path
    source = role(path[0]) if len(path) == 1 else client_role(path[0], path[1])
    return Edge(source, scope(name), EdgeKind(address.kind.value), told(address))


def _restricted(mappings: Sequence[Edge], found: Iterable[Edge]) -> Iterator[Edge]:
    """Yield the mappings of a scope, and the roles that the mapped ones include."""
    yield from mappings
    included = _included(found) if mappings else {}
    mapped = {edge.source for edge in mappings}
    for edge in mappings:
        waiting, seen = [edge.source], {edge.source}
        while waiting:
            further = included.get(waiting.pop(), set()) - seen
            seen |= further
            waiting.extend(further)
        for one in seen - mapped:
            yield Edge(one, edge.target, EdgeKind.SCOPE_INCLUDED, edge.provenance)


def _included(found: Iterable[Edge]) -> Mapping[Node, set[Node]]:
    """Return what each role includes."""
    included: defaultdict[Node, set[Node]] = defaultdict(set)
    for edge in found:
        if edge.kind in COMPOSITES:
            included[edge.source].add(edge.target)
    return included


def _unrestricted(
    name: str, links: Iterable[Address], mappings: Iterable[Address], told: ProvenanceOf
) -> Iterator[Edge]:
    """Yield that everybody has a scope: no role is mapped to it, or Keycloak has no mapping yet."""
    carried, mapped = [told(one) for one in links], [told(one) for one in mappings]
    is_open_there = any(one.live for one in carried) and all(one.live is False for one in mapped)
    if mapped and not is_open_there:
        return
    first = next((one for one in carried if one.declared), carried[0])
    live = is_open_there if any(one.live is not None for one in carried) else None
    is_declared = not mapped and any(one.declared for one in carried)
    yield Edge(
        EVERYBODY, scope(name), EdgeKind.UNRESTRICTED_SCOPE, replace(first, declared=is_declared, live=live)
    )


# --- identity providers -----------------------------------------------------------------------------


_TO_ROLE = frozenset(
    {
        "keycloak-oidc-role-to-role-idp-mapper",
        "oidc-advanced-role-idp-mapper",
        "oidc-hardcoded-role-idp-mapper",
        "oidc-role-idp-mapper",
        "saml-advanced-role-idp-mapper",
        "saml-role-idp-mapper",
    }
)


def _mapped(state: State, told: ProvenanceOf) -> Iterator[Edge]:
    """Yield what mappers of identity providers give to who comes through them and meets their condition.

    Nobody is known to come through: what they gave stands at the person since the last sign-in. So these
    edges say where a right can come from, and no person reaches anything along them.
    """
    for one in state.of_kind(Kind.IDENTITY_PROVIDER_MAPPER):
        target = _mapped_to(state, one.fields)
        if target is not None:
            source = Node(NodeKind.IDENTITY_PROVIDER, one.address.path[0])
            provenance = replace(told(one.address), source=Origin.MAPPER)
            yield Edge(source, target, EdgeKind.MAPPED, provenance)


def _mapped_to(state: State, fields: Mapping[str, object]) -> Node | None:
    """Return what a mapper gives, or None. A role with a dot is a client's where there is such a client."""
    config = fields.get("config")
    if not isinstance(config, Mapping):
        return None
    given, kind = str(config.get("role") or ""), fields.get("type")
    if kind in _TO_ROLE and given:
        client, _, name = given.rpartition(".")
        return client_role(client, name) if Address(Kind.CLIENT, (client,)) in state else role(given)
    path = str(config.get("group") or "")
    return group(path.strip("/")) if path.startswith("/") else None
