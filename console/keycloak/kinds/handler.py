"""What each kind of thing must be able to do: be read, and be written so that nothing unmanaged is lost."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from uuid import NAMESPACE_URL, uuid5

from console.engine.kinds import described, managed
from console.engine.operation import Action, Operation
from console.engine.state import Address, Fields, Kind, Resource
from console.keycloak import clients
from console.keycloak.errors import Changed, Conflict, NotFound, Permanent
from console.keycloak.realm import Json, Realm, gathered

Owner = tuple[str, ...]
UNCLEAR = "Its name cannot stand in a call to Keycloak (a slash, for example): rename it there."


class Handler(ABC):
    """Everything about one kind. Objects of Keycloak stay inside: out come resources with managed fields."""

    kind: Kind

    @abstractmethod
    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return what stands at an address, and what stands below it.

        Two, when the known id has another name now and the name is somebody else's.
        Raises Permanent or Temporary when it cannot be said.
        """

    async def read_alone(self, realm: Realm, address: Address) -> list[Resource]:
        """Return at least what stands at an address itself, which is all that a write is compared with."""
        return await self.read(realm, address)

    @abstractmethod
    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return all of this kind, by complete lists."""

    async def unclear(self, realm: Realm) -> dict[Address, str]:
        """Return what is there and not read, each with why: its name could stand in no call, for example."""
        return {}

    async def read_many(self, realm: Realm, addresses: Sequence[Address]) -> list[Resource]:
        """Return what stands at many addresses, once complete lists of what they name were read."""
        found = await gathered(self.read(realm, one) for one in addresses)
        return [one for some in found for one in some]

    def owner(self, operation: Operation) -> Owner:
        """Return the object of Keycloak that the write replaces: one write at a time on each.

        Operations of one kind with one owner become one call of `write`.
        """
        return (self.kind, *operation.address.path)

    @abstractmethod
    async def write(self, realm: Realm, operations: Sequence[Operation]) -> None:
        """Write the operations of one owner. Raises our errors."""


class ObjectHandler(Handler):
    """A kind with objects of its own: each operation is one write of one object."""

    async def write(self, realm: Realm, operations: Sequence[Operation]) -> None:
        """Write one operation after the other."""
        for operation in operations:
            await self._write_one(realm, operation)

    async def _write_one(self, realm: Realm, operation: Operation) -> None:
        if operation.action is Action.CREATE:
            return await self.create(realm, operation)
        if operation.action is Action.DELETE:
            return await self.delete(realm, operation)
        if operation.action is Action.RENAME:
            return await self.rename(realm, operation)
        return await self.update(realm, operation)

    @abstractmethod
    async def create(self, realm: Realm, operation: Operation) -> None:
        """Make it. Raises Conflict when the name is taken."""

    @abstractmethod
    async def update(self, realm: Realm, operation: Operation) -> None:
        """Read all, merge the managed fields, write all."""

    async def rename(self, realm: Realm, operation: Operation) -> None:
        """Give it another name, and the fields of `after`."""
        raise Permanent(f"A {self.kind} cannot be renamed.")

    @abstractmethod
    async def delete(self, realm: Realm, operation: Operation) -> None:
        """Take it away. Raises NotFound when it is gone."""


class LinkHandler(Handler):
    """A kind that only says that two things belong together. Links of one owner are written in one call."""

    def owner(self, operation: Operation) -> Owner:
        """Return the thing whose links are written."""
        return (self.kind, operation.address.path[0])

    async def write(self, realm: Realm, operations: Sequence[Operation]) -> None:
        """Take away first, then give."""
        for action, put in ((Action.DELETE, self.unlink), (Action.CREATE, self.link)):
            links = [one.address for one in operations if one.action is action]
            if links:
                await put(realm, links)

    @abstractmethod
    async def link(self, realm: Realm, links: Sequence[Address]) -> None:
        """Make all links of one owner."""

    @abstractmethod
    async def unlink(self, realm: Realm, links: Sequence[Address]) -> None:
        """Take away all links of one owner."""


def resource(kind: Kind, *path: str, fields: Fields | None = None, id: str | None = None) -> Resource:
    """Return a resource of a kind at a path."""
    return Resource(Address(kind, path), fields or {}, id)


def text(value: object) -> str:
    """Return a text field: Keycloak leaves out what is empty, we say ''."""
    return value if isinstance(value, str) else ""


def present(found: Json | None, *, what: str) -> Json:
    """Return what was found. Raises NotFound with a sentence that names it."""
    if found is None:
        raise NotFound(f"{what} does not exist in Keycloak.", status=404)
    return found


async def id_at(realm: Realm, kind: Kind, *path: str) -> str:
    """Return the id of what stands at a path. Raises NotFound with a sentence that names it."""
    found = await clients.id_of(realm, kind, *path)
    if found is None:
        what = described(Address(kind, path))
        raise NotFound(f"{what[0].upper()}{what[1:]} does not exist in Keycloak.", status=404)
    return found


def same_name(found: Json, name: str, *, what: str) -> Json:
    """Return what was found by id. Raises Conflict when somebody gave it another name meanwhile."""
    if found["name" if "name" in found else "username"] != name:
        raise Changed(f"{what} was renamed in Keycloak meanwhile.", status=409)
    return found


def unchanged(operation: Operation, now: Resource) -> None:
    """Raise Changed if a managed field is neither as it was when this was decided, nor as it shall be."""
    before, after = operation.before or {}, operation.after or {}
    found = managed(operation.address, now.fields, before)
    for key, value in before.items():
        if found[key] not in (value, after.get(key, value)):
            raise Changed("It was changed in Keycloak meanwhile. Nothing was written.", status=409)


async def id_of_ours(realm: Realm, address: Address) -> str:
    """Return the id that a thing of ours has in this realm: a repeated creation meets itself, not a twin.

    Keycloak keeps ids that it is given for client scopes and mappers. They are unique on the whole server,
    so the realm's own id is part of it.
    """
    whole = present(await realm.representation(), what="The realm")
    return str(uuid5(NAMESPACE_URL, f"gatehouse:{whole['id']}:{address.key}"))


async def free_id_of_ours(realm: Realm, address: Address, collection: str) -> str:
    """Return the id of ours for something new: the first that nothing under another name has.

    Who was renamed keeps the id that it got under its former name.
    """
    first = await id_of_ours(realm, address)
    for number in range(_NAMESAKES):
        id = first if number == 0 else str(uuid5(NAMESPACE_URL, f"{first}:{number}"))
        found = await realm.find(collection, id)
        if found is None or found.get("clientId", found.get("name")) == address.path[-1]:
            return id
    raise Conflict(f"More than {_NAMESAKES} of one name were renamed since: choose another name.", status=409)


_NAMESAKES = 20
