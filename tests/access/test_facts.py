"""What is known of people, groups and roles for decisions, in the database."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access.facts import facts_of
from access.models import PersonRole
from console.engine.state import Address, Kind
from console.graph.edges import Node, entitlement, group, person, role
from console.sync.models import Touched
from tests.access.declared import READ, DeclaredTenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> DeclaredTenant:
    acme = DeclaredTenant()
    acme.role("developer", "viewer")
    acme.group_role("data", "developer")
    acme.member("ann", "data/eng")
    acme.entitle(acme.group("data"), "package:demo:READ")
    return acme


def rights(acme: DeclaredTenant, *subjects: Node) -> list[set[str]]:
    found = facts_of(acme.tenant, subjects)
    return [{right.name for right in found[one].rights} - {"default-roles-acme"} for one in subjects]


def test_facts_hold_every_effective_right(acme: DeclaredTenant) -> None:
    everything = {"developer", "viewer", "package:demo:READ"}
    asked = person("ann"), group("data/eng"), role("developer"), entitlement("package:demo:READ")

    assert rights(acme, *asked) == [everything, everything, {"developer", "viewer"}, {"package:demo:READ"}]


def test_who_is_not_known_has_nothing(acme: DeclaredTenant) -> None:
    found = facts_of(acme.tenant, [person("nobody")])
    assert found[person("nobody")].rights == frozenset()


def test_what_is_only_in_keycloak_counts(acme: DeclaredTenant) -> None:
    acme.was_read(beside=[Address(Kind.PERSON_ROLE, ("ann", "auditor"))])
    (found,) = rights(acme, person("ann"))
    assert "auditor" in found
    assert facts_of(acme.tenant, [person("ann")])[person("ann")].read_at == READ


def test_what_waits_to_be_taken_away_does_not_count(acme: DeclaredTenant) -> None:
    link = acme.person_role("ann", "auditor")
    acme.was_read()
    address = link.address
    PersonRole.objects.all().delete()
    Touched.objects.create(scope=acme.realm.scope, address=address.key, generation=2)

    (found,) = rights(acme, person("ann"))

    assert "auditor" not in found


def test_what_could_not_be_read_is_told(acme: DeclaredTenant) -> None:
    acme.was_read()
    acme.could_not_read(Kind.CLIENT_ROLE)
    (found,) = facts_of(acme.tenant, [person("ann")]).values()
    assert found.unread == {"client-role": "Keycloak answered 403."}


def test_a_hundred_people_cost_the_queries_of_one(acme: DeclaredTenant) -> None:
    for number in range(100):
        acme.member(f"p{number}", "data")

    facts_of(acme.tenant, [person("ann")])
    with CaptureQueriesContext(connection) as one:
        facts_of(acme.tenant, [person("ann")])
    with CaptureQueriesContext(connection) as many:
        facts_of(acme.tenant, [person(f"p{number}") for number in range(100)])

    assert len(many) == len(one) == 1
