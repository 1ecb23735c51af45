"""Every form of a tenant leads to a plan read from a real Keycloak, and nothing is changed by asking."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from access.models import Group, NamedEntitlement, Person, Role
from console.sync.models import Plan
from tests.factories import Platform, database, new_platform, platform
from tests.operators import sign_in_as

__all__ = ["database", "new_platform", "platform"]


@pytest.fixture(scope="module")
def acme(platform: Platform) -> Platform:
    platform.build(
        *(("access:role:create", {"name": name}) for name in ("maintainer", "developer", "viewer")),
        ("access:composite:add", {"role": "maintainer", "children": ["developer"]}),
        ("access:group:create", {"name": "data"}),
        ("access:group:create", {"name": "eng", "parent": "data"}),
        ("access:group:create", {"name": "other"}),
        ("access:group-role:give", {"groups": ["data"], "roles": ["viewer"]}),
        *(("access:person:create", {"username": f"pia{number}"}) for number in range(3)),
        ("access:membership:add", {"people": ["pia0"], "groups": ["data/eng"]}),
        ("access:person-role:give", {"people": ["pia0"], "roles": ["maintainer"]}),
    )
    resource = platform.resource("package", "demo")
    person = Person.objects.get(username="pia0", realm__scope=platform.scope)
    platform.do("access:entitlement:grant", resource=resource.pk, level="READ", people=[person.pk], groups=[])
    return platform


@pytest.fixture
def admin(client: Client, acme: Platform) -> Client:
    sign_in_as(client, groups=(f"/tenants/{acme.tenant}/admins",))
    return client


class Ids:
    """Ids by name in the realm of a platform."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def _of(self, model: type[Any], **named: str) -> int:
        found: int = model.objects.get(realm__scope=self.platform.scope, **named).pk
        return found

    def role(self, name: str) -> int:
        return self._of(Role, name=name)

    def group(self, path: str) -> int:
        return self._of(Group, path=path)

    def person(self, username: str) -> int:
        return self._of(Person, username=username)

    def demo(self) -> int:
        return self.platform.resource("package", "demo").pk

    def named(self, name: str) -> int:
        self.demo()
        return NamedEntitlement.objects.get(name=name, realm__scope=self.platform.scope).pk

    def grant(self) -> int:
        return self.platform.grants("package:demo:READ")[0]


# Form, its ids in the address, what is filled in, and what the plan says that it does.
Given = Callable[[Ids], dict[str, Any]]
FORMS: list[tuple[str, Given, Given, list[str]]] = [
    ("role-create", lambda ids: {}, lambda ids: {"name": "new role"}, ["Create role ", "new role"]),
    (
        "role-edit",
        lambda ids: {"pk": ids.role("viewer")},
        lambda ids: {"name": "reader", "description": "Reads", "revision": 1},
        ["Rename role ", "viewer", " to ", "reader"],
    ),
    ("role-delete", lambda ids: {"pk": ids.role("developer")}, lambda ids: {}, ["Delete role ", "developer"]),
    (
        "role-give",
        lambda ids: {"pk": ids.role("viewer")},
        lambda ids: {"people": [ids.person("pia1")]},
        ["Give ", "pia1", " the role ", "viewer"],
    ),
    (
        "role-give-groups",
        lambda ids: {"pk": ids.role("developer")},
        lambda ids: {"groups": [ids.group("data")]},
        ["Give group ", "data", " the role ", "developer"],
    ),
    (
        "role-include",
        lambda ids: {"pk": ids.role("developer")},
        lambda ids: {"children": [ids.role("viewer")]},
        ["Let ", "developer", " include ", "viewer"],
    ),
    (
        "role-exclude",
        lambda ids: {"pk": ids.role("maintainer"), "child": ids.role("developer")},
        lambda ids: {},
        ["Let ", "maintainer", " no longer include ", "developer"],
    ),
    (
        "group-create",
        lambda ids: {},
        lambda ids: {"name": "new", "parent": ids.group("data")},
        ["Create group ", "data / new"],
    ),
    (
        "group-edit",
        lambda ids: {"pk": ids.group("data/eng")},
        lambda ids: {"name": "eng", "parent": ids.group("other"), "revision": 1},
        ["Rename group ", "data / eng", " to ", "other / eng"],
    ),
    ("group-delete", lambda ids: {"pk": ids.group("other")}, lambda ids: {}, ["Delete group ", "other"]),
    (
        "group-give",
        lambda ids: {"pk": ids.group("data/eng")},
        lambda ids: {"roles": [ids.role("developer")]},
        ["Give group ", "data / eng", " the role ", "developer"],
    ),
    (
        "group-take",
        lambda ids: {"pk": ids.group("data"), "role": ids.role("viewer")},
        lambda ids: {},
        ["Take role ", "viewer", " from group ", "data"],
    ),
    (
        "group-add",
        lambda ids: {"pk": ids.group("data")},
        lambda ids: {"people": [ids.person("pia1")]},
        ["Add ", "pia1", " to ", "data"],
    ),
    (
        "group-remove",
        lambda ids: {"pk": ids.group("data/eng"), "person": ids.person("pia0")},
        lambda ids: {},
        ["Remove ", "pia0", " from ", "data / eng"],
    ),
    (
        "person-create",
        lambda ids: {},
        lambda ids: {"username": "new.person", "email": "n@example.org", "enabled": "on"},
        ["Create person ", "new.person"],
    ),
    (
        "person-edit",
        lambda ids: {"pk": ids.person("pia1")},
        lambda ids: {"first_name": "Pia", "last_name": "Lund", "revision": 1},
        ["Change person ", "pia1"],
    ),
    ("person-delete", lambda ids: {"pk": ids.person("pia2")}, lambda ids: {}, ["Delete person ", "pia2"]),
    (
        "person-give",
        lambda ids: {"pk": ids.person("pia1")},
        lambda ids: {"roles": [ids.role("viewer")]},
        ["Give ", "pia1", " the role ", "viewer"],
    ),
    (
        "person-take",
        lambda ids: {"pk": ids.person("pia0"), "role": ids.role("maintainer")},
        lambda ids: {},
        ["Take role ", "maintainer", " from ", "pia0"],
    ),
    (
        "person-join",
        lambda ids: {"pk": ids.person("pia1")},
        lambda ids: {"groups": [ids.group("data/eng")]},
        ["Add ", "pia1", " to ", "data / eng"],
    ),
    (
        "person-leave",
        lambda ids: {"pk": ids.person("pia0"), "group": ids.group("data/eng")},
        lambda ids: {},
        ["Remove ", "pia0", " from ", "data / eng"],
    ),
    (
        "entitlement-grant",
        lambda ids: {},
        lambda ids: {"entitlement": ids.named("demo-rw"), "groups": [ids.group("data")]},
        ["Grant ", "data", " the entitlement ", "package:demo:WRITE"],
    ),
]


