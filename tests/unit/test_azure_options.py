"""Options of directory, pool and volume: they reach Azure, have their rules, and are left out unless they are set."""

from collections.abc import Mapping
from typing import Any

import pytest

from components import rules
from components.netapp_account import ACCOUNT as ACCOUNT_TYPE
from components.netapp_account import NetAppAccount
from components.smb_volume import VOLUME as VOLUME_TYPE
from components.smb_volume import SmbVolume
from components.support.offered_regions import region_refusal
from tests.unit.stack_config import DEV, errors, load
from tests.unit.unit_mocks import ACCOUNT, POOL, SUBSCRIPTION, VOLUME, run, run_static, static, subnet_id

NETAPP = f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.NetApp/netAppAccounts/anf"
VAULT, POLICY = f"{NETAPP}/backupVaults/vault", f"{NETAPP}/backupPolicies/nightly"
DIRECTORY = DEV["anf-smb:activeDirectory"]
SMB = {"name": "smb", "sizeGiB": 100}
COOL_POOL = {"name": "pool-dev", "serviceLevel": "Standard", "sizeTiB": 1, "coolAccess": True}
OPTIONS = {
    "ldapSigning": True,
    "encryptDcConnections": True,
    "administrators": ["ops"],
    "backupOperators": ["Backup Team"],
    "securityOperators": ["sql-setup"],
    "preferredServersForLdapClient": ["10.40.0.4", "10.40.0.5"],
}


def connection(**options: Any) -> Mapping[str, Any]:
    made = run_static(activeDirectory=DIRECTORY | options).one(ACCOUNT).inputs
    return made["activeDirectories"]["value"][0]


def volume(**options: Any) -> Mapping[str, Any]:
    return run_static(pools=[COOL_POOL], volumes=[SMB | options]).one(VOLUME).inputs


def test_the_options_of_a_directory_reach_azure_by_its_names() -> None:
    made = connection(**OPTIONS, aesEncryption=False)
    expected = {name: value for name, value in OPTIONS.items() if name != "encryptDcConnections"}
    assert (
        made.items()
        >= {
            **expected,
            "encryptDCConnections": True,
            "preferredServersForLdapClient": "10.40.0.4,10.40.0.5",
            "aesEncryption": False,
        }.items()
    )


def test_a_new_account_has_aes_and_nothing_else_that_nobody_asked_for() -> None:
    made = static().one(ACCOUNT).inputs["activeDirectories"]["value"][0]
    assert made["aesEncryption"] is True
    assert not made.keys() & {*OPTIONS, "encryptDCConnections"}


def test_the_options_of_a_volume_reach_azure_by_its_names() -> None:
    backup = {"vaultId": VAULT, "policyId": POLICY, "enforced": False}
    made = volume(
        backup=backup,
        zone="2",
        continuouslyAvailable=True,
        coolAccess=True,
        coolnessPeriod=7,
        coolAccessRetrievalPolicy="Never",
        coolAccessTieringPolicy="SnapshotOnly",
    )
    assert (
        made.items()
        >= {
            "zones": ["2"],
            "smbContinuouslyAvailable": True,
            "coolAccess": True,
            "coolnessPeriod": 7,
            "coolAccessRetrievalPolicy": "Never",
            "coolAccessTieringPolicy": "SnapshotOnly",
        }.items()
    )
    assert made["dataProtection"] == {
        "backup": {"backupVaultId": VAULT, "backupPolicyId": POLICY, "policyEnforced": False}
    }
    assert run_static(pools=[COOL_POOL]).one(POOL).inputs["coolAccess"] is True


def test_a_backup_policy_is_enforced_unless_it_is_suspended() -> None:
    made = volume(backup={"vaultId": VAULT, "policyId": POLICY})["dataProtection"]["backup"]
    assert made["policyEnforced"] is True
    assert volume(backup={"vaultId": VAULT})["dataProtection"] == {"backup": {"backupVaultId": VAULT}}


