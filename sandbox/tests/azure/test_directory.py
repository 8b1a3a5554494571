"""The sandbox's Active Directory: a user is enrolled at first sight, and then only that password holds."""

from sandbox.azure.directory import netbios_name
from tests.azure.world import World


def test_the_first_password_seen_is_the_users(world: World) -> None:
    directory = world.model.directory
    assert not directory.verify("contoso.com", "svc-web", "first"), "a domain that nobody joined has no users"
    assert directory.proof("contoso.com", "anf-join", "join")

    assert directory.verify("CONTOSO", "svc-web", "first")
    assert directory.verify("contoso.com", "SVC-WEB", "first")
    assert not directory.verify("contoso.com", "svc-web", "second")
    assert not directory.verify("FABRIKAM", "svc-web", "first")
    assert not directory.verify("contoso.com", "svc-web", "")
    assert not directory.verify("contoso.com", "", "first")


def test_a_rotated_password_replaces_the_old_one(world: World) -> None:
    directory = world.model.directory
    directory.proof("contoso.com", "anf-join", "join")
    directory.verify("contoso.com", "svc-web", "first")
    directory.set_password("contoso.com", "svc-web", "second")
    assert directory.verify("CONTOSO", "svc-web", "second")
    assert not directory.verify("CONTOSO", "svc-web", "first")


def test_the_netbios_name_is_the_first_label() -> None:
    assert netbios_name("contoso.com") == "CONTOSO"
    assert netbios_name("averyveryverylongname.example.com") == "AVERYVERYVERYLO"
