"""A mapper of an identity provider. Its settings are managed whole: each key changes what it does."""

from console.engine.operation import Operation
from console.engine.state import Address, Kind, Resource
from console.keycloak.kinds.handler import UNCLEAR, ObjectHandler, present, unchanged
from console.keycloak.kinds.identity_provider import all_mappers, mapper_of, mappers_of
from console.keycloak.realm import Json, Realm, is_clear


class IdentityProviderMapperHandler(ObjectHandler):
    """Reads and writes type and settings of mappers; nothing refers to them, so they are not renamed."""

    kind = Kind.IDENTITY_PROVIDER_MAPPER

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the mapper of that name of that identity provider."""
        alias, name = address.path
        found = await _named(realm, alias, name)
        return [mapper_of(alias, found)] if found else []

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return the mappers of all identity providers."""
        some = await all_mappers(realm)
        return [mapper_of(alias, one) for alias, one in some if is_clear(one["name"])]

    async def unclear(self, realm: Realm) -> dict[Address, str]:
        """Return the mappers whose names are no names for us."""
        unclear = [
            (alias, one["name"]) for alias, one in await all_mappers(realm) if not is_clear(one["name"])
        ]
        return {Address(self.kind, path): UNCLEAR for path in unclear}

    async def create(self, realm: Realm, operation: Operation) -> None:
        """Create it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_identity_providers.

        Keycloak refuses a second one of the name, with 400.
        """
        alias, name = operation.address.path
        named = {"name": name, "identityProviderAlias": alias}
        await realm.post(*_models(alias), json=named | _representation(operation))

    async def update(self, realm: Realm, operation: Operation) -> None:
        """Change it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_identity_providers."""
        alias, name = operation.address.path
        whole = present(await _named(realm.again(), alias, name), what=f"The mapper “{name}”")
        unchanged(operation, mapper_of(alias, whole))
        await realm.put(*_models(alias), whole["id"], json=whole | _representation(operation))

    async def delete(self, realm: Realm, operation: Operation) -> None:
        """Delete it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_identity_providers."""
        alias, name = operation.address.path
        found = present(await _named(realm.again(), alias, name), what=f"The mapper “{name}”")
        await realm.delete(*_models(alias), found["id"])


def _models(alias: str) -> tuple[str, ...]:
    return ("identity-provider", "instances", alias, "mappers")


async def _named(realm: Realm, alias: str, name: str) -> Json | None:
    return next((one for one in await mappers_of(realm, alias) if one["name"] == name), None)


def _representation(operation: Operation) -> Json:
    names, after = {"type": "identityProviderMapper", "config": "config"}, operation.after or {}
    return {names[name]: value for name, value in after.items()}
