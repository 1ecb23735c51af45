"""Edges and the resources that they are."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given

from console.engine.state import Address, Kind, Resource, State
from console.graph.closure import Graph
from console.graph.cut import minimal_cut
from console.graph.edges import (
    Edge,
    EdgeKind,
    Node,
    NodeKind,
    Origin,
    Provenance,
    address_of,
    client_role,
    client_scope,
    edges_of,
    entitlement,
    group,
    parents_of,
    person,
    role,
    scope,
    service_account,
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


def test_what_a_client_may_carry_and_what_only_newcomers_get_gives_nobody_anything() -> None:
    carried = ["allowed-role:app|r", "scope-role:sc|r", "default-group:a", "client-optional-scope:app|sc"]

    assert edges_of(state(*(Address.parse(key) for key in carried))) == ()


# --- client scopes: who gets a default scope of a client (measured on Keycloak) -----------------------

RABBIT = "client-default-scope:rabbit|rabbitmq.tag:administrator"
TAG = client_scope("rabbit", "rabbitmq.tag:administrator")


def scopes(*keys: str, **more: Any) -> Graph:
    return Graph(edges_of(state(*(Address.parse(key) for key in keys)), **more))


def test_a_default_scope_without_roles_reaches_everybody_who_signs_in() -> None:
    graph = scopes(RABBIT, "person:ann", "person-role:bob|viewer")
    assert graph.rights_of(person("ann")) == {TAG}
    assert graph.rights_of(person("bob")) == {TAG, role("viewer")}


def test_a_default_scope_with_roles_reaches_whoever_has_any_one_of_them() -> None:
    links = [
        "scope-role:rabbitmq.tag:administrator|admin",
        "scope-client-role:rabbitmq.tag:administrator|app|boss",
    ]
    people = [
        "person:ann",
        "person-role:bob|chief",
        "composite:chief|admin",
        "person-client-role:cy|app|boss",
    ]
    graph = scopes(RABBIT, *links, *people)
    holders = {one.name for one in graph.holders_of(TAG)}
    assert holders == {"bob", "cy"}


def test_a_role_that_a_mapped_one_includes_suffices_too() -> None:
    """Shown on the real Keycloak by `tests/contract/test_effective_rights.py`."""
    mapping = "scope-role:rabbitmq.tag:administrator|admin"
    includes = ["composite:admin|operator", "composite-client-role:operator|app|boss"]
    people = ["person-role:ann|operator", "person-client-role:bob|app|boss", "person-role:cy|other"]
    graph = scopes(RABBIT, mapping, *includes, *people)
    assert {one.name for one in graph.holders_of(TAG)} == {"ann", "bob"}
    (first, *_) = paths(graph, person("ann"), TAG).listed
    assert "included in one that is mapped" in first.summary[1]


def test_scopes_with_slashes_in_their_names_are_taken_whole() -> None:
    graph = scopes("client-default-scope:rabbit|rabbitmq.read:*/*", "person:ann")
    assert graph.rights_of(person("ann")) == {client_scope("rabbit", "rabbitmq.read:*/*")}
    (link,) = (one for one in graph.edges if one.kind is EdgeKind.CLIENT_DEFAULT_SCOPE)
    assert address_of(link) == Address(Kind.CLIENT_DEFAULT_SCOPE, ("rabbit", "rabbitmq.read:*/*"))


def test_the_scopes_that_keycloak_makes_itself_are_no_rights() -> None:
    assert scopes("client-default-scope:rabbit|profile", "person:ann").edges == ()


def test_a_service_account_has_the_scopes_of_its_own_client_only() -> None:
    mapping = "scope-role:rabbitmq.tag:administrator|admin"
    holders = ["service-role:rabbit|admin", "service-role:robot|admin"]
    own, other = service_account("rabbit"), service_account("robot")
    for graph in (scopes(RABBIT, *holders), scopes(RABBIT, mapping, *holders)):
        assert graph.rights_of(own) == {role("admin"), TAG}
        assert graph.rights_of(other) == {role("admin")}
        assert not graph.holds(other, TAG)
        assert paths(graph, other, TAG).total == 0
        assert paths(graph, own, TAG).total == 1


def test_a_mapping_that_keycloak_does_not_have_yet_leaves_the_scope_to_everybody_there() -> None:
    mapping = Address.parse("scope-role:rabbitmq.tag:administrator|admin")

    def told(address: Address) -> Provenance:
        return Provenance(declared=True, live=address != mapping)

    graph = scopes(RABBIT, str(mapping), "person:ann", provenance_of=told)
    declared = Graph(edge for edge in graph.edges if edge.provenance.declared)
    assert graph.rights_of(person("ann")) == {TAG}
    assert declared.rights_of(person("ann")) == set()


def test_the_cut_of_a_scope_takes_no_mapping_away_because_that_would_open_it_to_everybody() -> None:
    mapping = "scope-role:rabbitmq.tag:administrator|admin"
    cut = minimal_cut(scopes(RABBIT, mapping, "person-role:ann|admin"), person("ann"), TAG)
    assert [str(edge) for edge in cut or ()] == ["person ann -> role admin"]
    assert minimal_cut(scopes(RABBIT, "person:ann"), person("ann"), TAG) == (
        Edge(scope("rabbitmq.tag:administrator"), TAG, EdgeKind.CLIENT_DEFAULT_SCOPE),
    )


# --- what newcomers get, and where rights can come from -------------------------------------------------


def test_newcomers_get_the_default_groups_and_who_is_known_has_what_was_read() -> None:
    links = ["person:ann", "person:bob", "default-group:all", "group-role:all|viewer"]
    graph = scopes(*links, default_role="default-roles-acme", known=["bob"])
    assert graph.rights_of(person("ann")) == {role("default-roles-acme"), role("viewer")}
    assert graph.rights_of(person("bob")) == set()


def test_a_default_group_stands_in_the_groups_above_it() -> None:
    graph = scopes("person:ann", "default-group:a/b", "group-role:a|viewer", default_role="default")
    assert graph.rights_of(person("ann")) == {role("default"), role("viewer")}


def test_a_mapper_of_an_identity_provider_is_an_edge_of_its_own_origin_that_no_person_walks() -> None:
    mapper = Resource(
        Address(Kind.IDENTITY_PROVIDER_MAPPER, ("hub", "admins")),
        {"type": "oidc-role-idp-mapper", "config": {"role": "cdm.admin", "claim": "roles"}},
    )
    (edge,) = edges_of(State.of([mapper]))
    assert (edge.source.name, edge.target) == ("hub", role("cdm.admin"))
    assert edge.provenance.source is Origin.MAPPER
    with_client = State.of([mapper, Resource(Address(Kind.CLIENT, ("cdm",)))])
    assert edges_of(with_client)[0].target == client_role("cdm", "admin")
