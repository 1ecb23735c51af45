"""ID tokens that must not be trusted, each in a real reply of the token endpoint, signed by its key."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.test import Client

from console.audit.models import AuditEvent
from console.identity.models import SignIn, User
from tests.identity.conftest import arrive
from tests.identity.forwarder import Answer, Forwarder
from tests.identity.realm import TestRealm

pytestmark = pytest.mark.django_db

Claims = dict[str, Any]
Forge = Callable[[Claims, dict[str, Any], TestRealm], str]

STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def with_claims(**changed: Any) -> Forge:
    """The genuine token with some claims changed (None: left out), signed by the genuine key."""

    def forge(claims: Claims, header: dict[str, Any], realm: TestRealm) -> str:
        wanted = {name: value for name, value in (claims | changed).items() if value is not None}
        return jwt.encode(wanted, realm.key, algorithm="RS256", headers={"kid": header["kid"]})

    return forge


def with_times(**seconds: float) -> Forge:
    """The genuine token with instants so many seconds from now."""

    def forge(claims: Claims, header: dict[str, Any], realm: TestRealm) -> str:
        return with_claims(**{name: int(time.time() + delta) for name, delta in seconds.items()})(
            claims, header, realm
        )

    return forge


def without_algorithm(claims: Claims, header: dict[str, Any], realm: TestRealm) -> str:
    return jwt.encode(claims, None, algorithm="none", headers={"kid": header["kid"]})


def with_public_key_as_secret(claims: Claims, header: dict[str, Any], realm: TestRealm) -> str:
    """The classic confusion: HMAC with the published key; made by hand, as the library refuses to."""
    pem = realm.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return _hmac_token(claims, header["kid"], pem)


def with_client_secret(claims: Claims, header: dict[str, Any], realm: TestRealm) -> str:
    return _hmac_token(claims, header["kid"], b"secret-of-a-test-realm")


def by_a_stranger(claims: Claims, header: dict[str, Any], realm: TestRealm) -> str:
    return jwt.encode(claims, STRANGER, algorithm="RS256", headers={"kid": header["kid"]})


def with_foreign_kid(claims: Claims, header: dict[str, Any], realm: TestRealm) -> str:
    return jwt.encode(claims, STRANGER, algorithm="RS256", headers={"kid": "a-key-of-somebody"})


def without_kid(claims: Claims, header: dict[str, Any], realm: TestRealm) -> str:
    return jwt.encode(claims, realm.key, algorithm="RS256")


def with_rs512(claims: Claims, header: dict[str, Any], realm: TestRealm) -> str:
    return jwt.encode(claims, realm.key, algorithm="RS512", headers={"kid": header["kid"]})


def with_ps256(claims: Claims, header: dict[str, Any], realm: TestRealm) -> str:
    return jwt.encode(claims, realm.key, algorithm="PS256", headers={"kid": header["kid"]})


def with_an_elliptic_key(claims: Claims, header: dict[str, Any], realm: TestRealm) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return jwt.encode(claims, key, algorithm="ES256", headers={"kid": header["kid"]})


def with_its_own_key_in_the_header(claims: Claims, header: dict[str, Any], realm: TestRealm) -> str:
    own = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(STRANGER.public_key()))
    return jwt.encode(claims, STRANGER, algorithm="RS256", headers={"kid": header["kid"], "jwk": own})


def with_a_critical_header(claims: Claims, header: dict[str, Any], realm: TestRealm) -> str:
    return jwt.encode(claims, realm.key, algorithm="RS256", headers={"kid": header["kid"], "crit": ["exp"]})


def with_changed_content(claims: Claims, header: dict[str, Any], realm: TestRealm) -> str:
    head, _, signature = with_claims()(claims, header, realm).split(".")
    return f"{head}.{_encoded(claims | {'roles': ['gatehouse-superuser']})}.{signature}"


def cut_short(claims: Claims, header: dict[str, Any], realm: TestRealm) -> str:
    return with_claims()(claims, header, realm).rpartition(".")[0]


def nonsense(claims: Claims, header: dict[str, Any], realm: TestRealm) -> str:
    return "not.a.token"


def a_list(claims: Claims, header: dict[str, Any], realm: TestRealm) -> str:
    return jwt.api_jws.encode(b"[1, 2]", realm.key, algorithm="RS256", headers={"kid": header["kid"]})


FORGERIES: dict[str, tuple[Forge, str]] = {
    "another issuer": (with_claims(iss="https://elsewhere.example/realms/gatehouse"), "another issuer"),
    "another realm of the same server": (
        with_claims(iss="http://localhost:1/realms/master"),
        "another issuer",
    ),
    "no issuer": (with_claims(iss=None), "lacks a claim"),
    "another audience": (with_claims(aud="account"), "for another client"),
    "no audience": (with_claims(aud=None), "lacks a claim"),
    "several audiences without azp": (
        with_claims(aud=["gatehouse-console", "account"], azp=None),
        "another client (azp)",
    ),
    "another azp": (with_claims(azp="another-client"), "another client (azp)"),
    "no expiry": (with_claims(exp=None), "lacks a claim"),
    "expired": (with_times(exp=-31), "has expired"),
    "no time of issue": (with_claims(iat=None), "lacks a claim"),
    "issued in the future": (with_times(iat=45), "from the future"),
    "not valid yet": (with_times(nbf=45), "from the future"),
    "expiry is a word": (with_claims(exp="never"), "signature or its form"),
    "another nonce": (with_claims(nonce="another"), "nonce differs"),
    "no nonce": (with_claims(nonce=None), "nonce differs"),
    "another at_hash": (with_claims(at_hash="AAAAAAAAAAAAAAAAAAAAAA"), "at_hash"),
    "no at_hash": (with_claims(at_hash=None), "at_hash"),
    "another subject than userinfo": (
        with_claims(sub="00000000-0000-0000-0000-000000000000"),
        "not the owner",
    ),
    "no subject": (with_claims(sub=None), "lacks a claim"),
    "subject is a number": (with_claims(sub=7), "signature or its form"),
    "an access token": (with_claims(typ="Bearer"), "another kind of token"),
    "algorithm none": (without_algorithm, "not accepted here"),
    "HMAC with the public key": (with_public_key_as_secret, "not accepted here"),
    "HMAC with the client secret": (with_client_secret, "not accepted here"),
    "signed by a stranger": (by_a_stranger, "signature or its form"),
    "a foreign key id": (with_foreign_kid, "not among the keys"),
    "no key id": (without_kid, "does not name a key"),
    "an algorithm that is not on the list": (with_rs512, "not accepted here"),
    "an elliptic key under the id of an RSA key": (with_an_elliptic_key, "not among the keys"),
    "its own key in the header": (with_its_own_key_in_the_header, "signature or its form"),
    "a critical header": (with_a_critical_header, "cannot be read"),
    "content changed after signing": (with_changed_content, "signature or its form"),
    "without its signature": (cut_short, "cannot be read"),
    "nonsense": (nonsense, "cannot be read"),
    "a list instead of claims": (a_list, "signature or its form"),
    "the right key under another algorithm than announced": (with_ps256, "not among the keys"),
}


@pytest.mark.parametrize(("forge", "words"), FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forged_token_is_refused_with_a_page(
    forge: Forge, words: str, forwarder: Forwarder, realm: TestRealm, console: Client
) -> None:
    callback = arrive(console, "ada")
    forwarder.change = _replacing_id_token(forge, realm)

    answer = console.get(callback)

    assert answer.status_code == 403, answer.content.decode()[:500]
    assert "Keycloak&#x27;s answer was not accepted" in answer.content.decode()
    assert words in answer.content.decode()
    assert not SignIn.objects.exists()
    assert not User.objects.exists()
    assert AuditEvent.objects.filter(kind="identity:session:refuse", reason__contains=words).count() == 1


GENUINE: dict[str, Forge] = {
    "unchanged": with_claims(),
    "issued 20 s in the future": with_times(iat=20),
    "valid in 20 s": with_times(nbf=20),
    "expired 20 s ago": with_times(exp=-20),
    "several audiences with our azp": with_claims(aud=["gatehouse-console", "account"]),
}


@pytest.mark.parametrize("forge", GENUINE.values(), ids=GENUINE.keys())
def test_the_same_way_lets_a_correct_token_in(
    forge: Forge, forwarder: Forwarder, realm: TestRealm, console: Client
) -> None:
    callback = arrive(console, "ada")
    forwarder.change = _replacing_id_token(forge, realm)

    answer = console.get(callback)

    assert answer.status_code == 302, answer.content.decode()[:500]
    assert SignIn.objects.open().count() == 1


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256"])
def test_the_three_accepted_algorithms_work_as_keycloak_signs_them(
    algorithm: str, realm: TestRealm, console: Client
) -> None:
    realm.sign_id_tokens_with(algorithm)

    answer = console.get(arrive(console, "ada"))

    realm.sign_id_tokens_with("RS256")
    assert answer.status_code == 302, answer.content.decode()[:500]


def _replacing_id_token(forge: Forge, realm: TestRealm) -> Callable[[str, Answer], Answer]:
    def change(path: str, answer: Answer) -> Answer:
        if not path.endswith("/token"):
            return answer
        content = json.loads(answer.body)
        header = jwt.get_unverified_header(content["id_token"])
        claims = jwt.decode(content["id_token"], options={"verify_signature": False})
        assert claims["at_hash"] == _half_hash(content["access_token"])
        content["id_token"] = forge(claims, header, realm)
        return Answer(answer.status, json.dumps(content).encode(), answer.headers)

    return change


def _hmac_token(claims: Claims, kid: str, secret: bytes) -> str:
    text = f"{_encoded({'alg': 'HS256', 'typ': 'JWT', 'kid': kid})}.{_encoded(claims)}"
    signature = hmac.new(secret, text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def _encoded(content: Claims) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def _half_hash(token: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()[:16]).rstrip(b"=").decode()
