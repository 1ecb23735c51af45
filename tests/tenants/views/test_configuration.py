"""The pages of a realm's configuration: lists, details and forms, made from the registry of kinds."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from console.engine.kinds import KINDS
from console.engine.state import Address, Kind, Resource, State
from console.sync.models import LedgerEntry, Observed, Plan, Scope
from console.sync.observed import replace_all
from tenants.configuration.forms import DeclarationForm
from tenants.configuration.sections import SECTIONS, section_of
from tenants.forms import AdoptForm
from tenants.models import Realm
from tenants.services import declarations
from tenants.validity import DECLARABLE
from tests.access.declared import DeclaredTenant
from tests.factories import MIRA, at
from tests.operators import sign_in_as
from tests.pages import HTMX, error_of, queries_of, results_of

pytestmark = pytest.mark.django_db

CLIENT = at(Kind.CLIENT, "shop")


@pytest.fixture
def boss(client: Client) -> Client:
    sign_in_as(client, roles=("gatehouse-admin",))
    return client


@pytest.fixture
def acme() -> DeclaredTenant:
    """A tenant whose realm was read: a client as declared, one that differs, strangers, Keycloak's own."""
    made = DeclaredTenant()
    wanted: list[dict[str, Any]] = [
        {
            "address": "client:shop",
            "fields": {"name": "Shop", "public": True, "redirect_uris": ["https://a"]},
        },
        {"address": "client-role:shop|buyer", "fields": {"description": "Buys things"}},
        {"address": "client:blog", "fields": {"name": "Blog"}},
    ]
    declarations.put(actor=MIRA, tenant="acme", declarations=wanted)
    scope = made.realm.scope
    found = [
        Resource(CLIENT, {"name": "Shop", "public": True, "redirect_uris": ["https://b"]}, "id-shop"),
        Resource(at(Kind.CLIENT, "blog"), {"name": "Blog"}, "id-blog"),
        Resource(at(Kind.CLIENT, "legacy"), {"name": "<b>Old</b>", "attributes": {"a": "1"}}, "id-legacy"),
        Resource(at(Kind.CLIENT, "account"), {"name": "Account"}, "id-account"),
        Resource(at(Kind.CLIENT_ROLE, "legacy", "user"), {"description": "Uses it"}, "id-user"),
    ]
    replace_all(scope, State.of(found), now=timezone.now())
    LedgerEntry.objects.create(
        scope=scope, address="client:shop", fields={"name": "Market"}, applied_at=timezone.now()
    )
    return made


def page_of_kind(kind: str, **query: str) -> str:
    path = reverse("tenants:declaration-list", kwargs={"tenant": "acme", "kind": kind})
    return path + ("?" + "&".join(f"{key}={value}" for key, value in query.items()) if query else "")


def of(name: str, address: Address | str) -> str:
    key = address if isinstance(address, str) else address.key
    return f"{reverse(f'tenants:declaration-{name}', kwargs={'tenant': 'acme'})}?at={quote(key)}"


def typed(acme: DeclaredTenant, kind: Kind, **values: Any) -> dict[str, Any]:
    """Return what a browser sends of a form that was opened and not touched, with these values on top."""
    return as_sent(DeclarationForm(realm=Realm.objects.get(pk=acme.realm.pk), kind=kind)) | values


def as_sent(form: DeclarationForm) -> dict[str, Any]:
    sent: dict[str, Any] = {}
    for name, field in form.fields.items():
        value = field.prepare_value(form.get_initial_for_field(field, name))
        if value is not None and value is not False and value != "":
            sent[name] = "on" if value is True else value
    return sent


# --- lists ---


def test_a_list_tells_whose_each_thing_is(boss: Client, acme: DeclaredTenant) -> None:
    page = boss.get(page_of_kind("client")).content.decode()

    assert "4 of 4: 2 managed, 1 unmanaged, 1 Keycloak's own, 1 differs" in page
    assert "&lt;b&gt;Old&lt;/b&gt;" in page
    assert "<b>Old" not in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"q": "leg"}, {"legacy"}),
        ({"q": "blog"}, {"blog"}),
        ({"standing": "managed"}, {"shop", "blog"}),
        ({"standing": "unmanaged"}, {"legacy"}),
        ({"standing": "keycloaks"}, {"account"}),
        ({"standing": "differs"}, {"shop"}),
        ({"q": "shop", "standing": "unmanaged"}, set()),
        ({"standing": "nonsense"}, set()),
    ],
)
def test_a_list_is_narrowed_by_its_address(
    boss: Client, acme: DeclaredTenant, query: dict[str, str], shown: set[str]
) -> None:
    page = boss.get(page_of_kind("client", **query)).content.decode()

    assert {one for one in ("shop", "blog", "legacy", "account") if f'title="{one}"' in page} == shown


