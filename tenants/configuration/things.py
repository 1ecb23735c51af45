"""What is declared of a realm's configuration beside what Keycloak held when it was last read."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from console.engine.kinds import ENDS, KINDS, REALM, ends, is_given, is_protected, managed, spec_of
from console.engine.state import Address, Fields, Kind, Selection
from console.sync.desired import DatabaseTarget
from console.sync.models import LedgerEntry, Observed, Scope, Touched
from console.sync.status import Status, statuses
from console.sync.words import shown
from tenants.configuration.sections import inside_of
from tenants.desired import FIRST
from tenants.models import Declaration, Realm
from tenants.secrets import VERSION_KEY

UNMANAGED = Status("unmanaged", "In Keycloak, and not managed here.")


class Standing(StrEnum):
    """Whose a thing is."""

    MANAGED = "managed"
    UNMANAGED = "unmanaged"
    KEYCLOAKS = "keycloaks"
    OURS = "ours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """One row of a list: declared, in Keycloak, or both."""

    address: Address
    declared: Fields | None
    found: Fields | None
    status: Status = UNMANAGED
    was_read: bool = True

    @property
    def name(self) -> str:
        """Return what it is called beside others of its kind."""
        return self.address.path[-1] if self.address.path else spec_of(self.address).label

    @property
    def gloss(self) -> str:
        """Return what helps to know it: a name for people, a description, a type."""
        fields = {**(self.found or {}), **(self.declared or {})}
        words = (fields.get(one) for one in ("display_name", "description", "name", "provider", "type"))
        return next((str(one) for one in words if one), "")

    @property
    def standing(self) -> Standing:
        if self.address in FIRST and self.address != REALM and self.declared is not None:
            return Standing.OURS
        if is_protected(self.address):
            return Standing.KEYCLOAKS
        return Standing.UNMANAGED if self.declared is None else Standing.MANAGED

    @property
    def is_given(self) -> bool:
        return is_given(self.address)

    @property
    def differs(self) -> tuple[str, ...]:
        """Return the managed fields that Keycloak has otherwise; ("",) where it has no such thing."""
        if self.declared is None or not self.was_read:
            return ()
        if self.found is None:
            return ("",)
        theirs = managed(self.address, self.found, self.declared)
        return tuple(sorted(name for name, value in self.declared.items() if theirs[name] != value))

    @property
    def can_be_taken(self) -> bool:
        return self.standing is Standing.UNMANAGED and self.found is not None


def things(realm: Realm, kinds: Collection[Kind]) -> list[Thing]:
    """Return everything of these kinds, declared or read, by name; five queries whatever the number."""
    scope = realm.scope
    declared = _declared(realm, kinds)
    rows = Observed.objects.filter(scope=scope, kind__in=[one.value for one in kinds])
    found = {Address.parse(key): fields for key, fields in rows.values_list("address", "fields")}
    known = statuses(scope, declared)
    return [
        Thing(
            address=one,
            declared=declared.get(one),
            found=found.get(one),
            status=known.get(one, UNMANAGED),
            was_read=was_read(scope, one),
        )
        for one in sorted({*declared, *found}, key=lambda one: (one.kind.value, one.path))
    ]


def was_read(scope: Scope, address: Address) -> bool:
    return (
        scope.read_at is not None
        and address.kind.value not in scope.unreadable
        and address.key not in scope.unreadable
    )


def _declared(realm: Realm, kinds: Collection[Kind]) -> dict[Address, Fields]:
    rows = realm.declarations.filter(kind__in=[one.value for one in kinds])
    own = frozenset(one for one in FIRST if one.kind in kinds)
    keys = {Address.parse(key) for key in rows.values_list("address", flat=True)}
    state = DatabaseTarget(realm.scope).read(Selection(own | keys))
    return {one.address: one.fields for one in state}


def matching(found: Iterable[Thing], *, text: str, standing: str) -> list[Thing]:
    """Return those that have all words in their names or their gloss, and stand as is asked for."""
    words = text.lower().split()
    return [
        one
        for one in found
        if (not standing or one.standing.value == standing or (standing == "differs" and one.differs))
        and all(word in f"{' '.join(one.address.path)} {one.gloss}".lower() for word in words)
    ]


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of a thing, three times."""

    label: str
    declared: str
    found: str
    applied: str
    differs: bool
    help: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Things of one kind that belong to the shown thing."""

    kind: Kind
    title: str
    is_link: bool
    things: list[Thing]
    noun: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """The page of one thing."""

    thing: Thing
    row: Declaration | None
    fields: list[FieldRow]
    parts: list[Part]
    keycloak_id: str = ""
    secrets: Mapping[str, bool] = field(default_factory=dict)


def detail(realm: Realm, address: Address) -> Detail | None:
    """Return what is known of a thing, None where it is neither declared nor was read."""
    thing = next((one for one in things(realm, [address.kind]) if one.address == address), None)
    if thing is None:
        return None
    scope = realm.scope
    row = realm.declarations.filter(address=address.key).first()
    applied = LedgerEntry.objects.filter(scope=scope, address=address.key).values_list("fields", flat=True)
    seen = Observed.objects.filter(scope=scope, address=address.key).values_list("keycloak_id", flat=True)
    kept = row.secrets if row else realm.secrets if address == REALM else {}
    return Detail(
        thing=thing,
        row=row,
        fields=list(_field_rows(thing, applied.first())),
        parts=_parts(realm, address),
        keycloak_id=seen.first() or "",
        secrets={name: name in kept for name in spec_of(address).secrets},
    )


def _field_rows(thing: Thing, applied: Fields | None) -> Iterable[FieldRow]:
    ours, theirs, last = thing.declared or {}, thing.found or {}, applied or {}
    for name, spec in spec_of(thing.address).fields.items():
        if any(name in one for one in (ours, theirs, last)):
            yield FieldRow(
                label=spec.label,
                declared=told(ours[name]) if name in ours else "",
                found=told(theirs.get(name, spec.default)) if thing.found is not None else "",
                applied=told(last[name]) if name in last else "",
                differs=name in thing.differs,
                help=spec.help,
                unit=spec.unit,
            )


def told(value: Any) -> str:
    """Return a value for reading; settings one a line, without our mark of a secret's version."""
    if isinstance(value, Mapping):
        lines = [f"{key}={shown(one)}" for key, one in sorted(value.items()) if key != VERSION_KEY]
        return "\n".join(lines) or "none"
    if isinstance(value, list) and len(value) > 1:
        return "\n".join(map(str, value))
    return shown(value)


