"""What the columns of a file mean: which fields there are, how they are guessed, the cells by field."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from console.bulk.models import BulkJob


class Field(StrEnum):
    """What a column can hold. One column a field, but what is given may stand in several."""

    USERNAME = "username"
    EMAIL = "email"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    ENABLED = "enabled"
    GROUPS = "groups"
    ROLES = "roles"
    ENTITLEMENTS = "entitlements"
    FAMILIES = "families"
    STARTS_AT = "starts_at"
    ENDS_AT = "ends_at"
    ACTION = "action"


SEVERAL = frozenset({Field.GROUPS, Field.ROLES, Field.ENTITLEMENTS, Field.FAMILIES})

LABELS: Mapping[Field, str] = {
    Field.USERNAME: "User name",
    Field.EMAIL: "E-mail",
    Field.FIRST_NAME: "First name",
    Field.LAST_NAME: "Last name",
    Field.ENABLED: "May sign in",
    Field.GROUPS: "Groups",
    Field.ROLES: "Roles",
    Field.ENTITLEMENTS: "Entitlements",
    Field.FAMILIES: "Families of roles",
    Field.STARTS_AT: "From",
    Field.ENDS_AT: "Until",
    Field.ACTION: "Give or take",
}

_GIVEN = (
    Field.GROUPS,
    Field.ROLES,
    Field.ENTITLEMENTS,
    Field.FAMILIES,
    Field.STARTS_AT,
    Field.ENDS_AT,
)

FIELDS_OF: Mapping[str, tuple[Field, ...]] = {
    BulkJob.Kind.PEOPLE: (
        Field.USERNAME,
        Field.EMAIL,
        Field.FIRST_NAME,
        Field.LAST_NAME,
        Field.ENABLED,
        *_GIVEN,
    ),
    BulkJob.Kind.ASSIGNMENTS: (Field.USERNAME, *_GIVEN, Field.ACTION),
}

# Compared without spaces, marks and capitals.
_WORDS: Mapping[str, Field] = {
    **dict.fromkeys(
        ("username", "user", "login", "loginname", "account", "userid", "person"), Field.USERNAME
    ),
    **dict.fromkeys(("benutzername", "benutzer"), Field.USERNAME),
    **dict.fromkeys(("email", "mail", "emailaddress", "mailaddress"), Field.EMAIL),
    **dict.fromkeys(("firstname", "givenname", "forename", "vorname"), Field.FIRST_NAME),
    **dict.fromkeys(("lastname", "surname", "familyname", "nachname"), Field.LAST_NAME),
    **dict.fromkeys(("enabled", "active", "maysignin", "status", "aktiv"), Field.ENABLED),
    **dict.fromkeys(("group", "groups", "gruppe", "gruppen", "team", "teams"), Field.GROUPS),
    **dict.fromkeys(("role", "roles", "rolle", "rollen"), Field.ROLES),
    **dict.fromkeys(("entitlement", "entitlements", "berechtigung", "berechtigungen"), Field.ENTITLEMENTS),
    **dict.fromkeys(("family", "families", "rolefamily", "familiesofroles", "workspace"), Field.FAMILIES),
    **dict.fromkeys(("from", "begins", "startsat", "validfrom", "von", "ab"), Field.STARTS_AT),
    **dict.fromkeys(("until", "ends", "endsat", "validuntil", "expires", "bis"), Field.ENDS_AT),
    **dict.fromkeys(("action", "giveortake", "givetake", "change", "operation"), Field.ACTION),
}


@dataclass(frozen=True, kw_only=True)
class Mapped:
    """Which field each column holds, and the columns' names as the file has them."""

    columns: tuple[str, ...]
    fields: tuple[Field | None, ...]

    @classmethod
    def of(cls, columns: Sequence[str], chosen: Sequence[str]) -> "Mapped":
        fields = tuple(Field(one) if one else None for one in chosen)
        return cls(columns=tuple(columns), fields=fields)

    def cell(self, cells: Sequence[str], field: Field) -> str | None:
        """Return what stands in the column of a field, or None where there is no such column."""
        place = self.place(field)
        return None if place is None else cells[place]

    def cells(self, cells: Sequence[str], field: Field) -> list[tuple[str, str]]:
        """Return (column, cell) of every column of a field."""
        return [(self.columns[place], cells[place]) for place, one in enumerate(self.fields) if one is field]

    def place(self, field: Field) -> int | None:
        return next((place for place, one in enumerate(self.fields) if one is field), None)

    def name(self, field: Field) -> str:
        """Return the column of a field as the file calls it."""
        place = self.place(field)
        return LABELS[field] if place is None else self.columns[place]


def guessed(kind: str, columns: Sequence[str], kept: Mapping[str, str]) -> list[str]:
    """Return a field or "" for each column: as it was said last time, else by what the name says.

    A field that holds one value is proposed once; a second column of it is left to the administrator.
    """
    allowed, taken, found = set(FIELDS_OF[kind]), set(), []
    for column in columns:
        told = kept.get(column)
        field = _field(told) if told is not None else _WORDS.get(_plain(column))
        if field not in allowed or (field in taken and field not in SEVERAL):
            found.append("")
            continue
        taken.add(field)
        found.append(str(field))
    return found


def _field(name: str) -> Field | None:
    return Field(name) if name in set(Field) else None


def _plain(column: str) -> str:
    return re.sub(r"[\W_]+|\d+$", "", column.lower())


def split(cell: str, separator: str) -> list[str]:
    """Return the names in one cell, each once, without the spaces around them."""
    parts = cell.split(separator) if separator else [cell]
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def path_of(name: str) -> str:
    """Return a group's path from how people write it: `/data/eng` and `data / eng` are `data/eng`."""
    return "/".join(part.strip() for part in name.strip().strip("/").split("/"))


_YES = frozenset({"true", "yes", "1", "on", "active", "enabled", "y", "t"})
_NO = frozenset({"false", "no", "0", "off", "inactive", "disabled", "n", "f"})
_GIVE = frozenset({"give", "add", "grant", "join", "+"})
_TAKE = frozenset({"take", "remove", "revoke", "leave", "-"})


def yes_or_no(cell: str) -> bool | None:
    """Return what a cell says, or None where it says neither."""
    return _either(cell, _YES, _NO)


def give_or_take(cell: str) -> bool | None:
    """Return True for give, False for take, None for neither."""
    return _either(cell, _GIVE, _TAKE)


def _either(cell: str, yes: frozenset[str], no: frozenset[str]) -> bool | None:
    word = cell.strip().lower()
    return True if word in yes else False if word in no else None
