"""What begins, ends and is renewed: the grants of a tenant whose time has come, and their new ends."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from access.models import Entitlement, GroupRole, Membership, Person, PersonRole
from access.querysets import within
from access.services.accounts import accounts_in
from access.services.base import Door, door
from access.services.grants import address_of, tell, words_of
from access.services.periods import Period, told_of, words
from console.audit.models import EventKind
from console.engine.state import Kind
from console.identity.actor import Actor
from console.integrity import constraints
from console.permissions.vocabulary import Permission as P
from console.sync.cause import Cause
from console.sync.commands import Gone, Refused, command
from console.timed import Term
from tenants.models import Declaration, Tenant

SAID = 20  # of how many a plan page says until when each was
Grants = Mapping[str, Sequence[int]]  # ids by the key of their sort


class NothingDue(Refused):
    """Nothing of this is to begin or end any more."""


class GivenAgain(Refused):
    """The same was given again meanwhile."""


@dataclass(frozen=True, kw_only=True)
class Sort:
    """One kind of grant that may have a time, and who may `give` and `take` it. `once`: its constraint."""

    model: Any
    ends: tuple[str, ...]
    give: P
    take: P
    once: str

    def all(self) -> QuerySet[Any]:
        """Return all grants, planned and ended ones too."""
        rows: QuerySet[Any] = self.model.every.all()
        if self.model is Declaration:
            rows = rows.filter(kind__in=[kind.value for kind in OF_SERVICES])
        return rows.select_related(*self.ends) if self.ends else rows

    def of(self, tenant: Tenant) -> QuerySet[Any]:
        """Return all grants of a tenant."""
        return self.all().filter(self._is_of(tenant))

    def known_to(self, tenant: Tenant) -> QuerySet[Any]:
        """Return those of a tenant that it may see and renew."""
        return self.all().filter(self.is_known_to(tenant))

    def shown_to(self, tenant: Tenant) -> QuerySet[Any]:
        """Return those that a tenant sees in its lists."""
        return self.all().filter(self.is_shown_to(tenant))

    def is_known_to(self, tenant: Tenant) -> Q:
        """Return the condition of being a grant that a tenant may see and renew.

        A share does not know what others hold: who is in no group at all any more may come back; who is in
        another tenant's only may not.
        """
        known = self._is_of(tenant)
        if not tenant.is_share:
            return known
        if "person" in self.ends:
            elsewhere = Membership.objects.filter(realm_id=tenant.realm_id).values("person_id")
            own = Q(person__in=Person.objects.of(tenant)) | ~Q(person__in=elsewhere)
            known &= Q(person__isnull=True) | own
        if "group" in self.ends:
            known &= Q(group__isnull=True) | within(tenant.group_name, "group__")
        if "client" in self.ends:
            known &= Q(client__isnull=True) | Q(client__in=accounts_in(tenant))
        return known

    def is_shown_to(self, tenant: Tenant) -> Q:
        """Return the condition of being a grant that a tenant sees: also what it planned in vain."""
        known = self.is_known_to(tenant)
        if self.model is Declaration or not tenant.is_share:
            return known
        return known | (self._is_of(tenant) & Q(given_in=tenant.slug) & ~Q(why_not=""))

    def _is_of(self, tenant: Tenant) -> Q:
        own = Q(realm_id=tenant.realm_id)
        if not tenant.is_share:
            return own
        if self.model is Declaration:
            return Q(pk__in=[])  # configuration is the realm's
        if self.model is Entitlement:
            return own & Q(resource__type__name__startswith=tenant.type_prefix)
        if self.model is Membership:
            return own & within(tenant.group_name, "group__")
        return own & Q(role__name__startswith=tenant.role_prefix)


SORTS: Mapping[str, Sort] = {
    "membership": Sort(
        model=Membership,
        ends=("person", "group"),
        give=P.MEMBERSHIP_ADD,
        take=P.MEMBERSHIP_REMOVE,
        once="access_membership_once",
    ),
    "person-role": Sort(
        model=PersonRole,
        ends=("person", "role"),
        give=P.ASSIGNMENT_ADD,
        take=P.ASSIGNMENT_REMOVE,
        once="access_person_role_once",
    ),
    "group-role": Sort(
        model=GroupRole,
        ends=("group", "role"),
        give=P.GROUP_ROLE_ADD,
        take=P.GROUP_ROLE_REMOVE,
        once="access_group_role_once",
    ),
    "entitlement": Sort(
        model=Entitlement,
        ends=("person", "group", "client", "resource__type"),
        give=P.ENTITLEMENT_GRANT,
        take=P.ENTITLEMENT_REVOKE,
        once="access_entitlement_once",
    ),
    "service": Sort(
        model=Declaration,
        ends=(),
        give=P.ASSIGNMENT_ADD,
        take=P.ASSIGNMENT_REMOVE,
        once="tenants_declaration_once",
    ),
}
# Declarations that give somebody something; all others have no time.
OF_SERVICES = (Kind.SERVICE_ROLE, Kind.SERVICE_CLIENT_ROLE, Kind.SERVICE_MEMBERSHIP)


def sort_of(row: Any) -> str:
    """Return the key of a grant's sort."""
    return next(key for key, sort in SORTS.items() if sort.model is type(row))


