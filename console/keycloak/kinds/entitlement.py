"""What a person, a group or a service account is entitled to: values of one attribute, one write an owner."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from console.engine.operation import Action, Operation
from console.engine.state import Address, Kind, Resource
from console.keycloak import bulk, clients
from console.keycloak.errors import Forbidden, understood
from console.keycloak.kinds import group, person
from console.keycloak.kinds.handler import Handler, Owner, resource
from console.keycloak.kinds.profile_attribute import ENTITLEMENTS
from console.keycloak.kinds.service_membership import needed_service_user, service_user
from console.keycloak.realm import Json, Realm


@dataclass(frozen=True)
class Carrier:
    """Those who can be entitled to something: how one is found, is read before a write, and is written."""

    find: Callable[[Realm, str], Awaitable[Json | None]]
    all: Callable[[Realm], Awaitable[dict[str, Json]]]
    whole: Callable[[Realm, str], Awaitable[Json]]
    put: Callable[[Realm, Json], Awaitable[None]]
    owner_of: Callable[[str], Owner]


async def _people(realm: Realm) -> dict[str, Json]:
    return {one["username"]: one for one in await bulk.people(realm)}


async def _groups(realm: Realm) -> dict[str, Json]:
    return (await bulk.groups(realm)).clear


async def _account(realm: Realm, client: str) -> Json:
    return await needed_service_user(realm.again(), client)


def _account_of(client: str) -> Owner:
    return (Kind.CLIENT, "service account", client)


CARRIERS = {
    Kind.PERSON: Carrier(Realm.person, _people, person.whole_person, person.put_person, person.owner_of),
    Kind.GROUP: Carrier(Realm.group, _groups, group.whole_group, group.put_group, group.owner_of),
    # A service account is a person without a password: Keycloak writes it by the same call.
    Kind.CLIENT: Carrier(service_user, clients.service_users, _account, person.put_person, _account_of),
}


class EntitlementHandler(Handler):
    """Adds values and takes values away; other values, and other attributes of the owner, stay."""

    kind = Kind.ENTITLEMENT

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the value, if its owner has it."""
        carrier, owner, value = address.path
        found = await CARRIERS[Kind(carrier)].find(realm, owner)
        return [resource(self.kind, carrier, owner, value)] if found and value in _values(found) else []

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return the values of all people, groups and, where clients are shown, service accounts."""
        hidden = {Kind.CLIENT} if await self._hidden(realm) else set()
        return [
            resource(self.kind, kind, name, value)
            for kind, carrier in CARRIERS.items()
            if kind not in hidden
            for name, one in (await carrier.all(realm)).items()
            for value in _values(one)
        ]

    async def unclear(self, realm: Realm) -> dict[Address, str]:
        """Return that those of service accounts are hidden, where clients are."""
        why = await self._hidden(realm)
        return {Address(self.kind, (Kind.CLIENT, "*", "*")): why} if why else {}

    async def _hidden(self, realm: Realm) -> str:
        try:
            with understood():
                await clients.service_users(realm)
        except Forbidden as error:
            return error.sentence
        return ""

    def owner(self, operation: Operation) -> Owner:
        """Return whose representation is written."""
        carrier, owner, _ = operation.address.path
        return CARRIERS[Kind(carrier)].owner_of(owner)

    async def write(self, realm: Realm, operations: Sequence[Operation]) -> None:
        """Write the attribute once for all values; a write that would change nothing is left out.

        https://www.keycloak.org/docs-api/latest/rest-api/index.html#_users and `#_groups`
        """
        kind, owner, _ = operations[0].address.path
        carrier = CARRIERS[Kind(kind)]
        whole = await carrier.whole(realm, owner)
        values = _changed(_values(whole), operations)
        if values == _values(whole):
            return
        whole["attributes"] = (whole.get("attributes") or {}) | {ENTITLEMENTS: sorted(values)}
        await carrier.put(realm, whole)


def _values(owner: Json) -> set[str]:
    return set((owner.get("attributes") or {}).get(ENTITLEMENTS, []))


def _changed(values: set[str], operations: Sequence[Operation]) -> set[str]:
    gone = {one.address.path[2] for one in operations if one.action is Action.DELETE}
    added = {one.address.path[2] for one in operations if one.action is Action.CREATE}
    return (values - gone) | added