@pytest.mark.parametrize("section", SECTIONS, ids=lambda one: one.key)
def test_every_list_opens_and_its_part_is_the_same_as_in_the_page(
    boss: Client, acme: DeclaredTenant, section: Any
) -> None:
    if section.kind is Kind.REALM:
        assert boss.get(page_of_kind("realm")).status_code == 302
        return
    url = page_of_kind(section.key)

    whole, part = boss.get(url), boss.get(url, headers=HTMX)

    assert results_of(whole.content.decode()) == results_of(part.content.decode())
    assert "<html" not in part.content.decode()


def test_a_list_needs_the_same_queries_for_two_things_and_for_many(
    boss: Client, acme: DeclaredTenant
) -> None:
    few = queries_of(boss, page_of_kind("client"))
    more = [{"address": f"client:c{number}"} for number in range(30)]
    declarations.put(actor=MIRA, tenant="acme", declarations=more)

    assert queries_of(boss, page_of_kind("client")) == few


def test_a_realm_that_was_not_read_or_is_closed_says_so(boss: Client, acme: DeclaredTenant) -> None:
    Scope.objects.update(unreadable={"client": "We may not see them."})
    assert "No access: We may not see them." in boss.get(page_of_kind("client")).content.decode()

    Scope.objects.update(read_at=None)
    page = boss.get(page_of_kind("client")).content.decode()
    assert "was not read whole yet" in page
    assert "Differs</span>" not in page


# --- one thing ---


def test_a_thing_stands_three_times_side_by_side(boss: Client, acme: DeclaredTenant) -> None:
    page = boss.get(of("detail", CLIENT)).content.decode()

    for words in (
        "https://a",
        "https://b",
        "Market",
        "Differs in Keycloak",
        "Stop managing",
        "buyer",
        "id-shop",
    ):
        assert words in page
    assert "Adopt…" not in page


def test_a_stranger_can_be_adopted_and_keycloaks_own_cannot(boss: Client, acme: DeclaredTenant) -> None:
    stranger = boss.get(of("detail", "client:legacy")).content.decode()
    own = boss.get(of("detail", "client:account")).content.decode()

    assert "Adopt…" in stranger
    assert "Uses it" in stranger
    assert "Adopt…" not in own
    assert "Edit</a>" not in own + stranger
    assert "never changed from here" in own


@pytest.mark.parametrize(
    "key", ["", "client:nobody", "role:x", "nonsense:x", "client:a|b", "client:", "client:../x"]
)
def test_what_is_no_thing_of_this_realm_does_not_exist(boss: Client, acme: DeclaredTenant, key: str) -> None:
    for name in ("detail", "edit", "rename", "drop", "release"):
        assert boss.get(of(name, key)).status_code == 404, name


def test_an_unmanaged_thing_has_no_forms(boss: Client, acme: DeclaredTenant) -> None:
    for name in ("edit", "rename", "drop", "release"):
        assert boss.get(of(name, "client:legacy")).status_code == 404, name


# --- forms ---


@pytest.mark.parametrize("kind", sorted(DECLARABLE), ids=str)
def test_every_kind_has_a_form_that_opens(boss: Client, acme: DeclaredTenant, kind: Kind) -> None:
    url = reverse("tenants:declaration-create", kwargs={"tenant": "acme", "kind": kind.value})
    if kind is Kind.USER_PROFILE:
        assert boss.get(url).status_code == 404
        return

    page = boss.get(url).content.decode()

    for name, spec in KINDS[kind].fields.items():
        assert f'name="{name}"' in page, name
        assert spec.label in page.replace("&#x27;", "'")
    for name in KINDS[kind].secrets:
        assert f'type="password" name="secret_{name}"' in page
    assert section_of(Address(kind, tuple("x" for _ in KINDS[kind].parts))).label in page


