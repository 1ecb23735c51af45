"""What a page reads of its rows is what the graphs say of them, whatever differs and waits."""

from itertools import product
from random import Random

import pytest

from access.graphs import access_in
from access.kept.held import held_by
from console.engine.state import Address, Kind
from console.graph.edges import Node, group, person, role
from console.graph.nodes import service_account
from console.sync.models import Touched
from tenants.models import Declaration
from tests.access.declared import DeclaredTenant

pytestmark = pytest.mark.django_db
PEOPLE, GROUPS, ROLES = ("ann", "bob", "eve"), ("data", "data/eng", "ops"), ("admin", "dev", "view")
SUBJECTS = [
    *map(person, (*PEOPLE, "stranger", "nobody")),
    *map(group, GROUPS),
    *map(role, ROLES),
    service_account("robot"),
]
LINKS = [
    *(Address(Kind.MEMBERSHIP, pair) for pair in product((*PEOPLE, "stranger"), (*GROUPS, "data/unknown"))),
    *(Address(Kind.PERSON_ROLE, pair) for pair in product((*PEOPLE, "stranger"), (*ROLES, "odd"))),
    *(Address(Kind.GROUP_ROLE, pair) for pair in product(GROUPS, ROLES)),
    *(Address(Kind.COMPOSITE, pair) for pair in (("admin", "dev"), ("dev", "view"), ("view", "admin"))),
    Address(Kind.ENTITLEMENT, ("person", "ann", "package:demo:READ")),
    Address(Kind.ENTITLEMENT, ("group", "ops", "package:demo:WRITE")),
    Address(Kind.CLIENT_DEFAULT_SCOPE, ("robot", "tags")),
    Address(Kind.SCOPE_ROLE, ("tags", "dev")),
    Address(Kind.SERVICE_ROLE, ("robot", "admin")),
    Address(Kind.DEFAULT_GROUP, ("ops",)),
]


def drawn(random: Random) -> DeclaredTenant:
    """Return a tenant of which much is declared, about the same was read, and something waits."""
    acme = DeclaredTenant(f"acme-{random.random():.9f}"[:20].replace(".", "-"))
    for one in GROUPS:
        acme.group(one)
    for one in ROLES:
        acme.role(one)
    for one in PEOPLE[: random.randrange(1, 4)]:
        acme.person(one)
    for link in random.sample(LINKS, random.randrange(len(LINKS))):
        _declare(acme, link)
    strange, missing = (
        [link for link in LINKS if random.random() < random.choice((0, 0, 0.1))] for _ in range(2)
    )
    unread = [Address(Kind.PERSON, (one,)) for one in PEOPLE if random.random() < 0.2]
    acme.was_read(without=[*missing, *unread], beside=strange)
    for link in random.sample(LINKS, random.choice((0, 0, 3))):
        Touched.objects.create(scope=acme.realm.scope, address=link.key, generation=1)
    return acme


def _declare(acme: DeclaredTenant, link: Address) -> None:
    names = link.path
    match link.kind:
        case Kind.MEMBERSHIP if {names[0], names[1]} <= {*PEOPLE, *GROUPS}:
            acme.member(*names)
        case Kind.PERSON_ROLE if {names[0], names[1]} <= {*PEOPLE, *ROLES}:
            acme.person_role(*names)
        case Kind.GROUP_ROLE:
            acme.group_role(*names)
        case Kind.COMPOSITE:
            acme.role(*names)
        case Kind.ENTITLEMENT:
            holder = acme.person(names[1]) if names[0] == "person" else acme.group(names[1])
            acme.entitle(holder, names[2])
        case Kind.MEMBERSHIP | Kind.PERSON_ROLE:
            return
        case _:
            acme.client("robot")
            Declaration.objects.create(
                realm=acme.realm, address=link.key, kind=link.kind.value, fields={}, created_by="mira"
            )


@pytest.mark.parametrize("seed", range(25))
def test_the_same_is_held_as_the_graphs_say(seed: int) -> None:
    acme = drawn(Random(seed))
    held = held_by(acme.realm, [one.name for one in SUBJECTS if one in map(person, (*PEOPLE, "stranger"))])
    access = access_in(acme.realm, held.found, held.structure)

    assert held.rights == set(access.graph.rights)
    for one in SUBJECTS:
        assert held.rights_of(one) == access.graph.rights_of(one), one
        assert held.declared_of(one) == access.declared.rights_of(one), one
        assert held.live_of(one) == access.live.rights_of(one), one
        if held.agrees(one):
            assert held.declared_of(one) == held.live_of(one), one


def test_a_link_that_is_only_in_keycloak_concerns_all_who_reach_it() -> None:
    acme = DeclaredTenant()
    acme.member("ann", "data/eng")
    acme.member("bob", "ops")
    acme.was_read(beside=[Address(Kind.GROUP_ROLE, ("data", "odd"))])
    held = held_by(acme.realm, ["ann", "bob"])

    agreeing: dict[Node, bool] = {one: held.agrees(one) for one in map(person, ("ann", "bob"))}
    assert agreeing == {person("ann"): False, person("bob"): True}
    assert held.agrees(group("ops"))
    assert not held.agrees(group("data/eng"))
    assert held.live_of(person("ann")) == {role("odd")}
    assert held.declared_of(person("ann")) == frozenset()


def test_nothing_more_is_asked_for_more_people(django_assert_num_queries: object) -> None:
    acme = DeclaredTenant()
    for name in PEOPLE:
        acme.member(name, "data")
    held_by(acme.realm, [])
    with django_assert_num_queries(1):  # type: ignore[operator]
        held = held_by(acme.realm, PEOPLE)
        assert [held.rights_of(person(one)) for one in PEOPLE] == [{role(acme.realm.default_role)}] * 3
