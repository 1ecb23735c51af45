"""An identity provider. A PUT replaces its settings, and without the client secret it forgets that, too.

Measured on Keycloak 26.7.5: the alias cannot be changed ("Identity Provider alias cannot be changed", 400),
another type is ignored without a word, a flow that is not there is answered by an internal error. The client
secret is kept if the mask is sent back, which we never do, and lost if it is left out.
"""

from console.engine.operation import Operation
from console.engine.state import Address, Kind, Resource
from console.keycloak.errors import Changed, Permanent
from console.keycloak.kinds.handler import ObjectHandler, present, resource, unchanged
from console.keycloak.kinds.realm import refuse_missing_flows
from console.keycloak.realm import PAGE, Json, Realm, gathered, is_clear
from console.keycloak.representing import (
    filled,
    lost_if_written,
    masked_keys,
    read_fields,
    refuse_secret_keys,
    shown,
    written,
)
from console.keycloak.secrets import Secret, unsaid

# https://www.keycloak.org/docs-api/latest/rest-api/index.html#IdentityProviderRepresentation
NAMES = {
    "provider": "providerId",
    "display_name": "displayName",
    "enabled": "enabled",
    "trust_email": "trustEmail",
    "link_only": "linkOnly",
    "hide_on_login": "hideOnLogin",
    "store_token": "storeToken",
    "stored_tokens_readable": "addReadTokenRoleOnCreate",
    "first_login_flow": "firstBrokerLoginFlowAlias",
    "post_login_flow": "postBrokerLoginFlowAlias",
}
SECRET = "clientSecret"
_PLACE = ("identity-provider", "instances")


class IdentityProviderHandler(ObjectHandler):
    """Reads and writes identity providers; settings that are not declared, and whose they are, stay."""

    kind = Kind.IDENTITY_PROVIDER

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the identity provider of that alias, with its mappers."""
        found = await provider(realm, address.path[0])
        if found is None:
            return []
        mappers = await mappers_of(realm, found["alias"])
        return [
            _resource(found),
            *(mapper_of(found["alias"], one) for one in mappers if is_clear(one["name"])),
        ]

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return all identity providers."""
        return [_resource(one) for one in await providers(realm)]

    async def create(self, realm: Realm, operation: Operation) -> None:
        """Create it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_identity_providers."""
        after = operation.after or {}
        await _refuse_missing_flows(realm, operation)
        secret = await realm.secret(operation.address, "client_secret")
        named = {"alias": operation.address.path[0]} | written(NAMES, after)
        config = _config({}, after.get("config", {}), secret)
        with unsaid(secret):
            await realm.post(*_PLACE, json=named | {"config": config})

    async def update(self, realm: Realm, operation: Operation) -> None:
        """Change it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_identity_providers."""
        whole, after = await _found(realm, operation), operation.after or {}
        unchanged(operation, _resource(whole))
        if after.get("provider", whole["providerId"]) != whole["providerId"]:
            raise Permanent(
                "The type of an identity provider cannot be changed: make another one. Nothing was sent."
            )
        await _refuse_missing_flows(realm, operation)
        secret = await realm.secret(operation.address, "client_secret")
        config = _config(whole.get("config") or {}, after.get("config", {}), secret)
        with unsaid(secret):
            await realm.put(*_PLACE, whole["alias"], json=whole | written(NAMES, after) | {"config": config})

    async def delete(self, realm: Realm, operation: Operation) -> None:
        """Delete it, with its mappers and the links of people to it.

        https://www.keycloak.org/docs-api/latest/rest-api/index.html#_identity_providers
        """
        found = await _found(realm, operation)
        await realm.delete(*_PLACE, found["alias"])


async def provider(realm: Realm, alias: str) -> Json | None:
    """Return an identity provider in full, or None. Keycloak finds it by its id, too: that is no alias."""
    found = await realm.once(("identity provider", alias), lambda: realm.find(*_PLACE, alias))
    return found if found is not None and found["alias"] == alias else None


async def providers(realm: Realm) -> list[Json]:
    """Return all identity providers in full whose alias is clear."""
    return await realm.once("identity providers", lambda: _providers(realm))


async def _providers(realm: Realm) -> list[Json]:
    found: list[Json] = []
    while True:
        page = await realm.get(*_PLACE, query={"first": len(found), "max": PAGE})
        found += page
        if len(page) < PAGE:
            return [one for one in found if is_clear(one["alias"])]


async def mappers_of(realm: Realm, alias: str) -> list[Json]:
    """Return the mappers of an identity provider; none where that is not there."""
    found = await realm.once(("mappers of", alias), lambda: realm.find(*_PLACE, alias, "mappers"))
    return list(found or [])


async def all_mappers(realm: Realm) -> list[tuple[str, Json]]:
    """Return the mappers of all identity providers, each with the alias: one call for each of these."""
    aliases = [one["alias"] for one in await providers(realm)]
    several = await gathered(mappers_of(realm, alias) for alias in aliases)
    return [(alias, one) for alias, some in zip(aliases, several, strict=True) for one in some]


def mapper_of(alias: str, found: Json) -> Resource:
    """Return one mapper of an identity provider."""
    fields = {"type": found["identityProviderMapper"], "config": dict(found.get("config") or {})}
    return resource(Kind.IDENTITY_PROVIDER_MAPPER, alias, found["name"], fields=fields, id=found["id"])


async def _refuse_missing_flows(realm: Realm, operation: Operation) -> None:
    before, after = operation.before or {}, operation.after or {}
    flows = {name: after.get(name) for name in ("first_login_flow", "post_login_flow")}
    await refuse_missing_flows(
        realm, {name: flow for name, flow in flows.items() if flow and flow != before.get(name)}
    )


def _config(there: Json, wanted: Json, secret: Secret | None) -> Json:
    """Return all settings. Raises Permanent where a secret would be lost."""
    refuse_secret_keys(wanted, frozenset({SECRET}))
    known = {SECRET: secret.reveal()} if secret else {}
    if masked_keys(there) - known.keys():
        raise lost_if_written("a client secret")
    return filled(there, wanted) | known


async def _found(realm: Realm, operation: Operation) -> Json:
    """Return it as it is now. Raises NotFound, or Changed if it was made anew by somebody else."""
    alias = operation.address.path[0]
    found = present(await provider(realm.again(), alias), what=f"The identity provider “{alias}”")
    if operation.id and found["internalId"] != operation.id:
        raise Changed(
            "Keycloak has another identity provider of this alias now. Nothing was changed.", status=409
        )
    return found


def _resource(found: Json) -> Resource:
    fields = read_fields(Kind.IDENTITY_PROVIDER, NAMES, found) | {"config": shown(found.get("config"))}
    return resource(Kind.IDENTITY_PROVIDER, found["alias"], fields=fields, id=found["internalId"])
