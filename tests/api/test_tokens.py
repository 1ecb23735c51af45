"""API tokens: made by superusers, shown once, kept as a digest, never more than their maker has."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from console.api.services import tokens
from console.audit.models import AuditEvent
from console.identity.acting import NotHere, actor_named
from console.identity.actor import Actor, ActorKind
from console.identity.api_tokens import BadToken, bearer_of, digest_of, note_used
from console.identity.models import ApiToken, SignIn
from console.permissions.policy import decide
from console.permissions.vocabulary import Permission as P
from console.sync.cause import Forbidden
from tests.operators import sign_in_as

pytestmark = pytest.mark.django_db

BOTH = ("gatehouse-admin", "gatehouse-superuser")


@pytest.fixture
def client() -> Client:
    return Client()


def actor(name: str = "sue", *roles: str) -> Actor:
    return Actor(
        key=f"sso:{name}", name=name, kind=ActorKind.SSO, roles=frozenset(roles or BOTH), is_superuser=True
    )


def made(client: Client, *permissions: P, tenant: str = "", roles: tuple[str, ...] = BOTH) -> tokens.NewToken:
    sign_in_as(client, "sue", roles=roles, is_superuser=True)
    now = timezone.now()
    return tokens.create(
        actor=actor("sue", *roles),
        name="ci",
        permissions=[one.value for one in permissions],
        tenant=tenant,
        expires_at=now + timedelta(days=1),
        now=now,
    )


def header(token: tokens.NewToken) -> str:
    return f"Bearer {token.secret.reveal()}"


def test_a_token_is_shown_once_and_kept_as_a_digest(client: Client) -> None:
    sign_in_as(client, "sue", roles=BOTH, is_superuser=True)
    ends = timezone.now().date() + timedelta(days=30)

    page = client.post(
        "/tokens/new/",
        {
            "name": "deploy",
            "expires_at": str(ends),
            "permissions": ["access:role:view", "access:decision:view"],
        },
    )

    row = ApiToken.objects.get()
    text = page.content.decode()
    secret = text.partition('<clipboard-copy value="')[2].partition('"')[0]
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    assert secret.startswith(f"{row.prefix}_")
    assert len(secret) > 50
    assert row.digest == digest_of(secret)
    assert secret not in str(ApiToken.objects.values().get())
    assert row.expires_at == datetime(ends.year, ends.month, ends.day, 23, 59, 59, tzinfo=UTC)
    assert secret not in client.get("/tokens/").content.decode()
    assert row.prefix in client.get("/tokens/").content.decode()
    event = AuditEvent.objects.get(kind="identity:token:create")
    assert (event.actor_name, event.subject) == ("sue", f"deploy ({row.prefix}…)")
    assert secret not in str(AuditEvent.objects.values())


def test_a_form_without_an_end_or_with_a_far_one_is_refused(client: Client) -> None:
    sign_in_as(client, "sue", roles=BOTH, is_superuser=True)
    far = timezone.now().date() + timedelta(days=400)
    for ends in ("", "2020-01-01", str(far)):
        answer = client.post(
            "/tokens/new/", {"name": "x", "expires_at": ends, "permissions": ["access:role:view"]}
        )
        assert answer.status_code == 422, ends
    assert not ApiToken.objects.exists()


def test_no_token_carries_what_its_maker_has_not(client: Client) -> None:
    with pytest.raises(tokens.MoreThanOwn, match="You may not “create tenant”"):
        made(client, P.TENANT_CREATE, roles=("gatehouse-auditor", "gatehouse-superuser"))
    with pytest.raises(tokens.NotForTokens):
        made(client, P.TOKEN_CREATE)
    with pytest.raises(Forbidden):
        made(client, P.ROLE_VIEW, roles=("gatehouse-admin",))
    assert not ApiToken.objects.exists()


def test_the_bearer_acts_with_the_tokens_rights(client: Client, django_assert_num_queries: Any) -> None:
    token = made(client, P.ROLE_VIEW, tenant="acme")

    with django_assert_num_queries(1):
        bearer = bearer_of(header(token), now=timezone.now())

    assert bearer.actor.kind is ActorKind.API
    assert decide(bearer.actor, P.ROLE_VIEW, "acme")
    assert not decide(bearer.actor, P.ROLE_VIEW, "globex")
    assert not decide(bearer.actor, P.ROLE_CREATE, "acme")


def test_a_right_that_the_maker_loses_is_lost_to_the_token(client: Client) -> None:
    token = made(client, P.ROLE_VIEW)
    SignIn.objects.update(roles=["gatehouse-superuser"])

    assert not decide(bearer_of(header(token), now=timezone.now()).actor, P.ROLE_VIEW, "acme")


@pytest.mark.parametrize("how", ["revoked", "expired", "closed"])
def test_a_token_that_is_over_opens_nothing_at_once(how: str, client: Client) -> None:
    token = made(client, P.ROLE_VIEW)
    now = timezone.now()
    assert bearer_of(header(token), now=now)

    if how == "revoked":
        tokens.revoke(actor=actor(), token=token.row.pk, now=now)
        assert AuditEvent.objects.get(kind="identity:token:revoke").actor_name == "sue"
    elif how == "expired":
        now = token.row.expires_at
    else:
        token.row.maker.is_active = False
        token.row.maker.save()

    with pytest.raises(BadToken, match="not known, was revoked, or has expired"):
        bearer_of(header(token), now=now)
    if how == "revoked":
        with pytest.raises(NotHere):
            actor_named(f"token:{token.row.prefix}", clock=timezone.now)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic abc",
        "Bearer gate_x",
        "Bearer \x00",
        "Bearer ü",
        "Bearer " + "a" * 9999,
    ],
)
def test_anything_else_is_no_token(text: str) -> None:
    with pytest.raises(BadToken):
        bearer_of(text, now=timezone.now())


def test_the_last_use_is_kept_at_most_once_a_minute(client: Client, django_assert_num_queries: Any) -> None:
    token = made(client, P.ROLE_VIEW)
    now = timezone.now()
    note_used(bearer_of(header(token), now=now), now=now)

    again = bearer_of(header(token), now=now)
    with django_assert_num_queries(0):
        note_used(again, now=now + timedelta(seconds=59))
    note_used(again, now=now + timedelta(seconds=61))

    token.row.refresh_from_db()
    assert token.row.last_used_at == now + timedelta(seconds=61)


def test_a_worker_acts_for_a_token_while_it_stands(client: Client) -> None:
    token = made(client, P.ROLE_VIEW)

    assert decide(actor_named(f"token:{token.row.prefix}", clock=timezone.now), P.ROLE_VIEW, "acme")


def test_a_token_is_revoked_on_its_page_and_in_the_django_admin(client: Client) -> None:
    first, second = made(client, P.ROLE_VIEW), made(client, P.ROLE_VIEW)

    assert (
        "opens nothing any more"
        in client.post(f"/tokens/{first.row.pk}/revoke/", follow=True).content.decode()
    )
    answer = client.post(
        "/admin/identity/apitoken/", {"action": "revoke", "_selected_action": [second.row.pk]}, follow=True
    )

    assert answer.status_code == 200
    assert not ApiToken.objects.filter(revoked_at=None).exists()
    assert AuditEvent.objects.filter(kind="identity:token:revoke").count() == 2
    assert client.get("/admin/identity/apitoken/add/")["Location"] == "/tokens/new/"
    shown = client.get(f"/admin/identity/apitoken/{second.row.pk}/change/").content.decode()
    assert second.row.digest not in shown


def test_administrators_and_auditors_make_none(client: Client) -> None:
    token = made(client, P.ROLE_VIEW)
    for role in ("gatehouse-admin", "gatehouse-auditor"):
        other = Client()
        sign_in_as(other, "ada", roles=(role,))
        assert other.get("/tokens/").status_code == 200
        assert other.get("/tokens/new/").status_code == 403
        assert other.post(f"/tokens/{token.row.pk}/revoke/").status_code == 403
    assert bearer_of(header(token), now=timezone.now())


def test_the_list_costs_the_same_for_one_token_and_for_many(
    client: Client, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    made(client, P.ROLE_VIEW)
    client.get("/tokens/")
    with django_assert_max_num_queries(30) as first:
        client.get("/tokens/")
    for _ in range(20):
        made(client, P.ROLE_VIEW)
    with django_assert_num_queries(len(first)):
        client.get("/tokens/")
