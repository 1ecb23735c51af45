"""What a tenant has of what a file names: read once, a fixed number of queries for each chunk of people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F
from django.db.models.functions import Lower

from access.bulk.times import Times, times_of
from access.models import Entitlement, Group, Membership, NamedEntitlement, Person, PersonRole, Role
from access.models.entitlements import value_of
from access.querysets import within
from console.graph.catalogue import Family
from console.portions import portions
from console.timed import NOT_ENDED, Term
from tenants.blueprints import catalogue_of
from tenants.models import Tenant

CHUNK = 5_000


@dataclass(slots=True)
class Account:
    """A person who is declared in the realm. `is_own`: of this tenant; `is_shared`: not of it alone.

    Groups, roles and entitlements are those in force. `times` has what begins later, or has from or until.
    """

    pk: int
    username: str
    fields: dict[str, Any]
    is_own: bool = True
    is_shared: bool = False
    groups: set[str] = field(default_factory=set)
    roles: set[str] = field(default_factory=set)
    entitlements: set[str] = field(default_factory=set)
    times: dict[tuple[str, str], Times] = field(default_factory=dict)

    def held(self, noun: str) -> set[str]:
        """Return what is in force: the names of `groups`, `roles` or `entitlements`."""
        found: set[str] = getattr(self, noun)
        return found

    def standing(self, noun: str) -> set[str]:
        """Return what is in force or begins later."""
        return self.held(noun) | {name for of, name in self.times if of == noun}


@dataclass(kw_only=True)
class Known:
    """The tenant's groups, roles, entitlements and families by name, and the people whom the rows name."""

    tenant: Tenant
    groups: dict[str, int]
    roles: dict[str, int]
    entitlements: dict[str, str]
    families: dict[str, Family]
    people: dict[str, Account] = field(default_factory=dict)
    emails: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, tenant: Tenant) -> "Known":
        return cls(
            tenant=tenant,
            groups=dict(Group.objects.of(tenant).values_list("path", "pk")),
            roles=dict(Role.objects.of(tenant).values_list("name", "pk")),
            entitlements=_entitlements(tenant),
            families=_families(tenant),
        )

    def look_up(self, usernames: Iterable[str], emails: Iterable[str] = ()) -> None:
        """Learn who has these user names and these e-mails, and what they are in and have."""
        realm = Person.objects.filter(realm_id=self.tenant.realm_id)
        for some in portions(sorted({one for one in usernames if one}), CHUNK):
            self._learn(realm.filter(username__in=some))
        low = sorted({one.lower() for one in emails if one})
        for some in portions(low, CHUNK):
            found = realm.annotate(low=Lower("email")).filter(low__in=some)
            owners = list(found.values_list("low", "username"))
            self.emails.update(owners)

    def look_up_emails(self, emails: Iterable[str]) -> None:
        """Learn of the people who have these e-mails, as of those whose user names were looked up."""
        wanted = list(emails)
        self.look_up((), wanted)
        self.look_up({self.emails[one.lower()] for one in wanted if one.lower() in self.emails})

    def _learn(self, rows: Any) -> None:
        names = ("username", "email", "first_name", "last_name", "enabled")
        found = {
            one["pk"]: Account(one["pk"], one["username"], {name: one[name] for name in names})
            for one in rows.values("pk", *names)
        }
        self.people.update({one.username: one for one in found.values()})
        _learn_links(found, "groups", Membership, "group__path")
        _learn_links(found, "roles", PersonRole, "role__name")
        _learn_links(found, "entitlements", Entitlement, *_VALUE)
        if self.tenant.is_share:
            self._mark(found.values())

    def _mark(self, accounts: Iterable[Account]) -> None:
        top, prefix = self.tenant.group_name, self.tenant.role_prefix
        for one in accounts:
            inside = {path for path in one.groups if path == top or path.startswith(f"{top}/")}
            one.is_own = bool(inside)
            one.is_shared = inside != one.groups or any(not name.startswith(prefix) for name in one.roles)

    def own(self, username: str) -> Account | None:
        """Return somebody of this tenant."""
        account = self.people.get(username)
        return account if account is not None and account.is_own else None


_VALUE = ("resource__type__name", "resource__name", "level")


def _learn_links(found: dict[int, Account], noun: str, model: Any, *name: str) -> None:
    rows = model.every.filter(NOT_ENDED, person__in=found)
    for pk, state, starts, ends, *parts in rows.values_list(
        "person_id", "state", "starts_at", "ends_at", *name
    ):
        said = ":".join(parts)
        if state == Term.ACTIVE:
            found[pk].held(noun).add(said)
        if starts or ends:
            found[pk].times[noun, said] = times_of(starts, ends)


def _entitlements(tenant: Tenant) -> dict[str, str]:
    """Return the values of the tenant's entitlements by their names, and by themselves."""
    rows = NamedEntitlement.objects.of(tenant).select_related("resource__type").order_by("pk")
    named = {row.name: value_of(row.resource, row.level) for row in rows}
    return {value: value for value in named.values()} | named


def _families(tenant: Tenant) -> dict[str, Family]:
    """Return the families of which people get a role, by their names and by their keys."""
    given = [one for one in catalogue_of(tenant).families if one.given]
    return {one.name: one for one in given} | {one.key: one for one in given}


def shared_with_others(tenant: Tenant, people: Sequence[int]) -> set[int]:
    """Return the ids of those who are not this share's alone."""
    if not tenant.is_share:
        return set()
    inside = within(tenant.group_name, "group__")
    found: set[int] = set()
    for some in portions(people, CHUNK):
        links = Membership.objects.filter(person__in=some).exclude(inside)
        roles = PersonRole.objects.filter(person__in=some).exclude(role__name__startswith=tenant.role_prefix)
        for rows in (links, roles):
            found.update(rows.annotate(who=F("person_id")).values_list("who", flat=True))
    return found
