"""Chart repositories over loopback, as a program may name them."""

import base64
import hashlib
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml


@contextmanager
def repository(archives: Mapping[str, Path], login: tuple[str, str] | None = None) -> Generator[str]:
    """A repository of one chart, `toy`, in these versions. With a login it answers nobody else."""
    files = {f"/toy-{version}.tgz": path.read_bytes() for version, path in archives.items()}
    entries = [
        {
            "apiVersion": "v2",
            "name": "toy",
            "version": version,
            "urls": [f"toy-{version}.tgz"],
            "digest": hashlib.sha256(files[f"/toy-{version}.tgz"]).hexdigest(),
        }
        for version in archives
    ]
    files["/index.yaml"] = yaml.safe_dump({"apiVersion": "v1", "entries": {"toy": entries}}).encode()
    expected = "Basic " + base64.b64encode(":".join(login).encode()).decode() if login else None

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if expected and self.headers.get("Authorization") != expected:
                self.send_error(401)
            elif self.path in files:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(files[self.path])
            else:
                self.send_error(404)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
