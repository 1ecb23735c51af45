"""What the address of a matrix page asks for. What cannot be understood counts as not asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

Choice = TypeVar("Choice", bound=StrEnum)
SEPARATOR = "|"  # stands in no name


class View(StrEnum):
    """What stands in the rows."""

    PEOPLE = "people"
    GROUPS = "groups"
    ACCOUNTS = "accounts"
    ROLES = "roles"

    @property
    def words(self) -> str:
        return "service accounts" if self is View.ACCOUNTS else self.value


class Show(StrEnum):
    """What stands in the columns. A platform that names no capabilities has rights only."""

    CAPABILITIES = "capabilities"
    RIGHTS = "rights"
    RESOURCES = "resources"

    @property
    def words(self) -> str:
        return "Roles and entitlements" if self is Show.RIGHTS else self.value.capitalize()


class Standing(StrEnum):
    """Which people are shown."""

    ALL = ""
    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The state of the page. `row` and `column` name the cell whose reasons are open.

    `show` is None where the platform decides. `window` counts from 1; 0 is the one that holds `column`,
    else the first. `group` is the path of a group whose people are shown, `capability` what is asked of
    every resource, `opened` are the role families whose members are shown.
    """

    view: View = View.PEOPLE
    show: Show | None = None
    text: str = ""
    standing: Standing = Standing.ALL
    group: str = ""
    columns: str = ""
    capability: str = ""
    opened: tuple[str, ...] = ()
    window: int = 0
    only_differences: bool = False
    row: str = ""
    column: str = ""

    @property
    def is_narrowed(self) -> bool:
        """Whether rows are left out, so that an empty page means "no match"."""
        return bool(self.text or self.standing or self.group or self.only_differences)

    @property
    def has_reasons_open(self) -> bool:
        return bool(self.row and self.column)


def asked_of(query: Mapping[str, str]) -> Asked:
    """Return what a query string asks for."""
    return Asked(
        view=_one_of(View, query.get("view", "")) or View.PEOPLE,
        show=_one_of(Show, query.get("show", "")),
        text=query.get("q", "").strip()[:200],
        standing=_one_of(Standing, query.get("status", "")) or Standing.ALL,
        group=query.get("group", "").strip()[:700],
        columns=query.get("columns", "").strip()[:200],
        capability=query.get("capability", "")[:200],
        opened=tuple(one for one in query.get("open", "")[:900].split(SEPARATOR) if one),
        window=_number(query.get("window", "")),
        only_differences=query.get("differences") == "on",
        row=query.get("row", "")[:720],
        column=query.get("column", "")[:400],
    )


def _one_of(choices: type[Choice], value: str) -> Choice | None:
    return choices(value) if value in set(choices) else None


def _number(value: str) -> int:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 6 else 0
