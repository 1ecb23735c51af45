"""What the address of a matrix page asks for. What cannot be understood counts as not asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

Choice = TypeVar("Choice", bound=StrEnum)


class View(StrEnum):
    """What stands in the rows."""

    PEOPLE = "people"
    GROUPS = "groups"
    ROLES = "roles"


class Standing(StrEnum):
    """Which people are shown."""

    ALL = ""
    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The state of the page. `row` and `column` name the cell whose reasons are open.

    `window` counts from 1; 0 is the one that holds `column`, else the first.
    """

    view: View = View.PEOPLE
    text: str = ""
    standing: Standing = Standing.ALL
    columns: str = ""
    window: int = 0
    only_differences: bool = False
    row: str = ""
    column: str = ""

    @property
    def is_narrowed(self) -> bool:
        """Whether rows are left out, so that an empty page means "no match"."""
        return bool(self.text or self.standing or self.only_differences)

    @property
    def has_reasons_open(self) -> bool:
        return bool(self.row and self.column)


def asked_of(query: Mapping[str, str]) -> Asked:
    """Return what a query string asks for."""
    return Asked(
        view=_one_of(View, query.get("view", "")) or View.PEOPLE,
        text=query.get("q", "").strip()[:200],
        standing=_one_of(Standing, query.get("status", "")) or Standing.ALL,
        columns=query.get("columns", "").strip()[:200],
        window=_number(query.get("window", "")),
        only_differences=query.get("differences") == "on",
        row=query.get("row", "")[:720],
        column=query.get("column", "")[:400],
    )


def _one_of(choices: type[Choice], value: str) -> Choice | None:
    return choices(value) if value in set(choices) else None


def _number(value: str) -> int:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 6 else 0
