"""What the platforms' documents ask of a realm, read back from the real Keycloak by plain calls.

What is expected was written down from the documents' tables, and is not computed from the blueprints.
"""

from collections.abc import Callable
from typing import Any

import pytest

from console.engine.kinds import GIVEN_SCOPES, MANAGEMENT_ROLES, PROTECTED_CLIENTS
from console.engine.state import Address, Kind, Resource, State
from console.keycloak.errors import Permanent
from tests.blueprints.realms import Applied
from tests.keycloak.world import World, fresh

Maker = Callable[[str], Applied]
OWN_ROLES = {"offline_access", "uma_authorization"}


def roles(realm: Applied) -> dict[str, str]:
    """Return names and descriptions of the realm's roles, without Keycloak's own."""
    own = OWN_ROLES | {f"default-roles-{realm.world.name}"}
    found = realm.world.get("roles", briefRepresentation=False)
    return {one["name"]: one.get("description", "") for one in found if one["name"] not in own}


def clients(realm: Applied) -> dict[str, dict[str, Any]]:
    found = realm.world.get("clients")
    return {one["clientId"]: one for one in found if one["clientId"] not in PROTECTED_CLIENTS}


def test_what_comes_with_every_realm_is_what_keycloak_makes(keycloak_connection: Any) -> None:
    world = World(keycloak_connection, fresh("bp-fresh"))
    world.make_realm()
    try:
        (management,) = world.get("clients", clientId="realm-management")
        named = world.get("clients", management["id"], "roles")
        assert {one["name"] for one in named} == MANAGEMENT_ROLES
        assert {one["name"] for one in world.get("client-scopes")} == GIVEN_SCOPES
        assert {one["clientId"] for one in world.get("clients")} == PROTECTED_CLIENTS
    finally:
        world.delete()


# --- prokube --------------------------------------------------------------------------------------

READ_AND_MANAGE = {
    "clients",
    "events",
    "identity-providers",
    "realm",
    "users",
}


def test_two_groups_hold_all_realm_roles_for_users_and_administrators(applied: Maker) -> None:
    """K2: their names and roles are parameters, for the document names neither."""
    realm = applied("prokube-all")

    groups = {one["name"]: one for one in realm.world.get("groups", briefRepresentation=False)}

    assert set(groups) == {"People", "Keepers"}
    assert set(groups["People"]["realmRoles"]) == {"people", "dashboards"}
    assert set(groups["Keepers"]["realmRoles"]) == {"keepers", "boards", "bills"}
    assert groups["People"]["clientRoles"] == groups["Keepers"]["clientRoles"] == {}


def test_an_administrator_administers_this_realm_alone(applied: Maker) -> None:
    """K1, K2: rights of realm-management, and none that reaches another realm."""
    realm = applied("prokube")

    included = realm.included("cluster-admin")

    management = {one.removeprefix("realm-management/") for one in included}
    assert management >= {f"{verb}-{noun}" for verb in ("manage", "view") for noun in READ_AND_MANAGE}
    assert "realm-admin" not in management
    assert not any(one.startswith("master") for one in included)


# Roles granted to one person -> what Keycloak says that she has.
DRAWN = {
    "pk:ada": {"pk:ada", "pk:edit:ada", "pk:view:ada", "pk:s3:edit:ada", "pk:s3:view:ada"},
    "pk:edit:ada": {"pk:edit:ada", "pk:s3:edit:ada"},
    "pk:view:ada": {"pk:view:ada", "pk:s3:view:ada"},
    "pk:s3:edit:ada": {"pk:s3:edit:ada"},
    "pk:s3:view:ada": {"pk:s3:view:ada"},
}
NARROW = {**DRAWN, "pk:ada": {"pk:ada", "pk:s3:edit:ada"}}


def workspace(realm: Applied, profile: str) -> State:
    """Return the realm's state with the roles of one workspace, as the blueprint's family has them."""
    (family,) = realm.expansion.catalogue.families
    made = [Resource(Address(Kind.ROLE, (one.pattern.of(profile),))) for one in family.roles]
    links = [
        Resource(Address(Kind.COMPOSITE, (one.pattern.of(profile), inner.of(profile))))
        for one in family.roles
        for inner in one.includes
    ]
    return State.of([*realm.expansion.state, *made, *links])


