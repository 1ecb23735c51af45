"""A difference in words: what is declared, what Keycloak holds, what that does, and who did it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from console.engine.kinds import KINDS, spec_of
from console.engine.state import Address, Kind
from console.sync.drift.models import Change, DriftItem, Standing, Told
from console.sync.words import group_words, shown

FIELDS_SHOWN = 2
ALONG_SHOWN = 200
LONGEST_VALUE = 90

_EFFECTS = {
    "widens": ("arrow-up", "amber", "widens access"),
    "mixed": ("arrow-up", "amber", "widens and narrows access"),
    "narrows": ("", "", "narrows access"),
    "neutral": ("", "", "no effect on access"),
}
_CLIENTS = {"security-admin-console": "in the Keycloak console", "account-console": "in the account console"}
_ICONS = {
    Kind.ROLE: "shield-check",
    Kind.CLIENT_ROLE: "shield-check",
    Kind.GROUP: "users-group",
    Kind.ORGANIZATION_GROUP: "users-group",
    Kind.PERSON: "user",
    Kind.ENTITLEMENT: "key",
    Kind.REALM: "settings",
    Kind.USER_PROFILE: "settings",
    Kind.PROFILE_ATTRIBUTE: "settings",
    Kind.REQUIRED_ACTION: "settings",
    Kind.CLIENT: "plug",
    Kind.ORGANIZATION: "building-community",
    Kind.IDENTITY_PROVIDER: "login",
    Kind.DIRECTORY: "database",
}


@dataclass(frozen=True, slots=True)
class Side:
    """One value on one side. `differs`: it is what the other side does not have."""

    label: str
    words: str
    differs: bool = True


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field on all sides, for the page of one difference."""

    label: str
    ours: str
    applied: str
    theirs: str
    differs: bool


@dataclass(frozen=True, kw_only=True)
class Line:
    """One row of the inbox."""

    item: DriftItem
    icon: str
    title: str
    gloss: str
    ours: tuple[Side, ...]
    theirs: tuple[Side, ...]
    more: int
    effect: tuple[str, str, str]
    by: str

    @property
    def may_take(self) -> bool:
        return self.item.state == Standing.DRIFTED

    @property
    def may_adopt(self) -> bool:
        return self.item.state == Standing.UNMANAGED and self.item.change != Change.REMOVED

    @property
    def may_accept(self) -> bool:
        return self.item.state == Standing.UNMANAGED


def line_of(item: DriftItem) -> Line:
    """Return a difference as a row."""
    address = Address.parse(item.address)
    fields = [one for one in fields_of(item) if one.differs]
    ours, theirs = _sides(item, address, fields[:1])
    return Line(
        item=item,
        icon=_ICONS.get(address.kind, "link" if spec_of(address).is_link else "settings"),
        title=title_of(address, realm=item.scope.realm),
        gloss=_gloss(item, address, fields),
        ours=ours,
        theirs=theirs,
        more=max(0, len(fields) - 1),
        effect=_EFFECTS["neutral"] if item.state == Standing.PENDING else _EFFECTS[item.risk],
        by=by_words(item),
    )


def title_of(address: Address, *, realm: str) -> str:
    """Return what a thing is called, without the word of its kind."""
    spec, path = spec_of(address), address.path
    if address.kind is Kind.REALM:
        return realm
    if not path:
        return spec.label.capitalize()
    if address.kind is Kind.ENTITLEMENT:
        return f"{group_words(path[1])}: {path[2]}"
    if spec.is_link:
        return ": ".join((group_words(path[0]), *map(group_words, path[1:])))
    return group_words(" / ".join(path)) if len(path) > 1 else group_words(path[0])


def _gloss(item: DriftItem, address: Address, fields: Sequence[FieldLine]) -> str:
    label = KINDS[address.kind].label
    words = f"{label[0].upper()}{label[1:]}"
    if item.state == Standing.UNMANAGED:
        return f"{words}, not ours"
    names = ", ".join(one.label for one in fields[:FIELDS_SHOWN])
    return f"{words}: {names}" if names else words


