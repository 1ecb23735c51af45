"""What the OpenAPI document allows, and what it does not, sent to every address: no 500, no answer that the
document does not know. Keycloak is out of reach here, so no change gets further than its preview.
"""

import json
import os
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from access.models import Role
from console.api.rest.auth import Reads
from console.permissions.policy import CARRIABLE
from tests.access.declared import DeclaredTenant
from tests.api.authzen.fixture import certified, token_for

pytestmark = pytest.mark.django_db

_CLIENT = Client(raise_request_exception=True)  # one: each looks through all static files when it begins
EXAMPLES = int(os.environ.get("API_EXAMPLES", "6"))


@pytest.fixture
def records(monkeypatch: Any) -> DeclaredTenant:
    cache.clear()
    with connection.cursor() as cursor:  # making up requests takes longer than a page may idle
        cursor.execute("SET idle_in_transaction_session_timeout = 0")
    monkeypatch.setattr(Reads, "allow_request", lambda self, request, view: True)
    made = certified()
    made.member("alice", "staff")
    made.group_role("staff", "record-reader")
    made.entitle(made.person("alice"), "record:record-1:READ")
    server = made.realm.scope.server
    server.url = "http://127.0.0.1:9"
    server.keep_secret("nothing")
    server.save()
    return made


def document() -> dict[str, Any]:
    found: dict[str, Any] = Client().get("/api/v1/schema/?format=json").json()
    return found


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["allowed", "wrong"])
def test_no_request_gets_a_500_or_an_answer_that_is_not_documented(
    mode: GenerationMode, records: DeclaredTenant
) -> None:
    schema = schemathesis.openapi.from_dict(document())
    token = token_for("", *CARRIABLE)
    ids = [1, 2**63, *Role.objects.values_list("pk", flat=True)]
    seen: dict[str, set[int]] = {}
    for found in schema.get_all_operations():
        operation = found.ok()
        _send_some(operation, mode, token, ids, seen.setdefault(operation.label, set()))

    assert len(seen) > 35
    assert any(200 in statuses for statuses in seen.values())
    assert all(statuses for statuses in seen.values()) or mode is GenerationMode.NEGATIVE


def _send_some(operation: Any, mode: GenerationMode, token: str, ids: list[int], statuses: set[int]) -> None:
    client = _CLIENT
    documented = {int(code) for code in operation.definition.raw["responses"]}

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        with transaction.atomic():
            answer = _send(client, case, token, ids)
            transaction.set_rollback(True)
        statuses.add(answer.status_code)
        told = (operation.label, answer.status_code, case.path_parameters, case.query, case.body)
        assert answer.status_code != 500, told
        assert answer.status_code in documented, told

    try:
        send()
    except Exception as error:  # an operation without anything that could be wrong has no wrong requests
        if "Unsatisfiable" not in type(error).__name__:
            raise


def _send(client: Client, case: Any, token: str, ids: list[int]) -> Any:
    """Send a case to a tenant that is there, and often to a thing that is there."""
    path = case.path
    for name, value in (case.path_parameters or {}).items():
        number = ids[hash(str(value)) % len(ids)]
        chosen = {"tenant": "records", "id": number, "child": number}.get(name, value)
        path = path.replace(f"{{{name}}}", str(chosen))
    headers = {
        name: str(value)
        for name, value in (case.headers or {}).items()
        if name.lower() in ("if-match", "idempotency-key")
        and str(value).isascii()
        and str(value).isprintable()
    }
    has_body = isinstance(case.body, dict | list | str | int | float | bool | type(None))
    query = {name: value for name, value in (case.query or {}).items() if "\0" not in f"{name}{value}"}
    return client.generic(
        case.method,
        path,
        json.dumps(case.body) if has_body and case.method in ("POST", "PUT") else b"",
        content_type="application/json",
        query_params=query,
        headers=headers | {"Authorization": f"Bearer {token}"},
    )
