"""What clients in the sandbox trust: the emulator, and everything that they trust outside."""

import ssl
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import certifi
import pytest
import requests
import trustme

from sandbox.azure.http import certificates
from sandbox.azure.http.certificates import bundle
from sandbox.paths import SandboxPaths


@pytest.fixture
def paths(tmp_path: Path) -> SandboxPaths:
    return SandboxPaths(tmp_path / "sandbox")


@pytest.fixture
def organization(tmp_path: Path) -> tuple[trustme.CA, Path]:
    """A CA of an organization's own, as its proxies have, and the file that names it."""
    authority = trustme.CA()
    file = tmp_path / "organization.pem"
    authority.cert_pem.write_to_path(str(file))
    return authority, file


def count(file: Path) -> int:
    return file.read_text().count("-----BEGIN CERTIFICATE-----")


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_who_is_trusted_outside_is_trusted_inside(
    paths: SandboxPaths, organization: tuple[trustme.CA, Path], variable: str
) -> None:
    authority, file = organization
    server = HTTPServer(("127.0.0.1", 0), Answers)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    serving = Thread(target=server.serve_forever)
    serving.start()
    address = f"https://127.0.0.1:{server.server_port}"
    try:
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(address, verify=str(bundle(paths, {})), timeout=60)
        assert requests.get(address, verify=str(bundle(paths, {variable: str(file)})), timeout=60).status_code == 204
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


def test_public_cas_and_the_sandboxs_own_are_there_once(paths: SandboxPaths) -> None:
    public = count(Path(certifi.where()))
    environment = {"SSL_CERT_FILE": certifi.where(), "REQUESTS_CA_BUNDLE": certifi.where()}
    assert count(bundle(paths, environment)) == public + 1
    assert certificates.ensure(paths).ca.read_text().strip() in bundle(paths, environment).read_text()


def test_a_folder_of_cas_is_read(paths: SandboxPaths, organization: tuple[trustme.CA, Path]) -> None:
    _, file = organization
    (file.parent / "empty").mkdir()
    before = count(bundle(paths, {}))
    assert count(bundle(paths, {"REQUESTS_CA_BUNDLE": str(file.parent)})) == before + 1


def test_a_command_within_another_keeps_what_that_one_trusts(
    paths: SandboxPaths, organization: tuple[trustme.CA, Path]
) -> None:
    outer = bundle(paths, {"SSL_CERT_FILE": str(organization[1])})
    content = outer.read_text()
    assert bundle(paths, {"SSL_CERT_FILE": str(outer), "REQUESTS_CA_BUNDLE": str(outer)}).read_text() == content
    assert bundle(paths, {}).read_text() != content


def test_a_file_that_is_not_there_is_passed_over(paths: SandboxPaths) -> None:
    assert count(bundle(paths, {"SSL_CERT_FILE": "/nowhere/ca.pem"})) == count(bundle(paths, {}))
