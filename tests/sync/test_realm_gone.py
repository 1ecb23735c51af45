"""A realm that somebody deleted, or deleted and made again, behind the console's back."""

from collections.abc import Callable

import pytest

from console.sync.commands import Refused
from console.sync.models import Run
from console.transport import calls
from tests.factories import Platform
from tests.faults.scenario import give_up

WRITES = ("POST", "PUT", "DELETE")


@pytest.fixture
def lost(new_platform: Callable[..., Platform]) -> Platform:
    """A realm with a role that waits for its run, deleted in Keycloak."""
    platform = new_platform("lost")
    platform.approve("access:role:create", name="waiting")
    platform.keycloak.delete()
    return platform


def writes(made: list[str]) -> list[str]:
    return [one for one in made if one.startswith(WRITES) and "openid-connect" not in one]


def test_a_deleted_realm_is_never_made_again(lost: Platform) -> None:
    """F29: the run says that the realm is missing, and writes nothing."""
    with calls() as made:
        run = lost.sync()

    assert run.state == Run.State.BLOCKED
    assert "never made again" in run.sentence
    assert writes(made.made) == []
    lost.keycloak.make_realm()


def test_a_realm_made_again_under_the_same_name_is_not_ours(lost: Platform) -> None:
    """F30: another internal id, so it is another realm: nothing is written."""
    lost.keycloak.make_realm(displayName="Somebody else's")

    with calls() as made:
        run = lost.sync()

    assert run.state == Run.State.BLOCKED
    assert "not the one" in run.sentence
    assert writes(made.made) == []
    assert "waiting" not in lost.role_names()


def test_a_realm_that_is_to_go_and_is_gone_already_is_done(new_platform: Callable[..., Platform]) -> None:
    """F32: its deletion landed, and whoever asked for it never wrote that down."""
    platform = new_platform("gone")
    give_up(platform)
    platform.keycloak.delete()

    with calls() as made:
        run = platform.sync()

    assert run.state == Run.State.DONE, run.sentence
    assert platform.is_in_sync
    assert writes(made.made) == []
    assert not platform.scope.ledger.exists()
    platform.keycloak.make_realm()


def test_a_preview_in_a_realm_made_again_shows_a_conflict(lost: Platform) -> None:
    """F30: seen before anything is approved."""
    lost.keycloak.make_realm()

    plan = lost.preview("access:group:create", name="never")

    assert plan.findings
    with pytest.raises(Refused):
        lost.apply(plan)
