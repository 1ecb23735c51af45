"""The forms of a tenant refuse what must not reach Keycloak: beside the field, with nothing sent."""

import pytest
from django.test import Client
from django.urls import reverse

from access.models import EntitlementType, Group, Person, Resource, Role
from console.sync.models import Plan
from tests.access.declared import DeclaredTenant
from tests.operators import sign_in_as
from tests.pages import BAD_NAMES, error_of, sent

__all__ = ["sent"]

pytestmark = pytest.mark.django_db

# Form, the field that gets the name, and what else is filled in.
NAMED = {
    "role-create": ("name", {}),
    "group-create": ("name", {}),
    "person-create": ("username", {"enabled": "on"}),
    "entitlement-type-create": ("name", {"levels": "READ"}),
    "resource-create": ("name", {}),
}


@pytest.fixture
def acme() -> DeclaredTenant:
    acme = DeclaredTenant()
    acme.role("developer")
    acme.group("data")
    acme.person("ann", "Ann Lee", email="ann@example.org")
    acme.resource("package", "demo")
    return acme


@pytest.fixture
def admin(client: Client) -> Client:
    sign_in_as(client, groups=("/tenants/acme/admins",))
    return client


def url(name: str, *rest: int) -> str:
    return reverse(f"access:{name}", args=["acme", *rest])


def filled(acme: DeclaredTenant, form: str, value: str) -> tuple[str, dict[str, object]]:
    field, others = NAMED[form]
    more = {"type": acme.resource("package", "demo").type_id} if form == "resource-create" else {}
    return field, {field: value, **others, **more}


def counts() -> list[int]:
    return [
        model._default_manager.count() for model in (Role, Group, Person, EntitlementType, Resource, Plan)
    ]


@pytest.mark.parametrize("form", NAMED)
@pytest.mark.parametrize("kind", BAD_NAMES)
def test_a_bad_name_is_refused_beside_its_field(
    acme: DeclaredTenant, admin: Client, sent: list[str], form: str, kind: str
) -> None:
    """Row S1: markup, paths, lengths and control characters never leave the console."""
    field, values = filled(acme, form, BAD_NAMES[kind])
    before = counts()

    answer = admin.post(url(form), values)

    assert answer.status_code == 422
    page = answer.content.decode()
    assert len(error_of(page, field)) > 10
    assert "<script>alert" not in page
    assert counts() == before
    assert sent == []


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ("role-create", "developer"),
        ("group-create", "data"),
        ("person-create", "ann"),
        ("entitlement-type-create", "package"),
        ("resource-create", "demo"),
    ],
)
def test_a_second_of_the_same_name_is_refused_beside_its_field(
    acme: DeclaredTenant, admin: Client, sent: list[str], form: str, name: str
) -> None:
    field, values = filled(acme, form, name)
    before = counts()

    answer = admin.post(url(form), values)

    assert answer.status_code == 422
    said = error_of(answer.content.decode(), field)
    assert "exists" in said or "has this user name" in said
    assert counts() == before
    assert sent == []


@pytest.mark.parametrize("kind", ["markup", "a control character", "ten thousand characters"])
@pytest.mark.parametrize("field", ["first_name", "last_name", "email"])
def test_a_persons_other_names_are_checked_too(
    acme: DeclaredTenant, admin: Client, sent: list[str], field: str, kind: str
) -> None:
    answer = admin.post(url("person-create"), {"username": "bob", field: BAD_NAMES[kind]})

    assert answer.status_code == 422
    assert error_of(answer.content.decode(), field)
    assert sent == []


def test_a_user_name_is_as_long_as_keycloak_wants_it(
    acme: DeclaredTenant, admin: Client, sent: list[str]
) -> None:
    answer = admin.post(url("person-create"), {"username": "al"})

    assert answer.status_code == 422
    assert "3 characters" in error_of(answer.content.decode(), "username")
    assert sent == []


@pytest.mark.parametrize("field", ["description"])
@pytest.mark.parametrize("form", ["role-create", "group-create"])
def test_a_description_of_ten_thousand_characters_is_refused(
    acme: DeclaredTenant, admin: Client, sent: list[str], form: str, field: str
) -> None:
    answer = admin.post(url(form), {"name": "new", field: "a" * 10_000})

    assert answer.status_code == 422
    assert "255" in error_of(answer.content.decode(), field)
    assert sent == []


@pytest.mark.parametrize(
    ("form", "owner", "field"),
    [
        ("role-give", "role", "people"),
        ("role-give-groups", "role", "groups"),
        ("role-include", "role", "children"),
        ("group-give", "group", "roles"),
        ("group-add", "group", "people"),
        ("person-give", "person", "roles"),
        ("person-join", "person", "groups"),
    ],
)
@pytest.mark.parametrize("chosen", [[], ["999999"], ["../x"], ["<b>"]])
def test_a_choice_that_is_none_is_refused_beside_its_field(
    acme: DeclaredTenant, admin: Client, sent: list[str], form: str, owner: str, field: str, chosen: list[str]
) -> None:
    owners = {"role": acme.role("developer"), "group": acme.group("data"), "person": acme.person("ann")}

    answer = admin.post(url(form, owners[owner].pk), {field: chosen, "csrfmiddlewaretoken": "x"})

    assert answer.status_code == 422
    assert error_of(answer.content.decode(), field)
    assert sent == []