def test_a_volume_sends_no_option_that_nobody_asked_for() -> None:
    made = static().one(VOLUME).inputs
    assert not made.keys() & {"zones", "dataProtection", "coolnessPeriod", "coolAccessRetrievalPolicy"}
    assert VOLUME_TYPE.settings_of(made).keys() & {"coolAccess", "smbContinuouslyAvailable"} == set()


DIRECTORY_KEY = "anf-smb:activeDirectory"
WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"anf-smb:smbUser": {"username": "u"}}, "anf-smb:smbUser.domain", "such as anf-smb:smbUser.domain: CONTOSO"),
    (
        {DIRECTORY_KEY: {name: value for name, value in DIRECTORY.items() if name != "domain"}},
        f"{DIRECTORY_KEY}.domain",
        f"such as {DIRECTORY_KEY}.domain: contoso.com",
    ),
    (
        {DIRECTORY_KEY: DIRECTORY | {"administrators": [r"CONTOSO\ops"]}},
        f"{DIRECTORY_KEY}.administrators[0]",
        "without",
    ),
    ({DIRECTORY_KEY: DIRECTORY | {"ldapSigning": "yes"}}, f"{DIRECTORY_KEY}.ldapSigning", "true or false"),
    (
        {DIRECTORY_KEY: DIRECTORY | {"preferredServersForLdapClient": ["10.0.0.4", "10.0.0.5", "10.0.0.6"]}},
        f"{DIRECTORY_KEY}.preferredServersForLdapClient",
        "at most 2",
    ),
    ({"anf-smb:smbUser": {"domain": "azure", "username": "u"}}, "anf-smb:smbUser.domain", "not AZURE"),
    ({"anf-smb:volumes": [SMB | {"zone": "4"}]}, "anf-smb:volumes[0].zone", "1, 2, 3"),
    ({"anf-smb:volumes": [SMB | {"zone": 2}]}, "anf-smb:volumes[0].zone", "quote a number"),
    (
        {"anf-smb:volumes": [SMB | {"backup": {"policyId": POLICY}}]},
        "anf-smb:volumes[0].backup.vaultId",
        "is missing",
    ),
    (
        {"anf-smb:volumes": [SMB | {"backup": {"vaultId": POLICY}}]},
        "anf-smb:volumes[0].backup.vaultId",
        "netAppAccounts/NAME/backupVaults/NAME",
    ),
    (
        {"anf-smb:volumes": [SMB | {"backup": {"vaultId": VAULT, "enforced": True}}]},
        "anf-smb:volumes[0].backup.enforced",
        "only with policyId",
    ),
    ({"anf-smb:volumes": [SMB | {"coolnessPeriod": 7}]}, "anf-smb:volumes[0].coolnessPeriod", "with coolAccess: true"),
    (
        {"anf-smb:pools": [COOL_POOL], "anf-smb:volumes": [SMB | {"coolAccess": True, "coolnessPeriod": 184}]},
        "anf-smb:volumes[0].coolnessPeriod",
        "2 to 183 days",
    ),
    (
        {"anf-smb:volumes": [SMB | {"coolAccess": True}]},
        "anf-smb:volumes[0].coolAccess",
        "'anf-smb:pools[0].coolAccess' true",
    ),
    (
        {"anf-smb:volumes": [{"name": "smb", "existing": True, "zone": "1"}]},
        "anf-smb:volumes[0].zone",
        "an existing volume keeps its own",
    ),
]


