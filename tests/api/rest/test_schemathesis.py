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
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from access.models import Role
from console.api.rest.auth import Reads
from console.bulk.models import BulkJob, BulkRow
from console.permissions.policy import CARRIABLE
from console.sync.models import Plan
from tenants.models import Blueprint, BlueprintUse
from tests.access.declared import READ as NOW
from tests.access.declared import DeclaredTenant
from tests.api.authzen.fixture import BLUEPRINT, certified, token_for

pytestmark = pytest.mark.django_db

_CLIENT = Client(raise_request_exception=True)  # one: each looks through all static files when it begins
EXAMPLES = int(os.environ.get("API_EXAMPLES", "4"))


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
    made.client("robot")
    made.person_role("bob", "stall:bob")
    use = BlueprintUse.objects.get(tenant=made.tenant)
    Blueprint.objects.filter(pk=use.blueprint_id).update(text=f"{BLUEPRINT}{FAMILY}", digest="with-a-family")
    return made


FAMILY = """
families:
  - key: stall
    name: Stall
    given: "stall:<profile>"
    roles: [{pattern: "stall:<profile>", title: Stall}]
"""


def _a_plan_and_a_job() -> dict[str, str]:
    """Return what stands for an id in the addresses of plans and imports."""
    plan = Plan.objects.create(
        title="x",
        tenant="records",
        command="access:role:create",
        values={"tenant": "records", "name": "shown"},
        actor_key="x",
        read_at=NOW,
    )
    job = BulkJob.objects.create(
        tenant="records", kind="people", title="x", actor_key="x", columns=["a"], options={"fields": [""]}
    )
    BulkRow.objects.create(job=job, line=2, cells=["a"], outcome="unchanged")
    return {"plans": str(plan.pk), "bulk": str(job.pk)}


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
    chosen = {"tenant": "records", "family": "stall", "value": "bob", **_a_plan_and_a_job()}
    seen: dict[str, set[int]] = {}
    for found in schema.get_all_operations():
        operation = found.ok()
        _send_some(operation, mode, token, ids, chosen, seen.setdefault(operation.label, set()))

    assert len(seen) > 70
    assert any(200 in statuses for statuses in seen.values())
    assert all(statuses for statuses in seen.values()) or mode is GenerationMode.NEGATIVE


def _send_some(
    operation: Any,
    mode: GenerationMode,
    token: str,
    ids: list[int],
    chosen: dict[str, str],
    statuses: set[int],
) -> None:
    client = _CLIENT
    documented = {int(code) for code in operation.definition.raw["responses"]}

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # what fails is told as it came: to make it smaller takes minutes
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        with transaction.atomic():
            answer = _send(client, case, token, ids, chosen)
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


def _send(client: Client, case: Any, token: str, ids: list[int], chosen: dict[str, str]) -> Any:
    """Send a case to a tenant that is there, and often to a thing that is there."""
    path = case.path
    for name, value in (case.path_parameters or {}).items():
        number = ids[hash(str(value)) % len(ids)]
        of_whole = next((one for noun, one in chosen.items() if f"/{noun}/{{{name}}}" in case.path), None)
        told = of_whole or {**chosen, "id": number, "child": number}.get(name, value)
        path = path.replace(f"{{{name}}}", str(told))
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
