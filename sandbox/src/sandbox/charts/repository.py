"""A chart repository over loopback that has the sandbox's own charts, for as long as one fetch takes.

https://helm.sh/docs/topics/chart_repository/: an index.yaml, and archives at the addresses that it names.
"""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import yaml

from sandbox.charts.own_chart import OwnChart, all_charts

_INDEX: Final = "/index.yaml"


@contextmanager
def serve() -> Generator[str]:
    """Serve all own charts on a free port and yield the repository's address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(all_charts()))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(charts: list[OwnChart]) -> type[BaseHTTPRequestHandler]:
    archives = {f"/{chart.name}-{version}.tgz": (chart, version) for chart in charts for version in chart.versions}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == _INDEX:
                self._answer(yaml.safe_dump(_index(charts)).encode(), "application/yaml")
            elif self.path in archives:
                chart, version = archives[self.path]
                self._answer(chart.package(version), "application/gzip")
            else:
                self.send_error(HTTPStatus.NOT_FOUND)

        def _answer(self, body: bytes, content_type: str) -> None:
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class names it
            """Say nothing: a plugin's output belongs to the engine."""

    return Handler


def _index(charts: list[OwnChart]) -> dict[str, Any]:
    entries = {
        chart.name: [{**chart.metadata(version), "urls": [f"{chart.name}-{version}.tgz"]} for version in chart.versions]
        for chart in charts
    }
    return {"apiVersion": "v1", "entries": entries}
