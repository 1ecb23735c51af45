"""The work as declared rows of the console, touched through the door, and approved."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.utils import timezone

from access.models import Composite, Group, GroupRole, Membership, Person, PersonRole, Role
from console.audit.models import EventKind
from console.change import change
from console.engine.catalog import KINDS
from console.engine.plan import Plan as EnginePlan
from console.engine.state import Address, Kind
from console.keycloak.target import KeycloakTarget
from console.permissions.vocabulary import Permission
from console.sync.approvals import ends_of
from console.sync.cause import Cause
from console.sync.collect import collect, compared
from console.sync.models import Plan, Scope
from tenants.models import Declaration, Realm
from tests.bench.saving import ACTOR
from tests.bench.work import Work

CHUNK = 2000
BY = "bench"


@dataclass
class Declared:
    """One realm's rows."""

    realm: Realm

    @property
    def scope(self) -> Scope:
        return Scope.objects.select_related("server").get(pk=self.realm.scope_id)

    def all_of(self, work: Work) -> None:
        """Declare everything of the work, one part for each person."""
        made: dict[str, Any] = {"realm": self.realm, "created_by": BY}
        roles = {name: Role(name=name, description=words, **made) for name, words in work.roles.items()}
        _insert(roles.values())
        groups: dict[str, Group] = {}
        for path in sorted(work.groups):
            above, _, name = path.rpartition("/")
            groups[path] = Group.objects.create(name=name, path=path, parent=groups.get(above), **made)
        rows: list[Any] = [*roles.values(), *groups.values()]
        rows += _insert(
            Composite(parent=roles[one], child=roles[other], **made)
            for one, some in work.composites.items()
            for other in some
        )
        rows += _insert(
            GroupRole(group=groups[path], role=roles[role], **made) for path, role in work.groups.items()
        )
        clients = _insert(_client(name, redirect, made) for name, redirect in work.clients.items())
        people = self._people(work, roles, groups, made)
        touched = {one.address: "" for one in rows} | {Address.parse(one.address): "" for one in clients}
        self.touch(touched | people)

    def _people(
        self, work: Work, roles: dict[str, Role], groups: dict[str, Group], made: dict[str, Any]
    ) -> dict[Address, str]:
        people = {
            one.username: Person(
                username=one.username,
                email=one.email,
                first_name=one.first_name,
                last_name=one.last_name,
                **made,
            )
            for one in work.people
        }
        _insert(people.values())
        joined = _insert(
            Membership(person=people[one.username], group=groups[path], **made)
            for one in work.people
            for path in one.groups
        )
        given = _insert(
            PersonRole(person=people[one.username], role=roles[name], **made)
            for one in work.people
            for name in one.roles
        )
        return {one.address: one.address.path[0] for one in (*people.values(), *joined, *given)}

    def ten_changes(self, before: Work, after: Work) -> None:
        """Declare what differs between the two."""
        rows = {"realm": self.realm}
        touched: set[Address] = set()
        for name in (one for one in after.roles if after.roles[one] != before.roles[one]):
            Role.objects.filter(name=name, **rows).update(description=after.roles[name])
            touched.add(Address(Kind.ROLE, (name,)))
        for name in (one for one in after.clients if after.clients[one] != before.clients[one]):
            row = Declaration.objects.get(address=f"client:{name}", **rows)
            row.fields = row.fields | {"redirect_uris": [after.clients[name]]}
            row.save()
            touched.add(Address.parse(row.address))
        for name, included in after.composites.items():
            for gone in set(before.composites[name]) - set(included):
                Composite.objects.filter(parent__name=name, child__name=gone, **rows).delete()
                touched.add(Address(Kind.COMPOSITE, (name, gone)))
        for was, now in zip(before.people, after.people, strict=True):
            touched |= self._person_changes(was, now)
        self.touch(dict.fromkeys(touched, ""))

    def _person_changes(self, was: Any, now: Any) -> set[Address]:
        if was == now:
            return set()
        row = Person.objects.get(realm=self.realm, username=now.username)
        Person.objects.filter(pk=row.pk).update(first_name=now.first_name)
        touched = {row.address}
        made: dict[str, Any] = {"realm": self.realm, "created_by": BY}
        for kind, model, field, key, old, new in (
            (Kind.MEMBERSHIP, Membership, "group", "path", was.groups, now.groups),
            (Kind.PERSON_ROLE, PersonRole, "role", "name", was.roles, now.roles),
        ):
            ends = {"group": Group, "role": Role}[field]
            for name in set(old) ^ set(new):
                end = ends._default_manager.get(realm=self.realm, **{key: name})
                if name in new:
                    model._default_manager.create(person=row, **{field: end}, **made)
                else:
                    model._default_manager.filter(person=row, **{field: end}).delete()
                touched.add(Address(kind, (row.username, name)))
        return touched

    def touch(self, addresses: dict[Address, str]) -> None:
        """Note what is touched, with its part, through the door."""
        with change(
            actor=ACTOR,
            permission=Permission.PERSON_CREATE,
            event=EventKind.ACCESS_PERSON_CREATED,
            scope=self.scope,
            tenant=self.realm.scope.realm,
            cause=Cause(plan_id=self._plan().pk),
        ) as made:
            for address, part in addresses.items():
                made.touch(address, part=part)
            made.record("The work")

    def _plan(self) -> Plan:
        return Plan.objects.create(
            title="the work",
            command="",
            values={},
            actor_key=ACTOR.key,
            actor_name=ACTOR.name,
            read_at=timezone.now(),
            scope=self.scope,
            tenant=self.realm.scope.realm,
        )

    def approve(self) -> EnginePlan:
        """Approve what waits, as it is now."""
        work = collect(self.scope, self.scope.touched.all())
        found = compared(
            work, KeycloakTarget(self.scope.server.connection(), self.scope.realm).read(work.to_read)
        )
        plan = Plan.objects.filter(scope=self.scope).latest("created_at")
        plan.fingerprints, plan.targets = sorted(found.fingerprints), ends_of(found.operations)
        plan.save(update_fields=["fingerprints", "targets"])
        return found


def _client(name: str, redirect: str, made: dict[str, Any]) -> Declaration:
    fields = {key: spec.default for key, spec in KINDS[Kind.CLIENT].fields.items()}
    fields |= {"name": name, "public": True, "redirect_uris": [redirect]}
    return Declaration(address=f"client:{name}", kind=Kind.CLIENT.value, fields=fields, **made)


def _insert(rows: Iterable[Model]) -> list[Any]:
    found = list(rows)
    return list(type(found[0])._default_manager.bulk_create(found, batch_size=CHUNK)) if found else []
