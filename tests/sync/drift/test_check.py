"""The full check of a real realm: nothing on an untouched one, and one item for each change beside us."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from console.engine.state import State
from console.keycloak.connection import Connection
from console.sync.commands import command_named
from console.sync.drift import check as checking
from console.sync.drift import watching
from console.sync.drift.check import check
from console.sync.drift.models import Accepted, Change, DriftItem, Standing, Watch
from console.sync.models import KeycloakServer, Observed, Scope
from console.transport import Secret
from tests.factories import Platform
from tests.sync.drift.conftest import open_items

ROOT = Path(__file__).parents[3]


def shown(item: DriftItem) -> tuple[str, str, str]:
    return item.address, item.state, item.change


@pytest.fixture(autouse=True)
def agreed(company: Platform) -> Iterator[None]:
    """Each test leaves a realm that agrees, and that a check finds so."""
    assert open_items(company) == []
    yield
    assert open_items(company) == []


def test_an_untouched_realm_has_nothing_to_show_after_a_restart(company: Platform) -> None:
    """Another process reads and compares all of it anew."""
    settings = connection.settings_dict
    address = f"postgresql://{settings['USER']}:{settings['PASSWORD']}@{settings['HOST']}:{settings['PORT']}"

    done = subprocess.run(
        [sys.executable, "manage.py", "drift", str(company.scope)],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": f"{address}/{settings['NAME']}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, f"Nothing differs in {company.scope}.\n"), done.stderr
    watch = Watch.objects.get(scope=company.scope)
    assert watch.looked_at == Observed.objects.filter(scope=company.scope).count() > 100
    assert watch.unreadable == {}


def test_a_role_that_goes_takes_its_links_along(company: Platform) -> None:
    company.keycloak.delete("roles", "viewer")

    (item,) = open_items(company)

    assert shown(item) == ("role:viewer", Standing.DRIFTED, Change.REMOVED)
    assert item.along == ["composite:developer|viewer", "person-role:ann|viewer", "person-role:ben|viewer"]
    push(company, item)


def test_a_person_deleted_in_keycloak_is_one_item_with_what_went_along(company: Platform) -> None:
    company.keycloak.delete("users", company.person_id("ann"))

    (item,) = open_items(company)

    assert shown(item) == ("person:ann", Standing.DRIFTED, Change.REMOVED)
    assert item.along == [
        "entitlement:person|ann|package:demo:READ",
        "membership:ann|data/eng",
        "person-role:ann|viewer",
    ]
    assert item.risk == "narrows"
    push(company, item)
    assert company.groups_of("ann") == {"data/eng"}
    assert company.attribute("ann") == {"package:demo:READ"}


def push(platform: Platform, *items: DriftItem) -> None:
    """Bring ours back, as the button does."""
    addresses = [one.address for one in items]
    values = {"tenant": platform.tenant, "scope": platform.scope.pk, "addresses": addresses}
    platform.do("tenants:drift:push", **values)


def test_a_person_made_again_is_another_one_and_never_taken_for_ours(company: Platform) -> None:
    company.keycloak.delete("users", company.person_id("cleo"))
    company.keycloak.make_person("cleo")

    (item,) = open_items(company)

    assert shown(item) == ("person:cleo", Standing.DRIFTED, Change.REPLACED)
    assert item.risk == "mixed"
    assert not item.may_push
    company.keycloak.delete("users", company.person_id("cleo"))
    (item,) = open_items(company)
    push(company, item)


def test_a_group_with_another_name_is_one_item_with_all_in_it(company: Platform) -> None:
    id = company.group_id("data")
    company.keycloak.put("groups", id, json={"id": id, "name": "insight"})

    (item,) = open_items(company)

    assert shown(item) == ("group:data", Standing.DRIFTED, Change.RENAMED)
    assert (item.stands_at, item.along) == ("group:insight", [])
    values = {"tenant": company.tenant, "scope": company.scope.pk, "addresses": ["group:data"]}
    company.do("access:drift:take", **values)
    assert company.groups_of("ann") == {"insight/eng"}
    company.do("access:group:edit", **company.edit_group("insight", name="data"))


@pytest.mark.parametrize(("kind", "place", "new"), [("role", "roles", "boss"), ("person", "users", "annie")])
def test_a_name_changed_in_keycloak_is_taken_over_with_all_that_hangs_on_it(
    company: Platform, kind: str, place: str, new: str
) -> None:
    company.keycloak.put(json={"realm": company.realm, "editUsernameAllowed": True})
    accept_the_rest(company)
    was = "developer" if kind == "role" else "ann"
    rename(company, kind, was, new)

    (item,) = open_items(company)
    assert shown(item) == (f"{kind}:{was}", Standing.DRIFTED, Change.RENAMED)
    values = {"tenant": company.tenant, "scope": company.scope.pk, "addresses": [item.address]}
    company.do("access:drift:take", **values)

    assert open_items(company) == []
    assert company.scope.ledger.filter(address=f"{kind}:{new}").exists()
    rename(company, kind, new, was)
    (item,) = open_items(company)
    company.do("access:drift:take", **values | {"addresses": [item.address]})


def rename(platform: Platform, kind: str, was: str, new: str) -> None:
    world = platform.keycloak
    if kind == "role":
        role = world.get("roles", was)
        world.put("roles-by-id", role["id"], json=role | {"name": new})
    else:
        person = world.get("users", platform.person_id(was))
        world.put("users", person["id"], json=person | {"username": new})


def accept_the_rest(platform: Platform) -> None:
    """What a test changes of the realm itself is accepted first."""
    from console.sync.drift import baseline

    for item in open_items(platform):
        baseline.accept(item, now=timezone.now(), by="a test")


def test_foreign_things_are_one_item_with_what_came_along_and_goes_by_itself(company: Platform) -> None:
    world = company.keycloak
    id = world.make_person("temp")
    world.put("users", id, "groups", company.group_id("ops"))
    world.post("users", id, "role-mappings", "realm", json=[world.get("roles", "admin")])

    (item,) = open_items(company)

    assert shown(item) == ("person:temp", Standing.UNMANAGED, Change.ADDED)
    assert item.along == ["membership:temp|ops", "person-role:temp|admin"]
    assert item.risk == "widens"
    world.delete("users", id)
    assert open_items(company) == []
    item.refresh_from_db()
    assert item.closed_how == "Keycloak and the console agree again."
    assert item.closed_at is not None


def test_an_item_stays_the_same_while_it_lasts(company: Platform) -> None:
    world = company.keycloak
    world.make_role("foreign", description="one")
    (first,) = open_items(company)
    (again,) = open_items(company)
    role = world.get("roles", "foreign")
    world.put("roles", "foreign", json=role | {"description": "two"})
    (changed,) = open_items(company)

    assert first.pk == again.pk == changed.pk
    assert first.first_seen_at == again.first_seen_at == changed.first_seen_at
    assert first.since == again.since < changed.since
    assert first.seen_at < again.seen_at < changed.seen_at
    world.delete("roles", "foreign")


def test_a_foreign_thing_under_another_name_is_one_item(company: Platform) -> None:
    world = company.keycloak
    id = world.make("groups", name="theirs")
    inner = world.make("groups", id, "children", name="inner")
    world.put("users", company.person_id("ben"), "groups", inner)
    accept_the_rest(company)
    assert open_items(company) == []

    world.put("groups", id, json={"id": id, "name": "others"})
    (item,) = open_items(company)

    assert shown(item) == ("group:theirs", Standing.UNMANAGED, Change.RENAMED)
    assert item.stands_at == "group:others"
    accept_the_rest(company)
    assert open_items(company) == []
    assert Accepted.objects.filter(scope=company.scope, address="membership:ben|others/inner").exists()
    world.delete("groups", id)
    accept_the_rest(company)


def test_what_waits_is_pending_until_a_run_applied_it(company: Platform) -> None:
    company.approve("access:role:create", name="waits")

    (item,) = open_items(company)
    assert shown(item) == ("role:waits", Standing.PENDING, Change.ADDED)
    company.sync()

    item.refresh_from_db()
    assert item.closed_how == "Settled by a run."


def test_what_is_written_while_a_check_reads_is_left_to_the_next_one(
    company: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check has read the realm without the person that a run makes before it compares."""
    read = checking._read

    def slow(*given: Any) -> State:
        state = read(*given)
        company.do("access:person:create", username="meanwhile")
        return state

    monkeypatch.setattr(checking, "_read", slow)
    check(company.scope.pk)
    monkeypatch.undo()

    assert not DriftItem.objects.filter(scope=company.scope, closed_at__isnull=True).exists()
    assert Observed.objects.filter(scope=company.scope, address="person:meanwhile").exists()