@pytest.mark.parametrize(("name", "expected"), [("prokube", DRAWN), ("prokube-all", NARROW)])
def test_workspace_roles_include_one_another_as_the_tree_has_them(
    applied: Maker, name: str, expected: dict[str, set[str]]
) -> None:
    """K3: the tree as drawn, or the narrower reading of the texts beside it."""
    realm = applied(name)
    realm.apply(workspace(realm, "ada"))

    found = {}
    for number, role in enumerate(expected):
        realm.person(f"holder-{number}", role)
        found[role] = realm.effective_roles(f"holder-{number}")

    assert found == expected


def test_s3_reaches_a_holder_by_two_paths(applied: Maker) -> None:
    """K3: without the direct composite it stays effective, without both it does not."""
    realm = applied("prokube")
    realm.apply(workspace(realm, "ben"))
    realm.person("ben-holder", "pk:ben")
    s3 = realm.world.get("roles", "pk:s3:edit:ben")

    realm.world.delete("roles", "pk:ben", "composites", json=[s3])
    by_one = realm.effective_roles("ben-holder")
    realm.world.delete("roles", "pk:edit:ben", "composites", json=[s3])
    by_none = realm.effective_roles("ben-holder")

    assert "pk:s3:edit:ben" in by_one
    assert "pk:s3:edit:ben" not in by_none


# --- kdb Insights ---------------------------------------------------------------------------------

EXTENDS = {
    "insights.role.viewer.dashboard": set(),
    "insights.role.viewer": {"insights.role.viewer.dashboard"},
    "insights.role.reporter": {"insights.role.viewer"},
    "insights.role.developer": {"insights.role.reporter"},
    "insights.role.maintainer": {"insights.role.developer"},
    "insights.role.administrator": {"insights.role.maintainer", "insights.entitlements.admin"},
    "insights.entitlements.admin": set(),
}


def test_the_seven_roles_extend_one_another_and_the_misprint_is_none(applied: Maker) -> None:
    """I2: `insights.role.admin` is reported as a look-alike, and never made."""
    realm = applied("kdb")

    found = roles(realm)

    assert set(found) == set(EXTENDS)
    assert {name: realm.included(name) for name in found} == EXTENDS
    assert all(found.values())
    assert "cannot" not in found["insights.role.viewer.dashboard"]
    assert realm.expansion.catalogue.looks_like == {"insights.role.admin": "insights.role.administrator"}


CHAIN = [
    "insights.role.viewer.dashboard",
    "insights.role.viewer",
    "insights.role.reporter",
    "insights.role.developer",
    "insights.role.maintainer",
]


def test_an_administrator_has_all_seven_and_an_entitlements_administrator_only_that(applied: Maker) -> None:
    """I2: what Keycloak itself says that a holder has."""
    realm = applied("kdb")
    realm.person("boss", "insights.role.administrator")
    realm.person("keeper", "insights.entitlements.admin")
    realm.person("maker", "insights.role.maintainer")

    assert realm.effective_roles("boss") == set(EXTENDS)
    assert realm.effective_roles("keeper") == {"insights.entitlements.admin"}
    assert realm.effective_roles("maker") == set(CHAIN)


def test_two_deployments_on_one_keycloak_do_not_see_each_other(keycloak_connection: Any) -> None:
    """I1: realms insights-<namespace>, with the same names of roles in both."""
    made = []
    try:
        for letter in "ab":
            expansion = case_in(fresh(letter))
            made.append(Applied(World(keycloak_connection, expansion.realm_name), expansion).apply())
        left, right = made
        left.person("ann", "insights.role.administrator")
        left.world.make_role("insights.role.extra")

        assert left.world.name != right.world.name
        assert all(one.world.name.startswith("insights-") for one in made)
        assert set(roles(right)) == set(EXTENDS)
        assert right.world.get("users") == []
        assert left.plan().is_empty
        assert right.plan().is_empty
    finally:
        for one in made:
            one.world.delete()


