"""What the guard holds back, on the plan page and a real Keycloak: the sentence, the reason, the record."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from console.engine.stops import Rule, Stop
from console.sync.confirming import Unconfirmed
from console.sync.models import Plan, Run
from console.sync.preview import Blocked, Changed
from tests.engine.world import at
from tests.factories import MIRA, Platform, tenant_admin
from tests.operators import sign_in_as
from tests.pages import squeezed

MANY = 12
REASON = "These teams were merged into the new department."


@pytest.fixture(scope="module")
def teams(platform: Platform) -> Platform:
    return platform


@pytest.fixture
def admin(client: Client, teams: Platform) -> Client:
    sign_in_as(client, groups=(f"/tenants/{teams.tenant}/admins",))
    return client


@pytest.fixture(autouse=True)
def tight_brake(settings: Any) -> None:
    """The realm grows with every test, and a fifth of it with it."""
    settings.GUARD_DELETION_SHARE = 0.02


def crowded(teams: Platform, name: str) -> Plan:
    """Return a plan that takes a role from twelve groups."""
    groups = [f"{name}{n}" for n in range(MANY)]
    teams.build(
        ("access:role:create", {"name": name}),
        *(("access:group:create", {"name": one}) for one in groups),
        ("access:group-role:give", {"groups": groups, "roles": [name]}),
    )
    return teams.preview("access:group-role:take", groups=groups, roles=[name])


def roles_of(teams: Platform, group: str) -> list[str]:
    pk = teams.group_id(group)
    return [one["name"] for one in teams.keycloak.get("groups", pk, "role-mappings", "realm")]


def page_of(client: Client, plan: Plan) -> str:
    answer = client.get(plan.get_absolute_url())
    assert answer.status_code == 200
    return answer.content.decode()


def words(page: str) -> str:
    return squeezed(re.sub(r"<[^>]+>", " ", page))


def post(client: Client, plan: Plan, **values: str) -> Any:
    return client.post(reverse("sync:plan-apply", args=[plan.pk]), values)


def keep(plan: Plan, **changed: Any) -> None:
    """Let the plan hold one stop, as another rule would put it there."""
    stop = Stop(rule=Rule.LAST_ADMINISTRATOR, address=at("person:ann"), sentence="Nobody is left.", **changed)
    Plan.objects.filter(pk=plan.pk).update(stops=[stop.as_json()])
    plan.refresh_from_db()


def test_many_deletions_are_named_and_not_applied_without_a_sentence(teams: Platform, admin: Client) -> None:
    plan = crowded(teams, "short")

    page = words(page_of(admin, plan))
    answer = post(admin, plan, reason="because")

    plan.refresh_from_db()
    assert "Many deletions 12 of" in page
    assert "things that we made here are deleted." in page
    assert "The guard asks why" in page
    assert answer.status_code == 422
    assert 'id="id_reason_error"' in answer.content.decode()
    assert "three words and twelve letters at least" in answer.content.decode()
    assert 'value="because"' in answer.content.decode()
    assert plan.state == Plan.State.OPEN


def test_with_a_sentence_it_is_done_and_the_record_keeps_why(teams: Platform, admin: Client) -> None:
    plan = crowded(teams, "merged")

    answer = post(admin, plan, reason=REASON, ticket="T-9")

    plan.refresh_from_db()
    assert answer.status_code == 302
    assert (plan.state, plan.reason) == (Plan.State.APPLIED, REASON)
    assert teams.sync().state == Run.State.DONE
    (row,) = teams.audit(kind="sync:plan:confirm", plan_id=plan.pk)
    assert (row.reason, row.ticket, row.actor_name) == (REASON, "T-9", "ada")
    assert row.subject.startswith("12 of ")
    assert row.new == {"rule": "deletions", "subjects": []}
    assert roles_of(teams, "merged0") == []


def test_services_refuse_it_too(teams: Platform) -> None:
    plan = crowded(teams, "served")

    with pytest.raises(Unconfirmed) as refused:
        teams.apply(plan, reason="no")

    assert refused.value.field == "reason"


def test_the_worst_ask_for_the_name(teams: Platform, admin: Client) -> None:
    teams.build(("access:role:create", {"name": "named"}))
    plan = teams.preview("access:role:delete", role="named")
    keep(plan, name="acme")

    page = page_of(admin, plan)
    wrong = post(admin, plan, reason=REASON, confirmed="acme2")

    plan.refresh_from_db()
    assert "Type acme to confirm" in page
    assert wrong.status_code == 422
    assert 'id="id_confirmed_error"' in wrong.content.decode()
    assert plan.state == Plan.State.OPEN


def test_a_stop_that_the_preview_did_not_show_leads_to_a_new_plan(teams: Platform, settings: Any) -> None:
    """What was confirmed is what was seen: here the brake was set tighter in between."""
    settings.GUARD_DELETION_SHARE = 1.0
    plan = crowded(teams, "between")
    assert plan.held == ()

    settings.GUARD_DELETION_SHARE = 0.02
    with pytest.raises(Changed) as changed:
        teams.apply(plan, reason=REASON)

    assert [one.rule for one in changed.value.plan.held] == [Rule.DELETIONS]
    assert roles_of(teams, "between0") == ["between"]


def test_a_run_stops_at_what_nobody_confirmed(teams: Platform) -> None:
    """An applied plan whose stops were lost, or appeared since, is not carried out."""
    plan = crowded(teams, "running")
    applied = teams.apply(plan, reason=REASON)
    Plan.objects.filter(pk=applied.pk).update(stops=[])

    run = teams.sync()

    assert run.state == Run.State.BLOCKED
    assert "things that we made here are deleted" in run.sentence
    assert roles_of(teams, "running0") == ["running"]
    Plan.objects.filter(pk=applied.pk).update(stops=plan.stops)
    teams.scope.touched.update(is_set_aside=False, is_blocked=False, sentence="")
    assert teams.sync().state == Run.State.DONE


def test_what_is_forbidden_no_reason_lifts(teams: Platform, admin: Client) -> None:
    teams.build(("access:role:create", {"name": "held"}))
    plan = teams.preview("access:role:delete", role="held")
    keep(plan, is_forbidden=True)

    page = page_of(admin, plan)

    assert re.search(r'form="apply" disabled>', page)
    assert "something that is never written" in words(page)
    with pytest.raises(Blocked, match="never written"):
        teams.apply(plan, reason=REASON)


def test_apply_is_offered_only_to_whom_the_change_itself_is_allowed(teams: Platform, client: Client) -> None:
    """A tenant's administrator may apply plans, and may not change the realm's settings."""
    values = {"revision": teams.row.realm.revision, "values": {"display_name": "Other"}}
    plan = teams.preview("tenants:realm:edit", **values)
    sign_in_as(client, groups=(f"/tenants/{teams.tenant}/admins",))

    page = words(page_of(client, plan))

    assert plan.actor_key == MIRA.key
    assert tenant_admin(teams.tenant).key != plan.actor_key
    assert "applying it needs the right “edit realm”" in page
    assert "Apply 1 operation" not in page
    assert post(client, plan, reason=REASON).status_code == 409
