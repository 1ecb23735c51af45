"""The tables of prokube, CDM, Platform Mesh and MTO, transcribed by hand: what each role opens, where."""

from functools import partial
from typing import Any

import pytest

from console.blueprints.expand import expand
from console.blueprints.model import Expansion, WrongParameters
from console.blueprints.shipped import shipped_one
from console.engine.kinds import REALM
from console.engine.state import Address, Kind, Resource, State
from console.graph.closure import Graph
from console.graph.decisions import Mark, Question, decide
from console.graph.edges import Node, NodeKind, client_role, edges_of, group, role
from tests.blueprints.people import cell, platform, somebody

prokube = partial(platform, "prokube")
cdm = partial(platform, "cdm-provider")
mesh = partial(platform, "platform-mesh", workspace="acme", base_domain="mesh.example.org")
mto = partial(platform, "mto", console_url="https://console.example.org")


def links(expansion: Expansion, kind: Kind) -> set[tuple[str, ...]]:
    return {one.address.path for one in expansion.state.of_kind(kind)}


# --- prokube (K3, K4) ------------------------------------------------------------------------------

# role granted -> Kubernetes RBAC, Istio, MinIO S3, as the document's table has them.
OPENS = [
    ("pk:ada", "kubeflow-edit", True, "read-write"),
    ("pk:edit:ada", "kubeflow-edit", True, "read-write"),
    ("pk:view:ada", "kubeflow-view", True, "read-only"),
    ("pk:s3:edit:ada", "", False, "read-write"),
    ("pk:s3:view:ada", "", False, "read-only"),
]


def workspace(expansion: Expansion, *profiles: str) -> State:
    """Return roles and composites of workspaces, as the family of the blueprint has them."""
    (family,) = expansion.catalogue.families
    found = [
        Resource(Address(Kind.COMPOSITE, (one.pattern.of(profile), inner.of(profile))))
        for profile in profiles
        for one in family.roles
        for inner in one.includes
    ]
    return State.of(found)


@pytest.mark.parametrize("tree", ["drawn", "narrow"])
@pytest.mark.parametrize(("granted", "kubernetes", "istio", "s3"), OPENS)
def test_what_a_workspace_role_opens_in_its_workspace(
    tree: str, granted: str, kubernetes: str, istio: bool, s3: str
) -> None:
    """K4: both readings of the tree open the same."""
    expansion = prokube(workspace_tree=tree)
    who = somebody(workspace(expansion, "ada", "adam"), granted)

    def level(capability: str, of: str = "ada") -> tuple[bool, str]:
        question = Question(capability=capability, resource=f"workspace:{of}")
        found = decide(expansion.catalogue, who, question)
        return found.is_allowed, found.level

    assert level("kubernetes:namespace") == (bool(kubernetes), kubernetes)
    assert level("istio:reach") == (istio, "")
    assert level("minio:buckets") == (True, s3)
    assert level("minio:buckets", "adam") == (False, "")


def test_the_cell_shows_the_highest_level_and_the_panel_every_chain() -> None:
    """K4: a holder of pk:ada has edit and view, read-write and read-only."""
    expansion = prokube()
    who = somebody(workspace(expansion, "ada"), "pk:ada")

    found = decide(expansion.catalogue, who, Question(capability="minio:buckets", resource="workspace:ada"))

    assert found.level == "read-write"
    assert {chain.right.name for chain in found.chains} == {"pk:s3:edit:ada", "pk:s3:view:ada"}


def test_falling_back_is_a_rule_and_no_composite() -> None:
    """K4: kept as text, beside the composite where there is one."""
    expansion = prokube(workspace_tree="narrow")
    who = somebody(workspace(expansion, "ada"), "pk:ada")

    found = decide(
        expansion.catalogue, who, Question(capability="kubernetes:namespace", resource="workspace:ada")
    )

    (chain,) = found.chains
    assert (chain.right.name, found.level) == ("pk:ada", "kubeflow-edit")
    assert chain.grant.rule == "Falls back to pk:edit:<profile>."


