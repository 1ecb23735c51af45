"""A real realm of the console's operators, with people, and with a signing key that the tests know too."""

import base64
import datetime
import uuid
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from console.keycloak.client import Client
from console.transport import LONG, run

CLIENT_ID = "gatehouse-console"
CLIENT_SECRET = "secret-of-a-test-realm"
PASSWORD = "a long password of a test"
ROLES = ("gatehouse-admin", "gatehouse-auditor", "gatehouse-superuser")

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class TestRealm:
    """The realm, how to change it, and the private key with which Keycloak signs its tokens."""

    __test__ = False

    admin: Client
    name: str
    issuer: str
    key: rsa.RSAPrivateKey

    def path(self, *rest: str) -> tuple[str, ...]:
        return ("admin", "realms", self.name, *rest)

    def get(self, *rest: str, **query: Any) -> Any:
        return run(self.admin.get(self.path(*rest), query=query)).json

    def person(self, username: str) -> Json:
        return self.get("users", username=username, exact=True)[0]

    def edit_person(self, username: str, **fields: Any) -> None:
        person = self.person(username)
        run(self.admin.put(self.path("users", person["id"]), json=person | fields))

    def delete_person(self, username: str) -> None:
        run(self.admin.delete(self.path("users", self.person(username)["id"])))

    def sign_out_everywhere(self, username: str) -> None:
        run(self.admin.post(self.path("users", self.person(username)["id"], "logout")))

    def sessions_of(self, username: str) -> list[Json]:
        return self.get("users", self.person(username)["id"], "sessions")

    def add_person(self, username: str, **fields: Any) -> None:
        run(self.admin.post(self.path("users"), json=person(username, **fields)))

    def give_role(self, username: str, role: str) -> None:
        run(self.admin.post(self._roles_of(username), json=[self.get("roles", role)]))

    def take_role(self, username: str, role: str) -> None:
        run(self.admin.delete(self._roles_of(username), json=[self.get("roles", role)]))

    def sign_id_tokens_with(self, algorithm: str) -> None:
        client = self.get("clients", clientId=CLIENT_ID)[0]
        attributes = client["attributes"] | {"id.token.signed.response.alg": algorithm}
        run(self.admin.put(self.path("clients", client["id"]), json=client | {"attributes": attributes}))

    def add_key(self, *, priority: int) -> str:
        """Let Keycloak make another RSA key; return the id of its component."""
        new = {
            "id": str(uuid.uuid4()),
            "name": f"rotated-{priority}",
            "providerId": "rsa-generated",
            "providerType": "org.keycloak.keys.KeyProvider",
            "config": {"priority": [str(priority)], "algorithm": ["RS256"]},
        }
        run(self.admin.post(self.path("components"), json=new))
        return new["id"]

    def remove_key(self, component: str) -> None:
        run(self.admin.delete(self.path("components", component)))

    def _roles_of(self, username: str) -> tuple[str, ...]:
        return self.path("users", self.person(username)["id"], "role-mappings", "realm")


def make_realm(*, admin: Client, url: str, name: str, console_url: str) -> TestRealm:
    """Make the realm on the Keycloak at `url`, for a console at `console_url`."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    run(admin.post(("admin", "realms"), json=_realm(name, console_url, key), patience=LONG))
    return TestRealm(admin=admin, name=name, issuer=f"{url}/realms/{name}", key=key)


def person(
    username: str, *, roles: tuple[str, ...] = (), groups: tuple[str, ...] = (), **fields: Any
) -> Json:
    """A person with the test password and no required action."""
    return {
        "username": username,
        "email": f"{username}@example.org",
        "firstName": username.title(),
        "lastName": "Test",
        "enabled": True,
        "emailVerified": True,
        "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}],
        "realmRoles": list(roles),
        "groups": list(groups),
    } | fields


def _realm(name: str, console_url: str, key: rsa.RSAPrivateKey) -> Json:
    return {
        "realm": name,
        "enabled": True,
        "sslRequired": "none",
        "accessTokenLifespan": 300,
        "ssoSessionIdleTimeout": 1800,
        "registrationAllowed": False,
        "roles": {"realm": [{"name": role} for role in (*ROLES, "viewer")]},
        "groups": [
            {"name": "tenants", "subGroups": [{"name": "acme", "subGroups": [{"name": "admins"}]}]},
            {"name": "operations"},
        ],
        "users": [
            person("ada", roles=("gatehouse-admin",)),
            person("otto", roles=("gatehouse-auditor",)),
            person("sue", roles=("gatehouse-admin", "gatehouse-superuser")),
            person("tina", groups=("/tenants/acme/admins",)),
            person("olga", groups=("/operations",)),
            person("vera", roles=("viewer",)),
        ],
        "clients": [_client(console_url)],
        "components": {"org.keycloak.keys.KeyProvider": [_known_key(key)]},
    }


def _client(console_url: str) -> Json:
    return {
        "clientId": CLIENT_ID,
        "secret": CLIENT_SECRET,
        "publicClient": False,
        "standardFlowEnabled": True,
        "directAccessGrantsEnabled": False,
        "redirectUris": [f"{console_url}/oidc/callback/"],
        "fullScopeAllowed": True,
        "defaultClientScopes": ["basic", "profile", "email"],
        "attributes": {
            "pkce.code.challenge.method": "S256",
            "post.logout.redirect.uris": f"{console_url}/",
            "backchannel.logout.url": f"{console_url}/oidc/backchannel-logout/",
            "backchannel.logout.session.required": "true",
        },
        "protocolMappers": [
            _mapper("groups", "oidc-group-membership-mapper", {"full.path": "true"}),
            _mapper(
                "roles",
                "oidc-usermodel-realm-role-mapper",
                {"multivalued": "true", "jsonType.label": "String"},
            ),
        ],
    }


def _mapper(claim: str, kind: str, config: dict[str, str]) -> Json:
    return {
        "name": claim,
        "protocol": "openid-connect",
        "protocolMapper": kind,
        "config": {"claim.name": claim, "id.token.claim": "true", **config},
    }


def _known_key(key: rsa.RSAPrivateKey) -> Json:
    """An imported RSA key of the highest priority: Keycloak uses it, and the tests hold it too."""
    config = {
        "privateKey": [
            _pem_body(
                key.private_bytes(
                    serialization.Encoding.DER,
                    serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                )
            )
        ],
        "certificate": [_pem_body(_certificate(key))],
        "active": ["true"],
        "enabled": ["true"],
        "priority": ["900"],
        "algorithm": ["RS256"],
    }
    return {"name": "known", "providerId": "rsa", "id": str(uuid.uuid4()), "config": config}


def _pem_body(der: bytes) -> str:
    return base64.b64encode(der).decode()


def _certificate(key: rsa.RSAPrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test realm")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - datetime.timedelta(days=1),
        not_valid_after=now + datetime.timedelta(days=30),
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