@command("access:term:turn")
def turn(*, actor: Actor, tenant: str, begin: Grants, end: Grants, cause: Cause | None = None) -> None:
    """Begin and end grants whose time has come; asked again, what was turned is brought to Keycloak anew.

    What was planned in a share does not begin where an end of it is no longer that share's. Raises NothingDue
    when there is nothing of it any more.
    """
    left = {key: _refuse_left(actor, key, ids, cause) for key, ids in begin.items()}
    begin = {key: [pk for pk in ids if pk not in left[key]] for key, ids in begin.items()}
    done = sum(len(one) for one in left.values())
    for grants, state, event in (
        (begin, Term.ACTIVE, EventKind.ACCESS_TERM_BEGUN),
        (end, Term.ENDED, EventKind.ACCESS_TERM_ENDED),
    ):
        for key in sorted(grants):
            done += _turn(actor, tenant, key, grants[key], state, event, cause)
    if not done:
        raise NothingDue("Nothing of this is to begin or end any more.")


def _refuse_left(actor: Actor, key: str, ids: Sequence[int], cause: Cause | None) -> set[int]:
    """End what was planned for somebody who is no longer of the share that planned it, and return which."""
    sort, refused = SORTS[key], set[int]()
    if sort.model is Declaration:
        return refused
    planned = sort.all().filter(pk__in=list(ids), state=Term.PLANNED)
    for share in Tenant.objects.with_realm().filter(slug__in=planned.values("given_in")):
        gone = planned.filter(given_in=share.slug).exclude(sort.is_known_to(share))
        if pks := set(gone.values_list("pk", flat=True)):
            refused |= pks
            _refuse(actor, share, sort, pks, cause)
    return refused


def _refuse(actor: Actor, share: Tenant, sort: Sort, pks: Collection[int], cause: Cause | None) -> None:
    event = EventKind.ACCESS_TERM_REFUSED
    with door(actor=actor, tenant=share.slug, permission=sort.give, event=event, cause=cause) as opened:
        rows = [row for row in _locked(sort.all(), pks) if row.is_planned and row.is_due(opened.now)]
        for row in rows:
            _end_unbegun(opened, row)
        if not rows:
            opened.made.record("Nothing was due any more", new={})


def _end_unbegun(opened: Door, row: Any) -> None:
    planned = told_of(row)
    who = getattr(row, "person", None) or getattr(row, "group", None) or row
    row.why_not = f"It did not begin: {who} was no longer of {opened.tenant} by then."[:600]
    row.state, row.turned_at = Term.ENDED, opened.now
    row.ends_at = max(opened.now, row.starts_at + timedelta(microseconds=1))
    row.save(update_fields=["state", "turned_at", "ends_at", "why_not"])
    told = {"planned": " ".join(f"{word} {moment}" for word, moment in planned.items()), "why": row.why_not}
    opened.made.record(words_of(row), address=address_of(row), new={"done": "not begun"} | told)