def case_in(namespace: str) -> Any:
    from console.blueprints.expand import expand
    from console.blueprints.shipped import shipped_one

    blueprint = shipped_one("kdb-insights")
    assert blueprint is not None
    return expand(blueprint, {"namespace": namespace})


def test_mail_and_passwords_of_the_realm(applied: Maker) -> None:
    """I6: with a mail server, verification and forgotten passwords are on; a weak password is refused."""
    realm = applied("kdb-all")
    settings = realm.world.get()
    id = realm.person("mia")

    assert (settings["verifyEmail"], settings["resetPasswordAllowed"]) == (True, True)
    assert settings["smtpServer"]["host"] == "smtp.example.org"
    assert settings["smtpServer"]["password"] == "**********"
    assert settings["bruteForceProtected"] is True
    with pytest.raises(Permanent, match="[Pp]assword"):
        realm.world.put("users", id, "reset-password", json={"type": "password", "value": "short"})


def test_without_a_mail_server_nothing_waits_for_mail(applied: Maker) -> None:
    settings = applied("kdb").world.get()
    assert (settings["verifyEmail"], settings["resetPasswordAllowed"]) == (False, False)


# --- CDM ------------------------------------------------------------------------------------------

CDM_ROLES = {
    "cdm-admin": "Platform administrator",
    "cdm-operator": "Fleet operator",
    "cdm-viewer": "Read-only access",
    "platform-admin": "Full administrative access to CDM platform and all tenants",
    "platform-operator": "Day-to-day operations; read-only on tenants",
    "pgadmin-users": "Grants access to the pgAdmin UI via OIDC",
}
MATRIX_VIEWER = {
    "realm-management/view-users",
    "realm-management/query-users",
    "realm-management/view-realm",
}


@pytest.mark.parametrize("name", ["cdm", "cdm-tenant"])
def test_provider_and_tenant_have_the_seven_roles(applied: Maker, name: str) -> None:
    """C1, C2: the tenant's realm mirrors the roles of the provider's."""
    realm = applied(name)

    found = roles(realm)

    assert found.pop("matrix-viewer")
    assert found == CDM_ROLES
    assert realm.included("matrix-viewer") == MATRIX_VIEWER
    assert all(realm.included(one) == set() for one in CDM_ROLES)


def test_the_clients_of_a_tenant(applied: Maker) -> None:
    """C2: five clients, confidential, for nothing else is stated."""
    found = clients(applied("cdm-tenant"))

    assert set(found) == {"thingsboard", "hawkbit", "grafana", "portal", "pgadmin"}
    assert not any(one["publicClient"] for one in found.values())
    assert not any(one["redirectUris"] for one in found.values())


# client -> (public, service account)
CDM_CLIENTS = {
    "grafana": (False, False),
    "iot-bridge": (False, True),
    "portal": (False, False),
    "pgadmin": (False, False),
    "rabbitmq-management": (False, False),
    "dashboard": (True, False),
}


def test_the_clients_of_the_provider(applied: Maker) -> None:
    """C4: types as in the table; every redirect address and origin."""
    found = clients(applied("cdm"))

    assert {
        name: (one["publicClient"], one["serviceAccountsEnabled"]) for name, one in found.items()
    } == CDM_CLIENTS
    assert all(one["redirectUris"] == ["*"] and one["webOrigins"] == ["*"] for one in found.values())
    assert all(one["standardFlowEnabled"] and not one["implicitFlowEnabled"] for one in found.values())


GIVEN_TO_ADMINISTRATORS = {
    "rabbitmq.tag:administrator",
    "rabbitmq.read:*/*",
    "rabbitmq.write:*/*",
    "rabbitmq.configure:*/*",
}


def rabbitmq_scopes(realm: Applied, username: str, **form: str) -> set[str]:
    scopes = realm.token("rabbitmq-management", username, **form)["scope"].split()
    return {one for one in scopes if one.startswith("rabbitmq.")}


@pytest.fixture(scope="module")
def signed_in(applied: Maker) -> Maker:
    """Realms of CDM with three people: without any role, with cdm-viewer, with platform-admin."""
    for name in ("cdm", "cdm-literal"):
        realm = applied(name)
        for username, given in (("nobody", []), ("viewer", ["cdm-viewer"]), ("boss", ["platform-admin"])):
            realm.person(username, *given)
    return applied