def test_what_belongs_to_another_tenant_cannot_be_chosen(
    acme: DeclaredTenant, admin: Client, sent: list[str]
) -> None:
    """Row S2."""
    foreign = DeclaredTenant("birch").person("zoe")

    answer = admin.post(url("role-give", acme.role("developer").pk), {"people": [foreign.pk]})

    assert answer.status_code == 422
    assert error_of(answer.content.decode(), "people")
    assert "zoe" not in answer.content.decode()
    assert sent == []


def test_a_role_cannot_include_itself(acme: DeclaredTenant, admin: Client, sent: list[str]) -> None:
    role = acme.role("developer")

    answer = admin.post(url("role-include", role.pk), {"children": [role.pk]})

    assert answer.status_code == 422
    assert "circle" in error_of(answer.content.decode(), "children")
    assert sent == []


def test_an_unknown_level_is_refused_and_a_level_of_another_type_names_the_right_ones(
    acme: DeclaredTenant, admin: Client, sent: list[str]
) -> None:
    demo = acme.resource("package", "demo")
    acme.resource("database", "trades", levels=("ADMIN",))
    values = {"type": demo.type_id, "reach": "one", "resource": demo.pk}

    unknown = admin.post(url("entitlement-create"), values | {"level": "ROOT"})
    foreign = admin.post(url("entitlement-create"), values | {"level": "ADMIN"})

    assert unknown.status_code == foreign.status_code == 422
    assert error_of(unknown.content.decode(), "level")
    assert "READ, WRITE" in error_of(foreign.content.decode(), "level")
    assert sent == []


@pytest.mark.parametrize(
    ("levels", "word"),
    [
        ("", "required"),
        (",,", "one to twelve"),
        ("READ,READ", "twice"),
        ("a:b", "letters"),
        ("<b>", "letters"),
    ],
)
def test_levels_are_checked_one_by_one(
    acme: DeclaredTenant, admin: Client, sent: list[str], levels: str, word: str
) -> None:
    answer = admin.post(url("entitlement-type-create"), {"name": "bucket", "levels": levels})

    assert answer.status_code == 422
    assert word in error_of(answer.content.decode(), "levels")
    assert sent == []


def test_two_editors_see_both_values(acme: DeclaredTenant, admin: Client, sent: list[str]) -> None:
    """Row U5: the second editor is told, keeps what she typed, and may then replace it."""
    role = acme.role("developer")
    Role.objects.filter(pk=role.pk).update(description="theirs", revision=2)

    answer = admin.post(
        url("role-edit", role.pk), {"name": "developer", "description": "ours", "revision": "1"}
    )

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Somebody changed this while you were editing" in page
    assert "Now: theirs" in error_of(page, "description")
    assert 'value="ours"' in page
    assert 'name="revision" value="2"' in page
    assert sent == []


def test_a_form_counts_the_fields_that_need_a_look(acme: DeclaredTenant, admin: Client) -> None:
    answer = admin.post(url("person-create"), {"username": "", "email": "nonsense"})

    page = answer.content.decode()
    assert "<b>2 fields</b>" in page
    assert 'href="#id_username"' in page
    assert 'aria-invalid="true"' in page


def test_a_kept_type_and_resource_need_no_preview(
    acme: DeclaredTenant, admin: Client, sent: list[str]
) -> None:
    made = admin.post(url("entitlement-type-create"), {"name": "bucket", "levels": "READ, WRITE"})
    kind = EntitlementType.objects.get(name="bucket")
    added = admin.post(url("resource-create"), {"type": kind.pk, "name": "photos"})

    assert made.status_code == added.status_code == 302
    assert kind.levels == ["READ", "WRITE"]
    assert kind.resources.get().name == "photos"
    assert sent == []


@pytest.mark.parametrize("form", ["role-delete", "group-delete", "person-delete"])
def test_a_deletion_says_what_goes_and_leads_to_a_preview(
    acme: DeclaredTenant, admin: Client, form: str
) -> None:
    owners = {"role": acme.role("developer"), "group": acme.group("data"), "person": acme.person("ann")}

    page = admin.get(url(form, owners[form.partition("-")[0]].pk)).content.decode()

    assert "btn-danger" in page
    assert "Preview changes" in page
    assert "btn-primary" not in page


def test_an_unreachable_keycloak_is_said_and_nothing_typed_is_lost(
    acme: DeclaredTenant, admin: Client
) -> None:
    """The server of this tenant has a secret that cannot be opened, and answers nowhere."""
    acme.realm.scope.server.url = "http://127.0.0.1:9"
    acme.realm.scope.server.keep_secret("a secret")
    acme.realm.scope.server.save()

    answer = admin.post(url("role-create"), {"name": "fresh", "description": "kept as typed"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "could not be read" in page
    assert 'value="kept as typed"' in page
    assert not Role.objects.filter(name="fresh").exists()
    assert not Plan.objects.exists()


@pytest.mark.parametrize(
    ("form", "words"),
    [("entitlement-grant", "There is no entitlement yet."), ("resource-create", "There is no type yet.")],
)
def test_a_list_with_nothing_to_choose_says_what_comes_first(client: Client, form: str, words: str) -> None:
    DeclaredTenant("birch")
    sign_in_as(client, groups=("/tenants/birch/admins",))

    assert words in client.get(reverse(f"access:{form}", args=["birch"])).content.decode()


def test_a_list_with_something_to_choose_says_no_such_thing(acme: DeclaredTenant, admin: Client) -> None:
    assert "There is no" not in admin.get(url("entitlement-grant")).content.decode()
    assert "There is no" not in admin.get(url("resource-create")).content.decode()
