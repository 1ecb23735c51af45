"""Managed realms of a given size: made by the console's own services, filled beside it, read and declared.

The tenant, a person, a group and some roles come through the door, so the ledger knows them. The
other people come by Keycloak's partial import, and stand in the console's tables too.
"""

import asyncio
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import connection

from access.models import Group, Person, Role
from access.services import entitlements
from console.keycloak.client import Client, client_for
from console.keycloak.errors import NotFound
from console.sync import runs
from console.sync.models import KeycloakServer, Scope
from console.transport import LONG, run
from tenants.models import Tenant
from tests.bench import shape
from tests.bench.declared import declare
from tests.bench.figures import line, stopwatch
from tests.bench.saving import ACTOR, Saved, save

CHUNK, AT_ONCE = 25, 6  # people a call, calls at once: the quickest way into Keycloak
OWN_ROLES = 12
"""Roles that the console makes, one for each grant that is measured: 10 clicks and 2 others."""
LEVELS = ["READ", "WRITE"]


@dataclass(frozen=True, kw_only=True)
class World:
    """One realm with `size` imported people. `slug` names the tenant and its realm."""

    slug: str
    size: int
    tenant: Tenant
    person: Person
    group: Group
    roles: tuple[Role, ...]
    resource: int

    @property
    def scope(self) -> Scope:
        return self.tenant.realm.scope

    @property
    def words(self) -> str:
        return f"a realm of {self.size:,} people"

    def save(self, command: str, **values: Any) -> Saved:
        """Carry out one change of this tenant."""
        return save(command, {"tenant": self.slug, **values}, slug=self.slug)


@dataclass
class Worlds:
    """The realms of one run of the benchmarks, each made when it is first asked for."""

    made: dict[int, World] = field(default_factory=dict)
    slugs: list[str] = field(default_factory=list)

    def of(self, size: int) -> World:
        """Return the realm with so many imported people."""
        if size not in self.made:
            with stopwatch() as watch:
                self.slugs.append(f"bench-{size}-{uuid.uuid4().hex[:6]}")
                self.made[size] = _world(self.slugs[-1], size)
            line(f"a realm of {size:,} people", f"made in {watch.seconds:.1f} s")
        return self.made[size]

    def remove(self) -> None:
        """Delete the realms."""
        for slug in self.slugs:
            try:
                run(_client().delete(("admin", "realms", slug), patience=LONG))
            except NotFound:
                continue


def _client() -> Client:
    return client_for(KeycloakServer.objects.get().connection())


def _world(slug: str, size: int) -> World:
    names = [f"duty{number}" for number in range(OWN_ROLES)]
    _make(slug, size, names)
    tenant = Tenant.objects.select_related("realm__scope__server").get(slug=slug)
    run(_fill(_client(), slug, size))
    declare(tenant.realm, people=size)
    runs.read_everything(tenant.realm.scope_id)
    _forget_jobs()
    return World(
        slug=slug,
        size=size,
        tenant=tenant,
        person=Person.objects.get(realm=tenant.realm, username="ann"),
        group=Group.objects.get(realm=tenant.realm, path=shape.STAFF),
        roles=tuple(Role.objects.filter(realm=tenant.realm, name__in=names).order_by("pk")),
        resource=_resource(slug),
    )


def _make(slug: str, size: int, roles: Iterable[str]) -> None:
    """Make what the console itself makes: tenant, roles, a group and a person."""
    server = KeycloakServer.objects.get()
    tenant = {"slug": slug, "name": f"{size:,} people", "server": server.pk, "realm": slug}
    save("tenants:tenant:create", tenant, slug=slug)
    for name in roles:
        save("access:role:create", {"tenant": slug, "name": name}, slug=slug)
    save("access:group:create", {"tenant": slug, "name": shape.STAFF}, slug=slug)
    ann = {"username": "ann", "email": "ann@example.com", "first_name": "Ann", "last_name": "Arbor"}
    save("access:person:create", {"tenant": slug, **ann}, slug=slug)


def _forget_jobs() -> None:
    """Take back the jobs of these changes: this process has done what they ask for, before any worker ran."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE status = 'todo'")


def _resource(slug: str) -> int:
    kind = entitlements.create_type(actor=ACTOR, tenant=slug, name="package", levels=LEVELS)
    return int(entitlements.create_resource(actor=ACTOR, tenant=slug, type=kind.pk, name="demo").pk)


async def _fill(client: Client, realm: str, size: int) -> None:
    """Import roles and groups, then the people in chunks."""
    await _import(client, realm, shape.structure())
    gate = asyncio.Semaphore(AT_ONCE)

    async def some(chunk: Iterable[shape.Somebody]) -> None:
        async with gate:
            await _import(client, realm, {"users": [one.representation(realm) for one in chunk]})

    await asyncio.gather(*(some(chunk) for chunk in _chunks(size)))


def _chunks(size: int) -> Iterator[list[shape.Somebody]]:
    everybody = shape.people(size)
    while chunk := list(islice(everybody, CHUNK)):
        yield chunk


async def _import(client: Client, realm: str, content: shape.Json) -> None:
    """Add what is not there. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_realms_admin."""
    body = {"ifResourceExists": "SKIP", **content}
    await client.post(("admin", "realms", realm, "partialImport"), json=body, patience=LONG)