@pytest.mark.parametrize(
    ("name", "username", "expected"),
    [
        ("cdm", "nobody", set()),
        ("cdm", "viewer", set()),
        ("cdm", "boss", GIVEN_TO_ADMINISTRATORS),
        ("cdm-literal", "nobody", GIVEN_TO_ADMINISTRATORS),
        ("cdm-literal", "viewer", GIVEN_TO_ADMINISTRATORS),
        ("cdm-literal", "boss", GIVEN_TO_ADMINISTRATORS),
    ],
)
def test_who_gets_the_permissions_of_rabbitmq(
    signed_in: Maker, name: str, username: str, expected: set[str]
) -> None:
    """C5: limited to platform-admin; as the document has it, everybody has them."""
    assert rabbitmq_scopes(signed_in(name), username) == expected


@pytest.mark.parametrize(
    ("name", "username", "expected"),
    [
        ("cdm", "nobody", set()),
        ("cdm", "viewer", set()),
        ("cdm", "boss", GIVEN_TO_ADMINISTRATORS | {"rabbitmq.tag:monitoring"}),
        ("cdm-literal", "nobody", GIVEN_TO_ADMINISTRATORS | {"rabbitmq.tag:monitoring"}),
    ],
)
def test_who_asks_for_monitoring_gets_it_with_the_role_only(
    signed_in: Maker, name: str, username: str, expected: set[str]
) -> None:
    """C5: the fifth scope is optional, and limited as the others are."""
    asked = rabbitmq_scopes(signed_in(name), username, scope="openid rabbitmq.tag:monitoring")
    assert asked == expected


def test_the_audience_of_rabbitmq(signed_in: Maker) -> None:
    """C5: RabbitMQ looks for its own name; without the parameter nothing is added."""
    assert "rabbitmq" in signed_in("cdm").token("rabbitmq-management", "boss")["aud"]
    assert signed_in("cdm-literal").token("rabbitmq-management", "boss")["aud"] == "account"


def test_grafana_gets_all_realm_roles_in_one_flat_list(signed_in: Maker) -> None:
    """C6: Keycloak's own roles are among them."""
    realm = signed_in("cdm")

    found = realm.token("grafana", "boss")["roles"]

    assert set(found) == {"platform-admin", f"default-roles-{realm.world.name}", *OWN_ROLES}


def test_the_bridge_acts_for_itself(signed_in: Maker) -> None:
    """C4: a service account, and no permission of RabbitMQ."""
    found = signed_in("cdm").service_token("iot-bridge")
    assert found["preferred_username"] == "service-account-iot-bridge"


def test_administrators_of_the_provider_come_in_by_the_identity_provider(applied: Maker) -> None:
    """C3: the provider is identity provider in the tenant's realm, its mapper there sets roles anew."""
    world = applied("cdm-tenant-all").world

    found = world.get("identity-provider", "instances", "cdm")
    mappers = {one["name"]: one for one in world.get("identity-provider", "instances", "cdm", "mappers")}

    assert found["config"]["syncMode"] == "FORCE"
    assert found["config"]["issuer"] == "https://cdm.example.org/auth/realms/cdm"
    assert found["config"]["clientSecret"] == "**********"
    assert set(mappers) == {"platform-admin", "platform-operator"}
    assert mappers["platform-admin"]["identityProviderMapper"] == "oidc-role-idp-mapper"
    assert mappers["platform-admin"]["config"] == {
        "claim": "roles",
        "claim.value": "platform-admin",
        "role": "cdm-admin",
        "syncMode": "INHERIT",
    }
    assert mappers["platform-operator"]["config"]["role"] == "cdm-viewer"


