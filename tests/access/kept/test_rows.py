"""Rows that are brought up to date in part are those that are made of everything."""

from datetime import UTC, datetime
from random import Random

import pytest

from access.kept.current import read_people
from access.kept.rows import closures_of, save
from access.kept.structure import Structure, structure_from
from access.models import Composite, Entitlement, Group, GroupRole, KeptClosure, Role
from console.graph.closure import Graph
from console.graph.edges import Edge, EdgeKind, group, role
from tests.access.declared import DeclaredTenant

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
GROUPS, ROLES = [f"g{n}" for n in range(6)] + ["g0/a", "g0/a/b", "g1/a"], [f"r{n}" for n in range(9)]


def read_of(acme: DeclaredTenant) -> tuple[str, Structure]:
    found = read_people(acme.realm, [], structure=True)
    return found.stamp, structure_from(found, was_read=False)


def rows_of(acme: DeclaredTenant) -> dict[str, set[str]]:
    rows = KeptClosure.objects.filter(scope=acme.realm.scope).values_list("node", "rights")
    assert all(len(rights) == len(set(rights)) for _, rights in rows)
    return {node: set(rights) for node, rights in rows}


def changed(acme: DeclaredTenant, random: Random) -> None:
    """Give, include or entitle something, or take it away. A new role stands anywhere among the others."""
    match random.randrange(6):
        case 0:
            GroupRole.objects.filter(pk__in=GroupRole.objects.values("pk")[:2]).delete()
        case 1:
            Composite.objects.filter(pk__in=Composite.objects.values("pk")[:1]).delete()
        case 2:
            lower, upper = sorted(random.sample(ROLES, 2))
            if not Composite.objects.filter(parent__name=upper, child__name=lower).exists():
                acme.role(upper, lower)
        case 3:
            name, path = random.choice(ROLES), random.choice(GROUPS)
            if not GroupRole.objects.filter(group__path=path, role__name=name).exists():
                acme.group_role(path, name)
        case 4:
            where, value = acme.group(random.choice(GROUPS)), f"package:p{random.randrange(4)}:READ"
            if not Entitlement.objects.filter(group=where, resource__name=value.split(":")[1]).exists():
                acme.entitle(where, value)
        case 5:
            Entitlement.objects.filter(pk__in=Entitlement.objects.values("pk")[:1]).delete()
            Role.objects.filter(name=random.choice(ROLES)).delete()
            Group.objects.filter(path=random.choice(["g1/a", "g5"])).delete()


@pytest.mark.parametrize("seed", range(4))
def test_rows_in_part_are_the_rows_from_scratch(seed: int) -> None:
    acme, random = DeclaredTenant(), Random(seed)
    before: tuple[str, Structure] | None = None
    for _ in range(25):
        changed(acme, random)
        stamp, structure = read_of(acme)
        stamp = save(acme.realm.scope_id, stamp, structure, now=NOON, before=before)
        graph = structure.settled
        expected = {one: graph.rights_of(one) for one in graph.nodes}
        assert rows_of(acme) == {
            f"{node.kind.value}:{node.name}": {f"{one.kind.value}:{one.name}" for one in rights}
            for node, rights in expected.items()
            if rights
        }
        before = stamp, structure


def test_rows_of_another_structure_are_read_first() -> None:
    acme = DeclaredTenant()
    acme.group_role("data", "dev")
    stamp, first = read_of(acme)
    stamp = save(acme.realm.scope_id, stamp, first, now=NOON)
    KeptClosure.objects.create(scope=acme.realm.scope, node="group:gone", rights=["role:dev"])
    acme.group_role("ops", "view")

    _, second = read_of(acme)
    save(acme.realm.scope_id, "later", second, now=NOON, before=("another", first))

    assert rows_of(acme) == {"group:data": {"role:dev"}, "group:ops": {"role:view"}}


def test_only_what_reaches_something_else_is_otherwise() -> None:
    before = Graph([given("a", "r1"), given("b", "r2"), given("c", "r2"), given("d", "r4")])
    now = Graph([given("a", "r1"), given("b", "r2"), given("b", "r3"), given("c", "r2"), given("e", "r1")])

    assert now.otherwise_than(before) == {*map(group, "bde"), role("r3"), role("r4")}
    assert now.otherwise_than(now) == set()
    assert closures_of(now, {group("b"), group("d")}) == {"group:b": ["role:r2", "role:r3"]}


def given(path: str, name: str) -> Edge:
    return Edge(group(path), role(name), EdgeKind.GROUP_ROLE)
