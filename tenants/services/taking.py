"""What Keycloak holds, taken over into declarations and settings of a realm. Called inside a change."""

from collections.abc import Iterable, Mapping
from typing import Any

from console.engine.kinds import REALM, is_protected, managed
from console.engine.masked import SECRET_KEYS, has_mask
from console.engine.state import Address, Fields, Kind
from console.sync.cause import Change
from console.sync.commands import Refused
from tenants.desired import CARRIERS, FIRST, REALM_FIELDS, fields_of
from tenants.models import SECONDS, Declaration, Realm
from tenants.secrets import MARKED_IN, VERSION_KEY
from tenants.services.declarations import subject
from tenants.validity import DECLARABLE, KEYCLOAKS_KEYS, ValueRefused, cleaned, refuse_address

CHUNK = 2000
Found = Mapping[Address, Fields]


def why_left(address: Address) -> str:
    """Return why this stays Keycloak's alone, "" for what can be declared."""
    if address.kind not in DECLARABLE:
        return ""
    if is_protected(address):
        return "Keycloak's own: known, linked to, never changed."
    if address in FIRST:
        return ""
    try:
        refuse_address(address)
    except Refused as error:
        return str(error)
    return ""


def take(made: Change, realm: Realm, found: Found) -> None:
    """Declare these as they stand in Keycloak; of what is declared already, the fields that we manage."""
    if REALM in found:
        _take_settings(made, realm, found[REALM])
    _take_carriers(made, realm, found)
    wanted = {one: fields for one, fields in found.items() if one.kind in DECLARABLE and one not in FIRST}
    _declare(made, realm, wanted)


def _declare(made: Change, realm: Realm, wanted: Found) -> None:
    known = {
        row.at: row for row in realm.declarations.filter(address__in=[address.key for address in wanted])
    }
    new = [_new(made, realm, one, fields) for one, fields in wanted.items() if one not in known]
    Declaration.objects.bulk_create(new, batch_size=CHUNK)
    changed = [_theirs(row, wanted[address]) for address, row in known.items()]
    Declaration.objects.bulk_update(changed, ["fields", "secrets", "revision"], batch_size=CHUNK)
    for address in wanted:
        made.touch(address)
        old = known[address].fields if address in known else None
        made.record(subject(address), address=address, old=old, new=dict(wanted[address]))


def _new(made: Change, realm: Realm, address: Address, fields: Fields) -> Declaration:
    return Declaration(
        realm=realm,
        address=address.key,
        kind=address.kind.value,
        fields=readable(address.kind, fields),
        source=Declaration.Source.KEYCLOAK,
        created_by=made.actor.name,
        reason=made.cause.reason,
    )


def _theirs(row: Declaration, fields: Fields) -> Declaration:
    """Return a declaration with Keycloak's values. A secret that was replaced there is given up."""
    versions = {dict(fields.get(place) or {}).get(VERSION_KEY) for place in MARKED_IN}
    kept = "-".join(row.secrets[name]["version"] for name in sorted(row.secrets))
    return_fields = readable(row.at.kind, managed(row.at, fields, row.fields))
    row.secrets = row.secrets if kept in versions else {}
    row.fields, row.revision = row.fields | return_fields, row.revision + 1
    return row


def readable(kind: Kind, fields: Fields) -> dict[str, Any]:
    """Return what of Keycloak's fields can be declared: no secret, no mask, no value that we do not know."""
    kept: dict[str, Any] = {}
    for name, value in fields.items():
        try:
            kept |= cleaned(kind, {name: _without_secrets(value)})
        except ValueRefused:
            continue  # it stays Keycloak's: an unmanaged field of a managed thing
    return kept


def _without_secrets(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    strange = SECRET_KEYS | KEYCLOAKS_KEYS | {VERSION_KEY}
    return {key: one for key, one in value.items() if key not in strange and not has_mask(one)}


def _take_settings(made: Change, realm: Realm, fields: Fields) -> None:
    """Take over the settings of a realm. Raises Refused where two of them contradict each other for us."""
    old = fields_of(realm) if realm.is_declared else None
    theirs = readable(Kind.REALM, fields)
    if old is not None:
        theirs = {name: value for name, value in theirs.items() if name in old}
    for name in REALM_FIELDS:
        setattr(realm, name, theirs.pop(name, getattr(realm, name)))
    if realm.sso_session_max < realm.access_token_lifespan:
        raise Refused("Its tokens live longer than its sessions: change that in Keycloak first.")
    for name in ("access_token_lifespan", "sso_session_idle", "sso_session_max"):
        for check in SECONDS:
            check(getattr(realm, name))
    realm.more = realm.more | theirs
    realm.is_declared, realm.revision = True, realm.revision + 1
    realm.save(update_fields=[*REALM_FIELDS, "more", "is_declared", "revision"])
    made.touch(REALM)
    made.record(f"Realm {realm.name}", address=REALM, old=old, new=fields_of(realm))


def _take_carriers(made: Change, realm: Realm, found: Found) -> None:
    """Declare what carries entitlements, where all of it stands in Keycloak just as we would make it."""
    wanted = {one.address: dict(one.fields) for one in CARRIERS}
    if wanted.keys() & found.keys() != wanted.keys() or realm.has_carrier:
        made.touch(*(address for address in wanted if address in found and realm.has_carrier))
        return
    if any(managed(one, found[one], fields) != fields for one, fields in wanted.items()):
        return
    Realm.objects.filter(pk=realm.pk).update(has_carrier=True)
    realm.has_carrier = True
    made.touch(*wanted)


def give_up(made: Change, realm: Realm, addresses: Iterable[Address]) -> None:
    """Declare these no longer: they are not in Keycloak any more."""
    _drop(made, realm, addresses)


def _drop(made: Change, realm: Realm, addresses: Iterable[Address]) -> None:
    rows = realm.declarations.filter(address__in=[one.key for one in addresses])
    for row in rows:
        made.touch(row.at)
        made.record(subject(row.at), address=row.at, old=dict(row.fields))
    rows.delete()
