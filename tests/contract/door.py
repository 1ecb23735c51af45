"""Declaring, changing, renaming and dropping anything in the database, each kind by its own services."""

from collections.abc import Mapping
from typing import Any

from access.models import Entitlement, Group, Person, Role
from access.services import assignments, entitlements, groups, people, roles
from console.engine.state import Address, Fields, Kind, Resource, Selection
from console.sync.desired import DatabaseTarget
from tenants.models import Realm, Tenant
from tenants.services import declarations
from tenants.services.tenants import edit_realm
from tenants.validity import DECLARABLE
from tests.factories import MIRA

_GIVE = {
    Kind.GROUP_ROLE: (assignments.give_group_roles, assignments.take_group_roles, "groups", "roles"),
    Kind.PERSON_ROLE: (assignments.give_roles, assignments.take_roles, "people", "roles"),
    Kind.MEMBERSHIP: (assignments.join, assignments.leave, "people", "groups"),
}


class Door:
    """The services of one tenant, by addresses."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.who: dict[str, Any] = {"actor": MIRA, "tenant": tenant.slug}

    def read(self, address: Address) -> Resource | None:
        scope = self.tenant.realm.scope
        return DatabaseTarget(scope).read(Selection(frozenset({address}))).get(address)

    def declare(self, address: Address, fields: Fields) -> None:
        kind, path = address.kind, address.path
        if kind in DECLARABLE:
            declarations.put(**self.who, declarations=[{"address": address.key, "fields": dict(fields)}])
        elif kind is Kind.REALM:
            self.change(address, fields)
        elif kind is Kind.GROUP:
            above, _, name = path[0].rpartition("/")
            groups.create(**self.who, name=name, parent=self._pk("groups", above), **fields)
        elif kind is Kind.ENTITLEMENT:
            self._grant(path)
        elif kind is Kind.COMPOSITE:
            children = [self._pk("roles", path[1])]
            roles.include(**self.who, role=self._pk("roles", path[0]), children=children)
        elif kind in _GIVE:
            self._link(address, 0)
        else:
            named = {"username" if kind is Kind.PERSON else "name": path[0]}
            (people if kind is Kind.PERSON else roles).create(**self.who, **named, **fields)

    def change(self, address: Address, fields: Fields, *, name: str | None = None) -> None:
        kind, path = address.kind, address.path
        if kind in DECLARABLE:
            one = {"address": address.key, "fields": dict(fields), "revision": self._revision(address)}
            declarations.put(**self.who, declarations=[one])
        elif kind is Kind.REALM:
            revision = Realm.objects.get(pk=self.tenant.realm_id).revision
            edit_realm(**self.who, revision=revision, values=dict(fields))
        elif kind is Kind.GROUP:
            group = Group.objects.get(path=path[0])
            place = {"name": name or group.name, "parent": group.parent_id}
            groups.edit(**self.who, group=group.pk, revision=group.revision, **place, **fields)
        elif kind is Kind.PERSON:
            person = Person.objects.get(username=path[0])
            people.edit(**self.who, person=person.pk, revision=person.revision, **fields)
        else:
            role = Role.objects.get(name=path[0])
            named = {"name": name or role.name}
            roles.edit(**self.who, role=role.pk, revision=role.revision, **named, **fields)

    def rename(self, address: Address, name: str, fields: Fields) -> None:
        if address.kind in DECLARABLE:
            revision = self._revision(address)
            declarations.rename(**self.who, address=address.key, revision=revision, name=name)
        else:
            self.change(address, fields, name=name)

    def drop(self, address: Address) -> None:
        kind, path = address.kind, address.path
        if kind in DECLARABLE:
            declarations.drop(**self.who, address=address.key)
        elif kind is Kind.COMPOSITE:
            child = self._pk("roles", path[1])
            roles.exclude(**self.who, role=self._pk("roles", path[0]), child=child)
        elif kind is Kind.ENTITLEMENT:
            rows = Entitlement.objects.filter(level=path[2].rpartition(":")[2])
            entitlements.revoke(**self.who, entitlements=list(rows.values_list("pk", flat=True)))
        elif kind in _GIVE:
            self._link(address, 1)
        else:
            service, word = _THINGS[kind]
            service.delete(**self.who, **{word: self._pk(f"{kind}", path[0])})

    def _revision(self, address: Address) -> int:
        return int(self.tenant.realm.declarations.get(address=address.key).revision)

    def _link(self, address: Address, which: int) -> None:
        *calls, left, right = _GIVE[address.kind]
        ends = {left: [self._pk(left, address.path[0])], right: [self._pk(right, address.path[1])]}
        calls[which](**self.who, **ends)

    def _grant(self, path: tuple[str, ...]) -> None:
        name, thing, level = path[2].split(":")
        kind = entitlements.EntitlementType.objects.filter(name=name).first()
        kind = kind or entitlements.create_type(**self.who, name=name, levels=["READ", "WRITE"])
        row = entitlements.Resource.objects.filter(name=thing).first()
        row = row or entitlements.create_resource(**self.who, type=kind.pk, name=thing)
        holders: dict[str, list[int | None]] = {"people": [], "groups": [], "clients": []}
        side = {"person": "people", "group": "groups", "client": "clients"}[path[0]]
        entitlements.grant(**self.who, resource=row.pk, level=level, **holders | {side: [self._holder(path)]})

    def _holder(self, path: tuple[str, ...]) -> int | None:
        if path[0] == Kind.CLIENT:
            return int(self.tenant.realm.declarations.get(address=Address(Kind.CLIENT, (path[1],)).key).pk)
        return self._pk(path[0], path[1])

    def _pk(self, word: str, name: str) -> int | None:
        model, column = _MODELS[word]
        return model.objects.get(**{column: name}).pk if name else None


_MODELS: Mapping[str, tuple[Any, str]] = {
    **dict.fromkeys(("roles", "role"), (Role, "name")),
    **dict.fromkeys(("groups", "group"), (Group, "path")),
    **dict.fromkeys(("people", "person"), (Person, "username")),
}
_THINGS: Mapping[Kind, tuple[Any, str]] = {
    Kind.ROLE: (roles, "role"),
    Kind.GROUP: (groups, "group"),
    Kind.PERSON: (people, "person"),
}
