"""What an import call has made, proven by one of its people: all that she has is read back.

A call is one transaction: Keycloak adds everybody in it with all groups and roles that were named, or nobody
(docs/adr/0008). To read every link of very many people costs Keycloak as much as to make them.
"""

import asyncio
from collections.abc import Mapping, Sequence

from console.engine.state import Address, Kind, Resource
from console.keycloak.errors import KeycloakError, understood
from console.keycloak.kinds.membership import groups_of
from console.keycloak.kinds.person import person_in
from console.keycloak.new_people import NewPerson
from console.keycloak.realm import Json, Realm, gathered, group_path
from console.portions import portions
from console.transport import Query

A_CALL = 50  # ids in one question: more of them would make its address too long


async def is_proven(realm: Realm, people: Sequence[NewPerson]) -> bool:
    """Tell whether whoever of these people was given most has it. They were made, so their ids are known.

    Where that cannot be said, each link must be read back.
    """
    witness = max(people, key=lambda one: len(one.links))
    try:
        with understood():
            return await _has_all(realm.again(), witness, realm.seen[witness.creation.address])
    except KeycloakError:
        return False


async def _has_all(realm: Realm, person: NewPerson, id: str) -> bool:
    """Tell whether somebody is in all groups and has all roles that she was created with.

    https://www.keycloak.org/docs-api/latest/rest-api/index.html#_role_mapper
    """
    groups, roles = await asyncio.gather(
        groups_of(realm, id), realm.get("users", id, "role-mappings", "realm")
    )
    paths, names = {group_path(one) for one in groups}, {one["name"] for one in roles}
    return paths.issuperset(person.names_of(Kind.MEMBERSHIP)) and names.issuperset(
        person.names_of(Kind.PERSON_ROLE)
    )


async def made_of(realm: Realm, people: Sequence[NewPerson]) -> Mapping[Address, Resource]:
    """Return these people as they stand in Keycloak, asked for by the ids that they were made with.

    Where that cannot be said there are none, and each must be read back by herself.
    """
    ids = [realm.seen[one.creation.address] for one in people]
    try:
        with understood():
            found = await gathered(_by_ids(realm, some) for some in portions(ids, A_CALL))
    except KeycloakError:
        return {}
    there = (person_in(one) for some in found for one in some)
    return {one.address: one for one in there}


async def _by_ids(realm: Realm, ids: Sequence[str]) -> list[Json]:
    """Look people up by their ids, in brief: their attributes cost more than all else.

    https://www.keycloak.org/docs-api/latest/rest-api/index.html#_users
    """
    query: Query = {"search": f"id:{' '.join(ids)}", "max": len(ids), "briefRepresentation": True}
    found: list[Json] = await realm.get("users", query=query)
    return found