def _parts(realm: Realm, address: Address) -> list[Part]:
    kinds = inside_of(address.kind)
    found = [one for one in things(realm, kinds) if address in [end for _, end in ends(one.address)]]
    return [
        Part(
            kind=kind,
            title=_title(kind, address.kind),
            is_link=KINDS[kind].is_link,
            things=[one for one in found if one.address.kind is kind],
            noun=KINDS[kind].label,
        )
        for kind in kinds
    ]


TITLES: Mapping[Kind, str] = {
    Kind.ALLOWED_CLIENT_ROLE: "Client roles that its tokens may carry",
    Kind.ALLOWED_ROLE: "Roles that its tokens may carry",
    Kind.CLIENT_MAPPER: "Mappers",
    Kind.CLIENT_ROLE: "Roles",
    Kind.DEFAULT_SCOPE: "Default of clients made later",
    Kind.IDENTITY_PROVIDER_MAPPER: "Mappers",
    Kind.MAPPER: "Mappers",
    Kind.OPTIONAL_SCOPE: "Optional for clients made later",
    Kind.SCOPE_CLIENT_ROLE: "Client roles that it is limited to",
    Kind.SCOPE_ROLE: "Roles that it is limited to",
    Kind.SERVICE_CLIENT_ROLE: "Client roles of its service account",
    Kind.SERVICE_ROLE: "Roles of its service account",
}


def _title(kind: Kind, of: Kind) -> str:
    words = KINDS[kind].plural
    for ending in (f" of {KINDS[of].plural}", f" of a {KINDS[of].label}"):
        words = words.removesuffix(ending)
    return TITLES.get(kind) or words[0].upper() + words[1:]


def known_of(realm: Realm, kind: Kind) -> list[Address]:
    """Return the things of a kind that a link can name: declared here, applied, waiting, or read in Keycloak.

    Four queries, whatever the size of the realm. What is about to go is among them: the service refuses it.
    """
    scope, start = realm.scope, f"{kind.value}:"
    keys = {
        *realm.declarations.filter(kind=kind.value).values_list("address", flat=True),
        *Observed.objects.filter(scope=scope, kind=kind.value).values_list("address", flat=True),
        *LedgerEntry.objects.filter(scope=scope, address__startswith=start).values_list("address", flat=True),
        *Touched.objects.filter(scope=scope, address__startswith=start).values_list("address", flat=True),
    }
    own = {one for one in FIRST if one.kind is kind} if realm.has_carrier else set()
    return sorted({Address.parse(key) for key in keys} | own)


def places(kind: Kind) -> tuple[tuple[int, int, Kind], ...]:
    """Return which parts of a path name which kind of thing."""
    return tuple((first, after, end) for first, after, end in ENDS[kind] if end is not None)
