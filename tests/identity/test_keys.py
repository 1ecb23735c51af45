"""The realm's public keys: kept ten minutes, read again once for a new key, and never waited for too long."""

import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client

from console.identity import keys
from console.identity.keys import KeyRing, UnknownKey
from tests.identity.conftest import arrive
from tests.identity.forwarder import Answer, Forwarder
from tests.identity.realm import TestRealm


def _published(kid: str, **changed: Any) -> dict[str, Any]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    return (
        json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key))
        | {"kid": kid, "use": "sig", "alg": "RS256"}
        | changed
    )


class Shelf:
    """A key set that can change, a clock that can move, and how often the set was read."""

    def __init__(self, *published: dict[str, Any]) -> None:
        self.published = list(published)
        self.reads = 0
        self.now = 1000.0
        self.ring = KeyRing(read=self._read, clock=lambda: self.now)

    def _read(self) -> dict[str, Any]:
        self.reads += 1
        return {"keys": list(self.published)}


def test_keys_are_read_once_in_ten_minutes() -> None:
    shelf = Shelf(_published("a"))

    for _ in range(5):
        shelf.ring.find(kid="a", algorithm="RS256")
    shelf.now += 599
    shelf.ring.find(kid="a", algorithm="RS256")
    assert shelf.reads == 1

    shelf.now += 1
    shelf.ring.find(kid="a", algorithm="RS256")
    assert shelf.reads == 2


def test_a_new_key_is_found_by_one_forced_reading() -> None:
    shelf = Shelf(_published("a"))
    shelf.ring.find(kid="a", algorithm="RS256")
    shelf.published.append(_published("b"))
    shelf.now += 10

    assert shelf.ring.find(kid="b", algorithm="RS256").key_id == "b"
    assert shelf.reads == 2


def test_unknown_ids_do_not_make_us_ask_again_and_again() -> None:
    shelf = Shelf(_published("a"))
    shelf.ring.find(kid="a", algorithm="RS256")
    shelf.now += 10

    for number in range(100):
        with pytest.raises(UnknownKey):
            shelf.ring.find(kid=f"made-up-{number}", algorithm="RS256")

    assert shelf.reads == 2


@pytest.mark.parametrize(
    "published",
    [
        (_published("a"), _published("a")),
        (_published("a", use="enc"),),
        (_published("a", kty="EC"),),
        (_published("a", alg="RS512"),),
        (_published("a", n="!"),),
        (_published("b"),),
        ("not a key",),
        (),
    ],
    ids=[
        "twice the id",
        "for encryption",
        "another type",
        "another algorithm",
        "broken",
        "another id",
        "text",
        "none",
    ],
)
def test_a_key_that_does_not_fit_is_no_key(published: tuple[Any, ...]) -> None:
    with pytest.raises(UnknownKey):
        Shelf(*published).ring.find(kid="a", algorithm="RS256")


@pytest.mark.django_db
def test_a_sign_in_works_right_after_the_realm_changed_its_keys(
    realm: TestRealm, operator: Callable[..., Client], console: Client
) -> None:
    operator("ada")
    before = {key["kid"] for key in realm.get("keys")["keys"]}
    component = realm.add_key(priority=950)
    assert {key["kid"] for key in realm.get("keys")["keys"]} > before
    time.sleep(keys.BETWEEN_FORCED_SECONDS)

    answer = console.get(arrive(console, "otto"))

    realm.remove_key(component)
    keys.ring.forget()
    assert answer.status_code == 302


# --- Keycloak in trouble while somebody signs in ------------------------------------------------


def _gone(path: str, answer: Answer) -> Answer:
    return Answer(503, b"<html>maintenance</html>", {"Content-Type": "text/html"})


def _error(path: str, answer: Answer) -> Answer:
    return Answer(500, b'{"error": "unknown_error"}', {"Content-Type": "application/json"})


def _cut(path: str, answer: Answer) -> Answer:
    return Answer(200, b"", {}, cut=True)


def _login_page(path: str, answer: Answer) -> Answer:
    return Answer(200, b"<html>please sign in</html>", {"Content-Type": "text/html"})


def _half(path: str, answer: Answer) -> Answer:
    return Answer(200, answer.body[: len(answer.body) // 2], answer.headers)


def _a_list(path: str, answer: Answer) -> Answer:
    return Answer(200, b"[]", {"Content-Type": "application/json"})


def _slow(path: str, answer: Answer) -> Answer:
    time.sleep(6)
    return answer


@pytest.mark.django_db
@pytest.mark.parametrize("endpoint", ["/token", "/certs", "/userinfo"])
@pytest.mark.parametrize("trouble", [_gone, _error, _cut, _login_page, _half, _a_list, _slow])
def test_trouble_at_keycloak_is_a_page_with_a_retry(
    trouble: Callable[[str, Answer], Answer],
    endpoint: str,
    forwarder: Forwarder,
    realm: TestRealm,
    console: Client,
) -> None:
    callback = arrive(console, "ada")

    def change(path: str, answer: Answer) -> Answer:
        return trouble(path, answer) if path.endswith(endpoint) else answer

    forwarder.change = change
    begun = time.monotonic()
    answer = console.get(callback)

    assert time.monotonic() - begun < 10
    assert answer.status_code == 502, answer.content.decode()[:400]
    assert "Try again" in answer.content.decode()
    forwarder.change = None
    assert console.get(arrive(console, "ada")).status_code == 302
