"""The rail and the tenant switcher: only what the person may open, pointing at the tenant in hand."""

from collections.abc import Iterator

from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from console.identity.actor import Actor, actor_of
from console.permissions.policy import decide, decide_somewhere
from console.permissions.vocabulary import Permission
from console.sync.drift.inbox import open_count
from console.sync.models import Scope
from console.web.navigation import Entry, Navigation, Place
from tenants.models import Tenant

LAST_TENANT = "last_tenant"
PLACES_SHOWN = 200

SECTIONS = {
    "home": "home",
    "access:bulk": "imports",
    "access:entitlement": "entitlements",
    "access:family": "roles",
    "access:group": "groups",
    "access:matrix": "matrix",
    "access:person": "people",
    "access:resource": "entitlements",
    "access:role": "roles",
    "access:service-account": "accounts",
    "access:session": "people",
    "access:term": "terms",
    "api:": "tokens",
    "across:": "tenants",
    "audit:": "audit",
    "sync:drift": "drift",
    "sync:": "sync",
    "tenants:adopt": "configuration",
    "tenants:blueprint": "tenants",
    "tenants:configuration": "configuration",
    "tenants:declaration": "configuration",
    "tenants:realm-list": "servers",
    "tenants:realm-observe": "servers",
    "tenants:realm": "tenants",
    "tenants:server": "servers",
    "tenants:tenant": "tenants",
}

OF_TENANT = (
    ("people", "People", "users", "g p", "access:person-list", Permission.PERSON_VIEW),
    ("imports", "Imports", "upload", "g i", "access:bulk-list", Permission.BULK_VIEW),
    ("groups", "Groups", "users-group", "g g", "access:group-list", Permission.GROUP_VIEW),
    ("roles", "Roles", "shield-check", "g r", "access:role-list", Permission.ROLE_VIEW),
    (
        "accounts",
        "Service accounts",
        "robot",
        "g x",
        "access:service-account-list",
        Permission.ASSIGNMENT_VIEW,
    ),
    ("entitlements", "Entitlements", "key", "g e", "access:entitlement-list", Permission.ENTITLEMENT_VIEW),
    ("terms", "Time limits", "clock", "g l", "access:term-list", Permission.ASSIGNMENT_VIEW),
    ("matrix", "Access matrix", "table", "g m", "access:matrix", Permission.MATRIX_VIEW),
    (
        "configuration",
        "Configuration",
        "settings",
        "g c",
        "tenants:configuration",
        Permission.DECLARATION_VIEW,
    ),
)


def navigation(request: HttpRequest) -> Navigation:
    """Return the navigation of a signed-in person."""
    actor = actor_of(request)
    visible = Tenant.objects.visible_to(actor).with_realm().order_by("name", "slug")
    rows = list(visible[:PLACES_SHOWN])
    chosen, kept = _tenants(request, visible, rows)
    return Navigation(
        entries=(*_first_entries(actor, rows), *_tenant_entries(actor, kept), *_last_entries(actor, rows)),
        low_entries=_low_entries(actor),
        places=(Place("All tenants", reverse("home"), chosen is None), *_places(rows, chosen)),
        current=chosen.name if chosen else "All tenants",
        section=section_of(request),
        search_url=reverse("search") + (f"?tenant={chosen.slug}" if chosen else ""),
        sign_out_url=reverse("identity:sign-out"),
        profile_url=reverse("identity:profile"),
    )


def section_of(request: HttpRequest) -> str:
    """Return which entry of the rail the page belongs to."""
    name = request.resolver_match.view_name if request.resolver_match else ""
    return next((section for start, section in SECTIONS.items() if name.startswith(start)), "")


def _tenants(
    request: HttpRequest, visible: "QuerySet[Tenant]", rows: list[Tenant]
) -> tuple[Tenant | None, Tenant | None]:
    """Return the tenant of the page, and the one that the entries lead to: the last one that was open."""
    by_slug = {row.slug: row for row in rows}
    match = request.resolver_match
    slug = match.kwargs.get("tenant", "") if match else ""
    chosen = by_slug.get(slug) or (visible.filter(slug=slug).first() if slug else None)
    if chosen and request.session.get(LAST_TENANT) != chosen.slug:
        request.session[LAST_TENANT] = chosen.slug
    kept = request.session.get(LAST_TENANT, "")
    last = chosen or by_slug.get(kept) or (visible.filter(slug=kept).first() if kept else None)
    if match and match.view_name.startswith("sync:plan"):
        chosen = chosen or last
    return chosen, chosen or last or (rows[0] if rows else None)


def _places(rows: list[Tenant], chosen: Tenant | None) -> Iterator[Place]:
    for row in rows:
        yield Place(row.name, row.get_absolute_url(), chosen is not None and row.pk == chosen.pk)


def _first_entries(actor: Actor, rows: list[Tenant]) -> Iterator[Entry]:
    if decide_somewhere(actor, Permission.OVERVIEW_VIEW):
        yield Entry("home", "Overview", "home", reverse("home"), "g h")
    if decide_somewhere(actor, Permission.TENANT_VIEW):
        url = reverse("tenants:tenant-list")
        count = len(rows) if len(rows) < PLACES_SHOWN else 0  # a list cut off is no count
        yield Entry("tenants", "Tenants", "building-community", url, "g t", count, "in all")


def _tenant_entries(actor: Actor, tenant: Tenant | None) -> Iterator[Entry]:
    if tenant is None:
        return
    for section, label, icon, hotkey, name, permission in OF_TENANT:
        if decide(actor, permission, tenant.slug):
            url = reverse(name, kwargs={"tenant": tenant.slug})
            yield Entry(section, f"{label} of {tenant.name}", icon, url, hotkey)


def _last_entries(actor: Actor, rows: list[Tenant]) -> Iterator[Entry]:
    if decide_somewhere(actor, Permission.RUN_VIEW):
        scopes = {row.realm.scope_id for row in rows}
        waiting = Scope.objects.filter(pk__in=scopes, generation__gt=F("applied_generation")).count()
        yield Entry("sync", "Sync", "refresh", reverse("sync:run-list"), "g s", waiting, "not in sync")
    if decide_somewhere(actor, Permission.DRIFT_VIEW):
        url = reverse("sync:drift-list")
        yield Entry("drift", "Drift", "git-compare", url, "g d", open_count(actor), "differ from Keycloak")
    if decide_somewhere(actor, Permission.SERVER_VIEW):
        yield Entry("servers", "Keycloak servers", "plug", reverse("tenants:server-list"), "g k")
    if decide_somewhere(actor, Permission.TOKEN_VIEW):
        yield Entry("tokens", "API tokens", "id-badge-2", reverse("api:token-list"), "g y")
    if decide_somewhere(actor, Permission.AUDIT_VIEW):
        yield Entry("audit", "Audit log", "history", reverse("audit:event-list"), "g a")


def _low_entries(actor: Actor) -> tuple[Entry, ...]:
    if not decide_somewhere(actor, Permission.PROFILE_VIEW):
        return ()
    return (Entry("profile", "Your profile", "settings", reverse("identity:profile")),)
