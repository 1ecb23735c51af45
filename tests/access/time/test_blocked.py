"""What the guard says about an end: it waits with its sentence, and the others go on."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from access import timing
from access.models import PersonRole
from console.engine.state import Kind
from console.sync import preview
from console.sync.models import Plan, Run, Touched
from console.timed import Term
from tests.factories import MIRA, Platform, at

REASON = "The whole team moved to another realm."


@pytest.fixture(autouse=True)
def operators_administer(settings: Any) -> None:
    settings.ADMINISTRATORS = ("operator",)


def test_the_end_of_the_last_administrator_waits_with_its_sentence_until_somebody_says_why(
    new_platform: Callable[..., Platform],
) -> None:
    crew = new_platform("crew")
    crew.build(
        ("access:role:create", {"name": "operator"}),
        ("access:role:create", {"name": "reader"}),
        ("access:person:create", {"username": "lea"}),
        ("access:person-role:give", {"people": ["lea"], "roles": ["operator", "reader"]}),
    )
    PersonRole.objects.update(ends_at=timezone.now() - timedelta(seconds=5))

    timing.once()
    run = crew.sync()

    address = at(Kind.PERSON_ROLE, "lea", "operator")
    waiting = Touched.objects.get(address=address.key)
    assert run.state == Run.State.BLOCKED
    assert waiting.is_blocked
    assert waiting.sentence.startswith(f"Nobody is an administrator of {crew.realm} any more.")
    assert crew.effective_roles("lea") == {"operator"}  # the other end went on
    assert PersonRole.every.get(role__name="operator").state == Term.ENDED

    plan = Plan.objects.get(command="access:term:turn")
    asked = preview.preview(
        actor=MIRA, command=plan.command, values=plan.values, title=plan.title, tenant=plan.tenant
    )
    preview.apply(actor=MIRA, plan=asked, reason=REASON, ticket="", confirmed=crew.realm)
    assert crew.sync().state == Run.State.DONE
    assert crew.effective_roles("lea") == set()
