"""NetApp accounts and their Active Directory connection: what they keep, and what their volumes bind them to."""

import re
from typing import Any

import pytest

from sandbox.azure.ids import ResourceId
from sandbox.faults import DIRECTORY_WITHOUT_RC4, StandingFaults
from tests.azure.names import ACCOUNT, GROUP, PASSWORD, VOLUME
from tests.azure.world import World, account_body, directory, volume_body


@pytest.fixture
def account(world: World) -> World:
    world.group()
    world.put(ACCOUNT, account_body(directory()))
    return world


def connection(world: World) -> dict[str, Any]:
    return world.shown(ACCOUNT)["activeDirectories"][0]


def test_up_to_three_dns_servers_are_accepted(account: World) -> None:
    for dns in ("10.40.0.4", "10.40.0.4,10.40.0.5", "10.40.0.4, 10.40.0.5, 10.40.0.6"):
        account.put(ACCOUNT, account_body(directory(dns=dns)))
        assert connection(account)["dns"] == dns.replace(" ", "")


def test_one_connection_per_subscription_and_region(account: World) -> None:
    other = ACCOUNT.replace("anf-dev", "anf-other")
    account.put(other, account_body(location="Korea Central"))
    error = account.ended(account.put_and_end(other, account_body(directory()))).error
    assert error is not None
    words = (
        "Only one active directory allowed within the same region. Account anf-dev in resource group rg-anf currently "
        "has an active directory connection string."
    )
    assert error.body() == {
        "code": "BadRequest",
        "message": words,
        "details": [{"code": "TooManyActiveDirectories", "message": words}],
    }
    assert (account.get(other).state, "activeDirectories" in account.shown(other)) == ("Failed", False)
    account.put(other, account_body())
    assert account.get(other).state == "Succeeded"
    account.put(ACCOUNT.replace("anf-dev", "anf-eu"), account_body(directory(), location="westeurope"))


def test_the_password_is_masked_and_a_connection_keeps_its_id(account: World) -> None:
    account.put(ACCOUNT, account_body(directory(serverRootCACertificate="Q0E=", ldapOverTLS=True)))
    first = connection(account)
    account.put(ACCOUNT, account_body(directory(password="another")))

    assert (first["password"], first["serverRootCACertificate"]) == ("****************", "****************")
    assert (first["ldapOverTLS"], first["aesEncryption"]) == (True, False)
    assert connection(account)["activeDirectoryId"] == first["activeDirectoryId"]


def test_a_connection_that_an_earlier_sandbox_stored_can_be_changed(world: World) -> None:
    world.up_to_volume()
    stored = world.model.store.existing(ResourceId.parse(ACCOUNT).key)
    del stored.properties["activeDirectories"][0]["organizationalUnit"]
    world.model.store.save(stored)
    world.put(ACCOUNT, account_body(directory(aesEncryption=True)))
    assert (connection(world)["aesEncryption"], connection(world)["organizationalUnit"]) == (True, "CN=Computers")


@pytest.mark.parametrize("sent", [{}, {"password": None}, {"password": "****************"}])
def test_a_connection_that_is_named_by_its_id_keeps_its_password(world: World, sent: dict[str, Any]) -> None:
    world.up_to_volume()
    known = connection(world)["activeDirectoryId"]
    proof = world.model.store.existing(ResourceId.parse(ACCOUNT).key).private
    world.put(ACCOUNT, account_body(directory(password=None, activeDirectoryId=known, aesEncryption=True) | sent))
    assert (connection(world)["aesEncryption"], connection(world)["password"]) == (True, "****************")
    assert world.model.store.existing(ResourceId.parse(ACCOUNT).key).private == proof, "the proof of the password"


@pytest.mark.parametrize(
    ("version", "shown"),
    [
        ("2021-10-01", {"password": "****************"}),
        ("2024-03-01", {"password": "****************"}),
        ("2024-09-01", {"password": None}),
        ("2025-06-01", {}),
        ("2026-04-01", {}),
    ],
)
def test_the_password_is_shown_by_version(account: World, version: str, shown: dict[str, Any]) -> None:
    properties = account.model.type(ResourceId.parse(ACCOUNT)).in_version(account.shown(ACCOUNT), version)
    [entry] = properties["activeDirectories"]
    assert {name: value for name, value in entry.items() if name == "password"} == shown
    assert entry["username"] == "anf-join"


def test_a_connection_without_id_needs_a_password(account: World) -> None:
    error = account.refusal(ACCOUNT, account_body(directory(password=None)))
    assert (error.status, error.message) == (400, "Missing value for 'password'.")


def test_a_connection_in_use_can_neither_go_nor_move_to_another_unit(world: World) -> None:
    world.up_to_volume()

    assert connection(world)["status"] == "InUse"
    for body, message in (
        (account_body(), "Active Directory credentials are in use"),
        (
            account_body(directory(organizationalUnit="OU=Servers")),
            "Cannot modify Organizational Unit assignment if the credentials are in use",
        ),
    ):
        error = world.refusal(ACCOUNT, body)
        assert (error.status, error.message) == (409, message)

    world.delete(VOLUME)
    assert connection(world)["status"] == "Created"
    world.put(VOLUME, volume_body(protocolTypes=["NFSv3"], securityStyle=None))
    world.put(ACCOUNT, account_body(directory(organizationalUnit="OU=Servers")))
    world.put(ACCOUNT, account_body())
    assert "activeDirectories" not in world.shown(ACCOUNT)