def test_the_family_of_a_workspace_says_what_it_sets_off() -> None:
    """K3: made with a person, who gets pk:<profile>; deleting it leaves the others."""
    (family,) = prokube().catalogue.families

    assert {one.pattern.text: {inner.text for inner in one.includes} for one in family.roles} == {
        "pk:<profile>": {"pk:edit:<profile>", "pk:view:<profile>", "pk:s3:edit:<profile>"},
        "pk:edit:<profile>": {"pk:s3:edit:<profile>"},
        "pk:view:<profile>": {"pk:s3:view:<profile>"},
        "pk:s3:edit:<profile>": set(),
        "pk:s3:view:<profile>": set(),
    }
    assert (family.given.text if family.given else "", family.made_with_person) == ("pk:<profile>", True)
    assert "provisions the workspace" in family.sets_off
    assert "leaves its four other roles" in family.left_behind
    assert "not stated" in family.left_behind
    assert (family.resource, family.parameter) == ("workspace", "profile")


@pytest.mark.parametrize(
    ("tree", "included"),
    [
        ("drawn", {"pk:edit:<profile>", "pk:view:<profile>", "pk:s3:edit:<profile>"}),
        ("narrow", {"pk:s3:edit:<profile>"}),
    ],
)
def test_the_narrower_reading_of_the_tree_is_a_parameter(tree: str, included: set[str]) -> None:
    """K3"""
    (family,) = prokube(workspace_tree=tree).catalogue.families
    assert {one.text for one in family.roles[0].includes} == included


@pytest.mark.parametrize(
    ("name", "pattern", "profile"),
    [
        ("pk:ada", "pk:<profile>", "ada"),
        ("pk:edit:ada", "pk:edit:<profile>", "ada"),
        ("pk:s3:view:ada", "pk:s3:view:<profile>", "ada"),
        ("pk:edit", "pk:<profile>", "edit"),
        ("pk:", None, None),
        ("pk:edit:", None, None),
        ("xpk:ada", None, None),
    ],
)
def test_a_role_belongs_to_the_family_by_its_whole_name(
    name: str, pattern: str | None, profile: str | None
) -> None:
    """K3: `pk:edit:ada` is never the workspace `edit:ada`."""
    (family,) = prokube().catalogue.families

    found = family.member(name)

    assert (found[0].pattern.text if found else None, found[1] if found else None) == (pattern, profile)


def test_the_names_of_the_preset_groups_are_parameters() -> None:
    """K2: and each holds all realm roles of its kind."""
    expansion = prokube(user_group="People", admin_group="Keepers", more_user_roles=["dashboards"])

    assert links(expansion, Kind.GROUP_ROLE) == {
        ("People", "cluster-user"),
        ("People", "dashboards"),
        ("Keepers", "cluster-admin"),
    }
    assert links(expansion, Kind.GROUP_CLIENT_ROLE) == set()


# --- CDM (C1, C4, C5, C7, C8) ------------------------------------------------------------------------

# role -> Grafana, IoT Bridge API, tenant onboarding, as the document's table has them.
CDM_OPENS = [
    ("cdm-admin", "Admin", "Full access (incl. tenant onboarding)", True),
    ("cdm-operator", "Editor", "Read + trigger deployments", False),
    ("cdm-viewer", "Viewer", "Read-only", False),
    ("platform-admin", "Admin", "Full access", True),
    ("platform-operator", "Editor", "Read-only on tenants", False),
    ("pgadmin-users", "", "", False),
    ("matrix-viewer", "", "", False),
]


@pytest.mark.parametrize(("name", "grafana", "bridge", "onboarding"), CDM_OPENS)
def test_what_a_role_of_cdm_opens(name: str, grafana: str, bridge: str, onboarding: bool) -> None:
    """C7: Grafana and the IoT Bridge API, and who may approve that a tenant joins (C3)."""
    expansion = cdm()
    who = somebody(expansion.state, name)

    found = {key: cell(expansion, who, key) for key in ("grafana:role", "iot-bridge:api")}

    assert (found["grafana:role"].level, found["grafana:role"].is_allowed) == (grafana, bool(grafana))
    assert (found["iot-bridge:api"].level, found["iot-bridge:api"].is_allowed) == (bridge, bool(bridge))
    assert cell(expansion, who, "iot-bridge:onboarding").is_allowed is onboarding


