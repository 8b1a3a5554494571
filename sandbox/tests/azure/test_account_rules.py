"""NetApp accounts and their Active Directory connection: what Azure refuses, and what it shows."""

import pytest

from tests.azure.world import (
    ACCOUNT,
    GROUP,
    PASSWORD,
    VOLUME,
    Json,
    World,
    account_body,
    directory,
    volume_body,
)

OTHER_ACCOUNT = ACCOUNT.replace("anf-dev", "anf-other")


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> World:
    """One world for all refusals, since a refusal changes nothing."""
    world = World(tmp_path_factory.mktemp("accounts"))
    world.group()
    return world


REFUSED_CONNECTIONS = [
    (directory(smbServerName="A" * 11), "SMB server name may not be longer than 10 characters."),
    (directory(smbServerName="a_b"), "An invalid value 'a_b' was received for smbServerName. "),
    (directory(domain=None), "Missing value for 'domain'."),
    (directory(dns=None), "Missing value for 'dns'."),
    (directory(password=None), "Missing value for 'password'."),
    (directory(username=None), "Missing value for 'username'."),
    (directory(smbServerName=None), "Missing value for 'smbServerName'."),
    (directory(domain="contoso"), "An invalid value 'contoso' was received for domain. "),
    (directory(dns="10.0.0.256"), "An invalid value '10.0.0.256' was received for dns. "),
    (directory(dns="10.0.0.1,10.0.0.2,10.0.0.3,10.0.0.4"), "at most 3 IPv4 addresses"),
    (directory(password="x" * 65), "The password must be a text of at most 64 characters."),
    (directory(ldapOverTLS=True), "This Active Directory has no Server root CA Certificate"),
    (directory(activeDirectoryId="mine"), "ActiveDirectory with id: 'mine' does not exist."),
    (directory(smbServer="x"), "Value received for an unknown property 'smbServer'."),
]


@pytest.mark.parametrize(("entry", "message"), REFUSED_CONNECTIONS, ids=[m[:48] for _, m in REFUSED_CONNECTIONS])
def test_a_connection_that_azure_refuses(untouched: World, entry: Json, message: str) -> None:
    error = untouched.refusal(ACCOUNT, account_body(entry))

    assert error.status == 400
    assert message in error.message
    assert "x" * 65 not in error.message
    assert not untouched.exists(ACCOUNT)


@pytest.mark.parametrize("dns", ["10.40.0.4", "10.40.0.4,10.40.0.5", "10.40.0.4, 10.40.0.5, 10.40.0.6"])
def test_up_to_three_dns_servers_are_accepted(world: World, dns: str) -> None:
    world.group()
    world.put(ACCOUNT, account_body(directory(dns=dns)))
    assert world.shown(ACCOUNT)["activeDirectories"][0]["dns"] == dns.replace(" ", "")


def test_one_connection_per_subscription_and_region(world: World) -> None:
    world.group()
    world.put(ACCOUNT, account_body(directory()))

    assert world.refusal(OTHER_ACCOUNT, account_body(directory())).message == "Only one active directory allowed"
    assert (
        world.refusal(OTHER_ACCOUNT, account_body(directory(), directory())).message
        == "Only one active directory allowed"
    )
    world.put(OTHER_ACCOUNT, account_body())
    assert world.refusal(OTHER_ACCOUNT, account_body(directory())).message == "Only one active directory allowed"
    elsewhere = ACCOUNT.replace("anf-dev", "anf-eu")
    world.put(elsewhere, account_body(directory(), location="westeurope"))
    assert world.exists(elsewhere)


def test_the_password_is_masked_and_a_connection_keeps_its_id(world: World) -> None:
    world.group()
    world.put(ACCOUNT, account_body(directory(serverRootCACertificate="Q0E=", ldapOverTLS=True)))
    first = world.shown(ACCOUNT)["activeDirectories"][0]
    world.put(ACCOUNT, account_body(directory(password="another")))
    second = world.shown(ACCOUNT)["activeDirectories"][0]

    assert (first["password"], first["serverRootCACertificate"]) == ("****************", "****************")
    assert first["site"] == "Default-First-Site-Name"
    assert second["activeDirectoryId"] == first["activeDirectoryId"]


def test_the_domain_cannot_be_changed(world: World) -> None:
    world.group()
    world.put(ACCOUNT, account_body(directory()))
    error = world.refusal(ACCOUNT, account_body(directory(domain="fabrikam.com")))
    assert error.message == "Domain name cannot be changed."


def test_a_connection_in_use_can_neither_go_nor_move_to_another_unit(world: World) -> None:
    world.up_to_volume()

    assert world.shown(ACCOUNT)["activeDirectories"][0]["status"] == "InUse"
    assert world.refusal(ACCOUNT, account_body()).message == "Active Directory credentials are in use"
    moved = world.refusal(ACCOUNT, account_body(directory(organizationalUnit="OU=Servers")))
    assert moved.message == "Cannot modify Organizational Unit assignment if the credentials are in use"

    world.delete(VOLUME)
    world.put(ACCOUNT, account_body(directory(organizationalUnit="OU=Servers")))
    world.put(ACCOUNT, account_body())
    assert "activeDirectories" not in world.shown(ACCOUNT)


def test_a_patch_of_the_tags_leaves_the_connection(world: World) -> None:
    world.group()
    world.put(ACCOUNT, account_body(directory()))
    account = world.patch(ACCOUNT, {"tags": {"team": "web"}})
    assert account.tags == {"team": "web"}
    assert world.shown(ACCOUNT)["activeDirectories"][0]["domain"] == "contoso.com"


def test_ten_accounts_per_region(world: World) -> None:
    world.group()
    for number in range(10):
        world.put(f"{GROUP}/providers/Microsoft.NetApp/netAppAccounts/anf{number}", account_body())
    error = world.refusal(ACCOUNT, account_body())
    assert error.message.startswith(
        "Creating the resource of type netAppAccount would exceed the quota of 10 resources"
    )
    world.put(ACCOUNT, account_body(location="westeurope"))


@pytest.mark.parametrize("name", ["-a", "a b", "a.b", "_a", "a" * 129])
def test_account_names(untouched: World, name: str) -> None:
    assert untouched.refusal(ACCOUNT.replace("anf-dev", name), account_body()).code == "InvalidResourceName"


def test_an_account_stays_in_its_location(world: World) -> None:
    world.group()
    world.put(ACCOUNT, account_body())
    error = world.refusal(ACCOUNT, account_body(location="westeurope"))
    assert (error.status, error.code) == (409, "InvalidResourceLocation")
    assert "already exists in location 'koreacentral' in resource group 'rg-anf'" in error.message
    world.put(ACCOUNT, account_body(location="Korea Central"))


def test_a_rotated_password_fails_the_next_volume_until_the_account_has_it_too(world: World) -> None:
    world.up_to_pool()
    world.model.directory.set_password("contoso.com", "anf-join", "Rotated-1")
    world.put(VOLUME, volume_body())
    assert world.get(VOLUME).state == "Failed"

    world.delete(VOLUME)
    world.put(ACCOUNT, account_body(directory(password="Rotated-1")))
    assert world.put(VOLUME, volume_body()).state == "Succeeded"


def test_setting_the_same_password_again_voids_nothing(world: World) -> None:
    world.up_to_pool()
    world.model.directory.set_password("CONTOSO.com", "ANF-join", PASSWORD)
    assert world.put(VOLUME, volume_body()).state == "Succeeded"
