"""The proxy that answers for chart repositories, and passes on everything else."""

import socket
import ssl
import subprocess
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import trustme

from sandbox.charts import ChartServer, chart_hosts, launcher

SMB = "https://kubernetes-csi.github.io/csi-driver-smb"


def variables(folder: Path, plugin: str = "/usr/bin/env", **environment: str) -> dict[str, str]:
    """The environment in which the launcher runs a plugin."""
    script = folder.parent / "launcher"
    script.write_text(launcher(Path(plugin), folder))
    said = subprocess.check_output(["sh", str(script)], env=environment, text=True)
    return dict(line.split("=", 1) for line in said.splitlines())


@contextmanager
def client(folder: Path, *more: Path) -> Generator[httpx.Client]:
    """A client as the plugin has it: with the launcher's proxy, and with the certificates of its folders."""
    given = variables(folder)
    context = ssl.create_default_context()
    for trusted in (*Path(given["SSL_CERT_DIR"].split(":")[-1]).iterdir(), *more):
        context.load_verify_locations(trusted)
    with httpx.Client(proxy=given["HTTPS_PROXY"], verify=context, trust_env=False, timeout=60) as http:
        yield http


@contextmanager
def served(folder: Path) -> Generator[Path]:
    server = ChartServer(folder, chart_hosts())
    server.start()
    yield folder
    server.stop()


@pytest.fixture
def folder(tmp_path: Path) -> Generator[Path]:
    with served(tmp_path / "charts") as folder:
        yield folder


@pytest.fixture
def elsewhere(tmp_path: Path) -> Generator[tuple[str, Path]]:
    """Another host's address, and its CA. It answers one request with the one line of text."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "elsewhere.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        connection, _ = listener.accept()
        with context.wrap_socket(connection, server_side=True) as request:
            request.recv(1 << 16)
            request.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nelsewhere")

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    yield f"https://localhost:{listener.getsockname()[1]}/", tmp_path / "elsewhere.pem"
    listener.close()


def test_it_answers_with_an_index_and_archives_and_for_nothing_else(folder: Path) -> None:
    with client(folder) as http:
        index = http.get(f"{SMB}/index.yaml")
        assert "csi-driver-smb-v1.13.0.tgz" in index.text
        assert http.get(f"{SMB}/csi-driver-smb-v1.13.0.tgz").content[:2] == b"\x1f\x8b"
        for nothing in ("/csi-driver-smb-v0.1.0.tgz", "/trident-operator-23.04.0.tgz", "/charts/index.yaml"):
            assert http.get(SMB + nothing).status_code == 404


def test_the_certificates_of_go_and_of_the_user_stay(folder: Path) -> None:
    assert variables(folder)["SSL_CERT_DIR"] == f"/etc/ssl/certs:/etc/pki/tls/certs:{folder}/trusted"
    assert variables(folder, SSL_CERT_DIR="/mine")["SSL_CERT_DIR"] == f"/mine:{folder}/trusted"


def test_other_hosts_are_passed_on(folder: Path, elsewhere: tuple[str, Path]) -> None:
    address, authority = elsewhere
    with client(folder, authority) as http:
        assert http.get(address).text == "elsewhere"


def test_a_host_that_cannot_be_reached_is_named(folder: Path) -> None:
    with client(folder) as http, pytest.raises(httpx.ProxyError, match=r"elsewhere\.invalid does not answer: "):
        http.get("https://elsewhere.invalid/index.yaml")


def test_a_proxy_of_the_users_serves_for_other_hosts(
    tmp_path: Path, elsewhere: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, authority = elsewhere
    users = ChartServer(tmp_path / "users", ["unused.example"])  # a proxy like any other for what is not a chart's
    users.start()
    proxy = variables(tmp_path / "users")["HTTPS_PROXY"].replace("//", "//name:pass%40word@")
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    monkeypatch.setenv("NO_PROXY", "")
    with served(tmp_path / "charts") as folder, client(folder, authority) as http:
        assert http.get(address).text == "elsewhere"
        users.stop()
        with pytest.raises(httpx.ProxyError, match="Connection refused"):  # by the user's proxy: no such host exists
            http.get("https://elsewhere.invalid/")


@pytest.mark.parametrize("hosts", [set[str](), chart_hosts()])
def test_without_hosts_or_when_stopped_the_plugin_keeps_its_environment(tmp_path: Path, hosts: set[str]) -> None:
    server = ChartServer(tmp_path / "charts", hosts)
    server.start()
    if hosts:
        server.stop()
    assert variables(tmp_path / "charts", HTTPS_PROXY="http://corporate:8080")["HTTPS_PROXY"] == "http://corporate:8080"
