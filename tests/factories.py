"""A tenant on the real Keycloak, changed as the forms change it: preview, apply, run.

Everything is committed, as in production: threads and other processes see it. The fixture `database`
empties the tables after a module; audit rows stay, so tests look at those of their own tenant.
"""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections
from django.db.models import Model
from django.utils import timezone

from access.models import Entitlement, EntitlementType, Group, Person, Resource, Role
from access.services import entitlements
from console.audit.models import AuditEvent
from console.engine.state import Address, Kind
from console.identity.actor import Actor, ActorKind
from console.keycloak.connection import Connection
from console.keycloak.target import KeycloakTarget
from console.permissions.policy import ADMIN
from console.sync import guarding, preview, runs
from console.sync.approvals import ends_of
from console.sync.cause import Cause
from console.sync.collect import collect, compared
from console.sync.commands import command_named
from console.sync.models import KeycloakServer, Plan, Run, Scope, Touched
from tenants.models import Tenant
from tenants.services import servers
from tests.keycloak.world import World, fresh

MIRA = Actor(key="sso:mira", name="Mira Torres", kind=ActorKind.SSO, roles=frozenset({ADMIN}))
STRANGER = Actor(key="sso:sten", name="Sten Ranger", kind=ActorKind.SSO)

# Which rows a name in the values of a command stands for.
_NAMED: dict[str, tuple[type[Model], str]] = {
    **dict.fromkeys(("role", "roles", "child", "children"), (Role, "name")),
    **dict.fromkeys(("group", "groups", "parent"), (Group, "path")),
    **dict.fromkeys(("person", "people"), (Person, "username")),
}


def tenant_admin(slug: str) -> Actor:
    """Return an administrator of one tenant, who has no right anywhere else."""
    groups = frozenset({f"/tenants/{slug}/admins"})
    return Actor(key=f"sso:admin-{slug}", name=f"Admin of {slug}", kind=ActorKind.SSO, groups=groups)


def add_server(connection: Connection) -> KeycloakServer:
    """Return the real Keycloak as a server of the console."""
    return servers.create(
        actor=MIRA,
        name=fresh("server"),
        url=connection.url,
        client_id=connection.client_id,
        secret=os.environ["KEYCLOAK_CLIENT_SECRET"],
    )


def _move(server: KeycloakServer, url: str, secret: str) -> None:
    server.url = url
    server.keep_secret(secret)
    server.save(update_fields=["url", "sealed_secret"])