@pytest.mark.parametrize(("form", "place", "filled", "words"), FORMS, ids=[one[0] for one in FORMS])
def test_a_form_leads_to_a_plan_that_says_what_it_does(
    acme: Platform, admin: Client, form: str, place: Given, filled: Given, words: list[str]
) -> None:
    """Row U4."""
    ids = Ids(acme)
    before = (acme.role_names(), acme.scope.generation)
    address = reverse(f"access:{form}", kwargs={"tenant": acme.tenant, **place(ids)})

    answer = admin.post(address, {**filled(ids), "csrfmiddlewaretoken": "x"})

    assert answer.status_code == 302, answer.content.decode()
    plan = Plan.objects.latest("created_at")
    assert answer["Location"] == plan.get_absolute_url()
    said = [[text for text, _ in one["words"]] for one in plan.operations]
    assert words in said
    page = admin.get(plan.get_absolute_url())
    assert page.status_code == 200
    assert f"Apply {len(said)} operation" in page.content.decode()
    assert (acme.role_names(), acme.scope.generation) == before


def test_grants_named_in_the_address_are_revoked_together(acme: Platform, admin: Client) -> None:
    address = reverse("access:entitlement-revoke", args=[acme.tenant])

    page = admin.get(f"{address}?grant={Ids(acme).grant()}").content.decode()
    answer = admin.post(f"{address}?grant={Ids(acme).grant()}", {"csrfmiddlewaretoken": "x"})

    plan = Plan.objects.latest("created_at")
    assert "pia0 may READ package demo" in page
    assert answer["Location"] == plan.get_absolute_url()
    assert plan.title == "Revoke 1 entitlement"
    assert plan.impact["lost"][0]["right"] == "package:demo:READ"


@pytest.mark.parametrize("query", ["", "?grant=999999", "?grant=nonsense", "?grant=../x"])
def test_grants_that_are_no_more_are_said(acme: Platform, admin: Client, query: str) -> None:
    address = reverse("access:entitlement-revoke", args=[acme.tenant]) + query

    answer = admin.post(address, {"csrfmiddlewaretoken": "x"})

    assert answer.status_code == 422
    assert "None of the chosen grants exists any more." in answer.content.decode()


def test_what_is_so_already_is_said(acme: Platform, admin: Client) -> None:
    ids = Ids(acme)
    address = reverse("access:person-give", args=[acme.tenant, ids.person("pia0")])

    answer = admin.post(address, {"roles": [ids.role("maintainer")]})

    assert answer.status_code == 422
    assert "form-alert" in answer.content.decode() or "id_roles_error" in answer.content.decode()


@pytest.mark.parametrize(
    ("kind", "text", "found", "missed"),
    [
        ("people", "pia1", "pia1", "pia2"),
        ("roles", "view", "viewer", "maintainer"),
        ("groups", "eng", "data / eng", "other"),
    ],
)
def test_a_picker_offers_what_matches(
    acme: Platform, admin: Client, kind: str, text: str, found: str, missed: str
) -> None:
    answer = admin.get(reverse("access:options", args=[acme.tenant, kind]), {"q": text}).json()

    texts = [one["text"] for one in answer["options"]]
    assert found in texts
    assert missed not in texts
    assert answer["has_more"] is False


def test_a_picker_of_another_tenant_or_kind_is_closed(acme: Platform, admin: Client, client: Client) -> None:
    assert admin.get(reverse("access:options", args=[acme.tenant, "secrets"])).status_code == 404
    sign_in_as(client, "other", groups=("/tenants/birch/admins",))
    assert client.get(reverse("access:options", args=[acme.tenant, "people"])).status_code == 403
    assert client.post(reverse("access:options", args=[acme.tenant, "people"])).status_code in (403, 405)
