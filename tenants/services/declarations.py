"""What is declared of a realm beside its roles, groups and people: clients, mappers, providers, links."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db.models import Q
from django.utils import timezone

from console.audit.models import EventKind
from console.change import change
from console.engine.kinds import HOLDERS, all_needs, described, is_protected, needs, spec_of
from console.engine.rebase import moved
from console.engine.state import Address, Kind, Selection
from console.identity.actor import Actor
from console.integrity import constraints
from console.permissions.vocabulary import Permission
from console.sync.cause import Cause, Change
from console.sync.commands import Conflict, Gone, Refused, command
from console.sync.desired import DatabaseTarget
from console.sync.drift import baseline
from console.sync.models import LedgerEntry, Observed, Scope, Touched
from console.sync.words import thing
from console.timed import NOT_ENDED
from tenants import secrets as sealing
from tenants.loaders import tenant_named
from tenants.models import Declaration, Realm, Tenant
from tenants.validity import cleaned, refuse_address


class Taken(Refused):
    """Something of this kind and name is declared already."""


class Lacking(Refused):
    """What this stands on is neither declared nor in Keycloak."""


@contextmanager
def _opened(
    *, actor: Actor, tenant: str, permission: Permission, event: EventKind, cause: Cause | None
) -> Iterator[tuple[Realm, Change]]:
    """Open the door for a change of a realm's configuration. It belongs to the realm, so no share has it."""
    owner = tenant_named(actor, tenant)
    refuse_share(owner)
    with change(
        actor=actor,
        permission=permission,
        event=event,
        scope=owner.realm.scope,
        tenant=owner.slug,
        cause=cause,
    ) as made:
        yield owner.realm, made


def refuse_share(owner: Tenant) -> None:
    """Refuse a tenant that shares its realm. Raises Refused."""
    if owner.is_share:
        raise Refused(f"{owner} has a share of the realm {owner.realm}: configuration is the realm's.")


@command("tenants:declaration:put")
def put(
    *, actor: Actor, tenant: str, declarations: Sequence[Mapping[str, Any]], cause: Cause | None = None
) -> list[Declaration]:
    """Return what is declared now under these addresses, new or with other fields.

    Each has an `address` (its key), `fields`, the `revision` that was seen (none: it is new), and `secrets`
    as `sealing.sealed` gives them; secrets that are not named stay. Raises Taken, Gone, Conflict, Lacking,
    NameRefused, ValueRefused.
    """
    with _opened(
        actor=actor,
        tenant=tenant,
        permission=Permission.DECLARATION_EDIT,
        event=EventKind.TENANTS_DECLARATION_PUT,
        cause=cause,
    ) as (realm, made):
        found = [_put(realm, made, one) for one in declarations]
        refuse_lacking(realm.scope, [row.at for row in found])
    return found


def _put(realm: Realm, made: Change, typed: Mapping[str, Any]) -> Declaration:
    address = address_of(typed["address"])
    refuse_address(address)
    fields = cleaned(address.kind, typed.get("fields") or {})
    row = _row(realm, address, typed.get("revision"))
    old = {} if row is None else _told(row)
    if row is None:
        row = Declaration(
            realm=realm, address=address.key, kind=address.kind.value, created_by=made.actor.name
        )
    else:
        row.revision += 1
    given = sealing.verified(realm.scope, address, typed.get("secrets") or {})
    sealing.refuse_unseen(address, given, is_same=bool(old) and fields == row.fields)
    row.fields, row.secrets, row.reason = fields, row.secrets | given, made.cause.reason
    with constraints({"tenants_declaration_once": _taken(address)}):
        row.save()
    made.touch(address)
    made.record(
        subject(address), address=address, old=old or None, new=_told(row) | _replaced(given, is_new=not old)
    )
    return row


def _row(realm: Realm, address: Address, revision: int | None) -> Declaration | None:
    row = realm.declarations.select_for_update(of=("self",)).filter(address=address.key).first()
    if row is None and revision is not None:
        raise Gone(f"{subject(address)} is no longer declared here.")
    if row is not None and revision is None:
        raise _taken(address)
    if row is not None and row.revision != revision:
        raise Conflict(
            "Somebody changed this while you were editing.", theirs=row.fields, revision=row.revision
        )
    return row


def refuse_lacking(scope: Scope, addresses: Iterable[Address]) -> None:
    """Refuse what stands on something that nobody declared and that was not read in Keycloak.

    Raises Lacking.
    """
    wanted = {need: address for address in addresses for need in needs(address) if not is_protected(need)}
    declared = DatabaseTarget(scope).read(Selection(frozenset(wanted)))
    open_ = {need.key: need for need in wanted if need not in declared}
    read = set(Observed.objects.filter(scope=scope, address__in=open_).values_list("address", flat=True))
    for key, need in sorted(open_.items()):
        if key not in read:
            raise Lacking(
                f"{subject(wanted[need])} needs {described(need)}, which is neither declared here "
                "nor was read in Keycloak."
            )


@command("tenants:declaration:drop")
def drop(*, actor: Actor, tenant: str, address: str, cause: Cause | None = None) -> None:
    """Declare something no longer, nor what stands inside it or hangs on it: it goes from Keycloak.

    Raises Gone.
    """
    with _opened(
        actor=actor,
        tenant=tenant,
        permission=Permission.DECLARATION_DROP,
        event=EventKind.TENANTS_DECLARATION_DROPPED,
        cause=cause,
    ) as (realm, made):
        for row in _with_all_on_it(realm, address):
            _give_up(made, row)


