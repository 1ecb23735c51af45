"""A client. Only managed fields are sent: Keycloak keeps what is absent, so no secret ever goes round.

Measured on Keycloak 26.7.5: a PUT keeps absent keys, replaces lists, and merges attributes, of which an empty
one is taken away. Its scopes, mappers and roles are kinds of their own, which a PUT leaves
alone.
"""

from console.engine.operation import Operation
from console.engine.state import Address, Kind, Resource
from console.keycloak import clients, layout
from console.keycloak.errors import Changed
from console.keycloak.kinds.client_role import role_of
from console.keycloak.kinds.handler import (
    ObjectHandler,
    free_id_of_ours,
    present,
    resource,
    unchanged,
)
from console.keycloak.kinds.mapper import mappers_of
from console.keycloak.layout import Layout
from console.keycloak.realm import Json, Realm
from console.keycloak.secrets import Secret, unsaid
from console.transport import LONG

# https://www.keycloak.org/docs-api/latest/rest-api/index.html#ClientRepresentation
LAYOUT = Layout(
    {
        "name": layout.text("name"),
        "description": layout.text("description"),
        "enabled": layout.flag("enabled"),
        "protocol": layout.text("protocol"),
        "public": layout.flag("publicClient"),
        "redirect_uris": layout.texts("redirectUris"),
        "web_origins": layout.texts("webOrigins"),
        "post_logout_redirect_uris": layout.texts_attribute("post.logout.redirect.uris"),
        "root_url": layout.text("rootUrl"),
        "base_url": layout.text("baseUrl"),
        "admin_url": layout.text("adminUrl"),
        "standard_flow": layout.flag("standardFlowEnabled"),
        "implicit_flow": layout.flag("implicitFlowEnabled"),
        "direct_access_grants": layout.flag("directAccessGrantsEnabled"),
        "service_accounts": layout.flag("serviceAccountsEnabled"),
        "device_flow": layout.flag_attribute("oauth2.device.authorization.grant.enabled"),
        "full_scope_allowed": layout.flag("fullScopeAllowed"),
        "consent_required": layout.flag("consentRequired"),
        "pkce_method": layout.text_attribute("pkce.code.challenge.method"),
        "authenticator": layout.text("clientAuthenticatorType"),
        "access_token_lifespan": layout.number_attribute("access.token.lifespan"),
        "lightweight_token": layout.flag_attribute("client.use.lightweight.access.token.enabled"),
        "frontchannel_logout": layout.flag("frontchannelLogout"),
        "backchannel_logout_url": layout.text_attribute("backchannel.logout.url"),
    },
    own=frozenset(
        {
            "client.secret.creation.time",
            "client.secret.expiration.time",
            "client.secret.rotated",
            "client.secret.rotated.creation.time",
            "client.secret.rotated.expiration.time",
            "realm_client",
            "saml.artifact.binding.identifier",
            "saml.encryption.private.key",
            "saml.signing.private.key",
        }
    ),
)


class ClientHandler(ObjectHandler):
    """Reads and writes the managed fields of clients; all else about a client stays."""

    kind = Kind.CLIENT

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the client with its roles and mappers, and the one that has the known id under another."""
        id, found = realm.id_of(address), await clients.client(realm, address.path[0])
        here = await _with_all_inside(realm, found)
        if not id or (found and found["id"] == id):
            return here
        return here + await _with_all_inside(realm, await clients.client_of_id(realm, id))

    async def read_alone(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the client without its roles, which are a call of their own."""
        found = await clients.client(realm, address.path[0])
        return [_resource(found)] if found else []

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return all clients, Keycloak's own among them."""
        return [_resource(one) for one in (await clients.all_clients(realm)).values()]

    async def create(self, realm: Realm, operation: Operation) -> None:
        """Create it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_clients."""
        name = operation.address.path[0]
        named = {"id": await free_id_of_ours(realm, operation.address, "clients"), "clientId": name}
        json = named | _new(operation)
        secret = await realm.secret(operation.address, "secret")
        with unsaid(secret):
            # For one of SAML Keycloak makes keys, which takes it up to ten seconds.
            await realm.post("clients", json=json | _secret(secret), patience=LONG)

    async def update(self, realm: Realm, operation: Operation) -> None:
        """Change it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_clients."""
        name = operation.address.path[0]
        found = await _found(realm, operation, name)
        unchanged(operation, _resource(found))
        await _put(realm, found, operation)

    async def rename(self, realm: Realm, operation: Operation) -> None:
        """Give it another client id: its id, its roles, its secret and its service account stay.

        https://www.keycloak.org/docs-api/latest/rest-api/index.html#_clients
        """
        assert operation.was is not None
        await _put(realm, await _found(realm, operation, operation.was.path[0]), operation)

    async def delete(self, realm: Realm, operation: Operation) -> None:
        """Delete it, unless roles that nobody has seen would go with it.

        https://www.keycloak.org/docs-api/latest/rest-api/index.html#_clients
        """
        found = await _found(realm, operation, operation.address.path[0])
        roles = await clients.roles_of(realm.again(), found["id"])
        if {one["id"] for one in roles.values()} - realm.known_groups:
            raise Changed("The client has roles that nobody has seen: they would be deleted with it.")
        await realm.delete("clients", found["id"])


def _new(operation: Operation) -> Json:
    """Return what a new client is made of.

    The protocol is left out where it is Keycloak's default: where it is named, Keycloak allows a client with
    a root URL, even an empty one, and without redirect URIs, to redirect to everything below that root. From
    there on a PUT adds nothing.
    https://github.com/keycloak/keycloak/blob/main/services/src/main/java/org/keycloak/protocol/oidc/OIDCLoginProtocolFactory.java
    """
    made = LAYOUT.representation(operation.after or {})
    return {key: value for key, value in made.items() if (key, value) != ("protocol", "openid-connect")}


async def _put(realm: Realm, found: Json, operation: Operation) -> None:
    """Send what is managed, and that there are no web origins: else Keycloak makes some of redirect URIs."""
    kept: Json = {} if found.get("webOrigins") else {"webOrigins": []}
    json = kept | {"clientId": operation.address.path[0]} | LAYOUT.representation(operation.after or {})
    secret = await realm.secret(operation.address, "secret")
    with unsaid(secret):
        await realm.put("clients", found["id"], json=json | _secret(secret))


def _secret(secret: Secret | None) -> Json:
    return {} if secret is None else {"secret": secret.reveal()}


async def _found(realm: Realm, operation: Operation, name: str) -> Json:
    """Return a client as it is now. Raises NotFound, or Changed when it was renamed meanwhile."""
    what = f"The client “{name}”"
    if not operation.id:
        return present(await clients.client(realm.again(), name), what=what)
    found = present(await realm.find("clients", operation.id), what=what)
    if found["clientId"] != name:
        raise Changed(f"{what} was renamed in Keycloak meanwhile.", status=409)
    return found


async def _with_all_inside(realm: Realm, found: Json | None) -> list[Resource]:
    if found is None:
        return []
    roles = await clients.roles_of(realm, found["id"])
    inside = [role_of(found["clientId"], one) for one in roles.values()]
    return [_resource(found), *inside, *mappers_of(Kind.CLIENT_MAPPER, found)]


def _resource(found: Json) -> Resource:
    return resource(Kind.CLIENT, found["clientId"], fields=LAYOUT.fields(found), id=found["id"])
