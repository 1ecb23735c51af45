"""Acting for an operator without a browser: only while a session of hers stands, with its newest rights."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from console.identity.acting import NotHere, actor_named
from console.identity.models import SignIn, User
from tests.operators import sign_in_as

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return sign_in_as(Client(), "ada", roles=("gatehouse-admin",), groups=("/tenants/acme/admins",))


def named(user: User) -> object:
    return actor_named(user.username, clock=timezone.now)


def test_the_rights_are_those_of_the_newest_session(ada: User) -> None:
    sign_in_as(Client(), "ada", roles=("gatehouse-auditor",))

    actor = actor_named(ada.username, clock=timezone.now)

    assert (actor.key, actor.roles, actor.groups) == (
        ada.username,
        frozenset({"gatehouse-auditor"}),
        frozenset(),
    )


def test_the_console_itself_needs_no_session() -> None:
    assert actor_named("system:sweep", clock=timezone.now).name == "sweep"


def test_nobody_is_acted_for_after_the_end_of_her_session(ada: User) -> None:
    SignIn.objects.update(ended_at=timezone.now(), ended_why="signed out")

    with pytest.raises(NotHere, match="no longer signed in"):
        named(ada)


def test_nobody_is_acted_for_who_was_locked_or_never_came(ada: User) -> None:
    User.objects.update(is_active=False)

    for key in (ada.username, "sso:nobody", "local:ada"):
        with pytest.raises(NotHere, match="no longer signed in"):
            actor_named(key, clock=timezone.now)


def test_a_session_without_its_second_factor_is_none(ada: User) -> None:
    SignIn.objects.update(is_complete=False)

    with pytest.raises(NotHere):
        named(ada)


def test_a_session_is_over_after_its_longest_life(ada: User) -> None:
    long_ago = timezone.now() - timedelta(days=2)
    SignIn.objects.update(signed_in_at=long_ago)

    with pytest.raises(NotHere, match="Your session ended"):
        named(ada)


def test_rights_that_are_too_old_are_asked_for_at_keycloak(ada: User) -> None:
    """The session of this test has no refresh token: it cannot be confirmed, and so it does not stand."""
    SignIn.objects.update(
        checked_at=timezone.now() - timedelta(minutes=6), signed_in_at=timezone.now() - timedelta(hours=1)
    )

    with pytest.raises(NotHere, match="no longer signed in"):
        named(ada)
