"""The sandbox's Active Directory: a user is enrolled at first sight, and then only that password holds."""

from sandbox.azure.directory import netbios_name
from tests.azure.world import World


def test_the_first_password_seen_is_the_users_until_it_is_rotated(world: World) -> None:
    directory = world.model.directory
    assert not directory.verify("contoso.com", "svc-web", "first"), "a domain that nobody joined has no users"
    proof = directory.proof("contoso.com", "anf-join", "join")

    assert directory.verify("CONTOSO", "svc-web", "first")
    assert directory.verify("contoso.com", "SVC-WEB", "first")
    for domain, user, password in (
        ("contoso.com", "svc-web", "second"),
        ("FABRIKAM", "svc-web", "first"),
        ("contoso.com", "svc-web", ""),
        ("contoso.com", "", "first"),
    ):
        assert not directory.verify(domain, user, password)

    directory.set_password("contoso.com", "svc-web", "second")
    assert directory.verify("CONTOSO", "svc-web", "second")
    assert not directory.verify("CONTOSO", "svc-web", "first")
    assert directory.accepts("contoso.com", "anf-join", proof)
    directory.set_password("contoso.com", "anf-join", "rotated")
    assert not directory.accepts("contoso.com", "anf-join", proof)


def test_the_netbios_name_is_the_first_label() -> None:
    assert netbios_name("contoso.com") == "CONTOSO"
    assert netbios_name("averyveryverylongname.example.com") == "AVERYVERYVERYLO"
