"""The sandbox in the place of chart repositories that do not answer, for the kubernetes plugin and `helm` alone.

Helm, which is inside that plugin, fetches charts from the addresses in the stack. It honours HTTPS_PROXY, and adds the
CAs in SSL_CERT_DIR to its own. So the two are started by a launcher, which gives these two variables to them and to no
other process: a proxy on loopback that answers for some hosts itself, with a certificate of a CA that only the plugin
trusts. It passes on what is meant for other hosts, through the user's own proxy where one is set. Go never takes a
proxy to a loopback address, so the cluster is reached as before.
"""

import base64
import json
import shlex
import shutil
import socket
import ssl
import threading
from collections.abc import Collection, Mapping
from contextlib import suppress
from http import HTTPStatus
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from sandbox.charts import own_chart
from sandbox.private_files import write_private

_CONNECT_SECONDS: Final = 30.0
_IDLE_SECONDS: Final = 120.0
_GO_CERTIFICATES: Final = "/etc/ssl/certs:/etc/pki/tls/certs"
"""Where Go looks when SSL_CERT_DIR is not set (crypto/x509/root_linux.go)."""


def launcher(plugin: Path, folder: Path, more: Mapping[str, str] | None = None) -> str:
    """A shell script that runs the plugin, with the variables of the chart server of `folder` while one serves.

    `more` are variables that it always has.
    """
    variables = shlex.quote(str(_variables(folder)))
    always = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in (more or {}).items())
    return f'#!/bin/sh\n{always}[ ! -r {variables} ] || . {variables}\nexec {shlex.quote(str(plugin))} "$@"\n'


class ChartServer:
    """Serves the sandbox's own charts in the place of the given hosts, in threads of this process.

    Without hosts it serves nothing, and the plugin is run without a proxy. `folder` is this server's alone: it holds
    the variables that the launcher reads, and the CA's certificate. The CA's key is never written.
    """

    def __init__(self, folder: Path, hosts: Collection[str]) -> None:
        self._folder = folder
        self._hosts = frozenset(hosts)
        self._server: _Server | None = None

    def start(self) -> None:
        """Serve, and tell the launcher so; replaces what an earlier server left in the folder."""
        self.stop()
        write_private(_hosts(self._folder), json.dumps(sorted(self._hosts)).encode())
        if not self._hosts:
            return
        import trustme  # noqa: PLC0415  cryptography takes long to load, and most users reach the genuine charts

        authority = trustme.CA(organization_name="chart repositories of a sandbox")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*self._hosts).configure_cert(context)
        self._server = _Server(self._hosts, context)
        threading.Thread(target=self._server.serve_forever, name="charts", daemon=True).start()
        trusted = self._folder / "trusted"
        write_private(trusted / "ca.pem", authority.cert_pem.bytes())
        write_private(
            _variables(self._folder),
            f"export HTTPS_PROXY=http://127.0.0.1:{self._server.server_port}\n"
            f'export SSL_CERT_DIR="${{SSL_CERT_DIR:-{_GO_CERTIFICATES}}}":{shlex.quote(str(trusted))}\n'.encode(),
        )

    def stop(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, hosts: frozenset[str], context: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), _Proxy)
        self.hosts = hosts
        self.context = context
        self.users_proxy = getproxies().get("https", "")

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that goes away is no error of the sandbox's."""


class _Proxy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride]
    _host = ""
    """The host that this connection takes the sandbox for."""

    def do_CONNECT(self) -> None:
        host, _, port = self.path.rpartition(":")
        if host in self.server.hosts:
            self._connected()
            # What comes next on the connection is TLS, and in it the requests.
            self.request = self.server.context.wrap_socket(self.connection, server_side=True)
            self.setup()
            self._host = host
        else:
            self.close_connection = True
            self._pass_on(host.strip("[]"), int(port))

    def do_GET(self) -> None:
        content = own_chart.answer(f"https://{self._host}{self.path}")
        if content is None:
            self.send_error(HTTPStatus.NOT_FOUND)
        else:
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    def finish(self) -> None:
        super().finish()
        self.connection.close()  # the one within TLS, which the server does not know

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class names it
        pass

    def _connected(self) -> None:
        self.send_response(HTTPStatus.OK, "Connection established")
        self.end_headers()

    def _pass_on(self, host: str, port: int) -> None:
        try:
            upstream = _connection(host, port, self.server.users_proxy)
        except OSError as error:
            self.send_error(HTTPStatus.BAD_GATEWAY, f"{host} does not answer: {error}".replace("\n", " "))
            return
        with upstream:
            self._connected()
            back = threading.Thread(target=_copy, args=(upstream, self.connection), daemon=True)
            back.start()
            _copy(self.connection, upstream)
            back.join()


def _connection(host: str, port: int, users_proxy: str) -> socket.socket:
    """Connect to a host, through the user's proxy where there is one for it."""
    proxy = urlsplit("" if proxy_bypass(host) else users_proxy)
    http = HTTPConnection(proxy.hostname or host, proxy.port or port, timeout=_CONNECT_SECONDS)
    if proxy.hostname:
        login = f"{unquote(proxy.username or '')}:{unquote(proxy.password or '')}"
        credentials = {"Proxy-Authorization": f"Basic {base64.b64encode(login.encode()).decode()}"}
        http.set_tunnel(host, port, credentials if proxy.username else {})
    http.connect()
    http.sock.settimeout(_IDLE_SECONDS)
    return http.sock


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def played_hosts(folder: Path) -> frozenset[str] | None:
    """Return the hosts in whose place the chart server of a folder answers; None while none runs."""
    file = _hosts(folder)
    return frozenset(json.loads(file.read_text())) if file.exists() else None


def _variables(folder: Path) -> Path:
    return folder / "variables"


def _hosts(folder: Path) -> Path:
    return folder / "hosts.json"
