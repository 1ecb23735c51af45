"""Edges and the resources that they are."""

from datetime import UTC, datetime

from hypothesis import given

from console.engine.state import Address, Kind, Resource, State
from console.graph.closure import Graph
from console.graph.edges import (
    Edge,
    EdgeKind,
    Node,
    NodeKind,
    Origin,
    Provenance,
    address_of,
    client_role,
    edges_of,
    entitlement,
    group,
    parents_of,
    person,
    role,
)
from console.graph.paths import paths, sentence_of
from tests.graph.drawn import states


def state(*addresses: Address) -> State:
    return State.of(Resource(address) for address in addresses)


def test_each_link_is_the_edge_of_its_address() -> None:
    """K3, I5: every way to a right is an edge."""
    links = {
        Address(Kind.MEMBERSHIP, ("ann", "a")): Edge(person("ann"), group("a"), EdgeKind.MEMBERSHIP),
        Address(Kind.PERSON_ROLE, ("ann", "r")): Edge(person("ann"), role("r"), EdgeKind.PERSON_ROLE),
        Address(Kind.GROUP_ROLE, ("a", "r")): Edge(group("a"), role("r"), EdgeKind.GROUP_ROLE),
        Address(Kind.COMPOSITE, ("r", "s")): Edge(role("r"), role("s"), EdgeKind.COMPOSITE),
        Address(Kind.ENTITLEMENT, ("person", "ann", "p:x:READ")): Edge(
            person("ann"), entitlement("p:x:READ"), EdgeKind.ENTITLEMENT
        ),
        Address(Kind.ENTITLEMENT, ("group", "a", "p:x:READ")): Edge(
            group("a"), entitlement("p:x:READ"), EdgeKind.ENTITLEMENT
        ),
    }
    for address, edge in links.items():
        assert edges_of(state(address)) == (edge,)
        assert address_of(edge) == address


@given(states())
def test_addresses_of_the_edges_are_the_links_of_the_state(drawn: State) -> None:
    addresses = {address_of(edge) for edge in edges_of(drawn)} - {None}
    assert addresses == {resource.address for resource in drawn}


def test_a_deep_group_that_only_a_membership_mentions_stands_in_all_its_parents() -> None:
    edges = edges_of(state(Address(Kind.MEMBERSHIP, ("ann", "a/b/c"))))
    inside = [edge for edge in edges if edge.kind is EdgeKind.PARENT]
    assert inside == [
        Edge(group("a/b"), group("a"), EdgeKind.PARENT),
        Edge(group("a/b/c"), group("a/b"), EdgeKind.PARENT),
    ]
    assert [address_of(edge) for edge in inside] == [None, None]


def test_things_without_links_make_no_edges() -> None:
    things = state(Address(Kind.REALM, ()), Address(Kind.ROLE, ("r",)), Address(Kind.PERSON, ("ann",)))
    assert edges_of(things) == ()


def test_parents_are_named_nearest_first() -> None:
    assert parents_of("a/b/c/d") == ("a/b/c", "a/b", "a")
    assert parents_of("a") == ()


def test_the_default_role_reaches_everybody_who_is_not_assigned_it() -> None:
    drawn = state(
        Address(Kind.PERSON, ("ann",)),
        Address(Kind.PERSON, ("bob",)),
        Address(Kind.PERSON_ROLE, ("bob", "default-roles-acme")),
    )
    edges = edges_of(drawn, default_role="default-roles-acme")
    assert [(edge.source.name, edge.kind) for edge in edges] == [
        ("ann", EdgeKind.DEFAULT_ROLE),
        ("bob", EdgeKind.PERSON_ROLE),
    ]
    assert address_of(edges[0]) is None


def test_an_edge_tells_where_it_comes_from_and_stays_the_same_edge() -> None:
    since = datetime(2026, 3, 1, tzinfo=UTC)
    told = Provenance(Origin.CONSOLE, since, "mto", "ticket 7", declared=True, live=False)
    granted = Address(Kind.PERSON_ROLE, ("ann", "r"))

    (edge,) = edges_of(state(granted), lambda address: told if address == granted else Provenance())

    assert edge.provenance == told
    assert edge == Edge(person("ann"), role("r"), EdgeKind.PERSON_ROLE)


def test_roles_of_clients_and_groups_of_organizations_are_edges_too() -> None:
    admin = client_role("realm-management", "realm-admin")
    inside = Node(NodeKind.ORGANIZATION_GROUP, "acme//a/b")
    account = Node(NodeKind.SERVICE_ACCOUNT, "robot")
    links = {
        "person-client-role:ann|realm-management|realm-admin": (person("ann"), admin),
        "group-client-role:a/b|realm-management|realm-admin": (group("a/b"), admin),
        "composite-client-role:r|realm-management|realm-admin": (role("r"), admin),
        "client-composite:app|boss|r": (client_role("app", "boss"), role("r")),
        "client-composite-client-role:app|boss|realm-management|realm-admin": (
            client_role("app", "boss"),
            admin,
        ),
        "service-role:robot|r": (account, role("r")),
        "service-client-role:robot|realm-management|realm-admin": (account, admin),
        "service-membership:robot|a/b": (account, group("a/b")),
        "entitlement:client|robot|p:x:READ": (account, entitlement("p:x:READ")),
        "organization-group-member:acme|a/b|ann": (person("ann"), inside),
        "organization-group-role:acme|a/b|r": (inside, role("r")),
        "organization-group-client-role:acme|a/b|realm-management|realm-admin": (inside, admin),
    }
    for key, (source, target) in links.items():
        found = [edge for edge in edges_of(state(Address.parse(key))) if edge.kind is not EdgeKind.PARENT]
        assert [(edge.source, edge.target) for edge in found] == [(source, target)]
        assert address_of(found[0]) == Address.parse(key)
        assert found[0].target.name in sentence_of(found[0])


def test_roles_of_an_organizations_group_are_seen_and_give_nobody_a_right() -> None:
    """As Keycloak 26.7 has it; shown on the real one in `tests/keycloak/kinds`."""
    keys = [
        "organization-group-member:acme|a/b|ann",
        "organization-group-role:acme|a|r",
        "organization-group-client-role:acme|a/b|shop|buyer",
        "group-role:g|s",
        "membership:ann|g",
    ]
    graph = Graph(edges_of(state(*(Address.parse(key) for key in keys))))
    links = {edge.kind: edge for edge in graph.edges}
    shown = links[EdgeKind.ORGANIZATION_GROUP_ROLE]

    assert graph.rights_of(person("ann")) == {role("s")}
    assert graph.rights_of(Node(NodeKind.ORGANIZATION_GROUP, "acme//a")) == frozenset()
    assert graph.holders_of(role("r")) == frozenset()
    assert paths(graph, person("ann"), client_role("shop", "buyer")).total == 0
    assert (shown.source.name, shown.target) == ("acme//a", role("r"))
    assert role("r") in graph.rights
    assert "to nobody" in sentence_of(shown)


def test_what_a_client_or_scope_may_carry_gives_nobody_anything() -> None:
    carried = ["allowed-role:app|r", "scope-role:sc|r", "default-group:a", "client-default-scope:app|sc"]

    assert edges_of(state(*(Address.parse(key) for key in carried))) == ()
