"""The addresses that changes touched and no run has applied yet, kept true through renames.

Three moments can lie apart: one change renames, another uses the new name, a run brings both to
Keycloak. So what waits always stands under its declared name, and `was` is always the name that the
ledger has. Both writers, the door and the run, hold the scope's row while they write here.
"""

from collections.abc import Mapping
from uuid import UUID

from console.engine.rebase import former, moved
from console.engine.state import Address, Selection
from console.sync.desired import DatabaseTarget
from console.sync.models import LedgerEntry, Scope, Touched
from console.sync.rows import put

Rows = dict[Address, Address | None]  # what waits, and the ledger's name of what is to be renamed


def keep(
    scope: Scope,
    touched: Mapping[Address, Address | None],
    *,
    plan_id: UUID | None,
    parts: Mapping[Address, str] | None = None,
) -> Rows:
    """Keep what a change touched, and return all that waits because of it. The caller holds the scope.

    `parts` says which addresses belong together and fail alone.
    """
    waiting = _waiting(scope)
    carried = _carried(waiting, touched)
    rows: Rows = {new: waiting[old] for old, new in carried.items()}
    for address, was in touched.items():
        rows[address] = was or rows.get(address) or waiting.get(address)
    rows = _in_ledgers_names(scope, rows, waiting)
    _give_up(scope, touched, rows, waiting)
    Touched.objects.filter(scope=scope, address__among=[old.key for old in carried]).delete()
    _write(scope, rows, plan_id, parts or {})
    return rows


def follow(scope: Scope, renamed: Mapping[Address, Address]) -> None:
    """Keep `was` true after names changed in the ledger (former to present), all at once.

    What waits under a former name, and was not renamed itself, stands under another one now: it was
    declared anew, or renamed back, while the run was writing.
    """
    Scope.objects.select_for_update(of=("self",), no_key=True).get(pk=scope.pk)
    rows = list(Touched.objects.filter(scope=scope))
    claimed = {row.was for row in rows if row.was}
    present = {old.key: new.key for old, new in renamed.items()}
    for row in rows:
        was = row.was or (row.address if row.address not in claimed else "")
        if was in present:
            row.was = present[was] if present[was] != row.address else ""
            row.save(update_fields=["was"])


def _waiting(scope: Scope) -> Rows:
    rows = scope.touched.values_list("address", "was")
    return {Address.parse(key): Address.parse(was) if was else None for key, was in rows}


def _carried(waiting: Rows, touched: Mapping[Address, Address | None]) -> dict[Address, Address]:
    """Return what waits under a name that this change replaces: its address, and the new one."""
    carried = {}
    renamed = [(was, now) for now, was in touched.items() if was]
    for address in waiting if renamed else ():
        new = address
        for was, now in renamed:
            new = moved(new, was, now)
        if new != address:
            carried[address] = new
    return carried


def _in_ledgers_names(scope: Scope, rows: Rows, waiting: Rows) -> Rows:
    """Return the rows with `was` as the ledger has it, and without it where nothing was applied."""
    earlier = Selection(renames={new: was for new, was in waiting.items() if was})
    names = {address: (was, former(was, earlier)) for address, was in rows.items() if was}
    keys = [one.key for pair in names.values() for one in pair]
    applied = set(
        LedgerEntry.objects.filter(scope=scope, address__among=keys).values_list("address", flat=True)
    )
    return {
        address: next((one for one in names.get(address, ()) if one.key in applied and one != address), None)
        for address in rows
    }


def _give_up(scope: Scope, touched: Mapping[Address, Address | None], rows: Rows, waiting: Rows) -> None:
    """Let what was renamed and then deleted wait for its deletion under the name that it still has."""
    renamed = [address for address in touched if rows[address]]
    declared = DatabaseTarget(scope).read(Selection(frozenset(renamed))) if renamed else ()
    for address in renamed:
        was = rows[address]
        if was is None or address in declared:
            continue
        rows[address] = None
        others = {new: old for new, old in {**waiting, **rows}.items() if old and new != address}
        for new, old in others.items():
            was = moved(was, old, new)
        for one in (*waiting, *list(rows)):
            if (still := moved(one, address, was)) != one:
                rows.setdefault(still, None)


# What a new change forgets of the last one's end.
_STOPPED = ("sentence", "is_blocked", "is_set_aside", "is_unknown", "attempts")


def _write(scope: Scope, rows: Rows, plan_id: UUID | None, parts: Mapping[Address, str]) -> None:
    put(
        Touched,
        ("address", "was", "part"),
        ((one.key, was.key if was else "", parts.get(one, "")[:300]) for one, was in rows.items()),
        same={"scope_id": scope.pk, "generation": scope.generation, "plan_id": plan_id},
        unique=("scope_id", "address"),
        update=("was", "generation", "plan_id", "part", *_STOPPED),
    )
