"""What the tests of the gateway share: a realm seen by plain calls, and operations in short words."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from console.engine.operation import Action, Operation, Phase
from console.engine.state import Address, Fields, Kind, Resource, Selection
from console.engine.target import Outcome, Result
from console.keycloak.client import client_for
from console.keycloak.connection import Connection
from console.keycloak.errors import NotFound
from console.keycloak.target import KeycloakTarget
from console.transport import LONG, Reply, Secret, run

ENTITLEMENTS = {
    "name": "entitlements",
    "multivalued": True,
    "permissions": {"view": ["admin"], "edit": ["admin"]},
}


@dataclass(frozen=True)
class World:
    """One realm of the real Keycloak: `target` is what is tested, the rest are plain calls beside it."""

    connection: Connection
    name: str

    @property
    def target(self) -> KeycloakTarget:
        return KeycloakTarget(self.connection, self.name)

    def do(self, *operations: Operation, **secrets: str) -> Sequence[Outcome]:
        """Execute operations; `secrets` are what the console keeps for each address, by name."""
        kept = {name: Secret(value) for name, value in secrets.items()}
        return KeycloakTarget(self.connection, self.name, secrets=lambda _: kept).execute(operations)

    def read(self, *addresses: Address, **extra: Any) -> list[Resource]:
        return list(self.target.read(Selection(frozenset(addresses), **extra)))

    def path(self, *parts: str) -> tuple[str, ...]:
        return ("admin", "realms", self.name, *parts)

    def get(self, *parts: str, **query: Any) -> Any:
        return run(client_for(self.connection).get(self.path(*parts), query=query)).json

    def find(self, *parts: str) -> Any | None:
        try:
            return self.get(*parts)
        except NotFound:
            return None

    def post(self, *parts: str, json: Any) -> Reply:
        return run(client_for(self.connection).post(self.path(*parts), json=json))

    def put(self, *parts: str, json: Any = None) -> Reply:
        return run(client_for(self.connection).put(self.path(*parts), json=json))

    def delete(self, *parts: str, json: Any = None) -> Reply:
        return run(client_for(self.connection).delete(self.path(*parts), json=json, patience=LONG))

    def make_realm(self, **extra: Any) -> None:
        call = client_for(self.connection).post(
            ("admin", "realms"), json={"realm": self.name, "enabled": True, **extra}, patience=LONG
        )
        run(call)

    def make(self, *parts: str, **representation: Any) -> str:
        """Create an object by a plain call and return its id."""
        location = self.post(*parts, json=representation).headers["location"]
        return location.rsplit("/", 1)[1]

    def make_role(self, name: str, **extra: Any) -> dict[str, Any]:
        self.post("roles", json={"name": name, **extra})
        return dict(self.get("roles", name))

    def make_person(self, username: str, **extra: Any) -> str:
        names = {"firstName": "Ann", "lastName": "Lee", "email": f"{username}@example.org", "enabled": True}
        return self.make("users", **(names | extra), username=username)

    def declare_entitlements(self) -> None:
        profile = self.get("users", "profile")
        if not any(one["name"] == "entitlements" for one in profile["attributes"]):
            profile["attributes"].append(ENTITLEMENTS)
            self.put("users", "profile", json=profile)


def fresh(prefix: str) -> str:
    """Return a name that nobody else has."""
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


def at(kind: Kind, *path: str) -> Address:
    return Address(kind, path)


def creates(address: Address, **fields: Any) -> Operation:
    return Operation(Action.CREATE, address, Phase.BUILD, None, fields)


def updates(address: Address, *, id: str | None = None, before: Any = None, **fields: Any) -> Operation:
    return Operation(Action.UPDATE, address, Phase.BUILD, before or {}, fields, id=id)


def renames(was: Address, address: Address, *, id: str | None = None, **fields: Any) -> Operation:
    return Operation(Action.RENAME, address, Phase.BUILD, fields, fields, was=was, id=id)


def deletes(address: Address, *, id: str | None = None) -> Operation:
    return Operation(Action.DELETE, address, Phase.PRUNE, {}, None, id=id)


def done(outcomes: Sequence[Outcome]) -> Outcome:
    """Return the only outcome, which is DONE."""
    (outcome,) = outcomes
    assert outcome.result is Result.DONE, outcome
    return outcome


def failed(outcomes: Sequence[Outcome]) -> Outcome:
    """Return the only outcome, which is FAILED."""
    (outcome,) = outcomes
    assert outcome.result is Result.FAILED, outcome
    return outcome


def within(fields: Fields, *names: str) -> dict[str, Any]:
    """Return the fields of these names alone."""
    return {name: fields[name] for name in names}


def in_order(value: Any) -> Any:
    """Return a value with its lists sorted: Keycloak lists scopes in no fixed order."""
    if isinstance(value, dict):
        return {key: in_order(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return sorted((in_order(inner) for inner in value), key=lambda one: json.dumps(one, sort_keys=True))
    return value
