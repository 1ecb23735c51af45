"""People on a real Keycloak."""

from typing import Any

from console.engine.state import Kind
from tests.keycloak.forwarder import Fault, Forwarder
from tests.keycloak.world import World, at, creates, deletes, done, failed, fresh, renames, updates

ANN = {"email": "", "first_name": "Ann", "last_name": "Lee", "enabled": True}


def test_a_person_goes_round_field_by_field(world: World) -> None:
    name = fresh("ann")
    address = at(Kind.PERSON, name)
    made = done(world.do(creates(address, **ANN)))
    fields: dict[str, Any] = dict(ANN)

    for key, value in [
        ("email", f"{name}@example.org"),
        ("first_name", "Änne"),
        ("last_name", ""),
        ("enabled", False),
        ("email", ""),
    ]:
        fields[key] = value
        outcome = done(world.do(updates(address, id=made.id, **fields)))
        assert outcome.fields == fields

    assert [(one.fields, one.id) for one in world.read(address)] == [(fields, made.id)]
    done(world.do(deletes(address, id=made.id)))
    assert world.read(address) == []


def test_a_taken_e_mail_is_named_where_keycloak_says_only_that_something_is(
    world: World, spoiled: World, forwarder: Forwarder
) -> None:
    """What it says of two who come at the same moment, in the words that it then uses."""
    email = f"{fresh('shared')}@example.org"
    world.make_person(fresh("first"), email=email)
    vague = b'{"errorMessage": "Duplicate resource error"}'
    forwarder.spoil("POST", "/users", Fault(status=409, content_type="application/json", body=vague))

    outcome = failed(spoiled.do(creates(at(Kind.PERSON, fresh("second")), **ANN | {"email": email})))

    assert email in outcome.sentence


def test_two_people_without_an_address_live_side_by_side(world: World) -> None:
    first, second = at(Kind.PERSON, fresh("one")), at(Kind.PERSON, fresh("two"))

    outcomes = world.do(creates(first, **ANN), creates(second, **ANN))
    emptied = world.do(updates(first, **ANN), updates(second, **ANN))

    assert [one.result for one in (*outcomes, *emptied)] == ["done"] * 4


def test_a_change_keeps_all_that_is_not_managed(world: World) -> None:
    """Names survive a change of attributes, attributes a change of names, and hidden attributes both."""
    profile = world.get("users", "profile")
    world.put("users", "profile", json=profile | {"unmanagedAttributePolicy": "ENABLED"})
    name, role = fresh("kept"), world.make_role(fresh("role"))
    attributes = {"colour": ["red", "blue"], "size": ["L"]}
    person = world.make_person(
        name, attributes=attributes, requiredActions=["CONFIGURE_TOTP"], emailVerified=True
    )
    group = world.make("groups", name=fresh("group"))
    world.put("users", person, "groups", group)
    world.post("users", person, "role-mappings", "realm", json=[role])
    world.put("users", person, "reset-password", json={"type": "password", "value": "pw", "temporary": False})
    address = at(Kind.PERSON, name)
    fields = {"email": f"{name}@example.org", "first_name": "New", "last_name": "Lee", "enabled": True}

    done(world.do(updates(address, **fields)))
    world.put("users", "profile", json=profile)
    done(world.do(updates(address, **(fields | {"first_name": "Newer"}))))
    world.put("users", "profile", json=profile | {"unmanagedAttributePolicy": "ENABLED"})

    found = world.get("users", person)
    assert found["firstName"] == "Newer"
    assert found["attributes"] == attributes
    assert (found["requiredActions"], found["emailVerified"]) == (["CONFIGURE_TOTP"], True)
    assert [one["id"] for one in world.get("users", person, "groups")] == [group]
    assert role["name"] in {one["name"] for one in world.get("users", person, "role-mappings", "realm")}
    assert [one["type"] for one in world.get("users", person, "credentials")] == ["password"]


def test_a_foreign_twin_is_left_alone(world: World) -> None:
    name = fresh("twin")
    person = world.make_person(name, firstName="Theirs")

    by_name = failed(world.do(creates(at(Kind.PERSON, name), **ANN)))
    other = at(Kind.PERSON, fresh("other"))
    by_mail = failed(world.do(creates(other, **(ANN | {"email": f"{name}@example.org"}))))

    assert "not ours" in by_name.sentence
    assert "email" in by_mail.sentence
    assert world.get("users", person)["firstName"] == "Theirs"


def test_a_user_name_changes_only_where_the_realm_allows_it(world: World) -> None:
    name = fresh("before")
    person = world.make_person(name)
    was, address = at(Kind.PERSON, name), at(Kind.PERSON, fresh("after"))
    fields = {"email": f"{name}@example.org", "first_name": "Ann", "last_name": "Lee", "enabled": True}

    refused = failed(world.do(renames(was, address, id=person, **fields)))
    world.put(json={"realm": world.name, "editUsernameAllowed": True})
    allowed = done(world.do(renames(was, address, id=person, **fields)))

    assert "does not allow user names" in refused.sentence
    assert allowed.id == person
    assert world.get("users", person)["username"] == address.path[0]


def test_what_keycloak_changes_by_itself_is_said(world: World) -> None:
    """Keycloak writes e-mail addresses in small letters."""
    outcome = failed(
        world.do(creates(at(Kind.PERSON, fresh("loud")), **(ANN | {"email": "LOUD@example.org"})))
    )

    assert "email is “loud@example.org”, not “LOUD@example.org”" in outcome.sentence


def test_a_user_name_with_capitals_is_refused_before_keycloak_changes_it(world: World) -> None:
    name = fresh("Ann")

    outcome = failed(world.do(creates(at(Kind.PERSON, name), **ANN)))

    assert name.lower() in outcome.sentence
    assert world.get("users", username=name.lower(), exact=True) == []


def test_a_refused_field_is_named(world: World) -> None:
    outcome = failed(world.do(creates(at(Kind.PERSON, fresh("ann")), **(ANN | {"email": "no address"}))))

    assert "email is no e-mail address" in outcome.sentence
    assert not outcome.retryable
