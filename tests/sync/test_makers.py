"""Who made API tokens is confirmed by the real Keycloak, without any sign-in and without a call a request."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from console.api.services import tokens
from console.identity.actor import Actor, ActorKind
from console.identity.api_tokens import BadToken, bearer_of
from console.identity.models import OidcIdentity, SignIn, User
from console.permissions.policy import decide
from console.permissions.vocabulary import Permission as P
from console.sync import makers
from console.transport import calls
from tests.factories import add_server
from tests.identity.conftest import operators_realm, realm
from tests.identity.realm import ROLES, TestRealm
from tests.keycloak.world import fresh
from tests.operators import sign_in_as

__all__ = ["operators_realm", "realm"]

pytestmark = pytest.mark.django_db
ACME = "/tenants/acme/admins"
HELD = ("gatehouse-admin", "gatehouse-superuser")


class Maker:
    """An operator of the real realm who made a token an hour ago, and whose session is over since."""

    def __init__(self, realm: TestRealm, client: Client) -> None:
        self.realm, self.name = realm, fresh("sue")
        realm.add_person(self.name)
        for role in HELD:
            realm.give_role(self.name, role)
        self.user = sign_in_as(
            client, self.name, roles=HELD, groups=("/tenants/acme/admins",), is_superuser=True
        )
        OidcIdentity.objects.create(
            user=self.user, issuer=realm.issuer, subject=realm.person(self.name)["id"]
        )
        self.began = timezone.now() - timedelta(hours=1)
        times = dict.fromkeys(("signed_in_at", "seen_at", "checked_at"), self.began)
        SignIn.objects.filter(user=self.user).update(**times, ended_at=self.began, ended_why="Signed out.")
        self.made = tokens.create(
            actor=Actor(
                key=self.user.username,
                name=self.name,
                kind=ActorKind.SSO,
                roles=frozenset(HELD),
                is_superuser=True,
            ),
            name="ci",
            permissions=[P.ROLE_VIEW.value],
            tenant="",
            expires_at=timezone.now() + timedelta(days=30),
            now=timezone.now(),
        )

    def bearer(self, **later: int) -> Actor:
        header = f"Bearer {self.made.secret.reveal()}"
        return bearer_of(header, now=timezone.now() + timedelta(**later)).actor

    def may(self) -> bool:
        return decide(self.bearer(), P.ROLE_VIEW, "acme").allowed

    def is_due(self) -> None:
        User.objects.filter(pk=self.user.pk).update(asked_at=timezone.now() - timedelta(minutes=6))

    def confirmed(self) -> dict[str, Any]:
        self.user.refresh_from_db()
        return dict(self.user.confirmed or {})


@pytest.fixture
def maker(realm: TestRealm, client: Client, keycloak_connection: Any) -> Iterator[Maker]:
    add_server(keycloak_connection)
    made = Maker(realm, client)
    yield made
    if realm.get("users", username=made.name, exact=True):
        realm.delete_person(made.name)


def test_who_still_has_everything_keeps_a_token_that_works(maker: Maker) -> None:
    assert makers.confirm_due() == 1

    assert set(HELD) <= set(maker.confirmed()["roles"])
    assert maker.may()
    assert makers.confirm_due() == 0  # not again at once


def test_a_request_with_a_token_asks_keycloak_nothing(maker: Maker, django_assert_num_queries: Any) -> None:
    makers.confirm_due()
    with calls() as made, django_assert_num_queries(1):
        maker.bearer()

    assert made.made == []


@pytest.mark.parametrize("what", ["disabled", "deleted"])
def test_who_was_disabled_or_removed_has_no_token_any_more(maker: Maker, what: str) -> None:
    if what == "disabled":
        maker.realm.edit_person(maker.name, enabled=False)
    else:
        maker.realm.delete_person(maker.name)
    assert maker.may()  # until a worker asks

    makers.confirm_due()

    with pytest.raises(BadToken, match="not known"):
        maker.bearer()


def test_who_lost_the_role_has_a_token_without_its_rights_until_it_is_given_back(maker: Maker) -> None:
    maker.realm.take_role(maker.name, "gatehouse-admin")
    makers.confirm_due()
    assert not maker.may()

    maker.realm.give_role(maker.name, "gatehouse-admin")
    maker.is_due()
    makers.confirm_due()

    assert maker.may()


def test_what_keycloak_says_never_gives_more_than_the_sign_in_had(maker: Maker) -> None:
    maker.realm.give_role(maker.name, ROLES[1])
    makers.confirm_due()

    account = maker.bearer().carried
    assert account is not None
    assert account.maker.roles == set(HELD)
    assert account.maker.groups == set()  # of the sign-in's groups Keycloak confirms none


def test_the_page_of_tokens_says_what_does_not_work(maker: Maker, client: Client) -> None:
    maker.realm.edit_person(maker.name, enabled=False)
    makers.confirm_due()
    sign_in_as(client, roles=HELD, is_superuser=True)
    gone = client.get("/tokens/").content.decode()
    User.objects.filter(pk=maker.user.pk).update(confirmed=None, confirmed_at=None)
    SignIn.objects.filter(user=maker.user).update(
        signed_in_at=maker.began - timedelta(days=2), checked_at=maker.began - timedelta(days=1)
    )
    unconfirmed = client.get("/tokens/").content.decode()

    assert "maker gone" in gone
    assert "could not confirm its maker for too long" in unconfirmed
    assert "Revoke" in unconfirmed


def test_a_newer_sign_in_counts_more_than_an_older_confirmation(maker: Maker, client: Client) -> None:
    maker.realm.edit_person(maker.name, enabled=False)
    makers.confirm_due()
    sign_in_as(client, maker.name, roles=HELD, is_superuser=True)

    assert maker.may()


def test_without_any_confirmation_a_token_stops_after_a_while(maker: Maker) -> None:
    assert maker.bearer(hours=22)
    with pytest.raises(BadToken, match="could not confirm"):
        maker.bearer(hours=23, minutes=1)  # an hour went by before


def test_an_answer_that_says_nothing_changes_nothing(maker: Maker, settings: Any) -> None:
    base = maker.realm.issuer.rpartition("/realms/")[0]
    settings.OIDC_ISSUER = f"{base}/realms/not-there"
    OidcIdentity.objects.update(issuer=settings.OIDC_ISSUER)

    assert makers.confirm_due() == 0

    assert maker.confirmed() == {}
    assert maker.may()


def test_a_realm_on_no_server_of_ours_is_not_asked(maker: Maker, settings: Any) -> None:
    host = urlsplit(maker.realm.issuer).path
    settings.OIDC_ISSUER = settings.OIDC_INTERNAL_URL = f"https://elsewhere.example{host}"
    OidcIdentity.objects.update(issuer=settings.OIDC_ISSUER)

    assert makers.confirm_due() == 0
    assert maker.confirmed() == {}


def test_two_workers_do_not_ask_for_the_same(maker: Maker) -> None:
    first, second = User.objects.get(pk=maker.user.pk), User.objects.get(pk=maker.user.pk)

    assert makers._claim(first, timezone.now())
    assert not makers._claim(second, timezone.now())
