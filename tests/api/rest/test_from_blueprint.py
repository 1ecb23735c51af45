"""A tenant made over the REST API from a blueprint with families and a service account, and filled."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from access.models import Group, Person, Role
from console.api.models import KeptAnswer
from console.audit.models import AuditEvent
from console.keycloak.connection import Connection
from console.permissions.policy import CARRIABLE
from console.permissions.vocabulary import Permission as P
from console.sync.models import Plan, Run
from tenants.models import BlueprintUse, Tenant
from tenants.services.blueprints import upload
from tests.api.authzen.fixture import token_for
from tests.api.rest.program import Answer, Program
from tests.factories import MIRA, Platform, add_server
from tests.keycloak.world import World
from tests.tenants.platform import FIRST

pytestmark = pytest.mark.usefixtures("transactional_db")

SECRET = "never-to-be-told-7f3a"
TEXT = FIRST.replace(
    "clients:\n",
    "clients:\n  - id: robot\n    title: Robot\n    settings: {service_accounts: true}\n",
)


@pytest.fixture(autouse=True)
def _no_throttle(transactional_db: None) -> None:
    cache.clear()


@pytest.fixture(scope="module")
def program(transactional_db: None) -> Program:
    return Program(token=token_for("", *CARRIABLE))


@pytest.fixture(scope="module")
def shop(program: Program, keycloak_connection: Connection) -> Iterator[Platform]:
    """The tenant, created over the REST API, and brought to Keycloak by one run."""
    upload(actor=MIRA, text=TEXT)
    slug = f"shop-{uuid.uuid4().hex[:8]}"
    server = add_server(keycloak_connection)
    made = Platform(tenant=slug, server=server, keycloak=World(keycloak_connection, slug))
    cache.clear()
    answer = program.post("tenants/", asked(made), Idempotency_Key="a-new-tenant")
    assert answer.status == 202, answer.body
    assert made.sync().state == Run.State.DONE
    yield made
    made.keycloak.delete()


def asked(made: Platform, **more: Any) -> dict[str, Any]:
    parameters = {"realm": made.realm, "mail_password": SECRET}
    body = {"name": "Shop", "slug": made.tenant, "server": made.server.name, "blueprint": "shop"}
    return {**body, "parameters": parameters, "reason": "a new customer", **more}


@pytest.fixture(scope="module")
def base(shop: Platform) -> str:
    return f"tenants/{shop.tenant}/"


def done(answer: Answer, shop: Platform) -> Any:
    """Let a run bring to Keycloak what stands, and return the plan."""
    assert answer.status == 202, answer.body
    run = shop.sync()
    assert run.state == Run.State.DONE, run.sentence
    return answer.body


def pk(model: Any, shop: Platform, **found: str) -> int:
    return int(model.objects.get(realm__scope=shop.scope, **found).pk)


# --- tenants --------------------------------------------------------------------------------------


def test_a_tenant_is_made_from_a_blueprint_by_the_plan_of_the_form(shop: Platform, program: Program) -> None:
    told = program.get(f"tenants/{shop.tenant}/").body
    plan = Plan.objects.get(tenant=shop.tenant, command="tenants:tenant:from-blueprint")

    assert (told["realm"], told["server"], told["served_by"]) == (shop.realm, shop.server.name, "realm")
    assert (plan.state, plan.reason, plan.title) == ("applied", "a new customer", "Create the tenant Shop")
    assert shop.role_names() >= {"clerk", "manager", "packer"}
    use = BlueprintUse.objects.get(tenant__slug=shop.tenant)
    assert use.parameters["realm"] == shop.realm


def test_a_repeat_makes_no_second_tenant(shop: Platform, program: Program) -> None:
    again = program.post("tenants/", asked(shop), Idempotency_Key="a-new-tenant")

    assert (again.status, again.headers["Idempotent-Replayed"]) == (202, "true")
    assert Tenant.objects.filter(slug=shop.tenant).count() == 1
    other = program.post("tenants/", asked(shop, name="Other"), Idempotency_Key="a-new-tenant")
    assert other.status == 409


def test_a_secret_is_told_nobody(shop: Platform, program: Program) -> None:
    refused = program.post("tenants/", asked(shop))

    assert refused.status == 422
    kept = [
        json.dumps(refused.body),
        json.dumps(list(KeptAnswer.objects.values_list("body", flat=True))),
        json.dumps(list(Plan.objects.values_list("values", "operations", "notes")), default=str),
        json.dumps(list(BlueprintUse.objects.values_list("parameters", flat=True))),
        json.dumps(list(AuditEvent.objects.filter(tenant=shop.tenant).values_list("new", flat=True))),
        json.dumps(program.get(f"plans/{Plan.objects.filter(tenant=shop.tenant)[0].pk}/").body),
    ]
    assert not [one for one in kept if SECRET in one]


REFUSED = [
    ({"slug": "taken"}, 422, {"slug": "A tenant of this short name exists."}),
    ({"slug": "No Good"}, 422, {"slug": None}),
    ({"server": "nowhere"}, 422, {"server": "No server nowhere is listed here."}),
    ({"blueprint": "shoe"}, 422, {"blueprint": "There is no blueprint shoe here."}),
    ({"version": "9"}, 422, {"version": "There is no version 9 of shop here."}),
    ({"parameters": {"realm": "No"}}, 422, {"parameters.realm": "Small letters, digits and hyphens."}),
    ({"parameters": {"size": 1}}, 422, {"parameters.size": "This blueprint has no such parameter."}),
    ({"parameters": {"realm": "gatehouse"}}, 422, {"parameters.realm": None}),
    ({"served_by": "share"}, 422, {"blueprint": None}),
    ({"blueprint": "", "parameters": {"a": 1}}, 422, {"parameters": "Only a blueprint has parameters."}),
    ({"blueprint": "", "parameters": {}, "served_by": "share", "realm": "x"}, 422, {"realm": None}),
    ({"name": ""}, 400, {"name": None}),
    ({"color": "red"}, 400, {"color": None}),
]


@pytest.mark.parametrize(("more", "status", "fields"), REFUSED, ids=[str(one[0])[:40] for one in REFUSED])
def test_what_is_wrong_with_a_new_tenant_is_said_at_its_field(
    more: dict[str, Any], status: int, fields: dict[str, Any], shop: Platform, program: Program
) -> None:
    slug = shop.tenant if more.get("slug") == "taken" else "fresh"
    answer = program.post(
        "tenants/?preview=true",
        asked(shop) | {"slug": "fresh"} | more | ({"slug": slug} if more.get("slug") == "taken" else {}),
    )

    assert answer.status == status, answer.body
    if "required" not in str(answer.body):
        assert list(answer.body["fields"])[0] in fields
    for name, sentence in fields.items():
        assert sentence is None or answer.body["fields"][name] == [sentence]
    assert not Tenant.objects.filter(slug="fresh").exists()


def test_an_own_realm_and_a_share_are_previewed_as_the_form_does(shop: Platform, program: Program) -> None:
    body = {"name": "North", "slug": "north", "server": shop.server.name}

    own = program.post("tenants/?preview=true", body | {"realm": f"north-{shop.tenant}"})
    share = program.post("tenants/", body | {"served_by": "share", "realm": shop.realm})

    assert (own.status, share.status) == (200, 202), (own.body, share.body)
    assert own.body["operations"][0]["address"] == "realm:"
    assert shop.sync().state == Run.State.DONE
    assert Tenant.objects.get(slug="north").group_name == "north"
    assert shop.group_id("north")


def test_only_who_may_in_the_whole_console_makes_tenants(shop: Platform, program: Program) -> None:
    of_one = Program(token=token_for(shop.tenant, *CARRIABLE))
    without = Program(token=token_for("", P.TENANT_VIEW, P.PLAN_CREATE, P.PLAN_APPLY))

    answers = [one.post("tenants/", asked(shop) | {"slug": "mine"}) for one in (of_one, without)]

    assert [one.status for one in answers] == [403, 403]
    assert "for the tenant" in answers[0].body["reason"]
    assert "does not carry" in answers[1].body["reason"]
    assert not Tenant.objects.filter(slug="mine").exists()


def test_blueprints_are_listed_with_their_parameters(shop: Platform, program: Program) -> None:
    rows = program.get("blueprints/").body["results"]

    assert {"kdb-insights", "shop"} <= {one["key"] for one in rows}
    found = next(one for one in rows if one["key"] == "shop")
    assert [(one["name"], one["type"]) for one in found["parameters"]] == [
        ("realm", "text"),
        ("second_auditor", "choice"),
        ("mail_password", "secret"),
    ]
    assert found["parameters"][1]["choices"] == ["none", "clerk"]
    own = Program(token=token_for(shop.tenant, P.BLUEPRINT_VIEW)).get("blueprints/").body["results"]
    assert "shop" in {one["key"] for one in own}


# --- a plan in two steps --------------------------------------------------------------------------


def test_a_plan_that_was_shown_is_applied_as_it_was_shown(
    shop: Platform, program: Program, base: str
) -> None:
    shown = program.post(f"{base}roles/?preview=true", {"name": "in-two-steps"}).body
    path = shown["links"]["apply"].removeprefix("/api/v1/")
    viewer = Program(token=token_for(shop.tenant, P.PLAN_VIEW))

    assert viewer.post(path, {}).status == 403
    first = program.post(path, {"reason": "seen"}, Idempotency_Key="two-steps")
    again = program.post(path, {"reason": "seen"}, Idempotency_Key="two-steps")

    assert (first.status, first.body["digest"]) == (202, shown["digest"])
    assert (again.status, again.body) == (first.status, first.body)
    assert program.post(path, {}).status == 422  # it is applied
    assert done(first, shop)["state"] == "applied"
    assert "in-two-steps" in shop.role_names()
    assert program.post(f"plans/{uuid.uuid4()}/apply/", {}).status == 404


def test_a_plan_that_no_longer_holds_is_answered_with_what_would_happen_now(
    shop: Platform, program: Program, base: str
) -> None:
    shown = program.post(f"{base}roles/?preview=true", {"name": "overtaken"}).body
    shop.keycloak.post("roles", json={"name": "overtaken", "description": "by another hand"})

    answer = program.post(shown["links"]["apply"].removeprefix("/api/v1/"), {"reason": "seen"})

    assert answer.status == 409, answer.body
    assert answer.body["plan"]["plan"] != shown["plan"]
    assert answer.body["plan"]["digest"] != shown["digest"]
    assert not Role.objects.filter(name="overtaken").exists()


# --- families -------------------------------------------------------------------------------------


def test_families_are_listed_made_given_and_taken_back(shop: Platform, program: Program, base: str) -> None:
    (family,) = program.get(f"{base}families/").body["results"]
    assert (family["key"], family["given"], family["parameter"]) == ("stall", "stall:<profile>", "profile")
    assert [one["pattern"] for one in family["roles"]][1:] == ["stall:edit:<profile>", "stall:view:<profile>"]

    made = program.post(f"{base}families/stall/members/", {"value": "market"})
    plan = done(made, shop)
    person = program.post(f"{base}people/", {"username": "fay", "families": ["stall"]})
    done(person, shop)
    program.post(f"{base}people/", {"username": "gus"})
    assert shop.sync().state == Run.State.DONE
    waiting = program.get(f"{base}families/stall/people/").body["results"]
    done(program.post(f"{base}families/stall/people/", {"usernames": ["gus"]}), shop)

    assert "Somebody builds a stall." in json.dumps(plan["notes"])
    assert waiting == [{"username": "gus", "is_declared": True}]
    assert shop.effective_roles("fay") == {"stall:fay", "stall:edit:fay", "stall:view:fay"}
    assert "stall:gus" in shop.effective_roles("gus")
    values = program.get(f"{base}families/stall/members/?q=a").body["results"]
    assert [(one["value"], one["is_whole"]) for one in values] == [("fay", True), ("market", True)]
    assert [one["name"] for one in values[1]["roles"]] == [
        "stall:market",
        "stall:edit:market",
        "stall:view:market",
    ]
    gone = program.delete(f"{base}families/stall/members/market/?everything=true")
    done(gone, shop)
    assert not [name for name in shop.role_names() if name.endswith("market")]
    assert program.delete(f"{base}families/stall/members/market/").status == 404


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("families/stall/members/", {"value": "a/b"}, 422),
        ("families/stall/members/", {"value": ""}, 400),
        ("families/booth/members/", {"value": "x"}, 404),
        ("families/stall/people/", {"usernames": ["nobody-here"]}, 422),
        ("people/", {"username": "hal", "families": ["booth"]}, 422),
    ],
)
def test_what_no_family_takes_is_refused(
    path: str, body: dict[str, Any], status: int, program: Program, base: str
) -> None:
    assert program.post(f"{base}{path}", body).status == status


# --- service accounts -----------------------------------------------------------------------------


def test_a_service_account_takes_roles_memberships_and_entitlements(
    shop: Platform, program: Program, base: str
) -> None:
    (account,) = program.get(f"{base}service-accounts/?q=rob").body["results"]
    clients = [account["id"]]
    group, role = pk(Group, shop, path="staff"), pk(Role, shop, name="packer")
    end = {"ends_at": "2099-01-01T00:00:00Z"}
    given = program.post(f"{base}service-roles/", {"clients": clients, "roles": [role], **end})
    done(given, shop)
    done(program.post(f"{base}service-memberships/", {"clients": clients, "groups": [group]}), shop)

    user = robot(shop)
    mapped = shop.keycloak.get("users", user, "role-mappings", "realm", "composite")
    assert {one["name"] for one in mapped} >= {"packer", "clerk"}
    (row,) = program.get(f"{base}service-roles/").body["results"]
    assert (row["service_account"], row["role"], row["ends_at"]) == (
        "robot",
        "packer",
        "2099-01-01T00:00:00Z",
    )
    (member,) = program.get(f"{base}service-memberships/").body["results"]
    assert (member["service_account"], member["group"]) == ("robot", "staff")

    assert program.put(f"{base}service-roles/{row['id']}/", {"ends_at": ""}).status == 202
    assert program.get(f"{base}service-roles/").body["results"][0]["ends_at"] is None
    done(program.delete(f"{base}service-roles/{row['id']}/"), shop)
    done(program.delete(f"{base}service-memberships/{member['id']}/"), shop)
    assert program.get(f"{base}service-roles/").body["count"] == 0
    assert program.delete(f"{base}service-roles/{row['id']}/").status == 404
    held = shop.keycloak.get("users", user, "role-mappings", "realm", "composite")
    assert not {one["name"] for one in held} & {"packer", "clerk"}
    assert program.post(f"{base}service-roles/", {"clients": [10**9], "roles": [role]}).status == 422


def robot(shop: Platform) -> str:
    (client,) = shop.keycloak.get("clients", clientId="robot")
    return str(shop.keycloak.get("clients", client["id"], "service-account-user")["id"])


# --- entitlements ---------------------------------------------------------------------------------


def test_a_named_entitlement_is_made_described_granted_renewed_and_revoked(
    shop: Platform, program: Program, base: str
) -> None:
    person = done(program.post(f"{base}people/", {"username": "ida"}), shop)
    assert person["size"] == 1
    ida, client = pk(Person, shop, username="ida"), program.get(f"{base}service-accounts/").body
    clients = [client["results"][0]["id"]]
    kind = program.post(f"{base}entitlement-types/", {"name": "crate", "levels": ["READ", "WRITE"]})
    thing = program.post(
        f"{base}resources/",
        {"type": kind.body["id"], "name": "pears", "people": [ida]},
        Idempotency_Key="r-1",
    )
    again = program.post(
        f"{base}resources/",
        {"type": kind.body["id"], "name": "pears", "people": [ida]},
        Idempotency_Key="r-1",
    )
    assert (kind.status, thing.status, again.body) == (201, 201, thing.body)
    assert [one["person"] for one in thing.body["owners"]] == ["ida"]
    assert program.get(f"{base}entitlement-types/{kind.body['id']}/").body == kind.body
    owned = program.put(f"{base}resources/{thing.body['id']}/owners/", {"clients": clients})
    assert [one["service_account"] for one in owned.body["owners"]] == ["robot"]
    assert program.get(f"{base}resources/{thing.body['id']}/").body == owned.body

    told = {"description": "Sweet", "people": [ida], "clients": clients}
    one = f"{base}resources/{thing.body['id']}/"
    assert program.put(one, told).status == 428
    edited = program.put(one, told, If_Match=program.get(one).headers["ETag"])
    assert (edited.status, edited.body["description"], len(edited.body["owners"])) == (200, "Sweet", 2)

    names = program.get(f"{base}named-entitlements/?q=pears").body["results"]
    assert [(one["name"], one["value"]) for one in names] == [
        ("pears-ro", "crate:pears:READ"),
        ("pears-rw", "crate:pears:WRITE"),
    ]
    path = f"{base}named-entitlements/{names[0]['id']}/"
    edit = {"name": "pears-to-look-at", "description": "Look only"}
    assert program.put(path, edit).status == 428
    renamed = program.put(path, edit, If_Match=program.get(path).headers["ETag"])
    assert (renamed.status, renamed.body["name"], renamed.body["revision"]) == (200, edit["name"], 2)
    assert program.put(path, edit, If_Match='"1"').status == 412
    every = program.post(f"{base}named-entitlements/", {"type": kind.body["id"], "level": "READ"})
    assert (every.status, every.body["value"], every.body["name"]) == (201, "crate:*:READ", "all-crate-ro")

    grant = {"entitlement": names[0]["id"], "people": [ida], "clients": clients}
    given = program.post(f"{base}entitlements/", grant | {"ends_at": "2099-01-01T00:00:00Z"})
    done(given, shop)
    assert given.body["title"] == "Entitle to pears-to-look-at"
    assert shop.attribute("ida") == {"crate:pears:READ"}
    account = shop.keycloak.get("users", robot(shop))
    assert account["attributes"]["entitlements"] == ["crate:pears:READ"]
    rows = program.get(f"{base}entitlements/?q=pears-to-look-at").body["results"]
    assert {(one["person"], one["service_account"]) for one in rows} == {("ida", None), (None, "robot")}
    mine = next(one for one in rows if one["person"])
    assert program.put(f"{base}entitlements/{mine['id']}/", {"ends_at": ""}).status == 202
    done(program.delete(f"{base}entitlements/{mine['id']}/"), shop)
    assert shop.attribute("ida") == set()


def test_a_type_and_a_resource_are_edited_and_deleted_once_nobody_needs_them(
    program: Program, base: str
) -> None:
    kind = program.post(f"{base}entitlement-types/", {"name": "barrel", "levels": ["READ"]}).body
    thing = program.post(f"{base}resources/", {"type": kind["id"], "name": "wine"}).body
    path = f"{base}entitlement-types/{kind['id']}/"

    edited = program.put(path, {"levels": ["READ", "WRITE"], "revision": kind["revision"]})
    stale = program.put(path, {"levels": ["READ"], "revision": kind["revision"]})
    refused = program.delete(path)
    gone = program.delete(f"{base}resources/{thing['id']}/", Idempotency_Key="wine-1")
    again = program.delete(f"{base}resources/{thing['id']}/", Idempotency_Key="wine-1")

    assert (edited.status, edited.body["levels"]) == (200, ["READ", "WRITE"]), edited.body
    assert (stale.status, stale.body["revision"]) == (412, edited.body["revision"])
    assert (refused.status, "delete them first" in refused.body["reason"]) == (422, True)
    assert (gone.status, gone.body["name"], again.body) == (200, "wine", gone.body)
    assert program.delete(path).status == 200
    assert program.get(path).status == 404


@pytest.mark.parametrize(
    ("path", "body", "status", "fields"),
    [
        ("entitlements/", {"entitlement": 1}, 400, ["people"]),
        ("entitlements/", {"people": [1]}, 400, ["entitlement"]),
        (
            "entitlements/",
            {"entitlement": 1, "resource": 1, "level": "x", "people": [1]},
            400,
            ["entitlement"],
        ),
        ("entitlements/", {"entitlement": 10**9, "people": [1]}, 404, []),
        ("resources/", {"type": 10**9, "name": "x"}, 422, ["type"]),
        ("resources/", {"type": 1, "name": "a:b"}, 422, ["type", "name"]),
        ("named-entitlements/", {"type": 10**9, "level": "READ"}, 422, ["type"]),
    ],
)
def test_the_forms_rules_hold_for_entitlements(
    path: str, body: dict[str, Any], status: int, fields: list[str], program: Program, base: str
) -> None:
    answer = program.post(f"{base}{path}", body)

    assert answer.status == status, answer.body
    assert set(answer.body.get("fields", {})) <= {*fields, "level"}
    assert bool(answer.body.get("fields")) is bool(fields)


def test_another_tenants_things_are_nobodys_here(shop: Platform, program: Program, base: str) -> None:
    """T1: by ids, and by names in the address, with a token of another tenant and with one for all."""
    other = Program(token=token_for("elsewhere", *CARRIABLE))
    for path in ("families/", "service-accounts/", "named-entitlements/", "bulk/", "service-roles/"):
        assert other.get(f"{base}{path}").status == 404
    plan = Plan.objects.filter(tenant=shop.tenant)[0]
    assert other.post(f"plans/{plan.pk}/apply/", {}).status == 404
