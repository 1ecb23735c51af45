"""A change of many rows at once: one pass through the door, one command, one plan.

The rows stand in the database, judged before by the rules of the single forms. Here the database is asked
once more, set by set; what no longer holds refuses the whole, with the line to look at.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from access.services.assignments import NothingToDo
from access.services.base import Door, door
from access.services.bulk_families import give_families
from access.services.bulk_links import link, read_times, unlink
from access.services.bulk_people import delete_made, put_people, set_back
from access.services.bulk_things import make_things
from console.audit.models import AuditEvent, EventKind
from console.bulk import orders
from console.bulk.models import BulkJob, BulkRow
from console.engine.state import Address, Kind
from console.identity.actor import Actor
from console.permissions.policy import decide
from console.permissions.vocabulary import Permission as P
from console.sync.cause import Cause, Forbidden
from console.sync.commands import Gone, command
from console.sync.models import Plan

COMMAND = "access:bulk:apply"
GIVING = ("join", "give", "entitle")


@dataclass(kw_only=True, slots=True)
class Wish:
    """All that the rows ask for one person or group. `part` fails alone."""

    part: str
    line: int
    group: str = ""
    is_new: bool = False
    fields: dict[str, Any] = field(default_factory=dict)
    join: set[str] = field(default_factory=set)
    leave: set[str] = field(default_factory=set)
    give: set[str] = field(default_factory=set)
    take: set[str] = field(default_factory=set)
    entitle: set[str] = field(default_factory=set)
    revoke: set[str] = field(default_factory=set)
    families: set[str] = field(default_factory=set)
    # From and until of what is given for a time, by the word that gives it and its name.
    times: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    # What was found to differ, for the record.
    old: dict[str, Any] = field(default_factory=dict)
    new: dict[str, Any] = field(default_factory=dict)

    @property
    def address(self) -> Address:
        return Address(Kind.GROUP, (self.group,)) if self.group else Address(Kind.PERSON, (self.part,))

    def add(self, asked: dict[str, Any]) -> None:
        """Take in what one more row asks for."""
        self.is_new = self.is_new or asked.get("create", False)
        self.fields |= asked.get("fields", {})
        for name in (*GIVING, "leave", "take", "revoke", "families"):
            getattr(self, name).update(asked.get(name, ()))
        times = (asked.get("starts_at", ""), asked.get("ends_at", ""))
        if any(times):
            self.times |= {(word, name): times for word in GIVING for name in asked.get(word, ())}


@command(COMMAND, later=orders.LATER)
def apply_rows(*, actor: Actor, tenant: str, job: str, cause: Cause | None = None) -> None:
    """Do what the job's rows ask for. Raises NothingToDo, Gone, and what the single services refuse."""
    with door(
        actor=actor,
        tenant=tenant,
        permission=P.BULK_CREATE,
        event=EventKind.ACCESS_BULK_APPLIED,
        cause=cause,
    ) as opened:
        row = BulkJob.objects.filter(pk=job, tenant=opened.tenant.slug).first()
        if row is None:
            raise Gone("The rows of this change were deleted: they are kept for thirty days.")
        wishes = wishes_of(row)
        if not wishes:
            raise NothingToDo("No row of this asks for anything.")
        _refuse_without_rights(opened, actor, needed_rights(wishes.values(), row.options))
        opened.made.record(f"{row.title}: {len(wishes):,} rows", new=_summary(wishes))
        make_things(opened, row.options)
        people = {one.part: one for one in wishes.values() if not one.group}
        accounts = put_people(opened, people)
        link(opened, wishes, accounts)
        unlink(opened, wishes, accounts)
        give_families(opened, people)
        _record(opened, wishes.values())


def wishes_of(job: BulkJob) -> dict[str, Wish]:
    """Return what the rows ask for, by part, in the order of the lines."""
    asked: dict[str, Wish] = {}
    outcomes = (BulkRow.Outcome.CREATE, BulkRow.Outcome.CHANGE)
    rows = job.rows.filter(outcome__in=outcomes).order_by("line").values_list("part", "line", "wish")
    for part, line, wish in rows.iterator():
        found = asked.setdefault(part, Wish(part=part, line=line, group=wish.get("group", "")))
        found.add(wish)
    return asked


def needed_rights(wishes: Iterable[Wish], options: dict[str, Any]) -> set[P]:
    """Return every right that the single forms would ask for."""
    needed: set[P] = set()
    for one in wishes:
        of_groups = bool(one.group)
        asked = {
            P.PERSON_CREATE: one.is_new,
            P.PERSON_EDIT: bool(one.fields) and not one.is_new,
            P.MEMBERSHIP_ADD: bool(one.join),
            P.MEMBERSHIP_REMOVE: bool(one.leave),
            P.ASSIGNMENT_ADD: bool(one.give) and not of_groups,
            P.ASSIGNMENT_REMOVE: bool(one.take) and not of_groups,
            P.GROUP_ROLE_ADD: bool(one.give) and of_groups,
            P.GROUP_ROLE_REMOVE: bool(one.take) and of_groups,
            P.ENTITLEMENT_GRANT: bool(one.entitle),
            P.ENTITLEMENT_REVOKE: bool(one.revoke),
            P.FAMILY_CREATE: bool(one.families),
        }
        needed |= {right for right, is_asked in asked.items() if is_asked}
    needed |= {P.GROUP_CREATE} if options.get("new_groups") else set()
    return needed | ({P.ROLE_CREATE} if options.get("new_roles") else set())


