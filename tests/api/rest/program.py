"""A program that calls the REST API with a token."""

import json
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

PREFIX = "/api/v1/"


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    body: Any
    headers: Any


@dataclass(frozen=True, kw_only=True)
class Program:
    token: str
    client: Client = field(default_factory=Client)  # one: each looks through all static files when it begins

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        raw = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {key.replace("_", "-"): value for key, value in headers.items() if key != "content_type"}
        answer = self.client.generic(
            method,
            f"{PREFIX}{path}",
            raw,
            content_type=headers.get("content_type", "application/json"),
            headers={"Authorization": f"Bearer {self.token}"} | given,
        )
        read = json.loads(answer.content) if answer.content else None
        if answer.status_code >= 400 and answer["Content-Type"] == "application/json":
            assert read["status"] == answer.status_code
            assert read["reason"]
        return Answer(status=answer.status_code, body=read, headers=answer.headers)

    def get(self, path: str, **headers: str) -> Answer:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> Answer:
        return self.call("POST", path, body, **headers)

    def put(self, path: str, body: Any, **headers: str) -> Answer:
        return self.call("PUT", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Answer:
        return self.call("DELETE", path, **headers)
