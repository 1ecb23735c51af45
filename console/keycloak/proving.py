"""What an import call has made, proven by one of its people: all that she has is read back.

A call is one transaction: Keycloak adds everybody in it with all groups and roles that were named, or nobody
(docs/adr/0008). To read every link of very many people costs Keycloak as much as to make them.
"""

import asyncio
from collections.abc import Sequence

from console.engine.state import Kind
from console.keycloak.errors import KeycloakError, understood
from console.keycloak.kinds.membership import groups_of
from console.keycloak.new_people import NewPerson
from console.keycloak.realm import Realm, group_path


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
