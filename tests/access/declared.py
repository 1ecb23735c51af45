"""A tenant as declared in the database, and what was read of it in Keycloak, for tests of pages."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from access.models import (
    Composite,
    Entitlement,
    EntitlementType,
    Group,
    GroupRole,
    Membership,
    NamedEntitlement,
    Person,
    PersonRole,
    Resource,
    Role,
)
from access.services.resources import proposed
from console.engine.state import Address, Kind, Selection
from console.sync.models import KeycloakServer, LedgerEntry, Observed, Scope
from console.sync.observed import owner_of
from tenants.models import Declaration, Realm, Tenant

SINCE = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
READ = datetime(2026, 11, 22, 2, 14, tzinfo=UTC)


class DeclaredTenant:
    """Builds rows by names: `acme.member("ann", "data/eng", reason="she joined")`."""

    def __init__(self, slug: str = "acme", *, share_of: "DeclaredTenant | None" = None) -> None:
        if share_of:
            self.realm = share_of.realm
            self.tenant = Tenant.objects.create(
                slug=slug,
                name=slug.capitalize(),
                realm=self.realm,
                created_by="Julia Stein",
                served_by=Tenant.ServedBy.SHARE,
                group_name=slug,
                role_prefix=f"{slug}.",
            )
            return
        server = KeycloakServer.objects.create(
            name=f"server-of-{slug}", url="https://keycloak.example", client_id="gatehouse", sealed_secret="-"
        )
        scope = Scope.objects.create(server=server, realm=slug, generation=1, applied_generation=1)
        self.realm = Realm.objects.create(scope=scope, created_by="Julia Stein")
        self.tenant = Tenant.objects.create(
            slug=slug, name=slug.capitalize(), realm=self.realm, created_by="Julia Stein"
        )

    # --- things ---

    def role(self, name: str, *includes: str) -> Role:
        row, _ = Role.objects.get_or_create(
            realm=self.realm, name=name, defaults={"created_by": "Julia Stein"}
        )
        for other in includes:
            Composite.objects.create(parent=row, child=self.role(other), **self._told(""))
        return row

    def group(self, path: str) -> Group:
        found = Group.objects.filter(realm=self.realm, path=path).first()
        if found:
            return found
        above, _, name = path.rpartition("/")
        parent = self.group(above) if above else None
        return Group.objects.create(
            realm=self.realm, name=name, path=path, parent=parent, created_by="Julia Stein"
        )

    def person(self, username: str, name: str = "", **fields: object) -> Person:
        first, _, last = name.partition(" ")
        defaults = {"first_name": first, "last_name": last, "created_by": "Julia Stein", **fields}
        return Person.objects.get_or_create(realm=self.realm, username=username, defaults=defaults)[0]

    # --- grants ---

    def member(self, username: str, path: str, reason: str = "") -> Membership:
        return Membership.objects.create(
            person=self.person(username), group=self.group(path), **self._told(reason)
        )

    def group_role(self, path: str, role: str, reason: str = "") -> GroupRole:
        return GroupRole.objects.create(group=self.group(path), role=self.role(role), **self._told(reason))

    def person_role(self, username: str, role: str, reason: str = "") -> PersonRole:
        return PersonRole.objects.create(
            person=self.person(username), role=self.role(role), **self._told(reason)
        )

    def resource(self, type_name: str, name: str, levels: Iterable[str] = ("READ", "WRITE")) -> Resource:
        kind, _ = EntitlementType.objects.get_or_create(
            realm=self.realm, name=type_name, defaults={"levels": list(levels), "created_by": "Julia Stein"}
        )
        row, _ = Resource.objects.get_or_create(
            realm=self.realm, type=kind, name=name, defaults={"created_by": "Julia Stein"}
        )
        for level in kind.levels:
            self.named(row, level)
        return row

    def named(self, resource: Resource, level: str = "READ") -> NamedEntitlement:
        """Return a level of a resource under the name that the console proposes."""
        name = proposed(resource.realm, resource, level)
        return NamedEntitlement.objects.get_or_create(
            realm=resource.realm,
            resource=resource,
            level=level,
            defaults={"name": name, "created_by": "mira"},
        )[0]

    def client(self, name: str = "robot", **fields: Any) -> Declaration:
        """Return a client with a service account."""
        address = Address(Kind.CLIENT, (name,)).key
        known = {"service_accounts": True} | fields
        return Declaration.objects.get_or_create(
            realm=self.realm,
            address=address,
            defaults={"kind": "client", "fields": known, "created_by": "mira"},
        )[0]

    def entitle(self, holder: Person | Group, value: str) -> Entitlement:
        kind, name, level = value.split(":")
        side = {"person": holder} if isinstance(holder, Person) else {"group": holder}
        return Entitlement.objects.create(
            resource=self.resource(kind, name), level=level, **side, **self._told("")
        )

    def _told(self, reason: str) -> dict[str, object]:
        return {"realm": self.realm, "created_by": "Julia Stein", "created_at": SINCE, "reason": reason}

    # --- what Keycloak was found to hold ---

    def was_read(self, *, without: Iterable[Address] = (), beside: Iterable[Address] = ()) -> None:
        """Keycloak held what is declared, without some links and with others."""
        from access.desired import resources

        scope = self.realm.scope
        declared = {one.address for one in resources(scope, Selection.all())}
        Observed.objects.bulk_create(
            Observed(
                scope=scope,
                address=one.key,
                kind=one.kind.value,
                owner=owner_of(one),
                target=one.path[-1],
                read_at=READ,
            )
            for one in (declared - set(without)) | set(beside)
        )
        LedgerEntry.objects.bulk_create(
            LedgerEntry(scope=scope, address=one.key, applied_at=READ) for one in declared
        )
        scope.read_at = READ
        scope.save(update_fields=["read_at"])

    def could_not_read(self, kind: Kind, why: str = "Keycloak answered 403.") -> None:
        self.realm.scope.unreadable = {kind.value: why}
        self.realm.scope.save(update_fields=["unreadable"])