def test_what_is_typed_becomes_a_declaration_of_its_kind(acme: DeclaredTenant) -> None:
    data = typed(
        acme,
        Kind.CLIENT,
        own_name="store",
        redirect_uris="https://b\n\n https://a ",
        attributes="a=1\nb=x=y",
        access_token_lifespan="60",
        public="on",
    )

    form = DeclarationForm(data, realm=acme.realm, kind=Kind.CLIENT)

    assert form.is_valid(), form.errors
    assert form.address == at(Kind.CLIENT, "store")
    assert form.values["redirect_uris"] == ["https://a", "https://b"]
    assert form.values["attributes"] == {"a": "1", "b": "x=y"}
    assert (form.values["access_token_lifespan"], form.values["public"]) == (60, True)
    assert form.values.keys() == KINDS[Kind.CLIENT].fields.keys()


def test_an_edit_manages_what_was_managed_and_what_was_changed_no_more(acme: DeclaredTenant) -> None:
    declared = {"name": "Shop", "attributes": {"a": "1", "b": "2"}}
    found = {"name": "Shop", "description": "Sells", "consent_required": True, "attributes": {"c": "3"}}
    common: dict[str, Any] = {
        "realm": acme.realm,
        "kind": Kind.CLIENT,
        "address": CLIENT,
        "declared": declared,
        "found": found,
    }
    opened = DeclarationForm(**common)
    data = as_sent(opened)
    assert data["attributes"] == "a=1\nb=2\nc=3"

    same = DeclarationForm(data, **common)
    assert same.is_valid(), same.errors
    assert same.values == declared

    changed = DeclarationForm(data | {"description": "Sells all", "attributes": "a=1\nc=3\nd=4"}, **common)
    assert changed.is_valid(), changed.errors
    assert changed.values == declared | {
        "description": "Sells all",
        "attributes": {"a": "1", "b": "", "d": "4"},
    }


def test_a_link_is_added_on_the_page_of_its_thing(acme: DeclaredTenant) -> None:
    form = DeclarationForm(
        {"part_1": "client-scope:gatehouse-entitlements"},
        realm=acme.realm,
        kind=Kind.CLIENT_DEFAULT_SCOPE,
        within=CLIENT,
    )

    assert form.is_valid(), form.errors
    assert form.address == at(Kind.CLIENT_DEFAULT_SCOPE, "shop", "gatehouse-entitlements")


def test_a_role_of_another_client_is_chosen_whole(acme: DeclaredTenant) -> None:
    form = DeclarationForm(
        {"part_1": "client-role:shop|buyer"},
        realm=acme.realm,
        kind=Kind.SERVICE_CLIENT_ROLE,
        within=at(Kind.CLIENT, "blog"),
    )

    assert form.is_valid(), form.errors
    assert form.address == at(Kind.SERVICE_CLIENT_ROLE, "blog", "shop", "buyer")


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"own_name": "a/b"}, "own_name", "must not contain a slash"),
        ({"own_name": "<b>"}, "own_name", "cannot hold"),
        ({"own_name": "realm-management"}, "own_name", "Keycloak's own"),
        ({"own_name": "shop"}, "own_name", "declared here already"),
        ({"own_name": ""}, "own_name", "required"),
        ({"attributes": "no equals sign"}, "attributes", "Write key=value"),
        ({"attributes": "a=1\na=2"}, "attributes", "stands here twice"),
        ({"attributes": "secret=x"}, "attributes", "is a secret"),
        ({"access_token_lifespan": "soon"}, "access_token_lifespan", "whole number"),
        ({"secret_secret": "*****"}, "secret_secret", "masked"),
    ],
)
def test_a_bad_answer_is_told_where_it_was_typed_and_nothing_is_lost(
    boss: Client, acme: DeclaredTenant, values: dict[str, str], field: str, sentence: str
) -> None:
    url = reverse("tenants:declaration-create", kwargs={"tenant": "acme", "kind": "client"})
    data = typed(acme, Kind.CLIENT, own_name="store", description="Kept as typed") | values

    answer = boss.post(url, data)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in error_of(page, field).replace("&#x27;", "'")
    assert "Kept as typed" in page
    assert "*****" not in page
    assert not Plan.objects.exists()


def test_who_may_see_and_change(client: Client, acme: DeclaredTenant) -> None:
    sign_in_as(client, "tina", groups=("/tenants/acme/admins",))
    assert client.get(page_of_kind("client")).status_code == 403

    sign_in_as(client, "otto", roles=("gatehouse-auditor",))
    page = client.get(of("detail", CLIENT))
    assert page.status_code == 200
    assert "Stop managing" not in page.content.decode()
    assert client.get(of("edit", CLIENT)).status_code == 403


