"""The pages of realms and runs, on a real Keycloak: what failed, why, and the ways on."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from console.sync.models import Circuit, KeycloakServer, Run, Scope, Step, Touched
from tests.factories import Platform
from tests.operators import sign_in_as
from tests.pages import HTMX, queries_of, results_of, squeezed


@pytest.fixture
def boss(client: Client, platform: Platform) -> Client:
    sign_in_as(client, "boss", roles=("gatehouse-admin",))
    return client


def stopped(platform: Platform, *, is_blocked: bool = True) -> None:
    Scope.objects.filter(pk=platform.scope.pk).update(generation=platform.scope.generation + 1)
    Touched.objects.create(
        scope=platform.scope,
        address="role:stopped",
        generation=platform.scope.generation,
        sentence="Keycloak answered 409.",
        is_blocked=is_blocked,
    )


def test_realms_and_runs_are_listed(platform: Platform, boss: Client) -> None:
    page = boss.get(reverse("sync:run-list")).content.decode()

    assert platform.realm in page
    assert "In sync" in page
    assert "5 changes made." in page
    assert "Read again" in page
    assert "Try again" not in page


def test_a_refresh_is_the_same_part_of_the_page(platform: Platform, boss: Client) -> None:
    page = boss.get(reverse("sync:run-list")).content.decode()
    part = boss.get(reverse("sync:run-list"), headers=HTMX).content.decode()

    # Each answer has a token of its own against forged posts.
    def without_tokens(text: str) -> str:
        import re

        return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text)

    assert without_tokens(squeezed(part)) == without_tokens(results_of(page))


def test_a_stopped_realm_says_why_and_can_be_tried_again(platform: Platform, boss: Client) -> None:
    stopped(platform)

    page = boss.get(reverse("sync:run-list")).content.decode()
    answer = boss.post(reverse("sync:scope-retry", args=[platform.scope.pk]))

    assert "Blocked" in page
    assert "Keycloak answered 409." in page
    assert "Try again" in page
    assert answer["Location"] == reverse("sync:run-list")
    assert not Touched.objects.exclude(sentence="").exists()


def test_a_server_that_does_not_answer_is_named(platform: Platform, boss: Client) -> None:
    now = timezone.now()
    Circuit.objects.create(
        server=platform.scope.server, failures=3, opened_at=now, retry_at=now, sentence="It is silent."
    )

    page = boss.get(reverse("sync:run-list")).content.decode()

    assert "No answer" in page
    assert "It is silent." in page
    assert f"{platform.scope.server.name} does not answer" in squeezed(
        boss.get(reverse("home")).content.decode()
    )


@pytest.mark.parametrize("address", ["//evil.example/", "https://evil.example/", "javascript:alert(1)"])
def test_a_button_leads_back_to_own_pages_only(platform: Platform, boss: Client, address: str) -> None:
    answer = boss.post(reverse("sync:scope-retry", args=[platform.scope.pk]), {"next": address})

    assert answer["Location"] == reverse("sync:run-list")


def test_a_realm_is_read_again_in_the_background(platform: Platform, boss: Client) -> None:
    answer = boss.post(reverse("sync:scope-read", args=[platform.scope.pk]), {"next": "/sync/"}, follow=True)

    assert "is being read" in answer.content.decode()


def test_a_run_shows_its_steps(platform: Platform, boss: Client) -> None:
    run = platform.scope.runs.get()

    page = boss.get(reverse("sync:run-detail", args=[run.pk])).content.decode()
    part = boss.get(reverse("sync:run-detail", args=[run.pk]), headers=HTMX).content.decode()

    assert f"Create realm {platform.realm}" in page
    assert part.count("Open the plan") == 5
    assert "every 1s" not in part
    assert squeezed(part) in squeezed(page)


def test_a_running_run_is_followed(platform: Platform, boss: Client) -> None:
    run = Run.objects.create(scope=platform.scope, started_at=timezone.now(), generation=1)

    page = boss.get(reverse("sync:run-detail", args=[run.pk])).content.decode()

    assert 'hx-trigger="every 1s"' in page
    assert "The run reads Keycloak first." in page


def test_more_realms_runs_and_steps_need_no_more_queries(platform: Platform, boss: Client) -> None:
    run = Run.objects.create(
        scope=platform.scope, started_at=timezone.now(), generation=1, state=Run.State.FAILED
    )
    pages = [reverse("sync:run-list"), reverse("sync:run-detail", args=[run.pk])]
    stopped(platform)
    few = [queries_of(boss, page) for page in pages]
    server = KeycloakServer.objects.get(pk=platform.server.pk)
    for number in range(30):
        scope = Scope.objects.create(server=server, realm=f"more-{number}", generation=1)
        Touched.objects.create(scope=scope, address="realm:", generation=1, sentence="It failed.")
        Run.objects.create(scope=scope, started_at=timezone.now(), generation=1, state=Run.State.DONE)
        Step.objects.create(
            run=run,
            number=number,
            address="role:x",
            action="create",
            phase=2,
            words="Create role x",
            started_at=timezone.now(),
            plan_id=uuid.uuid4(),
        )

    assert [queries_of(boss, page) for page in pages] == few
    Scope.objects.filter(realm__startswith="more-").delete()


def test_a_tenants_administrator_follows_her_own_realm_only(platform: Platform, client: Client) -> None:
    sign_in_as(client, "own", groups=(f"/tenants/{platform.tenant}/admins",))
    own = client.get(reverse("sync:run-list")).content.decode()
    run = platform.scope.runs.order_by("started_at").first()
    sign_in_as(client, "other", groups=("/tenants/birch/admins",))
    other = client.get(reverse("sync:run-list")).content.decode()

    assert run is not None
    assert platform.realm in own
    assert platform.realm not in other
    assert client.get(reverse("sync:run-detail", args=[run.pk])).status_code == 404
    for name in ("scope-retry", "scope-read"):
        assert client.post(reverse(f"sync:{name}", args=[platform.scope.pk])).status_code == 404


def test_an_auditor_looks_and_does_not_act(platform: Platform, client: Client) -> None:
    sign_in_as(client, "otto", roles=("gatehouse-auditor",))

    page = client.get(reverse("sync:run-list"))

    assert page.status_code == 200
    assert "Read again" not in page.content.decode()
    for name in ("scope-retry", "scope-read"):
        assert client.post(reverse(f"sync:{name}", args=[platform.scope.pk])).status_code == 403


def test_pages_read_and_buttons_write(platform: Platform, boss: Client) -> None:
    assert boss.post(reverse("sync:run-list")).status_code == 405
    for name in ("scope-retry", "scope-read"):
        assert boss.get(reverse(f"sync:{name}", args=[platform.scope.pk])).status_code == 405


def test_a_run_shows_the_steps_of_ones_own_tenants_only(platform: Platform, client: Client) -> None:
    """S2: tenants that share a realm do not read each other's changes in a run of both."""
    plan = platform.do("access:role:create", name="own-step")
    run = Step.objects.filter(plan_id=plan.pk).latest("started_at").run
    Step.objects.create(
        run=run,
        number=99,
        address="role:of-a-neighbour",
        action="create",
        phase=1,
        words="Create role of-a-neighbour",
        started_at=timezone.now(),
        plan_id=uuid.uuid4(),
    )
    page = reverse("sync:run-detail", args=[run.pk])

    sign_in_as(client, "own", groups=(f"/tenants/{platform.tenant}/admins",))
    own = client.get(page).content.decode()
    sign_in_as(client, "boss", roles=("gatehouse-admin",))
    everything = client.get(page).content.decode()

    assert "own-step" in own
    assert "of-a-neighbour" not in own
    assert "1 more, of other tenants of this realm." in own
    assert "of-a-neighbour" in everything


@pytest.mark.parametrize("name", ["sync:scope-retry", "sync:scope-read"])
def test_to_see_a_realm_is_not_to_act_on_it(platform: Platform, client: Client, name: str) -> None:
    """An auditor who administers another tenant sees this realm, and has no right in it."""
    sign_in_as(client, "both", roles=("gatehouse-auditor",), groups=("/tenants/elsewhere/admins",))

    assert client.post(reverse(name, args=[platform.scope.pk])).status_code == 403

    sign_in_as(client, "own", groups=(f"/tenants/{platform.tenant}/admins",))
    assert client.post(reverse(name, args=[platform.scope.pk])).status_code == 302
