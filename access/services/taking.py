"""What Keycloak holds of roles, groups, people and their links, taken over in few statements.

Called inside a change. What cannot be taken over is left in Keycloak, each with a sentence.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model

from access.models import (
    Composite,
    Entitlement,
    EntitlementType,
    Group,
    GroupRole,
    Membership,
    Person,
    PersonRole,
    Resource,
    Role,
)
from access.models.entitlements import EVERY, PART
from access.services import resources
from access.services.base import Door
from console.engine.kinds import ends, is_protected, parent_path, spec_of
from console.engine.state import Address, Fields, Kind
from console.timed import NOT_ENDED, Timed

CHUNK = 2000
Found = Mapping[Address, Fields]
THINGS = (Kind.ROLE, Kind.GROUP, Kind.PERSON)
LINKS = (Kind.COMPOSITE, Kind.GROUP_ROLE, Kind.MEMBERSHIP, Kind.PERSON_ROLE)
OF_ACCESS = frozenset({*THINGS, *LINKS, Kind.ENTITLEMENT})
OWN = "Keycloak's own: known, linked to, never changed."
_NAMES: Mapping[Kind, tuple[Any, str, tuple[str, ...]]] = {
    Kind.ROLE: (Role, "name", ("description",)),
    Kind.GROUP: (Group, "path", ("description",)),
    Kind.PERSON: (Person, "username", ("email", "first_name", "last_name", "enabled")),
}
_ENDS: Mapping[Kind, tuple[Any, tuple[str, str]]] = {
    Kind.COMPOSITE: (Composite, ("parent", "child")),
    Kind.GROUP_ROLE: (GroupRole, ("group", "role")),
    Kind.MEMBERSHIP: (Membership, ("person", "group")),
    Kind.PERSON_ROLE: (PersonRole, ("person", "role")),
}


@dataclass
class Taking:
    """One take-over. `rows` are the things in the database, by address; `left` what stays behind."""

    opened: Door
    found: Found
    left: dict[Address, str] = field(default_factory=dict)
    rows: dict[Address, Any] = field(default_factory=dict)

    def take(self) -> None:
        """Take over everything that was found, things before links."""
        for kind in THINGS:
            self._load(kind)
            self._things(kind)
        for kind in LINKS:
            self._links(kind)
        self._entitlements()

    def _of(self, kind: Kind) -> list[Address]:
        found = [address for address in self.found if address.kind is kind and address not in self.left]
        return sorted(found, key=lambda one: (one.path[0].count("/"), one.path))

    def _load(self, kind: Kind) -> None:
        """Load what is declared of a kind: what was found, and what is named in it."""
        model, column, _ = _NAMES[kind]
        named = {
            end for one in self.found for end in (one, *(e for _, e in ends(one))) if end.kind is kind
        } | {Address(kind, (parent_path(one.path[0]),)) for one in self.found if one.kind is kind}
        rows = model.objects.filter(
            realm=self.opened.tenant.realm, **{f"{column}__among": [one.path[0] for one in named]}
        )
        self.rows |= {row.address: row for row in rows}

    # --- things ---

    def _things(self, kind: Kind) -> None:
        makers: dict[Kind, Callable[[Address, Fields], Any]] = {
            Kind.ROLE: self._role,
            Kind.GROUP: self._group,
            Kind.PERSON: self._person,
        }
        if kind is Kind.GROUP:
            for depth in sorted({one.path[0].count("/") for one in self._of(kind)}):
                self._made(kind, [o for o in self._of(kind) if o.path[0].count("/") == depth], makers[kind])
            return
        self._made(kind, self._of(kind), makers[kind])

    def _made(self, kind: Kind, addresses: list[Address], make: Callable[[Address, Fields], Any]) -> None:
        model, _, fields = _NAMES[kind]
        new: list[Any] = []
        changed: list[Any] = []
        before: dict[Address, dict[str, Any]] = {}
        for address in addresses:
            if is_protected(address):
                self.left[address] = OWN
                continue
            row = self.rows.get(address)
            values = {name: self.found[address].get(name, _default(address, name)) for name in fields}
            if row is not None:
                before[address] = {name: getattr(row, name) for name in fields}
            made = make(address, values) if row is None else _with(row, values)
            if made is None or not self._is_sound(address, made):
                continue
            (new if row is None else changed).append(made)
        model.objects.bulk_create(new, batch_size=CHUNK)
        model.objects.bulk_update(changed, [*fields, "revision"], batch_size=CHUNK)
        for row in (*new, *changed):
            self.rows[row.address] = row
            self._tell(row.address, str(row), before.get(row.address), {n: getattr(row, n) for n in fields})

    def _role(self, address: Address, values: Fields) -> Role:
        return Role(**self._declared, name=address.path[0], **values)

    def _group(self, address: Address, values: Fields) -> Group | None:
        path = address.path[0]
        above = self.rows.get(Address(Kind.GROUP, (parent_path(path),))) if "/" in path else None
        if "/" in path and above is None:
            self.left[address] = "The group above it is not managed here."
            return None
        name = path.rpartition("/")[2]
        return Group(**self._declared, name=name, path=path, parent=above, **values)

    def _person(self, address: Address, values: Fields) -> Person:
        return Person(**self._declared, username=address.path[0], **values)

    @property
    def _declared(self) -> dict[str, Any]:
        return {"realm": self.opened.tenant.realm, "created_by": self.opened.by}

    def _is_sound(self, address: Address, row: Model) -> bool:
        try:
            row.clean_fields(exclude=["realm", "parent"])
        except ValidationError as error:
            self.left[address] = " ".join(error.messages)
            return False
        return not (isinstance(row, Person) and row.email and self._is_double(address, row))

    def _is_double(self, address: Address, person: Person) -> bool:
        """Tell whether somebody else has the e-mail: here it must be one person's."""
        owner = self._emails.setdefault(person.email.lower(), address)
        if owner != address:
            self.left[address] = f"{owner.path[0]} has the same e-mail, which one person only may have here."
        return owner != address

    @property
    def _emails(self) -> dict[str, Address]:
        if not hasattr(self, "_known_emails"):
            rows = Person.objects.filter(realm=self.opened.tenant.realm).exclude(email="")
            self._known_emails = {
                email.lower(): Address(Kind.PERSON, (username,))
                for email, username in rows.values_list("email", "username")
            }
        return self._known_emails

    # --- links ---

    def _links(self, kind: Kind) -> None:
        model, columns = _ENDS[kind]
        known = self._known(kind)
        new = []
        for address in self._of(kind):
            if address in known:
                self.opened.made.touch(address)
            elif (row := self._link(address, model, columns)) is not None:
                new.append(row)
        for row in model.objects.bulk_create(new, batch_size=CHUNK):
            self._tell(row.address, str(row), None, {})

    def _link(self, address: Address, model: Any, columns: tuple[str, str]) -> Any:
        pair = [self.rows.get(end) for _, end in ends(address)]
        for (_, end), row in zip(ends(address), pair, strict=True):
            if row is None:
                self.left[address] = OWN if is_protected(end) else f"{_words(end)} is not managed here."
                return None
        return model(**dict(zip(columns, pair, strict=True)), **self.opened.link)

    def _known(self, kind: Kind) -> set[Address]:
        model, (first, second) = _ENDS[kind]
        names = [f"{one}__{_column(model, one)}" for one in (first, second)]
        # What is planned is declared here already, and begins on its time.
        rows = model.every.filter(NOT_ENDED) if issubclass(model, Timed) else model.objects
        rows = rows.filter(realm=self.opened.tenant.realm)
        return {Address(kind, path) for path in rows.values_list(*names)}

    # --- entitlements ---

    def _entitlements(self) -> None:
        known = {row.address for row in self._granted()}
        new = []
        for address in self._of(Kind.ENTITLEMENT):
            if address in known:
                self.opened.made.touch(address)
            elif (row := self._grant(address)) is not None:
                new.append(row)
        for row in Entitlement.objects.bulk_create(new, batch_size=CHUNK):
            self._tell(row.address, str(row), None, {})

    def _granted(self) -> Iterable[Entitlement]:
        rows = Entitlement.every.filter(NOT_ENDED, realm=self.opened.tenant.realm)
        return rows.select_related("person", "group", "client", "resource__type")

    def _grant(self, address: Address) -> Entitlement | None:
        kind, owner, value = address.path
        parts = value.split(":")
        holder = self._holder(Address(Kind(kind), (owner,)))
        if len(parts) != 3 or not all(_is_part(one) for one in parts if one is not parts[1] or one != EVERY):
            self.left[address] = "It is no value of the form type:resource:LEVEL."
        elif holder is None:
            self.left[address] = f"{kind} {owner} is not managed here."
        else:
            return Entitlement(
                resource=self._resource(*parts), level=parts[2], **{kind: holder}, **self.opened.link
            )
        return None

    def _holder(self, end: Address) -> Any:
        """Return who holds it, None where that is not managed here. A client stands for its account."""
        if end.kind is not Kind.CLIENT:
            return self.rows.get(end)
        return self.opened.tenant.realm.declarations.filter(address=end.key).first()

    def _resource(self, type_name: str, name: str, level: str) -> Resource:
        """Return the resource of a value, with its type and level, made where they are not known yet."""
        realm, by = self.opened.tenant.realm, self.opened.by
        kind, _ = EntitlementType.objects.get_or_create(
            realm=realm, name=type_name, defaults={"levels": [level], "created_by": by}
        )
        if level not in kind.levels:
            kind.levels = [*kind.levels, level]
            kind.save(update_fields=["levels"])
        made, _ = Resource.objects.get_or_create(
            realm=realm, type=kind, name=name, defaults={"created_by": by}
        )
        if not made.names.filter(level=level).exists():
            resources.named(self.opened, made, level)
        return made

    def _tell(self, address: Address, subject: str, old: dict[str, Any] | None, new: dict[str, Any]) -> None:
        self.opened.made.touch(address)
        label = spec_of(address).label
        self.opened.made.record(f"{label[0].upper()}{label[1:]} {subject}", address=address, old=old, new=new)


def _is_part(text: str) -> bool:
    try:
        PART(text)
    except ValidationError:
        return False
    return True


def _column(model: Any, end: str) -> str:
    related = model._meta.get_field(end).related_model
    return next(column for known, column, _ in _NAMES.values() if known is related)


def _default(address: Address, name: str) -> Any:
    return spec_of(address).fields[name].default


def _with(row: Any, values: Fields) -> Any:
    for name, value in values.items():
        setattr(row, name, value)
    row.revision += 1
    return row


def _words(end: Address) -> str:
    label = spec_of(end).label
    return f"{label[0].upper()}{label[1:]} {end.path[0]}"


def is_of_access(addresses: Collection[Address]) -> bool:
    """Tell whether all of these are roles, groups, people or links between them."""
    return all(one.kind in OF_ACCESS for one in addresses)