def test_what_is_made_and_then_released_is_no_news(company: Platform) -> None:
    """A client comes with scopes of Keycloak's own choice; given up, it is foreign and accepted."""
    declared = [{"address": "client:app", "fields": {"name": "App", "service_accounts": True}}]
    company.do("tenants:declaration:put", declarations=declared)
    assert open_items(company) == []
    assert Accepted.objects.filter(scope=company.scope, address="client-default-scope:app|email").exists()

    release = command_named("tenants:declaration:release").run
    release(actor=company.actor, tenant=company.tenant, addresses=["client:app"])

    assert not company.scope.ledger.filter(address="client:app").exists()
    assert open_items(company) == []
    company.keycloak.delete("clients", company.keycloak.get("clients", clientId="app")[0]["id"])
    (item,) = open_items(company)
    assert shown(item) == ("client:app", Standing.UNMANAGED, Change.REMOVED)
    accept_the_rest(company)


def test_two_checks_of_a_realm_never_run_at_once(company: Platform) -> None:
    token = watching.begin(company.scope)

    with pytest.raises(watching.Running):
        check(company.scope.pk)

    watching.release(company.scope, token, sentence="")


def test_a_check_whose_worker_died_is_taken_over_and_cannot_write_any_more(company: Platform) -> None:
    dead = watching.begin(company.scope)
    Watch.objects.filter(scope=company.scope).update(beat_at=timezone.now() - timedelta(minutes=2))

    assert check(company.scope.pk) is not None

    with pytest.raises(watching.Overtaken):
        watching.beat(company.scope, dead)


