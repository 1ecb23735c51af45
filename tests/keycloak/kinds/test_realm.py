"""The realm itself, on a real Keycloak."""

from collections.abc import Callable
from typing import Any

from console.engine.state import Kind, Selection
from console.keycloak.kinds.realm import NAMES
from tests.keycloak.world import World, at, creates, deletes, done, failed, updates, within

REALM = at(Kind.REALM)
FIELDS: dict[str, Any] = {
    "display_name": "Acme <b>Ltd</b>",
    "enabled": True,
    "access_token_lifespan": 120,
    "sso_session_idle": 900,
    "sso_session_max": 7200,
    "login_with_email": False,
    "registration_allowed": False,
    "brute_force_protected": True,
}


def test_a_realm_goes_round_field_by_field(keycloak_connection: Any, realm_name: Callable[..., str]) -> None:
    world = World(keycloak_connection, realm_name("realm"))
    fields = dict(FIELDS)
    made = done(world.do(creates(REALM, **fields)))
    assert within(made.fields, *fields) == fields

    for key, value in [
        ("display_name", ""),
        ("enabled", False),
        ("access_token_lifespan", 300),
        ("sso_session_idle", 1800),
        ("sso_session_max", 36000),
        ("login_with_email", True),
        ("registration_allowed", True),
        ("brute_force_protected", False),
    ]:
        before, fields[key] = dict(fields), value
        outcome = done(world.do(updates(REALM, id=made.id, before=before, **fields)))
        assert within(outcome.fields, *fields) == fields

    (found,) = world.read(REALM)
    assert (found.address, within(found.fields, *fields), found.id) == (REALM, fields, made.id)
    done(world.do(deletes(REALM, id=made.id)))
    assert world.read(REALM) == []


def test_a_change_keeps_mail_server_attributes_and_headers(
    keycloak_connection: Any, realm_name: Callable[..., str]
) -> None:
    """The mail password comes back as asterisks: it must not be written back."""
    world = World(keycloak_connection, realm_name("realm"))
    mail = {
        "host": "mail.example.org",
        "from": "a@example.org",
        "auth": "true",
        "user": "u",
        "password": "secret",
    }
    world.make_realm(
        smtpServer=mail, attributes={"theirs": "kept"}, loginTheme="keycloak", passwordPolicy="length(9)"
    )
    before = world.get()

    done(world.do(updates(REALM, before=world_fields(before, ""), **world_fields(before, "New"))))

    after = world.get()
    assert after.pop("displayName") == "New"
    before.pop("displayName", None)
    assert after == before


def world_fields(representation: dict[str, Any], display_name: str) -> dict[str, Any]:
    """Return the managed fields of a realm as it is, with another display name."""
    return {key: representation.get(NAMES[key]) for key in FIELDS} | {"display_name": display_name}


def test_a_realm_of_that_name_is_never_taken_over(
    keycloak_connection: Any, realm_name: Callable[..., str]
) -> None:
    world = World(keycloak_connection, realm_name("realm"))
    world.make_realm(displayName="Theirs")
    equal = world_fields(world.get(), "Theirs")

    outcome = failed(world.do(creates(REALM, **equal)))

    assert "not ours" in outcome.sentence


def test_our_own_realm_meets_itself(keycloak_connection: Any, realm_name: Callable[..., str]) -> None:
    world = World(keycloak_connection, realm_name("realm"))
    first = done(world.do(creates(REALM, **FIELDS)))

    again = done(world.do(creates(REALM, **FIELDS)))

    assert again.id == first.id


def test_a_realm_made_anew_by_somebody_else_is_neither_changed_nor_deleted(
    keycloak_connection: Any, realm_name: Callable[..., str]
) -> None:
    world = World(keycloak_connection, realm_name("realm"))
    made = done(world.do(creates(REALM, **FIELDS)))
    world.delete()
    world.make_realm(displayName="Theirs")

    changed = failed(world.do(updates(REALM, id=made.id, before={}, **FIELDS)))
    deleted = failed(world.do(deletes(REALM, id=made.id)))

    assert "another realm of this name" in changed.sentence
    assert "another realm of this name" in deleted.sentence
    assert world.get()["displayName"] == "Theirs"


def test_the_realm_master_is_never_deleted(keycloak_connection: Any) -> None:
    outcome = failed(World(keycloak_connection, "master").do(deletes(REALM)))

    assert "never deleted" in outcome.sentence


def test_a_realm_that_does_not_exist_is_an_empty_state(
    keycloak_connection: Any, realm_name: Callable[..., str]
) -> None:
    world = World(keycloak_connection, realm_name("missing"))

    everything = world.target.read(Selection.all())
    selected = world.target.read(Selection(frozenset({REALM, at(Kind.ROLE, "reader")})))

    assert (len(everything), everything.unreadable) == (0, {})
    assert (len(selected), selected.unreadable) == (0, {})
    done(world.do(deletes(REALM)))