@command("tenants:declaration:release")
def release(*, actor: Actor, tenant: str, addresses: list[str], cause: Cause | None = None) -> None:
    """Manage these no longer, nor what stands inside them: Keycloak keeps them as they are.

    Raises Gone.
    """
    with _opened(
        actor=actor,
        tenant=tenant,
        permission=Permission.DECLARATION_RELEASE,
        event=EventKind.TENANTS_DECLARATION_RELEASED,
        cause=cause,
    ) as (realm, made):
        rows = {row.pk: row for key in addresses for row in _with_all_on_it(realm, key)}
        for row in rows.values():
            made.record(subject(row.at), address=row.at, old=_told(row))
        keys = [row.address for row in rows.values()]
        _forget(realm.scope, keys)
        baseline.learn_as_read(realm.scope, keys, now=timezone.now(), by=actor.name)
        realm.declarations.filter(pk__in=rows).delete()


def _forget(scope: Scope, keys: Sequence[str]) -> None:
    """Take these out of what we applied and of what waits: nothing of ours is deleted that is not there."""
    LedgerEntry.objects.filter(scope=scope, address__in=keys).delete()
    Touched.objects.filter(scope=scope, address__in=keys).delete()


@command("tenants:declaration:rename")
def rename(
    *, actor: Actor, tenant: str, address: str, revision: int, name: str, cause: Cause | None = None
) -> Declaration:
    """Return the declaration under another name. It keeps its id, its fields and all that hangs on it.

    A group of an organization has its path for a name, so it can go below another one.
    Raises Refused for a kind without renames, Taken, Gone, Conflict, Lacking, NameRefused.
    """
    was = address_of(address)
    if not spec_of(was).has_name:
        raise Refused(f"Keycloak renames no {spec_of(was).label}.", field="own_name")
    now = Address(was.kind, (*was.path[:-1], name))
    refuse_address(now)
    with _opened(
        actor=actor,
        tenant=tenant,
        permission=Permission.DECLARATION_EDIT,
        event=EventKind.TENANTS_DECLARATION_RENAMED,
        cause=cause,
    ) as (realm, made):
        row = _row(realm, was, revision)
        assert row is not None  # with a revision it is there, or Gone was raised
        with constraints({"tenants_declaration_once": _taken(now)}):
            follow(realm, was, now)
        row.refresh_from_db()
        refuse_lacking(realm.scope, [now])
        realm.declarations.filter(pk=row.pk).update(revision=revision + 1)
        made.touch(now, was=was)
        made.record(subject(was), address=now, old={"name": was.path[-1]}, new={"name": name})
    return row


def follow(realm: Realm, was: Address, now: Address) -> None:
    """Let all that is declared under a former name stand under the new one. Called inside a change."""
    for row in list(_holding(realm, was)):
        here = row.at
        if (there := moved(here, was, now)) != here:
            _stand_at(row, there)


def _stand_at(row: Declaration, there: Address) -> None:
    row.secrets = sealing.moved(row.realm.scope, row.secrets, row.at, there)
    row.address = there.key
    row.save(update_fields=["address", "secrets"])


def give_up(made: Change, realm: Realm, address: Address) -> None:
    """Declare nothing any more that hangs on a thing which goes. Called inside a change."""
    for row in _hanging_on(realm, address):
        _give_up(made, row)


def _give_up(made: Change, row: Declaration) -> None:
    made.touch(row.at)
    made.record(subject(row.at), address=row.at, old=_told(row))
    row.delete()


def _with_all_on_it(realm: Realm, key: str) -> list[Declaration]:
    address = address_of(key)
    row = realm.declarations.select_for_update(of=("self",)).filter(address=address.key).first()
    if row is None:
        raise Gone(f"{subject(address)} is not declared here.")
    return [row, *_hanging_on(realm, address)]


def _hanging_on(realm: Realm, address: Address) -> list[Declaration]:
    rows = (row for row in _holding(realm, address) if address in set(all_needs(row.at)))
    return sorted(rows, key=lambda row: (spec_of(row.at).rank, row.address))


def _holding(realm: Realm, address: Address) -> Iterable[Declaration]:
    """Return what could name this thing: narrowed by kind and text, to be looked at one by one."""
    names = address.key.partition(":")[2]
    kinds = [kind.value for kind in HOLDERS[address.kind]]
    holding = Q(kind__in=kinds, address__contains=names)
    if address.kind is Kind.ORGANIZATION_MEMBER:  # who leaves the organization leaves its groups
        alias, _, username = names.partition("|")
        inside = Q(address__contains=f":{alias}|", address__endswith=f"|{username}")
        holding |= Q(inside, kind=Kind.ORGANIZATION_GROUP_MEMBER.value)
    # What begins later follows a new name, and goes with what it hangs on, as all that is declared now.
    return Declaration.every.filter(NOT_ENDED, holding, realm=realm)


def address_of(key: str) -> Address:
    """Return the address of a command. Raises Gone for a kind that is no more."""
    try:
        return Address.parse(key)
    except ValueError as error:
        raise Gone("There is no such kind of thing.") from error


def _taken(address: Address) -> Taken:
    return Taken(f"{subject(address)} is declared here already.", field="own_name")


def subject(address: Address) -> str:
    """Return what the record and sentences call a thing, e.g. `Client shop`."""
    words = thing(address)
    return f"{words[0].upper()}{words[1:]}"


def _told(row: Declaration) -> dict[str, Any]:
    return dict(row.fields)


def _replaced(given: Mapping[str, Any], *, is_new: bool) -> dict[str, str]:
    return dict.fromkeys(given, "set" if is_new else "replaced")
