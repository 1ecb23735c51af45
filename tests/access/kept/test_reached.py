"""What a process without a graph holds of the kept rows."""

from datetime import UTC, datetime
from typing import Any

import pytest

from access.facts import facts_of
from access.kept.current import rebuilt
from access.kept.reached import HELD, reached
from access.kept.rows import save
from access.kept.structure import KEPT
from console.graph.edges import entitlement, person, role
from tests.access.declared import DeclaredTenant

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def acme() -> DeclaredTenant:
    acme = DeclaredTenant()
    acme.role("developer", "viewer")
    acme.group_role("data", "developer")
    acme.member("ann", "data/eng")
    acme.member("bob", "data")
    acme.entitle(acme.group("data"), "package:demo:READ")
    return acme


def saved(acme: DeclaredTenant) -> str:
    """Keep the rows, and forget what this process holds. Returns the stamp."""
    found, structure = rebuilt(acme.realm, [])
    stamp = save(acme.realm.scope_id, found.stamp, structure, now=NOON)
    KEPT.clear()
    HELD.clear()
    return stamp


def test_rights_come_from_the_rows_and_each_row_is_read_once(
    acme: DeclaredTenant, django_assert_num_queries: Any
) -> None:
    scope, stamp = acme.realm.scope_id, saved(acme)
    starts = ["group:data/eng", "role:developer", "role:stranger"]
    with django_assert_num_queries(1):
        found = reached(scope, stamp, starts)
    assert found is not None
    both = {role("developer"), role("viewer")}
    assert found.rights_at(starts[:1]) == both | {entitlement("package:demo:READ")}
    assert found.rights_at(starts[1:2]) == both
    assert found.rights_at(starts[2:]) == {role("stranger")}
    with django_assert_num_queries(0):
        assert reached(scope, stamp, starts) is found


def test_people_cost_one_query_where_their_groups_were_asked_about(
    acme: DeclaredTenant, django_assert_num_queries: Any
) -> None:
    saved(acme)
    facts_of(acme.tenant, [person("ann")])
    with django_assert_num_queries(1):
        found = facts_of(acme.tenant, [person("bob")])[person("bob")]
    assert {one.name for one in found.rights} >= {"developer", "viewer", "package:demo:READ"}


def test_rows_of_another_stamp_say_nothing(acme: DeclaredTenant) -> None:
    saved(acme)
    assert reached(acme.realm.scope_id, "another", ["group:data/eng"]) is None
