"""The fixture of the certification scenario, and a decision point that is asked as a program asks it."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.test import Client
from django.utils import timezone
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing import Resource as Schema

from console.api.services import tokens
from console.blueprints.loader import load
from console.identity.actor import Actor, ActorKind
from console.identity.models import User
from console.permissions.policy import ADMIN, SUPERUSER
from console.permissions.vocabulary import Permission
from console.wsgi import application
from tenants.models import Blueprint, BlueprintUse, Tenant
from tests.access.declared import DeclaredTenant
from tests.operators import sign_in_as

HERE = Path(__file__).parent
BLUEPRINT = (HERE / "authzen-certification.yaml").read_text(encoding="utf-8")
PREFIX = "/access/v1/"
MAKER = Actor(
    key="sso:sue", name="sue", kind=ActorKind.SSO, roles=frozenset({ADMIN, SUPERUSER}), is_superuser=True
)

SCHEMAS = {
    "evaluation": "evaluation-response.schema.json",
    "evaluations": "access-evaluations-response.json",
    "search/subject": "search-subject-response.json",
    "search/resource": "search-resource-response.json",
    "search/action": "search-action-response.json",
}


def certified(slug: str = "records") -> DeclaredTenant:
    """Return a tenant with alice, bob, record-1 and record-2, under the blueprint of the scenario."""
    made = DeclaredTenant(slug)
    use_blueprint(made.tenant, BLUEPRINT)
    for name, includes in (("record-reader", ()), ("record-writer", ("record-reader",))):
        made.role(name, *includes)
    made.role("record-archivist", "record-reader")
    made.person_role("alice", "record-writer")
    made.person_role("bob", "record-archivist")
    made.resource("record", "record-1")
    made.resource("record", "record-2")
    return made


def use_blueprint(tenant: Tenant, text: str, **parameters: Any) -> None:
    """Put a tenant under a blueprint."""
    read = load(text)
    row = Blueprint.objects.create(
        key=read.key,
        version=read.version,
        name=read.name,
        text=text,
        digest=read.digest,
        source=Blueprint.Source.UPLOADED,
        created_by="x",
    )
    BlueprintUse.objects.create(tenant=tenant, blueprint=row, parameters=parameters, created_by="x")


def token_for(tenant: str, *permissions: Permission, maker: Actor = MAKER) -> str:
    """Return the secret of a new token."""
    if not User.objects.filter(username=maker.key).exists():
        sign_in_as(Client(), maker.name, roles=tuple(maker.roles), is_superuser=True)
    now = timezone.now()
    made = tokens.create(
        actor=maker,
        name="certification",
        permissions=[one.value for one in permissions or (Permission.DECISION_VIEW,)],
        tenant=tenant,
        expires_at=now + timedelta(days=1),
        now=now,
    )
    return made.secret.reveal()


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: Any


class ByDjango:
    """Through the table of URLs and all middleware."""

    def __init__(self) -> None:
        self.client = Client()

    def send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        given = {key: value for key, value in headers.items() if key != "Content-Type"}
        kind = headers.get("Content-Type", "")
        answer = self.client.generic(method, path, body, content_type=kind, headers=given)
        return Answer(status=answer.status_code, headers=dict(answer.headers), body=_read(answer.content))


class ByWsgi:
    """Through the entry that the web server calls."""

    def send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": headers.get("Content-Type", ""),
            **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()},
        }
        told: list[Any] = []
        content = b"".join(application(environ, lambda *said: told.extend(said)))
        return Answer(status=int(told[0].split()[0]), headers=dict(told[1]), body=_read(content))


def _read(content: bytes) -> Any:
    return json.loads(content) if content else None


@dataclass(kw_only=True)
class DecisionPoint:
    """Asks with a token, and holds every answer against the published schemas."""

    way: ByDjango | ByWsgi
    token: str

    def post(self, path: str, body: Any, **headers: str) -> Answer:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        answer = self.way.send("POST", f"{PREFIX}{path}", raw, given | headers)
        if answer.status == 200:
            name = "evaluation" if path == "evaluations" and "decision" in answer.body else path
            validator(SCHEMAS[name]).validate(answer.body)
            assert answer.headers["Content-Type"] == "application/json"
        else:
            assert "decision" not in answer.body
            assert answer.body["reason"]
        return answer

    def decision(self, body: Any) -> bool:
        answer = self.post("evaluation", body)
        assert answer.status == 200, answer.body
        return bool(answer.body["decision"])

    def decisions(self, body: Any) -> list[bool]:
        answer = self.post("evaluations", body)
        assert answer.status == 200, answer.body
        return [one["decision"] for one in answer.body["evaluations"]]

    def results(self, what: str, body: Any) -> list[Any]:
        answer = self.post(f"search/{what}", body)
        assert answer.status == 200, answer.body
        found: list[Any] = answer.body["results"]
        return found


@cache
def validator(name: str) -> Draft202012Validator:
    """Return a validator over the files of the folder, with the newest schema of one decision."""
    folder = HERE / "schemas"
    read = {file.name: json.loads(file.read_text()) for file in folder.glob("*.json")}
    read["decision-base.json"] = read["evaluation-response.schema.json"]
    registry = Registry().with_resources(
        (f"file:///{key}", Schema.from_contents(value | {"$id": f"file:///{key}"}))
        for key, value in read.items()
    )
    return Draft202012Validator(read[name] | {"$id": f"file:///{name}"}, registry=registry)