UNSTATED = [
    "pgadmin:open",
    "rabbitmq:administrator",
    "rabbitmq:read",
    "rabbitmq:write",
    "rabbitmq:configure",
    "rabbitmq:monitoring",
    "keycloak:read-users",
    "keycloak:read-realm",
]
STATED = {
    "pgadmin-users": {"pgadmin:open"},
    "matrix-viewer": {"keycloak:read-users", "keycloak:read-realm"},
    # Meant for this role, and by the limits of the scopes given to it and to nobody else.
    "platform-admin": {"rabbitmq:administrator", "rabbitmq:read", "rabbitmq:write", "rabbitmq:configure"},
}


@pytest.mark.parametrize("name", [one[0] for one in CDM_OPENS])
@pytest.mark.parametrize("capability", UNSTATED)
def test_what_the_documents_do_not_state_reads_so(name: str, capability: str) -> None:
    """C7: the page with the wider matrix was not available."""
    expansion = cdm()

    found = cell(expansion, somebody(expansion.state, name), capability).mark

    assert found is (Mark.ALLOWED if capability in STATED.get(name, set()) else Mark.UNSTATED)


SCOPES = {
    "rabbitmq.tag:administrator": "rabbitmq:administrator",
    "rabbitmq.read:*/*": "rabbitmq:read",
    "rabbitmq.write:*/*": "rabbitmq:write",
    "rabbitmq.configure:*/*": "rabbitmq:configure",
    "rabbitmq.tag:monitoring": "rabbitmq:monitoring",
}


@pytest.mark.parametrize(("scope", "capability"), SCOPES.items())
def test_the_permissions_of_rabbitmq_are_borne_by_scopes(scope: str, capability: str) -> None:
    """C5: whoever has the scope in a token of the client has the permission."""
    expansion = cdm()
    held = Node(NodeKind.CLIENT_SCOPE, f"rabbitmq-management/{scope}")

    assert cell(expansion, somebody(expansion.state, held), capability).mark is Mark.ALLOWED


DEFAULTS = set(SCOPES) - {"rabbitmq.tag:monitoring"}


def test_each_of_the_scopes_is_limited_and_four_are_defaults() -> None:
    """C5: a limit on the tag alone would leave read, write and configure open to all."""
    expansion = cdm()

    assert links(expansion, Kind.SCOPE_ROLE) == {(one, "platform-admin") for one in SCOPES}
    assert links(expansion, Kind.CLIENT_DEFAULT_SCOPE) == {("rabbitmq-management", one) for one in DEFAULTS}
    assert links(expansion, Kind.CLIENT_OPTIONAL_SCOPE) == {
        ("rabbitmq-management", "rabbitmq.tag:monitoring")
    }


def test_the_literal_reading_is_flagged_critical() -> None:
    """C5: as the document has it, every person of the realm administers RabbitMQ."""
    expansion = cdm(rabbitmq_scopes="literal")

    (critical,) = expansion.criticals

    assert links(expansion, Kind.SCOPE_ROLE) == set()
    assert critical.parameter == "rabbitmq_scopes"
    assert "Every person of the realm, with or without a role" in critical.sentence
    assert cdm().criticals == ()


def test_any_one_of_several_roles_is_enough() -> None:
    """C5: a limit to two roles is one to any of them."""
    expansion = cdm(rabbitmq_roles=["platform-admin", "cdm-admin"])
    assert links(expansion, Kind.SCOPE_ROLE) == {
        (scope, name) for scope in SCOPES for name in ("platform-admin", "cdm-admin")
    }


