"""Where a Keycloak server may be (T11): however it is written, no address leads back to this machine."""

from ipaddress import ip_network
from typing import Any

import pytest

from console.seal import CannotOpen
from console.sync.models import KeycloakServer
from console.sync.server_address import why_not
from tenants.services import servers
from tenants.services.servers import NotReached
from tests.factories import MIRA

LOOPBACK = [
    "http://127.0.0.1:8080",
    "http://127.1",
    "http://2130706433",
    "http://0x7f.0.0.1",
    "http://0177.0.0.1",
    "http://localhost:8080/auth",
    "https://LOCALHOST",
    "http://[::1]:8080",
    "http://[::ffff:127.0.0.1]",
    "http://[64:ff9b::7f00:1]",
    "http://[2002:7f00:1::]",
]
LINK_LOCAL = [
    "http://169.254.169.254",
    "http://2852039166",
    "http://0xa9fea9fe",
    "http://0251.0376.0251.0376",
    "http://[fe80::1]",
    "http://[::ffff:169.254.169.254]",
]
NOWHERE = [
    "http://0.0.0.0",
    "http://0",
    "http://0.1.2.3",
    "http://[::]",
    "http://224.0.0.1",
    "http://255.255.255.255",
]


@pytest.fixture(autouse=True)
def nothing_allowed(settings: Any) -> None:
    settings.SERVER_NETWORKS = ()


@pytest.mark.parametrize(
    ("url", "what"),
    [
        *((url, "is this machine itself") for url in LOOPBACK),
        *((url, "where clouds keep the credentials") for url in LINK_LOCAL),
        *((url, "") for url in NOWHERE),
    ],
)
def test_an_address_that_leads_here_is_refused(url: str, what: str) -> None:
    sentence = why_not(url)

    assert sentence
    assert what in sentence
    assert "SERVER_NETWORKS" in sentence


@pytest.mark.parametrize(
    "url",
    [
        "https://192.0.2.10",
        "http://10.1.2.3:8080",
        "https://[2001:db8::1]",
        "https://sso.unknown-host.invalid",
    ],
)
def test_other_addresses_are_fine(url: str) -> None:
    """A name without an address is nowhere yet: the call itself fails, and is judged anew each time."""
    assert why_not(url) == ""


def test_a_setting_allows_what_it_names_and_no_more(settings: Any) -> None:
    settings.SERVER_NETWORKS = (ip_network("127.0.0.0/8"),)

    assert why_not("http://2130706433") == ""
    assert why_not("http://[::1]") != ""
    assert why_not("http://169.254.169.254") != ""


@pytest.mark.django_db
def test_such_a_server_is_neither_added_nor_moved_nor_spoken_to(settings: Any) -> None:
    settings.SERVER_NETWORKS = (ip_network("127.0.0.0/8"),)
    row = servers.create(actor=MIRA, name="here", url="http://127.0.0.1:9", client_id="c", secret="s-3cret")
    settings.SERVER_NETWORKS = ()

    with pytest.raises(NotReached) as added:
        servers.create(actor=MIRA, name="two", url="http://169.254.169.254", client_id="c", secret="s")
    with pytest.raises(NotReached):
        servers.edit(actor=MIRA, server=row.pk, revision=1, url="http://[::1]", client_id="c", secret="s")
    with pytest.raises(CannotOpen, match="this machine itself"):
        row.connection()

    assert added.value.field == "url"
    assert list(KeycloakServer.objects.values_list("name", "url")) == [("here", "http://127.0.0.1:9")]
