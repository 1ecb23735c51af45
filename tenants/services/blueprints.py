"""Blueprints as rows: versions that were uploaded or are used, and what one declares of a realm."""

from collections.abc import Mapping
from typing import Any

from console.audit.models import EventKind
from console.blueprints.model import Blueprint as Read
from console.change import change
from console.engine.kinds import REALM, is_protected
from console.engine.state import Address, Fields, Selection
from console.identity.actor import Actor
from console.integrity import constraints
from console.permissions.vocabulary import Permission
from console.sync.cause import Cause, Change
from console.sync.commands import Gone, Refused, command
from console.sync.desired import DatabaseTarget
from tenants import secrets as sealing
from tenants.blueprints import parsed, shipped_named
from tenants.desired import FIRST, fields_of
from tenants.models import Blueprint, BlueprintPart, BlueprintUse, Declaration, Realm, Tenant
from tenants.services.blueprint_course import Course, Found, course_of
from tenants.services.declarations import subject
from tenants.services.tenants import set_realm
from tenants.validity import DECLARABLE, cleaned, refuse_address

CHUNK = 2000


class VersionTaken(Refused):
    """This version is here already, with another text."""


@command("tenants:blueprint:create")
def upload(*, actor: Actor, text: str, cause: Cause | None = None) -> Blueprint:
    """Return the row of an own version. Nothing reaches Keycloak. Raises Invalid, VersionTaken."""
    read = parsed(text)
    with change(
        actor=actor,
        permission=Permission.BLUEPRINT_CREATE,
        event=EventKind.TENANTS_BLUEPRINT_UPLOADED,
        cause=cause,
    ) as made:
        taken = VersionTaken(
            f"Version {read.version} of {read.key} is here already. Raise the version in the text.",
            field="text",
        )
        if shipped_named(read.key, read.version) is not None:
            raise taken
        with constraints({"tenants_blueprint_version_once": taken}):
            row = _saved(_row(read, Blueprint.Source.UPLOADED, made.actor.name))
        made.record(f"Blueprint {row}", new={"key": row.key, "version": row.version, "digest": row.digest})
    return row


def row_of(key: str, version: str, *, by: str) -> Blueprint:
    """Return the row of a version, made for one that the product ships. Called inside a change.

    Raises Gone, and VersionTaken where the product now ships another text under a version that is in use.
    """
    row = Blueprint.objects.filter(key=key, version=version).first()
    shipped = shipped_named(key, version)
    if row is None and shipped is None:
        raise Gone(f"There is no version {version} of a blueprint {key} here.", field="blueprint")
    if row is None:
        assert shipped is not None
        return _saved(_row(shipped, Blueprint.Source.SHIPPED, by))
    if shipped is None or shipped.digest == row.digest:
        return row
    if row.source == Blueprint.Source.UPLOADED or row.uses.exists():
        raise VersionTaken(
            f"The product ships another text as version {version} of {key} than is in use here. "
            "Ask for a product that raises the version.",
            field="blueprint",
        )
    return _replaced(row, _row(shipped, Blueprint.Source.SHIPPED, by))


def _row(read: Read, source: Blueprint.Source, by: str) -> Blueprint:
    return Blueprint(
        key=read.key,
        version=read.version,
        name=read.name,
        text=read.text,
        digest=read.digest,
        source=source,
        created_by=by,
    )


def _replaced(unused: Blueprint, row: Blueprint) -> Blueprint:
    unused.delete()
    return _saved(row)


def _saved(row: Blueprint) -> Blueprint:
    row.save(force_insert=True)
    return row


# --- what is declared ---------------------------------------------------------------------------


def course_for(use: BlueprintUse, realm: Realm, new: Found, *, is_new: bool) -> Course:
    """Return what following the blueprint changes of what is declared in the realm now.

    The settings of a realm that `is_new` are nobody's choice yet.
    """
    base = {row.at: row.fields for row in use.parts.all()}
    ours = declared_at(realm, {*base, *new} - ({REALM} if is_new else set()))
    course = course_of(base=base, ours=ours, new=new)
    if course.drop:
        everything = DatabaseTarget(realm.scope).read(Selection.all())
        course.hold_back(one.address for one in everything)
    return course


