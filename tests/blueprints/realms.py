"""What blueprints declare, brought to the real Keycloak by the ordinary engine, and what is there then."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from console.blueprints.expand import expand
from console.blueprints.model import Expansion
from console.blueprints.shipped import shipped_one
from console.engine.apply import Ending, apply
from console.engine.kinds import managed
from console.engine.memory_ledger import MemoryLedger
from console.engine.plan import Plan, plan
from console.engine.state import Resource, Selection, State
from console.keycloak.target import KeycloakTarget
from console.transport import Secret
from tests.keycloak.world import World
from tests.tokens import claims

PASSWORD = "a-Long-Password-7"

# What each shipped blueprint is asked for, by name of the case: the least, and all that it can be asked for.
SMTP = {
    "smtp_host": "smtp.example.org",
    "smtp_port": 465,
    "smtp_from": "accounts@example.org",
    "smtp_security": "tls",
    "smtp_user": "mailer",
    "smtp_password": "pw-of-the-mail-server",
}
MESH = {"workspace": "acme", "base_domain": "mesh.example.org"}
CASES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "kdb": ("kdb-insights", {}),
    "kdb-all": (
        "kdb-insights",
        {
            "namespace": "prod",
            "enforced": False,
            "second_auditing_role": "insights.role.maintainer",
            "start_stop_needs": "WRITE",
            "entitlements_admin_opens_entities": True,
            "with_example": True,
            **SMTP,
        },
    ),
    "prokube": ("prokube", {}),
    "prokube-all": (
        "prokube",
        {
            "workspace_tree": "narrow",
            "user_group": "People",
            "admin_group": "Keepers",
            "user_role": "people",
            "admin_role": "keepers",
            "more_user_roles": ["dashboards"],
            "more_admin_roles": ["boards", "bills"],
        },
    ),
    "cdm": ("cdm-provider", {}),
    "cdm-literal": (
        "cdm-provider",
        {
            "rabbitmq_scopes": "literal",
            "rabbitmq_resource_server": "",
            "redirects": ["https://cdm.example.org/callback"],
            "origins": ["https://cdm.example.org"],
        },
    ),
    "cdm-tenant": ("cdm-tenant", {"tenant_id": "tenant-acme"}),
    "cdm-tenant-all": (
        "cdm-tenant",
        {
            "tenant_id": "tenant-acme",
            "redirects": ["https://acme.example.org/callback"],
            "origins": ["https://acme.example.org"],
            "provider_realm": "https://cdm.example.org/auth/realms/cdm",
            "provider_client": "tenant-acme",
            "provider_secret": "pw-of-the-provider",
            "operator_mapping": "cdm-viewer",
        },
    ),
    "mesh": ("platform-mesh", MESH),
    "mesh-all": (
        "platform-mesh",
        {
            **MESH,
            **SMTP,
            "access_token_lifespan": 86400,
            "registration_allowed": True,
            "groups_full_path": True,
            "additional_redirects": ["https://portal.example.org/callback"],
            "kubectl_redirects": ["http://localhost:9000"],
        },
    ),
    "mto": ("mto", {"console_url": "https://console.example.org"}),
    "mto-all": (
        "mto",
        {
            "console_url": "https://console.example.org",
            "realm": "stakater",
            "client_id": "console",
            "cluster_admin_groups": ["owners", "cluster admins"],
            "default_user": "",
            "groups_full_path": True,
        },
    ),
}


def case(name: str) -> Expansion:
    """Return the expansion of a case."""
    key, parameters = CASES[name]
    blueprint = shipped_one(key)
    assert blueprint is not None
    return expand(blueprint, parameters)


@dataclass
class Applied:
    """A realm of the real Keycloak with what was applied to it."""

    world: World
    expansion: Expansion
    book: MemoryLedger = field(default_factory=MemoryLedger)

    def target(self) -> KeycloakTarget:
        kept = {
            address: {name: Secret(value) for name, value in given.items()}
            for address, given in self.expansion.secrets.items()
        }
        return KeycloakTarget(self.world.connection, self.world.name, secrets=lambda one: kept.get(one, {}))

    def apply(self, state: State | None = None) -> "Applied":
        """Bring the realm to what the expansion or another state declares. Fails unless all is done."""
        wanted = state or self.expansion.state
        if not self._run(wanted):
            # Keycloak answers 500 to a new realm while another one is deleted: the next run makes it.
            assert self._run(wanted)
        return self

    def _run(self, wanted: State) -> bool:
        target = self.target()
        found, _ = self._planned(wanted, target)
        assert not found.conflicts, found.conflicts
        assert not found.unreadable, found.unreadable
        report = apply(found, target=target, journal=self.book)
        assert report.state is Ending.DONE or report.sentence.startswith("create the realm"), report
        return report.state is Ending.DONE

    def plan(self, state: State | None = None) -> Plan:
        """Return what would still be done."""
        return self._planned(state or self.expansion.state, self.target())[0]

    def read(self) -> list[Resource]:
        """Return what is declared as it is read back: managed fields only."""
        actual = self._planned(self.expansion.state, self.target())[1]
        found = []
        for wanted in self.expansion.state:
            there = actual.get(wanted.address)
            assert there is not None, wanted.address
            found.append(Resource(wanted.address, managed(wanted.address, there.fields, wanted.fields)))
        return found

    def _planned(self, wanted: State, target: KeycloakTarget) -> tuple[Plan, State]:
        actual = target.read(Selection.all())
        assert actual.unreadable == {}
        facts = dict(self.book.facts)
        found = plan(desired=wanted, actual=actual, ledger=facts, selection=Selection.all())
        return found, actual

    # --- what plain calls see ----------------------------------------------------------------

    def client(self, name: str) -> dict[str, Any]:
        (found,) = self.world.get("clients", clientId=name)
        return dict(found)

    def effective_roles(self, username: str) -> set[str]:
        """Return Keycloak's own answer, without the roles that it gives to everybody."""
        (person,) = self.world.get("users", username=username, exact="true")
        found = self.world.get("users", person["id"], "role-mappings", "realm", "composite")
        own = {"offline_access", "uma_authorization", f"default-roles-{self.world.name}"}
        return {one["name"] for one in found} - own

    def included(self, role: str) -> set[str]:
        """Return what a role is directly composed of; roles of clients as `client/role`."""
        found = self.world.get("roles", role, "composites")
        clients = {one["id"]: one["clientId"] for one in self.world.get("clients")}
        return {
            f"{clients[one['containerId']]}/{one['name']}" if one["clientRole"] else one["name"]
            for one in found
        }

    def person(self, username: str, *roles: str) -> str:
        """Make a person with roles of the realm by plain calls, and return the id."""
        id = self.world.make_person(username)
        secret = {"type": "password", "value": PASSWORD, "temporary": False}
        self.world.put("users", id, "reset-password", json=secret)
        given = [self.world.get("roles", name) for name in roles]
        self.world.post("users", id, "role-mappings", "realm", json=given)
        return id

    def token(self, client: str, username: str, **form: str) -> dict[str, Any]:
        """Sign in with the client's secret, by a password for want of a browser; return the access token.

        Scopes and mappers are those of every flow.
        """
        found = self.client(client)
        self.world.put("clients", found["id"], json=found | {"directAccessGrantsEnabled": True})
        secret = {} if found["publicClient"] else {"client_secret": self._secret(found["id"])}
        form = {"grant_type": "password", "client_id": client, **secret, **form}
        return self._claims(form | {"username": username, "password": PASSWORD})

    def service_token(self, client: str) -> dict[str, Any]:
        """Return the access token that a client gets for its own service account."""
        secret = {"client_id": client, "client_secret": self._secret(self.client(client)["id"])}
        return self._claims({"grant_type": "client_credentials", **secret})

    def _secret(self, id: str) -> str:
        return str(self.world.get("clients", id, "client-secret")["value"])

    def _claims(self, form: Mapping[str, str]) -> dict[str, Any]:
        return claims(self.world.connection, self.world.name, **form)