def _sides(
    item: DriftItem, address: Address, fields: Sequence[FieldLine]
) -> tuple[tuple[Side, ...], tuple[Side, ...]]:
    is_link = spec_of(address).is_link
    there = "given" if is_link else "exists"
    along = f", with {len(item.along)} more" if item.along else ""
    match item.change:
        case Change.ADDED if item.state == Standing.PENDING:
            return (Side("", "declared"),), (Side("", "not there yet", False),)
        case Change.ADDED:
            return (Side("", "not given" if is_link else "not declared", False),), (Side("", there + along),)
        case Change.REMOVED if item.state == Standing.PENDING:
            return (Side("", "no longer declared"),), (Side("", there, False),)
        case Change.REMOVED:
            known = "accepted as it stood" if item.state == Standing.UNMANAGED else "declared"
            return (Side("", known, False),), (Side("", f"gone{along}"),)
        case Change.REPLACED:
            return (Side("", "the one we made", False),), (Side("", f"another of this name{along}"),)
        case Change.RENAMED if item.stands_at:
            now = title_of(Address.parse(item.stands_at), realm=item.scope.realm)
            was = Side("", title_of(address, realm=item.scope.realm))
            return (was, *_values(fields, ours=True)), (Side("", now), *_values(fields, ours=False))
    return tuple(_values(fields, ours=True)), tuple(_values(fields, ours=False))


def _values(fields: Sequence[FieldLine], *, ours: bool) -> Iterator[Side]:
    for one in fields:
        yield Side("", one.ours if ours else one.theirs)


def fields_of(item: DriftItem) -> list[FieldLine]:
    """Return every field that either side knows, what differs first."""
    known = spec_of(Address.parse(item.address)).fields
    ours, theirs, applied = item.ours or {}, item.theirs or {}, item.applied or {}
    names = sorted({*ours, *theirs} & known.keys())
    is_both = item.ours is not None and item.theirs is not None
    lines = [
        FieldLine(
            label=known[name].label,
            ours=_value(ours, name, known[name].unit),
            applied=_value(applied, name, known[name].unit),
            theirs=_value(theirs, name, known[name].unit),
            differs=is_both and name in ours and name in theirs and ours[name] != theirs[name],
        )
        for name in names
    ]
    return sorted(lines, key=lambda one: (not one.differs, one.label))


def _value(fields: Mapping[str, object], name: str, unit: str) -> str:
    if name not in fields:
        return "–"
    value = fields[name]
    if unit == "seconds" and isinstance(value, int) and not isinstance(value, bool):
        return _span(value)
    words = shown(value)
    return words if len(words) <= LONGEST_VALUE else f"{words[:LONGEST_VALUE]}…"


def _span(seconds: int) -> str:
    """Return a span of time in its largest whole unit."""
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds and seconds % size == 0:
            count = seconds // size
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return f"{seconds} seconds"


def along_of(item: DriftItem) -> list[tuple[str, str]]:
    """Return what came or went with it, as (kind, name)."""
    found = [Address.parse(key) for key in item.along[:ALONG_SHOWN]]
    return [(spec_of(one).label, title_of(one, realm=item.scope.realm)) for one in found]


def by_words(item: DriftItem) -> str:
    """Return who did it, or why that cannot be told."""
    if item.state == Standing.PENDING:
        return "changed here, waits for a worker"
    if item.told != Told.KNOWN:
        return item.get_told_display().lower() if item.told else "not asked yet"
    service = item.by_name.removeprefix("service-account-")
    if service != item.by_name:
        return f"service account {service}"
    client = _CLIENTS.get(item.by_client, f"by {item.by_client}" if item.by_client else "")
    return ", ".join(part for part in (item.by_name, client) if part)
