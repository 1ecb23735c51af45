"""What stands above the matrix: the filters that are on, each with the address without it."""

from collections.abc import Iterator
from dataclasses import dataclass

from access.matrix.address import Address
from access.matrix.asked import Asked, Show
from access.matrix.page import MatrixPage


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A filter that is on: what it is, its value, and the address without it."""

    label: str
    value: str
    url: str


def chips_of(address: Address, asked: Asked, page: MatrixPage) -> tuple[Chip, ...]:
    """Return the filters that are on, in the order of the toolbar."""
    return tuple(
        Chip(label=label, value=value, url=address(**{name: ""}))
        for label, value, name in _filters(asked, page)
    )


def _filters(asked: Asked, page: MatrixPage) -> Iterator[tuple[str, str, str]]:
    """Yield label, value and name of each filter."""
    noun = "columns" if page.show is Show.RIGHTS else page.show.value
    if asked.columns:
        yield "Columns", f"“{asked.columns}”, {page.columns_all} {noun}", "columns"
    if asked.window and page.window_count > 1:
        yield "Columns", f"{page.columns_shown} of {page.columns_all} {noun}", "window"
    if asked.standing:
        yield "Status", asked.standing.value, "status"
    if asked.group:
        yield "Group", asked.group.replace("/", " / "), "group"
    if page.capability:
        yield "Asked", page.capability.name, "capability"
    if asked.opened:
        yield "Opened", ", ".join(asked.opened), "open"
