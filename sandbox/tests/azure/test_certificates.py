"""What clients in the sandbox trust: the emulator, and everything that they trust outside."""

import ssl
from pathlib import Path

import certifi
import pytest
import trustme

from sandbox.azure.http import certificates
from sandbox.azure.http.certificates import bundle
from sandbox.paths import SandboxPaths


@pytest.fixture
def paths(tmp_path: Path) -> SandboxPaths:
    return SandboxPaths(tmp_path / "sandbox")


@pytest.fixture
def organization(tmp_path: Path) -> Path:
    """The file of a CA of an organization's own, as its proxies have."""
    file = tmp_path / "organization.pem"
    trustme.CA().cert_pem.write_to_path(str(file))
    return file


def trusted(file: Path) -> set[bytes]:
    """The CAs that OpenSSL takes from a file."""
    return set(ssl.create_default_context(cafile=file).get_ca_certs(binary_form=True))


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
@pytest.mark.parametrize("named", ["file", "folder"])
def test_who_is_trusted_outside_is_trusted_inside(
    paths: SandboxPaths, organization: Path, variable: str, named: str
) -> None:
    (organization.parent / "empty").mkdir()
    assert not trusted(organization) & trusted(bundle(paths, {}))
    value = organization if named == "file" else organization.parent
    assert trusted(bundle(paths, {variable: str(value)})) == trusted(bundle(paths, {})) | trusted(organization)


def test_public_cas_and_the_sandboxs_own_are_there_once(paths: SandboxPaths) -> None:
    environment = {"SSL_CERT_FILE": certifi.where(), "REQUESTS_CA_BUNDLE": certifi.where()}
    content = bundle(paths, environment).read_text()
    assert content.count("BEGIN CERTIFICATE") == Path(certifi.where()).read_text().count("BEGIN CERTIFICATE") + 1
    assert certificates.ensure(paths).ca.read_text().strip() in content


def test_a_command_within_another_keeps_what_that_one_trusts(paths: SandboxPaths, organization: Path) -> None:
    outer = bundle(paths, {"SSL_CERT_FILE": str(organization)})
    content = outer.read_text()
    assert bundle(paths, {"SSL_CERT_FILE": str(outer), "REQUESTS_CA_BUNDLE": str(outer)}).read_text() == content
    assert bundle(paths, {}).read_text() != content


def test_a_file_that_is_not_there_is_passed_over(paths: SandboxPaths) -> None:
    content = bundle(paths, {}).read_text()
    assert bundle(paths, {"SSL_CERT_FILE": "/nowhere/ca.pem"}).read_text() == content
