"""Bodies and headers that nobody means: each has an answer of its own, and none is a fault of the console."""

import pytest

from console.api.kept import KeptAnswer
from console.permissions.policy import CARRIABLE
from tests.access.declared import DeclaredTenant
from tests.api.authzen.fixture import token_for
from tests.api.rest.program import Program

pytestmark = pytest.mark.django_db
GROUPS = "tenants/acme/groups/"


@pytest.fixture
def program() -> Program:
    DeclaredTenant()
    return Program(token=token_for("", *CARRIABLE))


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"name":' * 50_000,
        b'{"name": ' + b"9" * 6_000 + b"}",
        b'{"name": NaN}',
        b'{"name": "a\\u0000"}',
        b'{"name": "\\ud800"}',
        b"\xff",
        b"null",
    ],
    ids=["lists", "objects", "a long number", "no number", "NUL", "half a sign", "no UTF-8", "nothing"],
)
def test_a_body_that_cannot_be_meant_is_refused(program: Program, body: bytes) -> None:
    assert program.call("POST", GROUPS, body).status in (400, 422)


@pytest.mark.parametrize("key", ["a\0b", "x" * 256, "a\x7fb"], ids=["NUL", "long", "not printable"])
def test_a_key_that_cannot_be_kept_is_refused_wherever_it_comes_with(program: Program, key: str) -> None:
    answer = program.post(GROUPS, {"name": "data"}, Idempotency_Key=key)
    nowhere = program.post("tenants/nowhere/groups/", {"name": "data"}, Idempotency_Key=key)
    wrong = program.post(GROUPS, {}, Idempotency_Key=key)

    assert (answer.status, nowhere.status) == (400, 404)
    assert wrong.status in (400, 422)
    assert not KeptAnswer.objects.exists()