@pytest.mark.parametrize(("change", "key", "said"), WRONG)
def test_what_azure_would_refuse_is_an_error_with_its_key(change: dict[str, Any], key: str, said: str) -> None:
    assert said in errors(change)[key]


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("protocolTypes", ["NFSv3", "CIFS"], "volumes are SMB volumes alone"),
        ("exportPolicy", {"rules": []}, "volumes are SMB volumes alone"),
        ("kerberosEnabled", True, "Kerberos is a setting of NFSv4.1 volumes"),
        ("isLargeVolume", True, "large volumes are left out"),
        ("encryptionKeySource", "Microsoft.KeyVault", "customer-managed keys are left out"),
        ("keyVaultPrivateEndpointResourceId", "/subscriptions/x", "customer-managed keys are left out"),
    ],
)
def test_what_is_not_supported_is_said_and_nothing_else_proposed(key: str, value: Any, said: str) -> None:
    error = errors({"anf-smb:volumes": [SMB | {key: value}]})[f"anf-smb:volumes[0].{key}"]
    assert f"is not supported: {said}" in error
    assert "did you mean" not in error
    assert "is not a known key" not in error


def test_a_size_above_100_tib_says_that_large_volumes_are_not_supported() -> None:
    error = errors({"anf-smb:volumes": [SMB | {"sizeGiB": 102401}]})["anf-smb:volumes[0].sizeGiB"]
    assert "large volumes are not supported" in error


def test_right_options_are_accepted_whatever_the_case_of_an_id() -> None:
    backup = {"vaultId": VAULT.replace("resourceGroups", "resourcegroups"), "policyId": POLICY.upper()}
    settings = load({"anf-smb:volumes": [SMB | {"backup": backup}]})
    assert settings.volumes[0].backup is not None


def test_components_refuse_them_too() -> None:
    pool = {"resource_group_name": "rg", "account_name": "anf", "name": "pool", "service_level": "Standard"}
    args: Any = {"pool": pool, "name": "web", "subnet_id": subnet_id("rg", "vnet", "anf"), "size_gib": 50}
    for wrong, said in (
        ({"zone": "4"}, "zone: '4' is not allowed"),
        ({"coolness_period": 7}, "coolness_period.*: allowed only with cool_access"),
        ({"cool_access": True, "coolness_period": 1}, "coolness_period: 1 is not allowed"),
        ({"backup": {"vault_id": POLICY}}, "SmbVolume.backup: vault_id"),
        ({"backup": {"vault_id": VAULT, "enforced": True}}, "enforced: allowed only with policy_id"),
    ):
        with pytest.raises(rules.InvalidArgsError, match=said):
            run(lambda wrong=wrong: SmbVolume("web", args | wrong))
    directory = {"domain": "contoso.com", "dns_servers": ["10.0.0.4"], "username": "u", "password": "p"}
    directory |= {"smb_server_name": "ANF"}
    for wrong, said in (
        ({"administrators": ["ops", "a@b"]}, r"administrators\[1\]: 'a@b' is not allowed"),
        ({"preferred_servers_for_ldap_client": ["10.0.0.4"] * 3}, "has 3 addresses; allowed: at most 2"),
    ):
        account: Any = {"resource_group": {"name": "rg"}, "name": "anf", "active_directory": directory | wrong}
        with pytest.raises(rules.InvalidArgsError, match=said):
            run(lambda account=account: NetAppAccount("anf", account))


def test_a_region_is_refused_by_what_azure_offers() -> None:
    offered = ["Korea Central", "West Europe"]
    assert region_refusal("koreacentral", offered, "X") == region_refusal("Korea Central", offered, "X") == ""
    assert region_refusal("moon", [], "X") == "", "nothing is known"
    assert "is 'moon', where Azure does not offer X; allowed: koreacentral, westeurope" in region_refusal(
        "moon", offered, "X"
    )


def test_settings_that_have_a_key_are_named_by_it() -> None:
    for path in ("aesEncryption", "encryptDCConnections", "preferredServersForLdapClient"):
        assert ACCOUNT_TYPE.argument(f"activeDirectories[0].{path}")
    assert VOLUME_TYPE.argument("dataProtection.backup") is not None
    assert VOLUME_TYPE.argument("dataProtection.replication") is None
