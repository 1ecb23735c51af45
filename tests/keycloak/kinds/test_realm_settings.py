"""Every setting of a realm, on a real Keycloak: it arrives alone, and what is not declared stays."""

from typing import Any

import pytest

from console.engine.kinds import KINDS
from console.engine.state import Kind
from console.keycloak.kinds.realm import NAMES
from tests.contract.samples.realm import CHANGED
from tests.keycloak.forwarder import Fault, Forwarder
from tests.keycloak.kept import mail_password
from tests.keycloak.world import World, at, creates, done, failed, fresh, updates, within

REALM = at(Kind.REALM)
MAPS = {"smtp", "security_headers", "attributes"}
# What Keycloak switches off along with it, and refuses to have on beside it, without a word.
EXCLUDES = {"duplicate_emails_allowed": ["login_with_email"]}
FLOWS = {name for name in KINDS[Kind.REALM].fields if name.endswith("_flow")}
MAIL = {"host": "mail.example.org", "from": "a@example.org", "auth": "true", "user": "u"}


def change(world: World, *, secrets: dict[str, str] | None = None, **fields: Any) -> Any:
    """Return the outcome of an update from what Keycloak has now."""
    (found,) = world.read(REALM)
    before = {name: found.fields[name] for name in fields}
    return world.do(updates(REALM, id=found.id, before=before, **fields), **(secrets or {}))


def test_no_setting_is_without_a_test() -> None:
    assert set(KINDS[Kind.REALM].fields) == CHANGED.keys() | FLOWS | MAPS


@pytest.mark.parametrize("name", CHANGED)
def test_a_setting_goes_there_and_back_alone(world: World, name: str) -> None:
    whole = world.get()
    (before,) = world.read(REALM)
    assert before.fields[name] != CHANGED[name]

    there = done(change(world, **{name: CHANGED[name]}))
    changed = {key for key, value in world.get().items() if whole.get(key) != value} - {"attributes"}
    restored = [name, *EXCLUDES.get(name, ())]
    back = done(change(world, **within(before.fields, *restored)))

    assert there.fields[name] == CHANGED[name]
    assert changed == {NAMES[one] for one in restored}
    assert back.fields == before.fields


def test_a_realm_is_made_with_all_settings_at_once(keycloak_connection: Any, realm_name: Any) -> None:
    world = World(keycloak_connection, realm_name("settings"))
    alone = {name: value for name, value in CHANGED.items() if name != "duplicate_emails_allowed"}
    fields = alone | {"attributes": {"frontendUrl": "https://sso.example.org"}, "smtp": MAIL}

    made = done(world.do(creates(REALM, **fields), smtp_password="geheim"))

    assert within(made.fields, *alone, "smtp") == alone | {"smtp": MAIL}
    assert made.fields["attributes"]["frontendUrl"] == "https://sso.example.org"
    assert mail_password(world) == "geheim"


def test_a_flow_is_chosen_and_one_that_is_not_there_is_refused(world: World) -> None:
    name = fresh("flow")
    world.post("authentication", "flows", "browser", "copy", json={"newName": name})

    chosen = done(change(world, browser_flow=name))
    refused = failed(change(world, direct_grant_flow="nowhere"))
    done(change(world, browser_flow="browser"))

    assert chosen.fields["browser_flow"] == name
    assert "There is no authentication flow “nowhere”" in refused.sentence
    assert not refused.retryable
    assert world.get()["browserFlow"] == "browser"


@pytest.mark.parametrize(
    ("name", "key", "declared"),
    [
        ("attributes", "attributes", "frontendUrl"),
        ("security_headers", "browserSecurityHeaders", "xRobotsTag"),
    ],
)
def test_of_a_map_only_declared_keys_change(world: World, name: str, key: str, declared: str) -> None:
    world.put(json={key: world.get()[key] | {"theirs": "kept"}})
    before = world.get()[key]

    there = done(change(world, **{name: {declared: "https://example.org"}}))
    changed = world.get()[key]
    done(change(world, **{name: {declared: ""}}))

    assert there.fields[name][declared] == "https://example.org"
    assert changed == before | {declared: "https://example.org"}
    after = world.get()[key]
    assert after.pop(declared, "") == ""
    assert after == {name: value for name, value in before.items() if name != declared}


def test_a_setting_that_stands_among_the_attributes_too_is_managed_in_one_place(world: World) -> None:
    both = done(change(world, client_session_idle=99, attributes={"frontendUrl": "https://b.example.org"}))
    refused = failed(change(world, attributes={"clientSessionIdleTimeout": "5"}))
    done(change(world, client_session_idle=0))

    assert within(both.fields, "client_session_idle") == {"client_session_idle": 99}
    assert "clientSessionIdleTimeout" not in both.fields["attributes"]
    assert "is managed as “client_session_idle”" in refused.sentence


def test_the_mail_server_changes_only_with_its_password(world: World) -> None:
    """Keycloak forgets a password that is left out, and the mask that it shows is never sent."""
    world.put(json={"smtpServer": MAIL | {"password": "geheim"}})

    refused = failed(change(world, smtp={"host": "other.example.org"}))
    kept = (world.get()["smtpServer"]["host"], mail_password(world))
    other = done(change(world, display_name=fresh("Acme")))
    still = mail_password(world)
    moved = done(change(world, smtp={"host": "other.example.org"}, secrets={"smtp_password": "neu"}))

    assert "enter it again" in refused.sentence
    assert kept == ("mail.example.org", "geheim")
    assert still == "geheim"
    assert other.fields["smtp"] == MAIL
    assert moved.fields["smtp"] == MAIL | {"host": "other.example.org"}
    assert mail_password(world) == "neu"


def test_a_mail_server_without_a_password_needs_none(world: World) -> None:
    world.put(json={"smtpServer": {"host": "mail.example.org", "from": "a@example.org"}})

    changed = done(change(world, smtp={"host": "b.example.org", "replyTo": "c@example.org"}))
    cleared = done(change(world, smtp={"replyTo": ""}))

    assert changed.fields["smtp"]["replyTo"] == "c@example.org"
    assert cleared.fields["smtp"] == {"host": "b.example.org", "from": "a@example.org"}


def test_a_password_among_the_settings_is_refused(world: World) -> None:
    before = world.get()["smtpServer"]

    refused = failed(change(world, smtp={"password": "geheim"}))

    assert "“password” is a secret, not a setting" in refused.sentence
    assert "geheim" not in refused.sentence
    assert world.get()["smtpServer"] == before


def test_no_secret_comes_back_in_the_words_of_an_error(
    world: World, spoiled: World, forwarder: Forwarder
) -> None:
    world.put(json={"smtpServer": MAIL | {"password": "geheim"}})
    hostile = b'{"errorMessage": "your password geheim-2 is bad"}'
    forwarder.spoil(
        "PUT",
        f"/realms/{world.name}",
        Fault(forwarded=False, status=400, content_type="application/json", body=hostile),
    )

    outcome = failed(change(spoiled, smtp={"host": "c.example.org"}, secrets={"smtp_password": "geheim-2"}))

    assert "your password … is bad" in outcome.sentence