def _refuse_without_rights(opened: Door, actor: Actor, needed: set[P]) -> None:
    for right in sorted(needed):
        verdict = decide(actor, right, opened.tenant.slug)
        if not verdict.allowed:
            raise Forbidden(f"{verdict.reason} {verdict.who}".strip())


def _summary(wishes: dict[str, Wish]) -> dict[str, Any]:
    return {
        "rows": len(wishes),
        "created": sum(one.is_new for one in wishes.values()),
        "edited": sum(bool(one.fields) and not one.is_new for one in wishes.values()),
        "given": sum(len(one.join) + len(one.give) + len(one.entitle) for one in wishes.values()),
        "taken": sum(len(one.leave) + len(one.take) + len(one.revoke) for one in wishes.values()),
    }


def _record(opened: Door, wishes: Iterable[Wish]) -> None:
    """Write one audit row for each person or group: what was, and what is now."""
    for one in wishes:
        words = f"Group {one.group.replace('/', ' / ')}" if one.group else f"Person {one.part}"
        old = None if one.is_new else one.old
        opened.made.record(words, address=one.address, old=old, new=one.new)


def take_back(
    *, actor: Actor, tenant: str, plan: str, parts: set[str] | None = None, cause: Cause | None = None
) -> int:
    """Undo what an applied bulk change declared, for some parts or for all, and return for how many.

    What it says is read from the record. Raises Gone, and what the single services refuse.
    """
    with door(
        actor=actor,
        tenant=tenant,
        permission=P.BULK_CREATE,
        event=EventKind.ACCESS_BULK_TAKEN_BACK,
        cause=cause,
    ) as opened:
        _refuse_without_rights(opened, actor, {P.PERSON_DELETE, P.PERSON_EDIT})
        wishes = _reversed(opened, plan, parts)
        if not wishes:
            raise Gone("Nothing of this change stands any more.")
        opened.made.record(f"Taken back: {len(wishes):,} rows", new={"rows": len(wishes)})
        delete_made(opened, {one.part for one in wishes.values() if one.is_new})
        kept = {part: one for part, one in wishes.items() if not one.is_new}
        accounts = set_back(opened, {part: one for part, one in kept.items() if not one.group})
        link(opened, kept, accounts)
        unlink(opened, kept, accounts)
        _record(opened, kept.values())
    return len(wishes)


def _reversed(opened: Door, plan: str, parts: set[str] | None) -> dict[str, Wish]:
    """Return the contrary of what the record says that the plan did."""
    row = Plan.objects.filter(pk=plan, tenant=opened.tenant.slug, command=COMMAND).first()
    if row is None or row.state != Plan.State.APPLIED:
        raise Gone("There is no such applied change of this tenant.")
    wishes: dict[str, Wish] = {}
    rows = AuditEvent.objects.filter(plan_id=UUID(str(row.pk)), kind=EventKind.ACCESS_BULK_APPLIED)
    for number, event in enumerate(rows.exclude(address="").order_by("id"), 1):
        address = Address.parse(event.address)
        if address.kind not in (Kind.PERSON, Kind.GROUP) or (event.new or {}).get("is_thing"):
            continue
        name = address.path[0]
        part = name if address.kind is Kind.PERSON else group_part(name)
        if parts is None or part in parts:
            group = name if address.kind is Kind.GROUP else ""
            wishes[part] = _contrary(Wish(part=part, line=number, group=group), event, opened.now)
    return wishes


def _contrary(wish: Wish, event: AuditEvent, now: datetime) -> Wish:
    old, new = event.old, event.new or {}
    wish.is_new = old is None
    before = dict(old or {})
    wish.leave, wish.take = set(new.get("groups", ())), set(new.get("roles", ()))
    wish.revoke = set(new.get("entitlements", ()))
    wish.join, wish.give = set(before.pop("groups", ())), set(before.pop("roles", ()))
    wish.entitle = set(before.pop("entitlements", ()))
    wish.times = read_times(before.pop("times", {}))
    for (word, name), (_, ends_at) in wish.times.items():
        if ends_at and datetime.fromisoformat(ends_at) <= now:  # it would be over by now
            getattr(wish, word).discard(name)
    wish.fields = before
    return wish


def group_part(path: str) -> str:
    """Return the word that the rows of a group carry."""
    return f"group {path}"[:300]