@dataclass(frozen=True, kw_only=True)
class Platform:
    """One tenant and its realm. `keycloak` makes plain calls beside the console."""

    tenant: str
    server: KeycloakServer
    keycloak: World
    actor: Actor = MIRA

    # --- the way of a form -----------------------------------------------------------------

    def preview(self, command: str, **values: Any) -> Plan:
        return preview.preview(
            actor=self.actor,
            command=command,
            values=self._arguments(command, values),
            title=command,
            tenant=self.tenant,
        )

    def apply(self, plan: Plan, *, reason: str = "for a test of the console") -> Plan:
        return preview.apply(actor=self.actor, plan=plan, reason=reason, ticket="T-1")

    def approve(self, command: str, **values: Any) -> Plan:
        """Preview and apply, and leave the rest to the next run."""
        return self.apply(self.preview(command, **values))

    def sync(self) -> Run:
        """Return the run that was due."""
        run = runs.sync(self.scope.pk)
        assert run is not None, "nothing was to be done"
        return run

    def do(self, command: str, **values: Any) -> Plan:
        """Preview, apply and run. Fails unless the realm is in sync afterwards."""
        plan = self.approve(command, **values)
        run = self.sync()
        assert run.state == Run.State.DONE, run.sentence
        assert self.is_in_sync
        return plan

    def build(self, *changes: tuple[str, dict[str, Any]]) -> Plan:
        """Make many changes at once: one approval of all that they touch, and one run."""
        plan = Plan.objects.create(
            title="build",
            command="",
            values={},
            tenant=self.tenant,
            actor_key=self.actor.key,
            actor_name=self.actor.name,
            read_at=timezone.now(),
        )
        for command, values in changes:
            arguments = self._arguments(command, values)
            command_named(command).run(actor=self.actor, cause=Cause(plan_id=plan.pk), **arguments)
        work = collect(self.scope, self.scope.touched.all())
        target = KeycloakTarget(self.server.connection(), self.realm)
        found = compared(work, target.read(work.to_read))
        assert not found.conflicts, found.conflicts
        plan.fingerprints = sorted(found.fingerprints)
        plan.targets = ends_of(found.operations)
        held = guarding.stops_of(found, ground=guarding.Ground(scope=self.scope))
        plan.stops = [stop.as_json() for stop in held]
        plan.save(update_fields=["fingerprints", "targets", "stops"])
        run = self.sync()
        assert run.state == Run.State.DONE, run.sentence
        return plan

    def _arguments(self, command: str, values: dict[str, Any]) -> dict[str, Any]:
        """Return the values with the names of things replaced by their ids."""
        mine = {} if command.startswith("tenants:tenant:") else {"tenant": self.tenant}
        return mine | {key: self._id(key, value) for key, value in values.items()}

    def _id(self, key: str, value: Any) -> Any:
        if key not in _NAMED:
            return value
        if isinstance(value, list):
            return [self._id(key, one) for one in value]
        if not isinstance(value, str):
            return value
        model, column = _NAMED[key]
        return model._default_manager.get(**{column: value, "realm__scope": self.scope}).pk

    def edit_group(self, path: str, **new: Any) -> dict[str, Any]:
        """Return the values of `access:group:edit` that change only what is named."""
        group = Group.objects.get(realm__scope=self.scope, path=path)
        now = {"name": group.name, "description": group.description, "parent": group.parent_id}
        return {"group": group.pk, "revision": group.revision, **now, **new}

    def edit_role(self, role_name: str, **new: Any) -> dict[str, Any]:
        """Return the values of `access:role:edit` that change only what is named."""
        role = Role.objects.get(realm__scope=self.scope, name=role_name)
        return {
            "role": role.pk,
            "revision": role.revision,
            "name": role.name,
            "description": role.description,
            **new,
        }

    def edit_person(self, username: str, **new: Any) -> dict[str, Any]:
        """Return the values of `access:person:edit` that change only what is named."""
        person = Person.objects.get(realm__scope=self.scope, username=username)
        now = {name: getattr(person, name) for name in ("email", "first_name", "last_name", "enabled")}
        return {"person": person.pk, "revision": person.revision, **now, **new}

    def resource(self, type_name: str = "package", name: str = "demo") -> Resource:
        """Return a resource with the levels READ and WRITE, made when it is missing."""
        kind = EntitlementType.objects.filter(realm__scope=self.scope, name=type_name).first()
        kind = kind or entitlements.create_type(
            actor=self.actor, tenant=self.tenant, name=type_name, levels=["READ", "WRITE"]
        )
        row = Resource.objects.filter(type=kind, name=name).first()
        return row or entitlements.create_resource(
            actor=self.actor, tenant=self.tenant, type=kind.pk, name=name
        )

    def grants(self, value: str) -> list[int]:
        """Return the ids of the grants of `type:name:LEVEL`."""
        kind, name, level = value.split(":")
        rows = Entitlement.objects.filter(realm__scope=self.scope, level=level)
        return list(rows.filter(resource__name=name, resource__type__name=kind).values_list("pk", flat=True))

    @contextmanager
    def reached_at(self, url: str) -> Iterator[None]:
        """Let the console reach Keycloak at another address: through a forwarder, or not at all."""
        server = KeycloakServer.objects.get(pk=self.server.pk)
        secret, address = server.connection().client_secret.reveal(), server.url
        _move(server, url, secret)
        try:
            yield
        finally:
            _move(server, address, secret)

    # --- what the console holds --------------------------------------------------------------

    @property
    def realm(self) -> str:
        return self.keycloak.name

    @property
    def row(self) -> Tenant:
        return Tenant.objects.with_realm().get(slug=self.tenant)

    @property
    def scope(self) -> Scope:
        return Scope.objects.select_related("server").get(realm=self.realm, server=self.server.pk)

    @property
    def is_in_sync(self) -> bool:
        return not self.scope.is_pending and not self.scope.touched.exists()

    def touched(self, address: Address) -> Touched:
        return self.scope.touched.get(address=address.key)

    def ledger(self, address: Address) -> str | None:
        """Return Keycloak's id in the ledger, "" for a link, None when we applied no such thing."""
        return self.scope.ledger.filter(address=address.key).values_list("keycloak_id", flat=True).first()

    def audit(self, **wanted: Any) -> list[AuditEvent]:
        """Return the audit rows of this realm, oldest first."""
        return list(AuditEvent.objects.filter(scope=str(self.scope), **wanted).order_by("id"))

    # --- what Keycloak holds -------------------------------------------------------------------

    def person_id(self, username: str) -> str:
        (found,) = self.keycloak.get("users", username=username, exact="true")
        return str(found["id"])

    def group_id(self, path: str) -> str:
        return str(self.keycloak.get("group-by-path", *path.split("/"))["id"])

    def effective_roles(self, username: str, *, with_keycloaks_own: bool = False) -> set[str]:
        """Return Keycloak's own answer, without the roles that it gives to everybody."""
        found = self.keycloak.get("users", self.person_id(username), "role-mappings", "realm", "composite")
        own = {"offline_access", "uma_authorization", f"default-roles-{self.realm}"}
        return {one["name"] for one in found} - (set() if with_keycloaks_own else own)

    def groups_of(self, username: str) -> set[str]:
        found = self.keycloak.get("users", self.person_id(username), "groups", max=1000)
        return {one["path"].removeprefix("/") for one in found}

    def role_names(self) -> set[str]:
        return {one["name"] for one in self.keycloak.get("roles", max=1000)}

    def attribute(self, username: str) -> set[str]:
        person = self.keycloak.get("users", self.person_id(username))
        return set(person.get("attributes", {}).get("entitlements", []))