# --- Platform Mesh --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "lifespan", "longest", "registration", "mail"),
    [("mesh", 28800, 36000, False, False), ("mesh-all", 86400, 86400, True, True)],
)
def test_the_settings_of_an_organization(
    applied: Maker, name: str, lifespan: int, longest: int, registration: bool, mail: bool
) -> None:
    """P2: the idle time is the lifespan, no maximum caps it, and mail comes with SMTP."""
    found = applied(name).world.get()

    assert (found["accessTokenLifespan"], found["ssoSessionIdleTimeout"]) == (lifespan, lifespan)
    assert found["ssoSessionMaxLifespan"] == longest
    assert (found["loginWithEmailAllowed"], found["registrationEmailAsUsername"]) == (True, True)
    assert found["registrationAllowed"] is registration
    assert (found["verifyEmail"], found["resetPasswordAllowed"]) == (mail, mail)
    assert bool(found["smtpServer"]) is mail


def test_the_two_clients_of_an_organization(applied: Maker) -> None:
    """P4: a confidential one for the workspace, a public one for kubectl that must use PKCE."""
    found = clients(applied("mesh"))
    workspace, kubectl = found["acme"], found["kubectl"]

    assert set(found) == {"acme", "kubectl"}
    assert (workspace["publicClient"], workspace["clientAuthenticatorType"]) == (False, "client-secret")
    assert workspace["redirectUris"] == ["https://acme.mesh.example.org/*"]
    logout = workspace["attributes"]["post.logout.redirect.uris"]
    assert logout == "https://acme.mesh.example.org/logout*"
    assert (kubectl["publicClient"], kubectl["attributes"]["pkce.code.challenge.method"]) == (True, "S256")
    assert set(kubectl["redirectUris"]) == {"http://localhost:8000", "http://localhost:18000"}
    assert not any(one["serviceAccountsEnabled"] for one in found.values())


def test_further_redirects_of_an_organization(applied: Maker) -> None:
    """P4: additional ones for the workspace, others for kubectl."""
    found = clients(applied("mesh-all"))

    assert set(found["acme"]["redirectUris"]) == {
        "https://acme.mesh.example.org/*",
        "https://portal.example.org/callback",
    }
    assert found["kubectl"]["redirectUris"] == ["http://localhost:9000"]


@pytest.mark.parametrize(("name", "expected"), [("mesh", ["eng"]), ("mesh-all", ["/data/eng"])])
def test_tokens_carry_what_kcp_asks_for(applied: Maker, name: str, expected: list[str]) -> None:
    """P2, P8: e-mail, groups, the client as audience, and as long a life as was asked for."""
    realm = applied(name)
    world = realm.world
    email = "ann@example.org"
    id = world.make("users", email=email, emailVerified=True, enabled=True, firstName="Ann", lastName="Lee")
    secret = {"type": "password", "value": "a-Long-Password-7", "temporary": False}
    world.put("users", id, "reset-password", json=secret)
    inner = world.make("groups", world.make("groups", name="data"), "children", name="eng")
    world.put("users", id, "groups", inner)

    found = realm.token("acme", email)

    assert found["groups"] == expected
    assert found["email"] == email
    assert "acme" in found["aud"]
    assert found["exp"] - found["iat"] == (28800 if name == "mesh" else 86400)


@pytest.mark.parametrize("name", ["mesh", "cdm", "cdm-tenant", "mto"])
def test_every_client_signs_in_by_the_standard_flow_alone(applied: Maker, name: str) -> None:
    """P4, C4: no passwords through clients, no tokens in addresses; whoever switches them on differs."""
    realm = applied(name)

    for address in [one.address for one in realm.expansion.state.of_kind(Kind.CLIENT)]:
        fields = realm.expansion.state.resources[address].fields
        assert (fields["standard_flow"], fields["implicit_flow"], fields["direct_access_grants"]) == (
            True,
            False,
            False,
        )
        assert realm.client(address.path[0])["implicitFlowEnabled"] is False


# --- MTO ------------------------------------------------------------------------------------------


def test_the_realm_of_the_console_with_its_client_and_default_user(applied: Maker) -> None:
    """M1, M4: a default user without any right, and groups that hold the one role of administrators."""
    realm = applied("mto")

    groups = realm.world.get("groups", briefRepresentation=False)

    assert [(one["name"], one["realmRoles"]) for one in groups] == [
        ("cluster-admins", ["console-administrator"])
    ]
    assert [one["username"] for one in realm.world.get("users")] == ["mto"]
    assert realm.effective_roles("mto") == set()
    assert set(clients(realm)) == {"mto-console"}
