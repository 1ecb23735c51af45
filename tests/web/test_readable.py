"""Null characters in an address: an answer in words, never an error of the database."""

import pytest
from django.test import Client

from tests.access.declared import DeclaredTenant
from tests.operators import sign_in_as

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address",
    [
        "/search/?q=%00",
        "/t/acme/matrix/?q=%00",
        "/t/acme/matrix/?row=p1&column=role:%00",
        "/t/acme/options/people/?q=a%00b",
        "/t/acme/people/?%00=1",
    ],
)
def test_a_null_in_a_query_is_refused_in_words(client: Client, address: str) -> None:
    DeclaredTenant("acme")
    sign_in_as(client, roles=("gatehouse-admin",))

    answer = client.get(address)

    assert answer.status_code == 400
    assert "This address cannot be read" in answer.content.decode()


@pytest.mark.parametrize("grant", ["²", "9" * 30, "-1", "x"])
def test_a_grant_that_is_no_number_is_none(client: Client, grant: str) -> None:
    DeclaredTenant("acme")
    sign_in_as(client, roles=("gatehouse-admin",))

    page = client.get("/t/acme/entitlements/revoke/", {"grant": grant})

    assert page.status_code == 200
    assert "None of the chosen grants exists any more." in page.content.decode()
