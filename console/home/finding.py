"""The jump box: pages, tenants, people, roles, groups and configuration by name."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.urls import reverse

from access.filters import named
from access.matrix import read
from access.models import Group, Person, Role
from console.engine.state import Kind
from console.home.configured import settings_found
from console.identity.actor import Actor
from console.permissions.policy import decide
from console.permissions.vocabulary import Permission
from console.web.navigation import Navigation
from tenants.models import Tenant

MOST = 6
SHARES_ASKED = 10  # each costs a query; in a tenant only that one is asked


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing to go to."""

    icon: str
    text: str
    note: str
    url: str


@dataclass(frozen=True, slots=True)
class Hits:
    """Things of one kind."""

    label: str
    found: tuple[Hit, ...]


def find(actor: Actor, text: str, *, slug: str, navigation: Navigation | None) -> list[Hits]:
    """Return what matches, in the tenant in hand first. Without a text: the pages and what can be begun."""
    tenants = list(Tenant.objects.visible_to(actor).with_realm().order_by("name", "slug"))
    chosen = next((one for one in tenants if one.slug == slug), None)
    kinds = [
        Hits("Go to", tuple(_pages(text, navigation))),
        Hits("Begin", tuple(_verbs(actor, text, chosen))),
        Hits("Tenants", tuple(_tenants(text, tenants))),
    ]
    if text:
        places = [chosen] if chosen else tenants
        kinds[0:0] = [
            Hits(label, tuple(_rows(actor, model, wanted, places, icon, permission, text)))
            for label, model, wanted, icon, permission in (
                ("People", Person, named(text), "user", Permission.PERSON_VIEW),
                ("Roles", Role, Q(name__icontains=text), "shield-check", Permission.ROLE_VIEW),
                ("Groups", Group, Q(path__icontains=text), "users-group", Permission.GROUP_VIEW),
            )
        ]
        kinds.insert(3, Hits("Configuration", tuple(_configured(actor, text, places))))
    return [one for one in kinds if one.found]


def _rows(
    actor: Actor,
    model: Any,
    matching: Q,
    places: Iterable[Tenant],
    icon: str,
    permission: Permission,
    text: str,
) -> Iterator[Hit]:
    allowed = [one for one in places if decide(actor, permission, one.slug)]
    whole = {one.realm_id: one for one in allowed if not one.is_share}
    found: dict[int, Hit] = {}
    for row in model.objects.filter(matching, realm__in=whole).order_by("pk")[:MOST]:
        found[row.pk] = _hit(row, whole[row.realm_id], icon)
    for share in [one for one in allowed if one.is_share][:SHARES_ASKED]:
        for row in model.objects.of(share).filter(matching).order_by("pk")[:MOST]:
            found.setdefault(row.pk, _hit(row, share, icon))
    hits = list(found.values())
    for place in [one for one in allowed if read.is_shown(one)][:SHARES_ASKED]:
        hits += _read(place, model, text, icon)
    yield from hits[:MOST]


def _configured(actor: Actor, text: str, places: Iterable[Tenant]) -> Iterator[Hit]:
    for one in settings_found(actor, text, places, most=MOST):
        yield Hit(one.icon, one.name, one.note, one.url)


_READ = {Person: Kind.PERSON, Role: Kind.ROLE, Group: Kind.GROUP}


def _read(tenant: Tenant, model: Any, text: str, icon: str) -> Iterator[Hit]:
    """Yield what was read in a realm that was there before us, and is not declared."""
    for row in read.matching(tenant, _READ[model], text).order_by("target")[:MOST]:
        note = f"{row.target}, {tenant.name}" if model is Person else tenant.name
        yield Hit(icon, read.name_of(row), note, read.url_of(tenant, row))


def _hit(row: Any, tenant: Tenant, icon: str) -> Hit:
    note = f"{row.username}, {tenant.name}" if isinstance(row, Person) else tenant.name
    return Hit(icon, str(row), note, row.url(tenant.slug))


def _tenants(text: str, tenants: Iterable[Tenant]) -> Iterator[Hit]:
    named = [one for one in tenants if text.lower() in f"{one.name} {one.slug}".lower()]
    for one in named[:MOST]:
        yield Hit("building-community", one.name, one.realm.name, one.get_absolute_url())


def _pages(text: str, navigation: Navigation | None) -> Iterator[Hit]:
    for entry in navigation.entries if navigation else ():
        if text.lower() in entry.label.lower():
            yield Hit(entry.icon, entry.label, entry.hotkey, entry.url)


VERBS = (
    ("user-plus", "New person…", "access:person-create", Permission.PERSON_CREATE),
    ("plus", "New role…", "access:role-create", Permission.ROLE_CREATE),
    ("plus", "New group…", "access:group-create", Permission.GROUP_CREATE),
    ("key", "Grant an entitlement…", "access:entitlement-grant", Permission.ENTITLEMENT_GRANT),
)


def _verbs(actor: Actor, text: str, tenant: Tenant | None) -> Iterator[Hit]:
    for icon, label, name, permission in VERBS if tenant else ():
        if text.lower() in label.lower() and decide(actor, permission, tenant.slug):  # type: ignore[union-attr]
            yield Hit(icon, label, tenant.name, reverse(name, kwargs={"tenant": tenant.slug}))  # type: ignore[union-attr]
    if text.lower() in "new tenant…" and decide(actor, Permission.TENANT_CREATE):
        yield Hit("plus", "New tenant…", "", reverse("tenants:tenant-create"))
