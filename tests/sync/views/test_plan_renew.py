"""The way out of a stopped plan: look at it as it is now, and approve that."""

import pytest
from django.test import Client
from django.urls import reverse

from console.sync.models import Plan, Run
from tests.factories import Platform
from tests.operators import sign_in_as


@pytest.fixture(scope="module")
def stopped(platform: Platform) -> Plan:
    """An applied deletion that somebody's change in Keycloak stopped."""
    platform.build(("access:role:create", {"name": "ended", "description": "Ours"}))
    plan = platform.approve("access:role:delete", role="ended")
    representation = platform.keycloak.get("roles", "ended")
    platform.keycloak.put("roles", "ended", json=representation | {"description": "Theirs"})
    assert platform.sync().state == Run.State.BLOCKED
    return plan


def test_the_page_of_a_stopped_plan_leads_to_a_new_preview(
    client: Client, platform: Platform, stopped: Plan
) -> None:
    sign_in_as(client, groups=(f"/tenants/{platform.tenant}/admins",))
    address = reverse("sync:plan-renew", args=[stopped.pk])
    assert address in client.get(stopped.get_absolute_url()).content.decode()

    answer = client.post(address)

    fresh = Plan.objects.filter(command="tenants:plan:renew").latest("created_at")
    assert answer.status_code == 302
    assert answer["Location"] == fresh.get_absolute_url()
    assert [one["action"] for one in fresh.operations] == ["delete"]


def test_a_stranger_finds_no_plan_and_a_viewer_may_not_renew(
    client: Client, platform: Platform, stopped: Plan
) -> None:
    address = reverse("sync:plan-renew", args=[stopped.pk])

    sign_in_as(client, groups=("/tenants/another/admins",))
    assert client.post(address).status_code == 404

    sign_in_as(client, roles=("gatehouse-auditor",))
    assert client.post(address).status_code == 403
    assert client.get(address).status_code in (403, 405)