def at(kind: Kind, *path: str) -> Address:
    return Address(kind, path)


@pytest.fixture(scope="module", name="transactional_db")
def database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The real database with real commits, emptied after the module and not after each test.

    It has the name of pytest-django's own fixture, which is how that knows that a database is needed.
    """
    with django_db_blocker.unblock():
        yield
        call_command("flush", verbosity=0, interactive=False)
        # The queue's own tables are not Django's, and ids begin anew: an old job would name a new scope.
        connections["default"].cursor().execute("TRUNCATE procrastinate_jobs CASCADE")


@contextmanager
def platforms(connection: Connection) -> Iterator[Callable[..., Platform]]:
    """Give a maker of platforms. Their realms are deleted afterwards."""
    made: list[Platform] = []

    def make(prefix: str = "acme") -> Platform:
        server = made[0].server if made else add_server(connection)
        slug = f"{prefix}-{uuid.uuid4().hex[:8]}"
        platform = Platform(tenant=slug, server=server, keycloak=World(connection, slug))
        plan = preview.preview(
            actor=MIRA,
            command="tenants:tenant:create",
            values={"slug": slug, "name": "Acme", "server": server.pk, "realm": slug},
            title="create",
            tenant=slug,
        )
        made.append(platform)
        platform.apply(plan)
        run = platform.sync()
        assert run.state == Run.State.DONE, run.sentence
        return platform

    yield make
    for platform in made:
        platform.keycloak.delete()


@pytest.fixture(scope="module")
def new_platform(
    transactional_db: None, keycloak_connection: Connection
) -> Iterator[Callable[..., Platform]]:
    """A maker of tenants, each with a realm of its own."""
    with platforms(keycloak_connection) as make:
        yield make


@pytest.fixture(scope="module")
def platform(new_platform: Callable[..., Platform]) -> Platform:
    """One tenant with an empty realm, for all tests of a module. Each test takes names of its own."""
    return new_platform()
