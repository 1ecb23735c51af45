"""The plan page in Chromium: nobody is barred, nothing is cut off, nothing typed is lost (row U4)."""

import uuid
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from console.engine.state import Address
from console.engine.stops import Rule, Stop
from console.sync.models import Plan
from tests.access.declared import DeclaredTenant
from tests.web.browser import Visitor
from tests.web.conftest import visitor

__all__ = ["visitor"]


def right(name: str, *people: str, through: tuple[tuple[str, str], ...] = ()) -> dict[str, Any]:
    return {
        "kind": "role",
        "right": name,
        "count": len(people),
        "people": [[one, one.title()] for one in people],
        "through": [list(step) for step in through],
    }


def operation(phase: int, action: str, address: str, *words: str) -> dict[str, Any]:
    return {
        "action": action,
        "phase": phase,
        "address": address,
        "words": [[word, index % 2 == 1] for index, word in enumerate(words)],
        "reason": "is new" if action == "create" else "is no longer declared",
        "changes": [["description", "Reads", "Reads and exports"]] if action == "update" else [],
        "writes": True,
    }


@pytest.fixture
def plan(transactional_db: None) -> Plan:
    """A stored plan of every phase."""
    acme = DeclaredTenant(f"acme-{uuid.uuid4().hex[:8]}")  # what a test keeps here stays
    people = [f"person{number}" for number in range(10)]
    return Plan.objects.create(
        title="Give 10 people the role maintainer",
        tenant=acme.tenant.slug,
        scope=acme.realm.scope,
        scope_name="eu-1/acme",
        command="access:person-role:give",
        values={},
        actor_key="sso:julia",
        actor_name="Julia",
        read_at=timezone.now(),
        digest="7c1e9af0" + "0" * 56,
        operations=[
            operation(1, "delete", "person-role:noor|operator", "Take role ", "operator", " from ", "noor"),
            operation(2, "update", "role:reader", "Change role ", "reader"),
            *(
                operation(
                    3, "create", f"person-role:{one}|maintainer", "Give ", one, " the role ", "maintainer"
                )
                for one in people
            ),
            operation(4, "delete", "group:data/old", "Delete group ", "data / old"),
        ],
        unchanged=["role:maintainer"],
        impact={
            "gained": [right("maintainer", *people), right("developer", *people[:5])],
            "lost": [right("operator", "noor", through=(("group", "data / eng"), ("role", "lead")))],
            "kept": [right("viewer", "noor", through=(("group", "data"),))],
            "gainers": 10,
            "losers": 1,
            "both": 0,
            "same": 2,
            "rights": 16,
            "names": {one: one.title() for one in (*people, "noor")},
        },
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("state", [Plan.State.OPEN, Plan.State.DISCARDED])
def test_nobody_is_barred(plan: Plan, visitor: Visitor, theme: str, state: str) -> None:
    Plan.objects.update(state=state)
    visitor.choose_theme(theme)

    visitor.go(plan.get_absolute_url())

    assert visitor.barriers() == []
    assert visitor.complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_the_guard_holds_back_bars_nobody_and_keeps_what_was_typed(
    plan: Plan, visitor: Visitor, theme: str
) -> None:
    stop = Stop(
        rule=Rule.LAST_ADMINISTRATOR,
        address=Address.parse("person-role:noor|operator"),
        sentence="Nobody is an administrator of acme any more.",
        consequence="The last one goes with this.",
        name="acme",
    )
    never = Stop(rule=Rule.MASKED, address=stop.address, sentence="A mask.", is_forbidden=True)
    visitor.choose_theme(theme)
    Plan.objects.update(stops=[never.as_json()])
    visitor.go(plan.get_absolute_url())
    assert visitor.barriers() == []
    expect(visitor.page.get_by_role("button", name="Apply 13 operations")).to_be_disabled()
    expect(visitor.page.get_by_role("textbox", name="Reason")).to_have_count(0)

    Plan.objects.update(stops=[stop.as_json()])
    visitor.go(plan.get_absolute_url())
    assert visitor.barriers() == []
    visitor.page.get_by_role("textbox", name="Reason").fill("because")
    visitor.page.get_by_label("Type acme to confirm").fill("acm")
    visitor.page.get_by_role("button", name="Apply 13 operations").click()

    expect(visitor.page.get_by_text("Type acme to confirm.")).to_be_visible()
    expect(visitor.page.get_by_role("textbox", name="Reason")).to_have_value("because")
    expect(visitor.page.get_by_label("Type acme to confirm")).to_have_value("acm")
    assert visitor.barriers() == []


@pytest.mark.parametrize("width", [1024, 1440])
def test_nothing_is_cut_off(plan: Plan, visitor: Visitor, width: int) -> None:
    visitor.page.set_viewport_size({"width": width, "height": 800})

    visitor.go(plan.get_absolute_url())

    assert visitor.overlaps() == []
    assert visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_button_names_the_count_and_is_the_only_filled_one(plan: Plan, visitor: Visitor) -> None:
    visitor.go(plan.get_absolute_url())

    filled = visitor.page.locator(".btn-primary")
    expect(filled).to_have_count(1)
    expect(filled).to_have_text("Apply 13 operations")
    expect(visitor.page.locator(".bar-bottom")).to_contain_text("1 revoke, 1 build, 10 grant, 1 prune")


def test_the_switch_keeps_what_was_typed_and_stands_in_the_address(plan: Plan, visitor: Visitor) -> None:
    visitor.go(plan.get_absolute_url())
    visitor.page.get_by_label("Reason").fill("They take over releases")

    visitor.page.get_by_role("link", name="By person").click()

    expect(visitor.page.locator("#impact")).to_contain_text("Person9")
    expect(visitor.page.get_by_label("Reason")).to_have_value("They take over releases")
    assert "by=person" in visitor.page.url
    visitor.page.reload()
    expect(visitor.page.locator("#impact")).to_contain_text("Loses")


def test_a_way_is_told_shortly_and_wholly(plan: Plan, visitor: Visitor) -> None:
    visitor.go(plan.get_absolute_url())

    row = visitor.page.locator("#impact tr", has_text="operator").last
    expect(row).to_contain_text("eng")
    assert row.locator("td").last.get_attribute("title") == "data / eng › lead"
