"""The vendors' servers as tests need them: genuine TLS and HTTP on loopback, and every way in which they fail."""

import ssl
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import trustme


@dataclass(frozen=True)
class Answer:
    """What a vendor's server says to one request."""

    body: bytes = b""
    status: int = 200
    content_type: str = "application/octet-stream"
    cut_to: int | None = None
    """Announce the whole body, send so many bytes, and close the connection…"""
    hang: bool = False
    """…or leave it open and say nothing more."""


class _Server(ThreadingHTTPServer):
    request_queue_size = 64  # all hosts may be asked at once


class VendorInternet:
    """Every vendor's server, behind a proxy as companies have one: genuine clients, TLS and all, come this way.

    Hosts are unreachable (the proxy says so) unless named; a silent one accepts the connection and never answers.
    """

    def __init__(self, folder: Path) -> None:
        self.files: dict[str, Answer] = {}
        self.reachable: set[str] = set()
        self.silent: set[str] = set()
        self.asked: list[str] = []
        self.gate: threading.Barrier | None = None
        self._authority = trustme.CA()
        self.bundle = folder / "vendors-ca.pem"
        self._authority.cert_pem.write_to_path(self.bundle)
        self._closing = threading.Event()
        internet = self

        class Handler(BaseHTTPRequestHandler):
            host = ""

            def do_CONNECT(self) -> None:
                internet._connect(self)

            def do_HEAD(self) -> None:
                self.send_response(200)
                self.end_headers()

            def do_GET(self) -> None:
                internet._get(self, f"https://{self.host}{self.path}")

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the base class
                pass

        self.server = _Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        self.server.shutdown()
        self.server.server_close()

    def publish(self, url: str, answer: Answer) -> None:
        self.reachable.add(url.split("/")[2])
        self.files[url] = answer

    def _connect(self, handler: BaseHTTPRequestHandler) -> None:
        host = handler.path.rpartition(":")[0]
        if host in self.silent:
            self._closing.wait()
            return
        if self.gate:
            self.gate.wait(60)
        if host not in self.reachable:
            handler.send_error(502, "no route")
            return
        handler.send_response(200)
        handler.end_headers()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(host).configure_cert(context)
        handler.connection = context.wrap_socket(handler.connection, server_side=True)
        handler.rfile = handler.connection.makefile("rb")
        handler.wfile = handler.connection.makefile("wb", buffering=0)
        handler.host = host  # pyright: ignore[reportAttributeAccessIssue]
        handler.handle_one_request()

    def _get(self, handler: BaseHTTPRequestHandler, url: str) -> None:
        self.asked.append(url)
        answer = self.files.get(url, Answer(b"not here", status=404, content_type="text/plain"))
        handler.close_connection = True
        handler.send_response(answer.status)
        handler.send_header("Content-Type", answer.content_type)
        handler.send_header("Content-Length", str(len(answer.body)))
        handler.end_headers()
        handler.wfile.write(answer.body[: answer.cut_to])
        if answer.hang:
            self._closing.wait()
