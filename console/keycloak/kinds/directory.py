"""A user directory: a component that keeps people elsewhere, in LDAP for example, with its mappers."""

from console.engine.operation import Operation
from console.engine.state import Address, Kind, Resource
from console.keycloak.components import (
    STORAGE,
    TWINS,
    directories,
    directory,
    id_of_new,
    inside,
    only,
    settings,
    twins,
)
from console.keycloak.errors import Changed, Conflict, Permanent
from console.keycloak.kinds.handler import UNCLEAR, ObjectHandler, present, resource
from console.keycloak.kinds.handler import unchanged as as_decided
from console.keycloak.realm import Json, Realm, is_clear
from console.keycloak.representing import masked_keys, refuse_secret_keys, shown
from console.keycloak.secrets import Secret, unsaid

SECRETS = frozenset({"bindCredential"})
TO = "connectionUrl"  # where the bind password is sent
ELSEWHERE = (
    "Keycloak holds a bind password that nobody can read: enter it again to use another connection URL. "
    "Nothing was sent."
)


class DirectoryHandler(ObjectHandler):
    """Reads and writes the settings of directories; settings that are not declared stay."""

    kind = Kind.DIRECTORY

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the directory with its mappers, and the one that has the known id under another name."""
        id, some = realm.id_of(address), await directories(realm)
        here = only(some, address.path[0], id=id)
        elsewhere = next((one for one in some if one["id"] == id and one is not here), None)
        return [part for one in (here, elsewhere) if one for part in await _with_all_inside(realm, one)]

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return all directories that have a name of their own."""
        some = await directories(realm)
        return [_resource(one) for one in some if one["name"] not in twins(some) and is_clear(one["name"])]

    async def unclear(self, realm: Realm) -> dict[Address, str]:
        """Return the names that several have, and those that are no names for us."""
        some = await directories(realm)
        unclear = {one["name"]: UNCLEAR for one in some if not is_clear(one["name"])}
        return {
            Address(self.kind, (name,)): why
            for name, why in (unclear | dict.fromkeys(twins(some), TWINS)).items()
        }

    async def create(self, realm: Realm, operation: Operation) -> None:
        """Create it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_component."""
        name, fresh, after = operation.address.path[0], realm.again(), operation.after or {}
        await _refuse_taken(fresh, name)
        parent = present(await fresh.representation(), what="The realm")["id"]
        named = {"id": await id_of_new(fresh, parent, name), "name": name}
        placed = {"providerId": after.get("provider", "ldap"), "providerType": STORAGE, "parentId": parent}
        secret = await realm.secret(operation.address, "bind_credential")
        config = _config({}, after.get("config", {}), secret)
        with unsaid(secret):
            await realm.post("components", json=named | placed | {"config": config})

    async def update(self, realm: Realm, operation: Operation) -> None:
        """Change it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_component."""
        whole, after = await _found(realm, operation, operation.address.path[0]), operation.after or {}
        as_decided(operation, _resource(whole))
        if after.get("provider", whole["providerId"]) != whole["providerId"]:
            raise Permanent("The type of a directory cannot be changed: make another one. Nothing was sent.")
        await _put(realm, whole, operation)

    async def rename(self, realm: Realm, operation: Operation) -> None:
        """Rename it: its id, its mappers and the people from it stay."""
        assert operation.was is not None
        whole = await _found(realm, operation, operation.was.path[0])
        await _refuse_taken(realm.again(), operation.address.path[0])
        await _put(realm, whole, operation)

    async def delete(self, realm: Realm, operation: Operation) -> None:
        """Delete it, with its mappers and the people that were imported from it.

        https://www.keycloak.org/docs-api/latest/rest-api/index.html#_component
        """
        found = await _found(realm, operation, operation.address.path[0])
        await realm.delete("components", found["id"])


async def _refuse_taken(realm: Realm, name: str) -> None:
    """Raise Conflict for a name that another directory has: Keycloak itself would take two."""
    if any(one["name"] == name for one in await directories(realm)):
        raise Conflict(f"A directory “{name}” exists already.", status=409)


async def _put(realm: Realm, whole: Json, operation: Operation) -> None:
    wanted = (operation.after or {}).get("config", {})
    secret = await realm.secret(operation.address, "bind_credential")
    there = whole.get("config") or {}
    if not secret and masked_keys(there) & SECRETS and _goes_elsewhere(shown(there), wanted):
        raise Permanent(ELSEWHERE)
    named = {"name": operation.address.path[0], "config": _config(there, wanted, secret)}
    with unsaid(secret):
        await realm.put("components", whole["id"], json=whole | named)


def _goes_elsewhere(there: Json, wanted: Json) -> bool:
    return TO in wanted and wanted[TO] != there.get(TO, "")


def _config(there: Json, wanted: Json, secret: Secret | None) -> Json:
    refuse_secret_keys(wanted, SECRETS)
    known = {"bindCredential": [secret.reveal()]} if secret else {}
    return settings(there, wanted) | known


async def _found(realm: Realm, operation: Operation, name: str) -> Json:
    """Return a directory as it is now. Raises NotFound, or Changed when it was renamed meanwhile."""
    what = f"The directory “{name}”"
    if not operation.id:
        return present(await directory(realm.again(), name), what=what)
    some = await directories(realm.again())
    found = present(next((one for one in some if one["id"] == operation.id), None), what=what)
    if found["name"] != name:
        raise Changed(f"{what} was renamed in Keycloak meanwhile.", status=409)
    return found


async def _with_all_inside(realm: Realm, found: Json) -> list[Resource]:
    mappers = await inside(realm, found)
    alone = [one for one in mappers if one["name"] not in twins(mappers)]
    return [_resource(found), *(mapper_of(found, one) for one in alone if is_clear(one["name"]))]


def mapper_of(parent: Json, found: Json) -> Resource:
    """Return one mapper of a directory."""
    fields = {"type": found["providerId"], "config": shown(found.get("config"))}
    return resource(Kind.DIRECTORY_MAPPER, parent["name"], found["name"], fields=fields, id=found["id"])


def _resource(found: Json) -> Resource:
    fields = {"provider": found["providerId"], "config": shown(found.get("config"))}
    return resource(Kind.DIRECTORY, found["name"], fields=fields, id=found["id"])
