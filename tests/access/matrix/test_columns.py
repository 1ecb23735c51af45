"""The columns of the matrix: names, groups and windows."""

import pytest

from access.matrix.columns import KEYCLOAK_ONLY, column_groups, narrowed, node_of, title_of, windows
from access.matrix.grid import Column, ColumnGroup
from console.graph.edges import entitlement, role
from tests.access.declared import DeclaredTenant


def group_of(label: str, count: int) -> ColumnGroup:
    return ColumnGroup(label, tuple(Column(f"role:{label}{n}", str(n), str(n)) for n in range(count)))


def sizes(found: list[tuple[ColumnGroup, ...]]) -> list[list[int]]:
    return [[len(group.columns) for group in window] for window in found]


def test_groups_stay_whole_while_they_fit() -> None:
    assert sizes(windows([group_of("a", 30), group_of("b", 20), group_of("c", 20)], 60)) == [[30, 20], [20]]


def test_a_group_wider_than_the_window_is_split() -> None:
    assert sizes(windows([group_of("a", 130)], 60)) == [[60], [60], [10]]


def test_no_column_is_lost_or_shown_twice() -> None:
    groups = [group_of("a", 61), group_of("b", 7), group_of("c", 59)]

    shown = [column.key for window in windows(groups, 60) for group in window for column in group.columns]

    assert shown == [column.key for group in groups for column in group.columns]


def test_no_columns_are_one_empty_window() -> None:
    assert windows([]) == [()]


@pytest.mark.parametrize("key", ["", "role:", "elephant:x", "role", "person:ann"])
def test_a_key_that_names_no_right_is_none(key: str) -> None:
    assert node_of(key) is None


def test_a_key_names_its_right_also_with_colons_in_it() -> None:
    assert node_of("entitlement:package:demo:READ") == entitlement("package:demo:READ")
    assert node_of("role:a:b") == role("a:b")


def test_rights_are_said_in_words() -> None:
    assert title_of(role("viewer")) == "Role viewer"
    assert title_of(entitlement("package:demo:READ")) == "Entitlement demo (READ) of type package"


@pytest.mark.django_db
def test_every_level_of_every_resource_is_a_column_and_what_only_keycloak_has_comes_last() -> None:
    acme = DeclaredTenant()
    acme.role("viewer")
    acme.resource("package", "demo")
    acme.resource("database", "trades", ["QUERY"])

    groups = column_groups(acme.tenant, [role("viewer"), role("offline_access")])

    assert [(group.label, [column.label for column in group.columns]) for group in groups] == [
        ("Roles", ["viewer"]),
        ("database", ["trades (QUERY)"]),
        ("package", ["demo (READ)", "demo (WRITE)"]),
        (KEYCLOAK_ONLY, ["offline_access"]),
    ]


@pytest.mark.django_db
def test_a_share_sees_neither_the_roles_of_others_nor_what_only_keycloak_has() -> None:
    whole = DeclaredTenant("whole")
    whole.role("whole.admin")
    share = DeclaredTenant("share", share_of=whole)
    share.role("share.viewer")

    groups = column_groups(share.tenant, [role("whole.admin"), role("offline_access")])

    assert [column.label for group in groups for column in group.columns] == ["share.viewer"]


@pytest.mark.django_db
@pytest.mark.parametrize(("wanted", "count"), [("package", 2), ("PACKAGE", 2), ("write", 1), ("nothing", 0)])
def test_columns_are_found_by_group_and_by_name(wanted: str, count: int) -> None:
    acme = DeclaredTenant()
    acme.role("viewer")
    acme.resource("package", "demo")

    assert sum(len(group.columns) for group in narrowed(column_groups(acme.tenant, []), wanted)) == count