def test_what_may_not_be_read_is_named_and_judged_neither_way(
    company: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = company.keycloak
    world.make_role("foreign")
    (before,) = open_items(company)
    id = world.make("clients", clientId="narrow", secret="narrow-one", serviceAccountsEnabled=True)
    accept = [one for one in open_items(company) if one.address == "client:narrow"]
    account = world.get("clients", id, "service-account-user")["id"]
    (management,) = world.get("clients", clientId="realm-management")
    roles = [world.get("clients", management["id"], "roles", one) for one in ("view-users", "view-realm")]
    world.post("users", account, "role-mappings", "clients", management["id"], json=roles)
    assert accept
    url = company.server.url
    narrow = Connection(url=url, client_id="narrow", client_secret=Secret("narrow-one"), realm=world.name)
    monkeypatch.setattr(KeycloakServer, "connection", lambda _server: narrow)
    world.delete("roles", "foreign")

    watch = check(company.scope.pk)

    assert watch is not None
    assert "client" in watch.unreadable
    assert "service account may not" in watch.unreadable["client"]
    rows = DriftItem.objects.filter(scope=company.scope, closed_at__isnull=True)
    assert {one.address for one in rows} == {"client:narrow"}  # not read, so it stays as it was seen last
    before.refresh_from_db()
    assert before.closed_at is not None
    monkeypatch.undo()
    world.delete("clients", id)


def test_a_sweep_asks_for_the_checks_that_are_due_and_no_others(company: Platform) -> None:
    watch = Watch.objects.filter(scope=company.scope)
    watch.update(due_at=timezone.now() + timedelta(minutes=1))
    assert watching.enqueue_due() == []
    watch.update(due_at=timezone.now() - timedelta(seconds=1))

    assert watching.enqueue_due() == [company.scope]

    assert watching.enqueue_due() == []
    check(company.scope.pk)
    left = (watch.get().due_at - timezone.now()).total_seconds()
    assert 53 * 60 < left < 67 * 60  # an hour, with a tenth of chance in it
    watch.update(every_minutes=0)
    check(company.scope.pk)
    assert watch.get().due_at is None
    watch.update(every_minutes=60)


def test_a_realm_that_is_gone_is_one_item_and_nothing_else_is_said(
    company: Platform, new_platform: Any
) -> None:
    lost = new_platform("lost")
    check(lost.scope.pk)
    lost.keycloak.delete()

    (item,) = open_items(lost)

    assert shown(item) == ("realm:", Standing.DRIFTED, Change.REMOVED)
    assert Scope.objects.get(pk=lost.scope.pk).read_at is not None
    lost.keycloak.make_realm()
    (item,) = open_items(lost)
    assert shown(item) == ("realm:", Standing.DRIFTED, Change.REPLACED)
