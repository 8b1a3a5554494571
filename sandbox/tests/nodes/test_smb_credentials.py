"""Who a Secret logs on as, per node operating system (csi-driver-smb, pkg/smb/nodeserver.go)."""

import pytest

from sandbox.nodes.smb.credentials import linux_credentials, names_directory, windows_credentials


@pytest.mark.parametrize(
    ("secret", "domain", "user"),
    [
        ({"username": "svc-web", "password": "p", "domain": "CONTOSO"}, "CONTOSO", "svc-web"),
        ({"username": "CONTOSO\\svc-web", "password": "p"}, "CONTOSO", "svc-web"),
        ({"username": "CONTOSO\\svc-web", "password": "p", "domain": "OTHER"}, "CONTOSO", "svc-web"),
        ({"username": "svc-web", "password": "p"}, "AZURE", "svc-web"),
        ({"username": "svc-web", "password": "p", "domain": "  "}, "AZURE", "svc-web"),
        ({"username": "svc-web@contoso.com", "password": "p"}, "AZURE", "svc-web@contoso.com"),
        ({"UserName": " svc-web ", "PASSWORD": "p", "Domain": "CONTOSO"}, "CONTOSO", "svc-web"),
        ({}, "AZURE", ""),
    ],
)
def test_windows_takes_the_domain_of_the_username_else_the_key_else_azure(
    secret: dict[str, str], domain: str, user: str
):
    credentials = windows_credentials(secret)
    assert (credentials.domain, credentials.username) == (domain, user)


@pytest.mark.parametrize(
    ("secret", "domain", "user"),
    [
        ({"username": "svc-web", "password": "p", "domain": "CONTOSO"}, "CONTOSO", "svc-web"),
        ({"username": "CONTOSO\\svc-web", "password": "p"}, "CONTOSO", "svc-web"),
        ({"username": "CONTOSO/svc-web", "password": "p"}, "CONTOSO", "svc-web"),
        ({"username": "svc-web", "password": "p"}, "", "svc-web"),
    ],
)
def test_linux_has_no_default_domain(secret: dict[str, str], domain: str, user: str):
    credentials = linux_credentials(secret)
    assert (credentials.domain, credentials.username) == (domain, user)


def test_a_password_shows_in_no_representation():
    assert "hush" not in repr(windows_credentials({"username": "svc-web", "password": "hush"}))


@pytest.mark.parametrize(
    ("domain", "known"),
    [("CONTOSO", True), ("contoso", True), ("contoso.com", True), ("Contoso.COM", True), ("AZURE", False), ("", False)],
)
def test_a_directory_is_named_by_its_dns_or_netbios_name(domain: str, known: bool):
    assert names_directory(domain, "contoso.com", "CONTOSO") is known