def test_a_patch_leaves_what_it_does_not_name_and_a_put_deletes_it(account: World) -> None:
    encryption = {"keySource": "Microsoft.KeyVault", "keyVaultProperties": {"keyName": "anf"}}
    account.put(ACCOUNT, account_body(directory(), encryption=encryption, nfsV4IDDomain="contoso.com"))

    patched = account.patch(ACCOUNT, {"tags": {"team": "web"}})
    shown = account.shown(ACCOUNT)
    assert patched.tags == {"team": "web"}
    assert re.fullmatch(r"W/\"datetime'20[0-9T%3A.-]+Z'\"", patched.etag)
    assert (shown["encryption"], shown["nfsV4IDDomain"]) == (encryption, "contoso.com")
    assert connection(account)["domain"] == "contoso.com"

    account.put(ACCOUNT, account_body())
    assert account.shown(ACCOUNT) == {"encryption": {"keySource": "Microsoft.NetApp"}, "multiADStatus": "Disabled"}


def test_ten_accounts_per_region(world: World) -> None:
    world.group()
    for number in range(10):
        world.put(f"{GROUP}/providers/Microsoft.NetApp/netAppAccounts/anf{number}", account_body())
    assert world.refusal(ACCOUNT, account_body()).message == (
        "Creating the resource of type netAppAccount would exceed the quota of 10 resources of type netAppAccount per "
        "subscription. The current resource count is 10, please delete some resources of this type before creating a "
        "new one."
    )
    world.put(ACCOUNT, account_body(location="westeurope"))


def test_a_rotated_password_fails_the_next_volume_until_the_account_has_it_too(world: World) -> None:
    world.up_to_pool()
    world.model.directory.set_password("CONTOSO.com", "ANF-join", PASSWORD)
    assert world.put(VOLUME, volume_body()).state == "Succeeded", "the same password again voids nothing"
    world.delete(VOLUME)

    world.model.directory.set_password("contoso.com", "anf-join", "Rotated-1")
    world.put(VOLUME, volume_body())
    assert world.get(VOLUME).state == "Failed"
    world.delete(VOLUME)
    world.put(ACCOUNT, account_body(directory(password="Rotated-1")))
    assert world.put(VOLUME, volume_body()).state == "Succeeded"


def test_an_smb_volume_needs_a_directory_first(world: World) -> None:
    world.up_to_pool()
    world.put(ACCOUNT, account_body())
    assert world.refusal(VOLUME, volume_body()).message == "No Active Directory credentials found in region"
    nfs = world.put(VOLUME, volume_body(protocolTypes=["NFSv3"], securityStyle=None))
    assert (nfs.properties["securityStyle"], nfs.properties["unixPermissions"]) == ("unix", "0770")
    assert "smbServerFqdn" not in nfs.properties["mountTargets"][0]


def test_encryption_by_a_key_vault_needs_one_in_the_account_and_a_private_endpoint(world: World) -> None:
    world.up_to_pool()
    vault = {"keySource": "Microsoft.KeyVault", "keyVaultProperties": {"keyName": "anf"}}
    world.put(ACCOUNT, account_body(directory(), encryption=vault))
    wanted = volume_body(encryptionKeySource="Microsoft.KeyVault")
    assert world.refusal(VOLUME, wanted).message == "Missing value for 'keyVaultPrivateEndpointResourceId'."
    wanted["properties"]["keyVaultPrivateEndpointResourceId"] = f"{GROUP}/providers/Microsoft.Network/x/y"
    assert world.put(VOLUME, wanted).state == "Succeeded"


def test_the_options_of_a_connection_are_kept_until_a_put_without(account: World) -> None:
    options: dict[str, Any] = {
        "aesEncryption": True,
        "ldapSigning": True,
        "encryptDCConnections": True,
        "administrators": ["storage-admins", "ops"],
        "backupOperators": ["svc-backup"],
        "securityOperators": ["sql-setup"],
        "preferredServersForLdapClient": "10.40.0.4,10.40.0.5",
    }
    account.put(ACCOUNT, account_body(directory(**options)))
    assert connection(account).items() >= options.items()
    account.put(ACCOUNT, account_body(directory()))
    assert not any(connection(account).get(name) for name in options)


@pytest.mark.parametrize(
    "options",
    [
        {"administrators": ["CONTOSO\\ops"]},
        {"backupOperators": ["ops@contoso.com"]},
        {"securityOperators": ["sql", "SQL"]},
        {"preferredServersForLdapClient": "10.40.0.4,10.40.0.5,10.40.0.6"},
        {"preferredServersForLdapClient": "dc1.contoso.com"},
    ],
)
def test_options_that_the_specification_excludes_are_refused(account: World, options: dict[str, Any]) -> None:
    assert account.refusal(ACCOUNT, account_body(directory(**options))).code == "InvalidValueReceivedFor"


def test_a_domain_may_be_a_single_label(world: World) -> None:
    world.group()
    world.put(ACCOUNT, account_body(directory(domain="contoso")))
    assert connection(world)["domain"] == "contoso"


def test_a_directory_without_rc4_takes_aes_alone(world: World) -> None:
    world.up_to_pool()
    StandingFaults(world.model.store).set(DIRECTORY_WITHOUT_RC4)
    refused = world.start(VOLUME, volume_body())
    world.finish(refused)
    assert "KDC has no support for encryption type" in str(world.ended(refused).error)
    world.put(ACCOUNT, account_body(directory(aesEncryption=True)))
    other = VOLUME.replace("/volumes/", "/volumes/aes-")
    world.put(other, volume_body(token="aes"))
    assert world.shown(other)["mountTargets"]
