"""No mask goes into Keycloak, and none comes out of it into what is declared: for every kind (T15)."""

from typing import Any

import pytest

from console.engine.kinds import KINDS, spec_of
from console.engine.masked import has_mask
from console.engine.plan import plan
from console.engine.state import Address, Kind, Resource, Selection, State
from console.engine.target import Result
from console.keycloak.client import client_for
from console.transport import calls, run
from tests.contract.conftest import Case
from tests.contract.samples import SAMPLES
from tests.keycloak.world import World, creates, fresh, updates

MASK = "**********"
SECRET = "a-planted-secret-of-forty-characters-9x7Q"
WITH_TEXT = [
    kind
    for kind in SAMPLES
    if any(isinstance(spec.default, str | list | dict) for spec in KINDS[kind].fields.values())
]


def masked(kind: Kind) -> list[dict[str, Any]]:
    """Return, for each field of a kind that can hold a text, a value of it with a mask inside."""
    shapes = {str: MASK, list: ["ok", MASK], dict: {"some.key": MASK}}
    found = []
    for name, spec in KINDS[kind].fields.items():
        shape = next((one for of, one in shapes.items() if isinstance(spec.default, of)), None)
        if shape is not None:
            found.append({name: shape})
    return found


@pytest.mark.parametrize("case", WITH_TEXT, indirect=True)
def test_the_handler_refuses_it_in_every_field_and_sends_nothing(case: Case) -> None:
    sample = case.sample
    is_new = not spec_of(sample.address).is_given and sample.kind is not Kind.REALM
    for fields in masked(sample.kind):
        whole = sample.whole | fields
        operation = (
            creates(sample.address, **whole) if is_new else updates(sample.address, before={}, **whole)
        )
        case.read()
        with calls() as made:
            (outcome,) = case.target.execute([operation])

        assert outcome.result is Result.FAILED, fields
        assert [one for one in made.made if not one.startswith("GET ") and "/token" not in one] == [], fields


def plant(world: World) -> set[str]:
    """Make one of everything that has a secret, by plain calls, and return what they are called."""
    name = fresh("holder")
    world.post("clients", json={"clientId": name, "secret": SECRET, "publicClient": False})
    provider = {"alias": name, "providerId": "oidc", "config": {"clientId": "c", "clientSecret": SECRET}}
    provider["config"] |= {"authorizationUrl": "https://a.example", "tokenUrl": "https://a.example/t"}  # type: ignore[operator]
    world.post("identity-provider", "instances", json=provider)
    world.post("components", json=directory(name))
    realm = run(client_for(world.connection).get(world.path())).json
    smtp = {"host": "mail.example", "from": "a@b.example", "auth": "true", "user": "u", "password": SECRET}
    run(client_for(world.connection).put(world.path(), json=realm | {"smtpServer": smtp}))
    return {name}


def directory(name: str) -> dict[str, Any]:
    config = {
        "vendor": ["other"],
        "connectionUrl": ["ldap://ldap.example"],
        "bindDn": ["cn=admin"],
        "bindCredential": [SECRET],
        "usersDn": ["ou=people"],
        "authType": ["simple"],
        "usernameLDAPAttribute": ["uid"],
        "rdnLDAPAttribute": ["uid"],
        "uuidLDAPAttribute": ["entryUUID"],
        "userObjectClasses": ["inetOrgPerson"],
        "editMode": ["READ_ONLY"],
        "enabled": ["false"],
    }
    return {
        "name": name,
        "providerId": "ldap",
        "providerType": "org.keycloak.storage.UserStorageProvider",
        "config": config,
    }


def test_what_is_read_holds_neither_masks_nor_secrets_and_can_be_taken_over(world: World) -> None:
    """The way of an adoption: what was read is declared as it is, and nothing of it is to be written."""
    (name,) = plant(world)
    read = world.target.read(Selection.all())

    kinds = {one.address.kind for one in read if name in one.address.path}
    assert {Kind.CLIENT, Kind.IDENTITY_PROVIDER, Kind.DIRECTORY} <= kinds
    assert read.get(Address(Kind.REALM, ())) is not None
    for one in read:
        assert not has_mask(dict(one.fields)), one
        assert SECRET not in repr(one.fields), one
    desired = State.of(Resource(one.address, one.fields) for one in read)
    adopted = plan(desired=desired, actual=read, ledger={}, selection=Selection.all())
    assert {operation.action.value for operation in adopted.operations} == {"adopt"}
    assert adopted.conflicts == ()