# client -> variable, containers, stated to be started anew
SECRETS = [
    ("grafana", "GRAFANA_OIDC_SECRET", ("grafana",), True),
    ("iot-bridge", "BRIDGE_OIDC_SECRET", ("iot-bridge-api",), True),
    ("portal", "PORTAL_OIDC_SECRET", ("portal",), False),
    ("pgadmin", "PGADMIN_OIDC_SECRET", ("pgadmin",), False),
    ("rabbitmq-management", "RABBITMQ_MANAGEMENT_OIDC_SECRET", ("rabbitmq",), True),
]


def test_where_the_secrets_of_clients_are_used() -> None:
    """C8: names of containers differ from client ids, and two are left out of the stated command."""
    expansion = cdm()

    found = [(one.client, one.variable, one.containers, one.is_stated) for one in expansion.client_secrets]

    assert found == SECRETS
    assert expansion.restart is not None
    assert expansion.restart.file == "provider-stack/.env"
    assert expansion.restart.command == "docker compose restart iot-bridge-api grafana rabbitmq keycloak"
    assert expansion.restart.containers == ("iot-bridge-api", "grafana", "rabbitmq", "keycloak")


def test_every_open_client_says_why() -> None:
    """C4: allowed, and never without the reason."""
    expansion = cdm()

    clients = {one.address for one in expansion.state.of_kind(Kind.CLIENT)}

    assert set(expansion.reasons) == clients
    assert {one.key for one in expansion.reasons.values()} == {"wildcards"}


def test_no_mapper_of_the_provider_may_hand_out_one_of_its_roles() -> None:
    """C3: else a tenant's user could make herself cdm-admin of the provider."""
    assert set(cdm().protected_roles) == {one[0] for one in CDM_OPENS}


def test_a_tenant_has_an_identity_provider_once_it_has_joined() -> None:
    """C3: the secret is given out to be sealed, and stands in no settings."""
    blueprint = shipped_one("cdm-tenant")
    assert blueprint is not None
    joined = {
        "tenant_id": "tenant-acme",
        "provider_realm": "https://cdm.example.org/realms/cdm",
        "provider_client": "tenant-acme",
        "provider_secret": "very-secret",
    }
    alone, found = expand(blueprint, {"tenant_id": "tenant-acme"}), expand(blueprint, joined)
    provider = Address(Kind.IDENTITY_PROVIDER, ("cdm",))

    assert provider not in alone.state
    assert provider in found.state
    assert dict(found.secrets) == {provider: {"client_secret": "very-secret"}}
    assert "very-secret" not in repr((found.state, found.parameters, found.catalogue))
    assert links(found, Kind.IDENTITY_PROVIDER_MAPPER) == {("cdm", "platform-admin")}


# --- Platform Mesh (P2, P4, P6) -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lifespan", "longest"), [(60, 36000), (28800, 36000), (36000, 36000), (86400, 86400)]
)
def test_the_longest_session_rises_with_the_lifespan(lifespan: int, longest: int) -> None:
    """P2: the idle time is always the same as the lifespan."""
    fields = mesh(access_token_lifespan=lifespan).state.resources[REALM].fields

    assert fields["access_token_lifespan"] == fields["sso_session_idle"] == lifespan
    assert fields["sso_session_max"] == longest


@pytest.mark.parametrize(("host", "on"), [("", False), ("smtp.example.org", True)])
def test_mail_is_switched_on_with_the_mail_server(host: str, on: bool) -> None:
    """P2"""
    fields = mesh(smtp_host=host, smtp_from="a@example.org").state.resources[REALM].fields

    assert (fields["verify_email"], fields["reset_password_allowed"], "smtp" in fields) == (on, on, on)
    assert fields["registration_allowed"] is False


def test_the_password_of_the_mail_server_is_in_no_settings() -> None:
    """P2: it is given out to be sealed, and not kept among the parameters."""
    found = mesh(smtp_host="smtp.example.org", smtp_from="a@example.org", smtp_password="very-secret")

    assert dict(found.secrets) == {REALM: {"smtp_password": "very-secret"}}
    assert "smtp_password" not in found.parameters
    assert "very-secret" not in repr(found)


