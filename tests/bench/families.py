"""Role families: the pages and one change at 1,000 people with 5,000 workspace roles. Row K3."""

from urllib.parse import urlsplit

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from access.models import Composite, Person, PersonRole, Role
from access.services import families
from console.blueprints.shipped import shipped_one
from console.graph.catalogue import Family
from console.identity.actor import Actor
from console.sync.models import KeycloakServer, Scope
from tenants.blueprints import catalogue_of
from tenants.models import Blueprint, BlueprintUse, Realm, Tenant
from tests.bench import figures
from tests.bench.place import Place
from tests.bench.world import Worlds
from tests.operators import sign_in_as

PEOPLE = 1_000
TIMES = 10
SLUG = "bench-families"
BY = {"created_by": "bench"}


def measure(place: Place, worlds: Worlds) -> None:
    """Print the times of the pages, and of one change that makes a family for 200 more people."""
    tenant = _tenant()
    family = catalogue_of(tenant).families[0]
    _fill(tenant, family)
    words = f"{PEOPLE:,} people, {Role.objects.filter(realm=tenant.realm).count():,} roles"
    figures.head(f"Role families, {words}; whole request in one process, without the network")
    browser = Client(headers={"host": urlsplit(place.values["GATEHOUSE_URL"]).netloc})
    sign_in_as(browser, "bench", roles=("gatehouse-admin",))
    one = {"tenant": SLUG, "family": family.key}
    for label, at in (
        ("roles page, folded", reverse("access:role-list", kwargs={"tenant": SLUG})),
        ("one family, 50 of its members", reverse("access:family-detail", kwargs=one)),
        ("people without theirs", reverse("access:family-people", kwargs=one)),
        ("form of a new person", reverse("access:person-create", kwargs={"tenant": SLUG})),
    ):
        _page(browser, label, at)
    _make(tenant, family)


def _tenant() -> Tenant:
    read = shipped_one("prokube")
    assert read is not None
    server, _ = KeycloakServer.objects.get_or_create(name=SLUG, defaults={"url": "http://127.0.0.1:9"})
    scope = Scope.objects.create(server=server, realm=SLUG)
    tenant = Tenant.objects.create(slug=SLUG, name=SLUG, realm=Realm.objects.create(scope=scope, **BY), **BY)
    row = Blueprint.objects.create(
        key=read.key,
        version=read.version,
        name=read.name,
        text=read.text,
        digest=read.digest,
        source=Blueprint.Source.SHIPPED,
        **BY,
    )
    parameters = {one.name: one.example for one in read.parameters if one.required and one.example}
    BlueprintUse.objects.create(tenant=tenant, blueprint=row, parameters=parameters, **BY)
    return tenant


def _fill(tenant: Tenant, family: Family) -> None:
    """Declare the people with their roles at once; nothing of it waits to be applied."""
    made = {"realm": tenant.realm, **BY}
    people = Person.objects.bulk_create(Person(username=f"p{at:05d}", **made) for at in range(PEOPLE))
    patterns = [one.pattern for one in family.roles]
    rows = Role.objects.bulk_create(
        Role(name=one.of(person.username), **made) for person in people for one in patterns
    )
    roles = {one.name: one for one in rows}
    links = [(one.pattern, inner) for one in family.roles for inner in one.includes]
    Composite.objects.bulk_create(
        Composite(parent=roles[above.of(one.username)], child=roles[inner.of(one.username)], **made)
        for one in people
        for above, inner in links
    )
    assert family.given is not None
    PersonRole.objects.bulk_create(
        PersonRole(person=one, role=roles[family.given.of(one.username)], **made) for one in people
    )


def _page(browser: Client, label: str, at: str) -> None:
    seconds = []
    for number in range(TIMES + 1):  # the first reads templates
        with CaptureQueriesContext(connection) as asked, figures.stopwatch() as watch:
            answer = browser.get(at)
        if answer.status_code != 200:
            raise RuntimeError(f"{at} answered {answer.status_code}")
        if number:
            seconds.append(watch.seconds)
    figures.line(label, figures.spread(seconds))
    figures.line("", f"{len(asked)} queries, {len(answer.content):,} characters")


def _make(tenant: Tenant, family: Family) -> None:
    made = {"realm": tenant.realm, **BY}
    more = Person.objects.bulk_create(Person(username=f"q{at:05d}", **made) for at in range(200))
    with CaptureQueriesContext(connection) as asked, figures.stopwatch() as watch:
        families.make_for_people(
            actor=Actor.system("bench"),
            tenant=tenant.slug,
            family=family.key,
            usernames=[one.username for one in more],
        )
    figures.line("make it for 200 people", f"{1000 * watch.seconds:6.0f} ms, {len(asked)} queries")