def declared_at(realm: Realm, addresses: set[Address]) -> dict[Address, Fields]:
    """Return what is declared at these addresses, without the marks of secrets."""
    state = DatabaseTarget(realm.scope).read(Selection(frozenset(addresses)))
    found = {one.address: without_marks(one.fields) for one in state}
    return found | ({REALM: fields_of(realm)} if REALM in addresses and realm.is_declared else {})


def without_marks(fields: Fields) -> dict[str, Any]:
    return {name: _unmarked(value) if name in sealing.MARKED_IN else value for name, value in fields.items()}


def _unmarked(value: Any) -> dict[str, Any]:
    return {key: one for key, one in value.items() if key != sealing.VERSION_KEY}


def kept_form(found: Mapping[Address, Fields]) -> dict[Address, Fields]:
    """Return what a blueprint says as it is kept here. The carrier of entitlements is the realm's own.

    Raises NameRefused, ValueRefused.
    """
    wanted: dict[Address, Fields] = {}
    for address, fields in found.items():
        if address in FIRST and address != REALM:
            continue
        if address.kind in DECLARABLE:
            refuse_address(address)
        elif is_protected(address):
            raise Refused(f"{subject(address)} is Keycloak's own: no blueprint declares it.")
        wanted[address] = cleaned(address.kind, fields)
    return wanted


def declare(made: Change, realm: Realm, wanted: Found, kept: Mapping[Address, sealing.Kept]) -> None:
    """Declare settings of the realm and what has no model of its own, new or with other fields.

    `kept` are secrets, sealed for this realm. Called inside a change. Raises what editing raises.
    """
    if REALM in wanted or REALM in kept:
        realm.secrets = realm.secrets | sealing.verified(realm.scope, REALM, kept.get(REALM, {}))
        _settings(made, realm, wanted.get(REALM, {}))
    rest = {one: fields for one, fields in wanted.items() if one.kind in DECLARABLE}
    _declarations(made, realm, rest, kept)


def _settings(made: Change, realm: Realm, values: Fields) -> None:
    old = fields_of(realm) if realm.is_declared else {}
    realm.is_declared = True
    set_realm(realm, dict(values), made, old)


def _declarations(made: Change, realm: Realm, wanted: Found, kept: Mapping[Address, sealing.Kept]) -> None:
    keys = [one.key for one in wanted]
    known = {row.at: row for row in realm.declarations.filter(address__in=keys)}
    new = [
        Declaration(
            realm=realm,
            address=address.key,
            kind=address.kind.value,
            fields=dict(fields),
            secrets=sealing.verified(realm.scope, address, kept.get(address, {})),
            source=Declaration.Source.BLUEPRINT,
            created_by=made.actor.name,
            reason=made.cause.reason,
        )
        for address, fields in wanted.items()
        if address not in known
    ]
    Declaration.objects.bulk_create(new, batch_size=CHUNK)
    for address, fields in wanted.items():
        made.touch(address)
        old = dict(known[address].fields) if address in known else None
        made.record(subject(address), address=address, old=old, new=dict(fields))
    for address, row in known.items():
        row.fields, row.revision = dict(wanted[address]), row.revision + 1
    Declaration.objects.bulk_update(known.values(), ["fields", "revision"], batch_size=CHUNK)


def keep_parts(use: BlueprintUse, parts: Found) -> None:
    """Remember what counts as made by the blueprint from now on, with the fields as it has them."""
    rows = [BlueprintPart(use=use, address=one.key, fields=dict(fields)) for one, fields in parts.items()]
    _replace_parts(use, rows)


def _replace_parts(use: BlueprintUse, rows: list[BlueprintPart]) -> None:
    use.parts.all().delete()
    BlueprintPart.objects.bulk_create(rows, batch_size=CHUNK)


def new_use(tenant: Tenant, blueprint: Blueprint, parameters: Mapping[str, Any], *, by: str) -> BlueprintUse:
    """Return the row that puts a tenant under a blueprint, inside the caller's change. Raises Refused."""
    there = Refused(f"{tenant} stands under a blueprint already: move it to another version.")
    use = BlueprintUse(tenant=tenant, blueprint=blueprint, parameters=dict(parameters), created_by=by)
    with constraints({"tenants_blueprintuse_tenant_id_key": there}):
        _save_use(use)
    return use


def _save_use(use: BlueprintUse) -> None:
    use.save(force_insert=True)
