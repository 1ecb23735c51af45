"""A forwarder in front of the real Keycloak that may delay, cut or replace the reply of a real call."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import requests


@dataclass
class Answer:
    """A reply on its way back. The body may be replaced; `cut` drops the connection instead."""

    status: int
    body: bytes
    headers: dict[str, str]
    cut: bool = False


Change = Callable[[str, Answer], Answer]


@dataclass
class Forwarder:
    """Where it listens, what passed, and what is done to replies: `change(path, answer)`."""

    url: str
    change: Change | None = None
    passed: list[str] = field(default_factory=list)

    def count(self, ending: str) -> int:
        """Return how many calls went to an address that ends like this."""
        return sum(1 for path in self.passed if path.endswith(ending))


class RunningForwarder:
    """Starts with the `with` block and stops after it."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.forwarder = Forwarder(url=f"http://127.0.0.1:{self._server.server_port}")

    def __enter__(self) -> Forwarder:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self.forwarder

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer._pass_on(self)

            do_POST = do_GET

            def log_message(self, *arguments: object) -> None:
                """Keep quiet."""

        return Handler

    def _pass_on(self, handler: BaseHTTPRequestHandler) -> None:
        path = urlsplit(handler.path).path
        self.forwarder.passed.append(path)
        answer = self._ask(handler)
        if self.forwarder.change is not None:
            answer = self.forwarder.change(path, answer)
        if answer.cut:
            handler.close_connection = True
            return
        handler.send_response(answer.status)
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(answer.body)))
        handler.end_headers()
        handler.wfile.write(answer.body)

    def _ask(self, handler: BaseHTTPRequestHandler) -> Answer:
        """Make the real call, with the host name that Keycloak knows itself by."""
        length = int(handler.headers.get("Content-Length") or 0)
        body = handler.rfile.read(length) if length else None
        kept = {
            name: value
            for name, value in handler.headers.items()
            if name.lower() in {"authorization", "content-type", "accept"}
        }
        reply = requests.request(
            handler.command, f"{self._origin}{handler.path}", data=body, headers=kept, timeout=20
        )
        return Answer(
            reply.status_code, reply.content, {"Content-Type": reply.headers.get("Content-Type", "")}
        )