def test_the_secrets_of_kubernetes() -> None:
    """P6: one holds a secret, the other metadata of the registration."""
    found = {one.client: (one.name, one.namespace, one.holds_secret) for one in mesh().manifests}

    assert found == {
        "acme": ("portal-client-secret-acme-acme", "default", True),
        "kubectl": ("portal-client-secret-acme-kubectl", "default", False),
    }


def test_the_realm_has_the_name_of_the_workspace() -> None:
    """P1"""
    assert mesh().realm_name == "acme"
    with pytest.raises(WrongParameters) as caught:
        mesh(workspace="")
    assert caught.value.errors == {"workspace": "This must be given."}


# --- MTO (M4) ------------------------------------------------------------------------------------------


def test_comprehensive_rights_have_two_sources_and_both_are_paths() -> None:
    """M4: who is an administrator, and who is in one of the groups."""
    found = mto(cluster_admin_groups=["owners", "keepers"])
    graph = Graph(edges_of(found.state))

    assert graph.reaches(group("owners"), role("console-administrator"))
    assert graph.reaches(group("keepers"), role("console-administrator"))
    boss = somebody(found.state, "console-administrator")
    assert cell(found, boss, "mto:everything").mark is Mark.ALLOWED
    assert cell(found, somebody(found.state, "other"), "mto:everything").mark is Mark.NONE


@pytest.mark.parametrize(("given", "made"), [("mto", {("mto",)}), ("", set())])
def test_the_default_user_is_declared_or_not(given: str, made: set[tuple[str, ...]]) -> None:
    """M1"""
    assert links(mto(default_user=given), Kind.PERSON) == made


# --- all of them ---------------------------------------------------------------------------------------

LEAST: dict[str, dict[str, Any]] = {
    "kdb-insights": {},
    "prokube": {},
    "cdm-provider": {},
    "cdm-tenant": {"tenant_id": "tenant-acme"},
    "platform-mesh": {"workspace": "acme", "base_domain": "mesh.example.org"},
    "mto": {"console_url": "https://console.example.org"},
}


@pytest.mark.parametrize(("key", "parameters"), LEAST.items())
def test_what_was_checked_can_be_kept_and_given_again(key: str, parameters: dict[str, Any]) -> None:
    first = platform(key, **parameters)

    again = platform(key, **first.parameters)

    assert again.state == first.state
    assert again.catalogue == first.catalogue
    assert again.parameters == first.parameters


@pytest.mark.parametrize(("key", "parameters"), LEAST.items())
def test_every_name_of_a_column_is_short_and_every_doubt_is_said(
    key: str, parameters: dict[str, Any]
) -> None:
    catalogue = platform(key, **parameters).catalogue
    known = {one.key for one in catalogue.notes}
    used = {name for one in (*catalogue.capabilities, *catalogue.grants) for name in one.notes}

    assert all(len(one.short) <= 22 for one in (*catalogue.services, *catalogue.capabilities))
    assert used <= known
    assert all(one.says for one in catalogue.notes)


def test_matrix_viewer_reads_by_roles_of_realm_management() -> None:
    """C1, C7"""
    assert links(cdm(), Kind.COMPOSITE_CLIENT_ROLE) == {
        ("matrix-viewer", "realm-management", "view-users"),
        ("matrix-viewer", "realm-management", "query-users"),
        ("matrix-viewer", "realm-management", "view-realm"),
    }
    reader = somebody(State(), client_role("realm-management", "view-users"))
    assert cell(cdm(), reader, "keycloak:read-users").mark is Mark.ALLOWED


@pytest.mark.parametrize(("key", "parameters"), LEAST.items())
def test_no_flow_and_no_binding_is_declared(key: str, parameters: dict[str, Any]) -> None:
    """K5: whichever flow was chosen in Keycloak stays."""
    fields = platform(key, **parameters).state.resources[REALM].fields
    assert not [name for name in fields if name.endswith("_flow")]
