"""The API server with a cache that lags behind: it answers a list of any age with an old one, as real ones may.

https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-get-and-list (resourceVersion=0)
"""

import base64
import ssl
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from http.client import HTTPException, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

_HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "host"}


class StaleApi:
    """A proxy of the API server; `remember` a path, and its list is the old one from then on."""

    def __init__(self, kubeconfig: str, folder: Path) -> None:
        content: Any = yaml.safe_load(kubeconfig)
        server, user = content["clusters"][0]["cluster"], content["users"][0]["user"]
        self.address = urlsplit(server["server"]).netloc
        self.context = ssl.create_default_context(cadata=_decoded(server["certificate-authority-data"]))
        identity = folder / "identity.pem"
        identity.touch(mode=0o600)
        identity.write_text(_decoded(user["client-certificate-data"]) + _decoded(user["client-key-data"]))
        self.context.load_cert_chain(identity)
        self.old: dict[str, bytes] = {}
        self.served: list[str] = []
        """The paths whose old list was the answer."""

    def remember(self, path: str) -> None:
        connection = self.connect()
        connection.request("GET", path)
        self.old[path] = connection.getresponse().read()
        connection.close()

    def connect(self) -> HTTPSConnection:
        return HTTPSConnection(self.address, context=self.context)

    @contextmanager
    def running(self) -> Generator[str]:
        """Yield a kubeconfig that leads to it."""
        with ThreadingHTTPServer(("127.0.0.1", 0), _handler(self)) as server:
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, daemon=True).start()
            name = "stale"
            cluster = {"server": f"http://127.0.0.1:{server.server_port}"}
            yield yaml.safe_dump(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "clusters": [{"name": name, "cluster": cluster}],
                    "contexts": [{"name": name, "context": {"cluster": name}}],
                    "current-context": name,
                }
            )
            server.shutdown()


def _handler(api: StaleApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            query = parse_qs(url.query)
            if url.path in api.old and query.get("resourceVersion") == ["0"] and "watch" not in query:
                api.served.append(url.path)
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(api.old[url.path])
            else:
                self._pass_on()

        def do_POST(self) -> None:
            self._pass_on()

        def do_PATCH(self) -> None:
            self._pass_on()

        def do_DELETE(self) -> None:
            self._pass_on()

        def _pass_on(self) -> None:
            connection = api.connect()
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {key: value for key, value in self.headers.items() if key.lower() not in _HOP_BY_HOP}
            connection.request(self.command, self.path, body, headers | {"Accept-Encoding": "identity"})
            answer = connection.getresponse()
            self.send_response(answer.status)
            for key, value in answer.getheaders():
                if key.lower() not in _HOP_BY_HOP:
                    self.send_header(key, value)
            self.end_headers()
            with suppress(HTTPException, OSError):  # a watch ends when either side goes away
                while part := answer.read1(1 << 16):
                    self.wfile.write(part)
            connection.close()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class names it
            pass

    return Handler


def _decoded(text: str) -> str:
    return base64.b64decode(text).decode()
