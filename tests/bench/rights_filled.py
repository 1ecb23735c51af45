"""A realm of 100,000 people, written by COPY: the same declared and read."""

import json
import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any

from django.db import connection

from console.blueprints.loader import load
from console.sync.models import KeycloakServer, Scope
from tenants.models import Blueprint, BlueprintUse, Realm, Tenant
from tests.bench.rights import COMPOSITES, EACH, GROUPS, PEOPLE, RESOURCES, ROLES

NOW = datetime(2026, 11, 22, tzinfo=UTC)
BY = {"created_by": "bench"}
Rows = Iterable[tuple[Any, ...]]
Pairs = Iterator[tuple[int, int]]


def filled(slug: str) -> Tenant:
    """Return a tenant with everything, declared and read in Keycloak."""
    chance = random.Random(7)
    server = KeycloakServer.objects.create(
        name=slug, url="http://127.0.0.1:9", client_id="x", sealed_secret="-"
    )
    scope = Scope.objects.create(server=server, realm=slug, generation=1, applied_generation=1, read_at=NOW)
    realm = Realm.objects.create(scope=scope, **BY)
    tenant = Tenant.objects.create(slug=slug, name="Many", realm=realm, **BY)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        _Filling(cursor, realm.pk, scope.pk, chance).fill()
        cursor.execute("ANALYZE")
        cursor.execute("RESET statement_timeout")
    text = _blueprint()
    read = load(text)
    made = {"version": "1", "name": read.name, "text": text, "digest": read.digest, "source": "uploaded"}
    row = Blueprint.objects.create(key=f"{read.key}-{slug}", **made, **BY)
    BlueprintUse.objects.create(tenant=tenant, blueprint=row, **BY)
    return Tenant.objects.select_related("realm__scope__server").get(pk=tenant.pk)


class _Filling:
    """One realm's rows. Ids are taken from the sequences of the tables, so others may write meanwhile."""

    def __init__(self, cursor: Any, realm: int, scope: int, chance: random.Random) -> None:
        self.cursor, self.realm, self.scope, self.chance = cursor, realm, scope, chance
        self.seen: list[tuple[str, str, str, str]] = []

    def fill(self) -> None:
        roles = self.declared("access_role", (("name", f"role-{n}") for n in range(ROLES)), "name")
        paths = list(_paths())
        groups = self.groups(paths)
        self.links("access_composite", ("parent_id", "child_id"), self.composites(roles))
        self.links("access_grouprole", ("group_id", "role_id"), self.group_roles(paths, groups, roles))
        people = self.declared(
            "access_person", (("username", f"person-{n}") for n in range(PEOPLE)), "username"
        )
        self.links("access_membership", ("person_id", "group_id"), self.memberships(paths, groups, people))
        self.entitlements(paths, groups, people)
        self.seen += [("person", f"person-{n}", f"person-{n}", f"person-{n}") for n in range(PEOPLE)]
        self.seen += [("group", path, path, path) for path in paths]
        self.seen += [("role", f"role-{n}", f"role-{n}", f"role-{n}") for n in range(ROLES)]
        rows = (
            (self.scope, f"{kind}:{path}", kind, owner, target, "", "{}", NOW)
            for kind, path, owner, target in self.seen
        )
        columns = ("scope_id", "address", "kind", "owner", "target", "keycloak_id", "fields", "read_at")
        self.copy("sync_observed", columns, rows)

    def declared(self, table: str, rows: Iterable[tuple[str, str]], key: str) -> list[int]:
        """Add things with a name of their own, and return their ids."""
        blank = {"access_role": ("description",), "access_person": ("email", "first_name", "last_name")}[
            table
        ]
        more = (("enabled", True),) if table == "access_person" else ()
        columns = (
            key,
            "realm_id",
            "revision",
            "created_at",
            "created_by",
            *blank,
            *(name for name, _ in more),
        )
        values = (
            (name, self.realm, 1, NOW, "bench", *("" for _ in blank), *(value for _, value in more))
            for _, name in rows
        )
        self.copy(table, columns, values)
        self.cursor.execute(f"SELECT id FROM {table} WHERE realm_id = %s ORDER BY id", [self.realm])
        return [row[0] for row in self.cursor.fetchall()]

    def groups(self, paths: list[str]) -> list[int]:
        ids = self.ids("access_group", len(paths))
        at = dict(zip(paths, ids, strict=True))
        rows = (
            (
                at[path],
                path.rpartition("/")[2],
                at.get(path.rpartition("/")[0]),
                path,
                "",
                self.realm,
                1,
                NOW,
                "b",
            )
            for path in paths
        )
        columns = ("id", "name", "parent_id", "path", "description", "realm_id", "revision")
        self.copy("access_group", (*columns, "created_at", "created_by"), rows)
        return ids

    def composites(self, roles: list[int]) -> Iterator[tuple[int, int]]:
        made = set[tuple[int, int]]()
        while len(made) < COMPOSITES:
            upper = self.chance.randrange(ROLES - 1)
            lower = self.chance.randrange(upper + 1, min(upper + 60, ROLES))
            made.add((upper, lower))
        for upper, lower in sorted(made):
            name = f"role-{upper}|role-{lower}"
            self.seen.append(("composite", name, f"role-{upper}", f"role-{lower}"))
            yield roles[upper], roles[lower]

    def group_roles(self, paths: list[str], groups: list[int], roles: list[int]) -> Pairs:
        for path, group in zip(paths, groups, strict=True):
            number = self.chance.randrange(ROLES)
            self.seen.append(("group-role", f"{path}|role-{number}", path, f"role-{number}"))
            yield group, roles[number]

    def memberships(
        self, paths: list[str], groups: list[int], people: list[int]
    ) -> Iterator[tuple[int, int]]:
        for number, one in enumerate(people):
            for place in self.chance.sample(range(GROUPS), EACH):
                path, name = paths[place], f"person-{number}"
                self.seen.append(("membership", f"{name}|{path}", name, path))
                yield one, groups[place]

    def entitlements(self, paths: list[str], groups: list[int], people: list[int]) -> None:
        """One entitlement for each resource: each tenth to a group, the others to people."""
        (kind,) = self.ids("access_entitlementtype", 1)
        told = (self.realm, 1, NOW, "bench")
        self.copy(
            "access_entitlementtype",
            ("id", "name", "description", "levels", "realm_id", "revision", "created_at", "created_by"),
            [(kind, "thing", "", ["READ", "WRITE"], *told)],
        )
        ids = self.ids("access_resource", RESOURCES)
        self.copy(
            "access_resource",
            ("id", "name", "description", "type_id", "realm_id", "revision", "created_at", "created_by"),
            ((one, f"thing-{n}", "", kind, *told) for n, one in enumerate(ids)),
        )
        rows = []
        for number, one in enumerate(ids):
            value = f"thing:thing-{number}:READ"
            place = self.chance.randrange(GROUPS if number % 10 == 0 else PEOPLE)
            holder = ("group", paths[place]) if number % 10 == 0 else ("person", f"person-{place}")
            self.seen.append(("entitlement", f"{holder[0]}|{holder[1]}|{value}", ":".join(holder), value))
            to_group = number % 10 == 0
            rows.append(
                (one, "READ", None if to_group else people[place], groups[place] if to_group else None)
                + (self.realm, NOW, "bench", "", "active")
            )
        columns = (
            "resource_id",
            "level",
            "person_id",
            "group_id",
            "realm_id",
            "created_at",
            "created_by",
            "reason",
        )
        self.copy("access_entitlement", (*columns, "state"), rows)

    def links(self, table: str, ends: tuple[str, str], pairs: Iterable[tuple[int, int]]) -> None:
        is_timed = table != "access_composite"
        columns = (*ends, "realm_id", "created_at", "created_by", "reason", *(("state",) if is_timed else ()))
        more = ("active",) if is_timed else ()
        self.copy(table, columns, ((*pair, self.realm, NOW, "bench", "", *more) for pair in pairs))

    def ids(self, table: str, number: int) -> list[int]:
        sequence = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
        self.cursor.execute(sequence, [table, number])
        return [row[0] for row in self.cursor.fetchall()]

    def copy(self, table: str, columns: tuple[str, ...], rows: Rows) -> None:
        with self.cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def emptied(slug: str) -> None:
    """Delete everything of the realm, and what was kept of it."""
    tenant = Tenant.objects.select_related("realm__scope").get(slug=slug)
    realm, scope = tenant.realm, tenant.realm.scope
    BlueprintUse.objects.filter(tenant=tenant).delete()
    Blueprint.objects.filter(key__endswith=f"-{slug}").delete()
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        for table in _TABLES:
            cursor.execute(f"DELETE FROM {table} WHERE realm_id = %s", [realm.pk])
        for table in ("sync_observed", "access_kept_closure", "access_kept_stamp"):
            cursor.execute(f"DELETE FROM {table} WHERE scope_id = %s", [scope.pk])
        cursor.execute("DELETE FROM access_kept_moved WHERE scope = %s", [scope.pk])
        cursor.execute("RESET statement_timeout")
    server = scope.server
    for row in (tenant, realm, scope, server):
        row.delete()