def test_a_share_has_no_configuration(boss: Client, acme: DeclaredTenant) -> None:
    DeclaredTenant("birch", share_of=acme)
    where: Callable[..., str] = lambda name, **more: reverse(  # noqa: E731
        f"tenants:{name}", kwargs={"tenant": "birch", **more}
    )

    page = boss.get(where("declaration-list", kind="client")).content.decode()

    assert "Configuration belongs to the realm" in page
    assert "shop" not in page
    assert boss.get(where("declaration-detail") + "?at=client:shop").status_code == 404
    assert boss.get(where("declaration-create", kind="client")).status_code == 404
    assert "Adoption is the realm" in boss.get(where("adopt")).content.decode()


def test_an_observed_realm_is_shown_without_a_way_to_change_it(boss: Client, acme: DeclaredTenant) -> None:
    Scope.objects.update(mode=Scope.Mode.OBSERVED)

    texts = [boss.get(one).content.decode() for one in (page_of_kind("client"), of("detail", CLIENT))]

    for text in texts:
        assert "Observed" in text
        assert "Stop managing" not in text
        assert "New client" not in text
        assert "Edit</a>" not in text
    answer = boss.post(of("edit", CLIENT), typed(acme, Kind.CLIENT, revision="1"))
    assert answer.status_code == 422
    assert "only observed" in answer.content.decode()


# --- adoption ---


def adopt_page(**query: str) -> str:
    path = reverse("tenants:adopt", kwargs={"tenant": "acme"})
    return path + ("?" + "&".join(f"{key}={value}" for key, value in query.items()) if query else "")


def test_what_can_be_adopted_is_counted_by_kind(boss: Client, acme: DeclaredTenant) -> None:
    page = boss.get(adopt_page()).content.decode()

    assert "Adopt everything" in page
    assert "?kind=client" in page
    choice = boss.get(adopt_page(kind="client")).content.decode()
    assert 'value="client:legacy"' in choice
    assert "client:account" not in choice
    assert "client:shop" not in choice


def test_nothing_chosen_is_said_and_what_was_chosen_stays(boss: Client, acme: DeclaredTenant) -> None:
    answer = boss.post(adopt_page(kind="client"), {})
    assert answer.status_code == 422
    assert "Choose what to adopt" in answer.content.decode()

    Scope.objects.update(unreadable={"client:legacy": "Closed."})
    answer = boss.post(adopt_page(kind="client"), {"address": ["client:legacy"]})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "could not be read: Closed." in page
    assert 'value="client:legacy" id="pick-1" checked' in page


def test_all_of_a_kind_are_chosen_at_once(boss: Client, acme: DeclaredTenant) -> None:
    scope = acme.realm.scope
    for number in range(201):
        Observed.objects.create(
            scope=scope,
            address=f"role:many-{number}",
            kind="role",
            owner=f"many-{number}",
            read_at=timezone.now(),
        )
    page = boss.get(adopt_page(kind="role")).content.decode()
    assert 'aria-label="Choose all on this page"' in page
    assert "on every page" in page

    form = AdoptForm(QueryDict("all=201"))

    assert form.is_valid()
    assert form.values(["role:b", "role:a"]) == {"addresses": ["role:a", "role:b"]}


def test_what_counts_as_widening_is_said_once(boss: Client, acme: DeclaredTenant) -> None:
    page = boss.get(reverse("tenants:declaration-create", args=["acme", "client"])).content.decode()

    assert page.count("counts as widening access") == 1


def test_what_could_not_be_read_is_named(boss: Client, acme: DeclaredTenant) -> None:
    Scope.objects.update(unreadable={"identity-provider": "We may not see them."})
    assert "No access to identity-provider: We may not see them." in boss.get(adopt_page()).content.decode()


def test_a_key_with_several_values_stands_in_as_many_lines(boss: Client, acme: DeclaredTenant) -> None:
    data = typed(acme, Kind.ORGANIZATION, own_name="north", name="North", attributes="site=Wien\nsite=Berlin")

    form = DeclarationForm(data, realm=acme.realm, kind=Kind.ORGANIZATION)

    assert form.is_valid(), form.errors
    assert form.values["attributes"] == {"site": ["Berlin", "Wien"]}
    assert form.fields["attributes"].prepare_value(form.values["attributes"]) == "site=Berlin\nsite=Wien"
