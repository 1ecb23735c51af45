"""A person. A PUT with attributes alone would lose e-mail and names, so all is read and sent back."""

from collections.abc import Sequence
from contextlib import suppress

from console.engine.operation import Operation
from console.engine.state import Address, Fields, Kind, Resource
from console.keycloak import bulk
from console.keycloak.errors import Conflict, KeycloakError, Permanent
from console.keycloak.kinds.handler import ObjectHandler, Owner, present, resource, same_name, text, unchanged
from console.keycloak.realm import Json, Realm
from console.transport import Query

# https://www.keycloak.org/docs-api/latest/rest-api/index.html#UserRepresentation
NAMES = {"email": "email", "first_name": "firstName", "last_name": "lastName", "enabled": "enabled"}
# What Keycloak says about a person and does not take back.
_READ_ONLY = frozenset(
    {"access", "createdTimestamp", "disableableCredentialTypes", "totp", "userProfileMetadata"}
)


class PersonHandler(ObjectHandler):
    """Reads and writes e-mail, names and whether a person is enabled; all else about a person stays."""

    kind = Kind.PERSON

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the person of that user name, and the one that has the known id under another name now."""
        id, found = realm.id_of(address), await realm.person(address.path[0])
        here = [person_in(found)] if found else []
        if not id or (found and found["id"] == id):
            return here
        renamed = await realm.find("users", id)
        return here + ([person_in(renamed)] if renamed else [])

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return all people."""
        return [person_in(one) for one in await bulk.people(realm)]

    async def read_many(self, realm: Realm, addresses: Sequence[Address]) -> list[Resource]:
        """Return these people from the complete list, and who has a known id of theirs under another name."""
        people = await bulk.people(realm)
        names = {address.path[0] for address in addresses}
        ids = {realm.id_of(address) for address in addresses}
        return [person_in(one) for one in people if one["username"] in names or one["id"] in ids]

    def owner(self, operation: Operation) -> Owner:
        """Return the person, which its entitlements are written with."""
        return owner_of(operation.address.path[0])

    async def create(self, realm: Realm, operation: Operation) -> None:
        """Create it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_users."""
        whole = representation_of(operation)
        try:
            await realm.post("users", json=whole)
        except Conflict as error:
            raise await _told(realm, whole, error) from error

    async def update(self, realm: Realm, operation: Operation) -> None:
        """Change it. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_users."""
        whole = await whole_person(realm, operation.address.path[0], id=operation.id)
        unchanged(operation, person_in(whole))
        await put_person(realm, whole | _representation(operation.after or {}))

    async def rename(self, realm: Realm, operation: Operation) -> None:
        """Change the user name, where the realm allows it.

        https://www.keycloak.org/docs-api/latest/rest-api/index.html#_users
        """
        assert operation.was is not None
        if not (await realm.representation() or {}).get("editUsernameAllowed"):
            raise Permanent("The realm does not allow user names to be changed (“Edit username” is off).")
        whole = await whole_person(realm, operation.was.path[0], id=operation.id)
        named = {"username": operation.address.path[0]}
        await put_person(realm, whole | _representation(operation.after or {}) | named)

    async def delete(self, realm: Realm, operation: Operation) -> None:
        """Delete it by id. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_users."""
        found = await whole_person(realm, operation.address.path[0], id=operation.id)
        await realm.delete("users", found["id"])


def representation_of(creation: Operation) -> Json:
    """Return somebody who shall be created, without what is empty."""
    filled = {key: value for key, value in (creation.after or {}).items() if value != ""}
    return {"username": creation.address.path[0]} | _representation(filled)


async def _told(realm: Realm, whole: Json, error: Conflict) -> Conflict:
    """Return a conflict that names the e-mail where it is the cause.

    Of two people who come at the same moment, Keycloak tells the second only that something is there twice.
    """
    email = whole.get("email")
    if not email or "mail" in error.sentence:
        return error
    holders: list[Json] = []
    with suppress(KeycloakError):  # the refusal stands, whoever has the e-mail
        query: Query = {"email": email, "exact": True, "briefRepresentation": True, "max": 2}
        holders = await realm.get("users", query=query)
    if any(one["username"] != whole["username"] for one in holders):
        return Conflict(f"Another person of this realm has the e-mail {email}.", status=409)
    return error


async def whole_person(realm: Realm, username: str, *, id: str | None = None) -> Json:
    """Return a person as it is now. Raises NotFound, or Conflict when it was renamed meanwhile."""
    what = f"The person “{username}”"
    if id:
        return same_name(present(await realm.find("users", id), what=what), username, what=what)
    return present(await realm.again().person(username), what=what)


async def put_person(realm: Realm, whole: Json) -> None:
    """Write a whole person. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_users."""
    kept = {key: value for key, value in whole.items() if key not in _READ_ONLY}
    await realm.put("users", whole["id"], json=kept)


def owner_of(username: str) -> Owner:
    """Return the owner of writes that replace the person's representation."""
    return (Kind.PERSON, username)


def _representation(fields: Fields) -> Json:
    return {NAMES[key]: value for key, value in fields.items()}


def person_in(found: Json) -> Resource:
    """Return the person that a representation speaks of, in brief or in full."""
    names = {key: text(found.get(name)) for key, name in NAMES.items() if key != "enabled"}
    fields = names | {"enabled": bool(found.get("enabled"))}
    return resource(Kind.PERSON, found["username"], fields=fields, id=found["id"])