_TABLES = (
    *(
        "access_entitlement",
        "access_resource",
        "access_entitlementtype",
        "access_membership",
        "access_personrole",
    ),
    *("access_grouprole", "access_composite", "access_person", "access_group", "access_role"),
)


def _paths() -> Iterator[str]:
    """Yield the groups, parents first: 20 at the top, four deep."""
    level, number = [""], count()
    for size in (20, 80, 400, GROUPS - 500):
        made = []
        for place in range(size):
            above = level[place % len(level)]
            made.append(f"{above}/g{next(number)}" if above else f"g{next(number)}")
        yield from made
        level = made


def _blueprint() -> str:
    """Return 10 services of 6 capabilities, each given by 20 roles, each third only when entitled."""
    services, grants = [], []
    for number in range(10):
        capabilities = []
        for n in range(6):
            needs = {"needs": {"entitled": "thing", "level": "READ"}} if n % 3 == 2 else {}
            one = {
                "key": f"c{n}",
                "name": f"Capability {number}-{n}",
                "short": f"C{number}-{n}",
                "resource": "thing",
            }
            capabilities.append(one | needs)
            roles = [f"role-{(number * 53 + n * 17 + step * 25) % ROLES}" for step in range(20)]
            grants.append({"roles": roles, "gives": [f"s{number}:c{n}"]})
        services.append({"key": f"s{number}", "name": f"Service {number}", "short": f"S{number}"})
        services[-1]["capabilities"] = capabilities  # type: ignore[assignment]
    return json.dumps(
        {
            "blueprint": "many",
            "version": "1",
            "name": "Many",
            "summary": "Many.",
            "realm": {"name": "many"},
            "roles": [{"name": f"role-{n}", "title": f"Role {n}"} for n in range(ROLES)],
            "entitlements": {"enforced": True, "types": [{"name": "thing", "levels": ["READ", "WRITE"]}]},
            "services": services,
            "grants": grants,
        },
        indent=1,
    )
