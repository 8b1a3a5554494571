"""A small Azure over TLS for the oddities of its protocol: it answers what a test tells it to, in that order."""

import json
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import trustme

OBJECT_ID = "33333333-3333-3333-3333-333333333333"
SOON = {"Retry-After-ms": "1"}
"""Lets a client come back at once, where it would wait for seconds."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: dict[str, str]


def refusal(status: int, code: str, message: str, **headers: str) -> Answer:
    return Answer(status, {"error": {"code": code, "message": message}}, headers)


class FakeAzure:
    """Answers are given per method and path; the last one stays. What was not told is 404."""

    def __init__(self, authority: trustme.CA) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"https://{self.host}"
        self._lock = threading.Lock()
        self._answers: dict[tuple[str, str], list[Answer]] = {}
        self.requests: list[Request] = []
        self.arrived = threading.Condition(self._lock)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def forget(self) -> None:
        with self._lock:
            self._answers.clear()
            self.requests.clear()

    def on(self, method: str, path: str, *answers: Answer) -> None:
        with self._lock:
            self._answers[method, path.lower()] = list(answers)

    def sent(self, method: str) -> list[Request]:
        with self._lock:
            return [request for request in self.requests if request.method == method]

    def wait_for(self, method: str, path: str, count: int = 1, seconds: float = 60) -> None:
        """Until this request has come so many times."""

        def has_come() -> bool:
            found = [r for r in self.requests if r.method == method and r.path.lower() == path.lower()]
            return len(found) >= count

        with self.arrived:
            assert self.arrived.wait_for(has_come, timeout=seconds), f"no {method} {path} within {seconds} s"

    def answer(self, request: Request) -> Answer:
        built_in = self._identity(request)
        if built_in is not None:
            return built_in
        with self._lock:
            self.requests.append(request)
            self.arrived.notify_all()
            answers = self._answers.get((request.method, request.path.lower()), [])
            if not answers:
                return refusal(404, "ResourceNotFound", f"The Resource '{request.path}' was not found.")
            return answers.pop(0) if len(answers) > 1 else answers[0]

    def _identity(self, request: Request) -> Answer | None:
        if request.path == "/metadata/endpoints":
            return Answer(
                200,
                {
                    "name": "Sandbox",
                    "resourceManager": self.url + "/",
                    "authentication": {"loginEndpoint": self.url + "/", "audiences": [self.url]},
                    "microsoftGraphResourceId": self.url + "/graph",
                },
            )
        tenant = request.path.split("/")[1]
        if request.path.endswith("/.well-known/openid-configuration"):
            endpoints = ("authorization_endpoint", "token_endpoint", "issuer")
            return Answer(200, dict.fromkeys(endpoints, f"{self.url}/{tenant}/oauth2/v2.0/token"))
        if request.path.endswith("/oauth2/v2.0/token"):
            token = jwt.encode({"oid": OBJECT_ID, "tid": tenant}, "k" * 32)
            return Answer(200, {"token_type": "Bearer", "expires_in": 3600, "access_token": token})
        return None


def _handler(azure: FakeAzure) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            content = self.rfile.read(length)
            is_json = "json" in self.headers.get("Content-Type", "")
            parts = urlsplit(self.path)
            request = Request(
                self.command,
                parts.path,
                {key: values[0] for key, values in parse_qs(parts.query).items()},
                json.loads(content) if content and is_json else content.decode() or None,
                dict(self.headers.items()),
            )
            answer = azure.answer(request)
            is_text = isinstance(answer.body, str)
            body = b"" if answer.body is None else (answer.body if is_text else json.dumps(answer.body)).encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", "text/plain" if is_text else "application/json")
            self.send_header("Content-Length", str(len(body)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Nothing: the tests look at `requests`."""

    for method in ("GET", "PUT", "POST", "DELETE"):
        setattr(Handler, f"do_{method}", Handler.serve)
    return Handler