def _turn(
    actor: Actor,
    tenant: str,
    key: str,
    ids: Sequence[int],
    state: Term,
    event: EventKind,
    cause: Cause | None,
) -> int:
    if not ids:
        return 0
    sort = SORTS[key]
    right = sort.give if state == Term.ACTIVE else sort.take
    with door(actor=actor, tenant=tenant, permission=right, event=event, cause=cause) as opened:
        found = _locked(sort.of(opened.tenant), ids)
        rows = [row for row in found if row.state == state or row.is_due(opened.now)]
        for row in rows:
            _turned(opened, row, state)
        if not rows:
            opened.made.record("Nothing was due any more", new={})
    return len(rows)


def _turned(opened: Door, row: Any, state: Term) -> None:
    missed = state == Term.ACTIVE and row.ends_at is not None and row.ends_at <= opened.now
    if row.state != state:
        row.state, row.turned_at = Term.ENDED if missed else state, opened.now
        row.save(update_fields=["state", "turned_at"])
    address = address_of(row)
    if not missed:  # else all of its time went by while nobody worked: it never was in Keycloak
        opened.made.touch(address, part=address.key)
    planned = row.starts_at if state == Term.ACTIVE else row.ends_at
    record = {"planned": words(planned), "done": words(row.turned_at)} if row.turned_at else {}
    sides: dict[str, Any] = {"new": record} if state == Term.ACTIVE else {"old": record}
    opened.made.record(words_of(row), address=address, **sides)


@command("access:term:renew")
def renew(*, actor: Actor, tenant: str, grants: Grants, ends_at: str, cause: Cause | None = None) -> None:
    """Let grants end at another time, or never where none is given. What has ended begins again.

    Raises WrongTime, GivenAgain, Gone.
    """
    for key in sorted(grants):
        sort = SORTS[key]
        with door(
            actor=actor,
            tenant=tenant,
            permission=sort.give,
            event=EventKind.ACCESS_TERM_RENEWED,
            cause=cause,
        ) as opened:
            period = Period.of("", ends_at, now=opened.now)
            rows = list(_locked(sort.known_to(opened.tenant), grants[key]))
            if not rows or len(rows) != len(set(grants[key])):
                raise Gone("Something that you chose no longer exists.")
            ends = [row.ends_at if row.state != Term.ENDED else None for row in rows]
            for row in rows:
                _renew(opened, sort, row, period)
            _say(opened, rows, ends, period)


def _renew(opened: Door, sort: Sort, row: Any, period: Period) -> None:
    if row.starts_at and period.ends_at and period.ends_at <= row.starts_at:
        raise Refused("The end lies before the beginning.", field="ends_at")
    old, again = dict(told_of(row)), row.state == Term.ENDED
    row.ends_at = period.ends_at
    new = dict(told_of(row)) if period.ends_at else dict(told_of(row)) | {"until": "no end"}
    if again:
        row.state, row.turned_at, row.why_not = Term.ACTIVE, opened.now, ""
    with constraints({sort.once: GivenAgain(f"{words_of(row)}: this was given again meanwhile.")}):
        row.save(update_fields=["ends_at", "state", "turned_at", *_why_not(row)])
    if again:
        tell(opened, row, new=new)
    else:
        opened.made.record(words_of(row), address=address_of(row), old=old, new=new)


def _why_not(row: Any) -> list[str]:
    return [] if isinstance(row, Declaration) else ["why_not"]


def _say(opened: Door, rows: Sequence[Any], ends: Sequence[datetime | None], period: Period) -> None:
    """Say on the plan page until when it was, and until when it becomes."""
    until = f"ends {words(period.ends_at)}" if period.ends_at else "no longer ends by itself"
    whole = f"{words_of(rows[0])} {until}." if len(rows) == 1 else f"Each of these {len(rows)} {until}."
    opened.made.tell(
        whole, follows="" if opened.made.touched else "Keycloak holds it already: nothing is written there."
    )
    for row, end in zip(rows[:SAID], ends, strict=False):
        if end is not None:
            becomes = f"is until {words(period.ends_at)} now" if period.ends_at else "becomes lasting"
            opened.made.tell(f"{words_of(row)} was until {words(end)}, and {becomes}.")
    if len(rows) > SAID:
        opened.made.tell(f"The record says of {len(rows) - SAID} more until when each was.")


def _locked(rows: QuerySet[Any], ids: Collection[int]) -> QuerySet[Any]:
    return rows.filter(pk__in=list(ids)).order_by("pk").select_for_update(of=("self",))
