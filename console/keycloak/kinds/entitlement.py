"""What a person or a group is entitled to: values of one attribute, so all of an owner are one write."""

from collections.abc import Sequence

from console.engine.operation import Action, Operation
from console.engine.state import Address, Kind, Resource
from console.keycloak import bulk
from console.keycloak.kinds import group, person
from console.keycloak.kinds.handler import Handler, Owner, resource
from console.keycloak.kinds.profile_attribute import ENTITLEMENTS
from console.keycloak.realm import Json, Realm

PERSON, GROUP = "person", "group"


class EntitlementHandler(Handler):
    """Adds values and takes values away; other values, and other attributes of the owner, stay."""

    kind = Kind.ENTITLEMENT

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the value, if its owner has it."""
        carrier, owner, value = address.path
        found = await (realm.person(owner) if carrier == PERSON else realm.group(owner))
        return [resource(self.kind, carrier, owner, value)] if found and value in _values(found) else []

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return the values of all people and groups."""
        owners = [(PERSON, one["username"], one) for one in await bulk.people(realm)]
        owners += [(GROUP, path, one) for path, one in (await bulk.groups(realm)).clear.items()]
        return [
            resource(self.kind, carrier, name, value)
            for carrier, name, one in owners
            for value in _values(one)
        ]

    def owner(self, operation: Operation) -> Owner:
        """Return the person or the group whose representation is written."""
        carrier, owner, _ = operation.address.path
        return person.owner_of(owner) if carrier == PERSON else group.owner_of(owner)

    async def write(self, realm: Realm, operations: Sequence[Operation]) -> None:
        """Write the attribute once for all values; a write that would change nothing is left out.

        https://www.keycloak.org/docs-api/latest/rest-api/index.html#_users and `#_groups`
        """
        carrier, owner, _ = operations[0].address.path
        if carrier == PERSON:
            whole = await person.whole_person(realm, owner)
        else:
            whole = await group.whole_group(realm, owner)
        values = _changed(_values(whole), operations)
        if values == _values(whole):
            return
        whole["attributes"] = (whole.get("attributes") or {}) | {ENTITLEMENTS: sorted(values)}
        await (person.put_person(realm, whole) if carrier == PERSON else group.put_group(realm, whole))


def _values(owner: Json) -> set[str]:
    return set((owner.get("attributes") or {}).get(ENTITLEMENTS, []))


def _changed(values: set[str], operations: Sequence[Operation]) -> set[str]:
    gone = {one.address.path[2] for one in operations if one.action is Action.DELETE}
    added = {one.address.path[2] for one in operations if one.action is Action.CREATE}
    return (values - gone) | added
