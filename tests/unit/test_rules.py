"""The rules accept the same values as Azure and Kubernetes, and reject the same values."""

import re
from ipaddress import IPv4Network
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components import rules
from components.rules import directory as directory_rules
from components.rules import network as network_rules
from components.rules import volumes as volume_rules

# A busy machine is no reason to fail.
NETAPP = (
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.NetApp"
    "/netAppAccounts/anf"
)

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

# The patterns of Azure's REST specification, as azure-native checks them, and those of the Kubernetes API server.
DOCUMENTED = {
    "account": (rules.ACCOUNT_NAME, r"^[a-zA-Z0-9][a-zA-Z0-9\-_]{0,127}$"),
    "pool": (rules.POOL_NAME, r"^[a-zA-Z0-9][a-zA-Z0-9\-_]{0,63}$"),
    "volume": (rules.VOLUME_NAME, r"^[a-zA-Z][a-zA-Z0-9\-_]{0,63}$"),
    "creation token": (rules.CREATION_TOKEN, r"^[a-zA-Z][a-zA-Z0-9\-]{0,79}$"),
    "SMB server": (directory_rules.SMB_SERVER_NAME, r"^[0-9a-zA-Z-]{1,10}$"),
    "namespace": (rules.NAMESPACE, r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"),
    "object": (rules.OBJECT_NAME, r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"),
}


@pytest.mark.parametrize("kind", DOCUMENTED)
@unhurried
@given(data=st.data())
def test_what_a_rule_accepts_matches_the_documented_pattern(kind: str, data: st.DataObject) -> None:
    rule, pattern = DOCUMENTED[kind]
    value = data.draw(st.one_of(st.from_regex(pattern), st.text(max_size=12)))
    if rule.holds(value):
        assert re.fullmatch(pattern, value)


@pytest.mark.parametrize("kind", DOCUMENTED)
@unhurried
@given(data=st.data())
def test_what_the_documented_pattern_matches_is_accepted_unless_it_is_reserved(kind: str, data: st.DataObject) -> None:
    rule, pattern = DOCUMENTED[kind]
    value = data.draw(st.from_regex(pattern, fullmatch=True).filter(lambda name: len(name) <= 63))
    assert rule.holds(value) or value.lower() in {"default", "bin", "none"}


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        (rules.VOLUME_NAME, "smb"),
        (rules.VOLUME_NAME, "Team_share-1"),
        (rules.POOL_SIZE_TIB, 1),
        (rules.POOL_SIZE_TIB, 2048),
        (rules.VOLUME_SIZE_GIB, 50),
        (rules.VOLUME_SIZE_GIB, 102400),
        (rules.SERVICE_LEVEL, "Premium"),
        (network_rules.SUBNET_PREFIX, "10.40.1.0/28"),
        (network_rules.ADDRESS_SPACE, "10.40.0.0/16"),
        (directory_rules.DNS_SERVER, "10.40.0.4"),
        (directory_rules.DOMAIN_NAME, "contoso.com"),
        (directory_rules.DOMAIN_NAME, "corp.eu.contoso-1.com"),
        (directory_rules.USER_DOMAIN, "CONTOSO"),
        (directory_rules.DOMAIN_NAME, "corp"),
        (directory_rules.USER_DOMAIN, "contoso.com"),
        (directory_rules.USER_DOMAIN, "CONTOSO_EU"),
        (directory_rules.USER_DOMAIN, "2CONTOSO-&-SONS"),
        (directory_rules.ORGANIZATIONAL_UNIT, "OU=File Servers"),
        (directory_rules.ORGANIZATIONAL_UNIT, r"OU=File Servers\, EU,OU=Servers"),
        (directory_rules.ORGANIZATIONAL_UNIT, r"ou=R\2CD, OU=Servers"),
        (directory_rules.DIRECTORY_USER, "Backup Team"),
        (volume_rules.ZONE, "3"),
        (volume_rules.COOLNESS_PERIOD, 183),
        (volume_rules.BACKUP_VAULT_ID, f"{NETAPP}/backupVaults/vault"),
        (volume_rules.BACKUP_POLICY_ID, f"{NETAPP}/backupPolicies/nightly".replace("resourceGroups", "resourcegroups")),
        (directory_rules.USERNAME, "svc-web"),
        (directory_rules.ORGANIZATIONAL_UNIT, "OU=Storage,OU=Servers"),
        (directory_rules.DIRECTORY_PASSWORD, "x" * 64),
        (directory_rules.PASSWORD, "x" * 100),
        (rules.DRIVER_VERSION, "v1.13.0"),
        (rules.DRIVER_VERSION, "v1.17.0"),
        (rules.DRIVER_VERSION, "1.18.0"),
        (rules.DRIVER_VERSION, "1.20.3"),
        (rules.GUID, "00000000-0000-0000-0000-000000000000"),
        (rules.RESOURCE_GROUP_NAME, "rg.anf_(dev)"),
        (rules.NAMESPACE, "smb-static"),
        (rules.OBJECT_NAME, "anf-pvc-smb.web"),
    ],
)
def test_accepted(rule: rules.Rule[Any], value: Any) -> None:
    assert rule.holds(value)


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        (rules.VOLUME_NAME, "1smb"),
        (rules.VOLUME_NAME, "Default"),
        (rules.VOLUME_NAME, "bin"),
        (rules.VOLUME_NAME, "smb\n"),
        (rules.CREATION_TOKEN, "a_b"),
        (rules.CREATION_TOKEN, "none"),
        (rules.CREATION_TOKEN, "a" * 81),
        (rules.POOL_SIZE_TIB, 0),
        (rules.POOL_SIZE_TIB, 2049),
        (rules.VOLUME_SIZE_GIB, 49),
        (rules.VOLUME_SIZE_GIB, 102401),
        (rules.SERVICE_LEVEL, "premium"),
        (rules.SERVICE_LEVEL, "Flexible"),
        (network_rules.SUBNET_PREFIX, "10.40.1.0/29"),
        (network_rules.SUBNET_PREFIX, "10.40.1.5/26"),
        (network_rules.SUBNET_PREFIX, "10.40.1.0"),
        (network_rules.ADDRESS_SPACE, "10.40.0.1/16"),
        (directory_rules.DNS_SERVER, "10.40.0"),
        (directory_rules.DNS_SERVER, "fd00::4"),
        (directory_rules.USER_DOMAIN, "AZURE"),
        (directory_rules.USER_DOMAIN, "Azure"),
        (directory_rules.USER_DOMAIN, "CONTOSO\\"),
        (directory_rules.ORGANIZATIONAL_UNIT, "OU=File Servers, EU"),
        (directory_rules.ORGANIZATIONAL_UNIT, "OU=Servers,DC=contoso,DC=com"),
        (directory_rules.DIRECTORY_USER, r"CONTOSO\ops"),
        (volume_rules.ZONE, "4"),
        (volume_rules.COOLNESS_PERIOD, 1),
        (volume_rules.BACKUP_VAULT_ID, f"{NETAPP}/backupPolicies/nightly"),
        (directory_rules.DOMAIN_NAME, "contoso..com"),
        (directory_rules.DOMAIN_NAME, "https://contoso.com"),
        (directory_rules.USER_DOMAIN, "A-NAME-TOO-LONG-FOR-NETBIOS"),
        (directory_rules.USERNAME, r"CONTOSO\svc-web"),
        (directory_rules.USERNAME, "svc-web@contoso.com"),
        (directory_rules.USERNAME, ""),
        (directory_rules.SMB_SERVER_NAME, "ANFSERVER01"),
        (directory_rules.ORGANIZATIONAL_UNIT, "Storage"),
        (directory_rules.DIRECTORY_PASSWORD, "x" * 65),
        (directory_rules.PASSWORD, ""),
        (directory_rules.PASSWORD, "secret\n"),
        (rules.DRIVER_VERSION, "1.13.0"),
        (rules.DRIVER_VERSION, "v1.20.3"),
        (rules.DRIVER_VERSION, "latest"),
        (rules.GUID, "my-subscription"),
        (rules.RESOURCE_GROUP_NAME, "rg."),
        (rules.NAMESPACE, "Web"),
        (rules.NAMESPACE, "a" * 64),
        (rules.OBJECT_NAME, "anf_pvc"),
        (rules.OBJECT_NAME, "a" * 254),
    ],
)
def test_refused(rule: rules.Rule[Any], value: Any) -> None:
    assert not rule.holds(value)


@unhurried
@given(prefix=st.integers(8, 30), wider=st.integers(8, 30))
def test_a_subnet_lies_inside_a_larger_network(prefix: int, wider: int) -> None:
    space, subnet = str(IPv4Network((0x0A000000, wider))), str(IPv4Network((0x0A000000, prefix)))
    assert (network_rules.subnet_outside([space], subnet) is None) == (wider < prefix)


def test_a_subnet_elsewhere_is_outside() -> None:
    allowed = network_rules.subnet_outside(["10.40.0.0/16", "fd00::/48", "10.42.0.0/16"], "10.41.1.0/26")
    assert allowed == "a range inside the address space 10.40.0.0/16, fd00::/48, 10.42.0.0/16"


def test_an_id_is_the_same_in_any_case_of_azures_words() -> None:
    network = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Network"
    written = f"{network}/virtualNetworks/Hub"
    portal = written.replace("resourceGroups", "resourcegroups").replace("Microsoft.Network", "microsoft.network")
    assert network_rules.VIRTUAL_NETWORK_ID.holds(written)
    assert network_rules.VIRTUAL_NETWORK_ID.holds(portal)
    assert network_rules.SUBNET_ID.holds(f"{portal}/Subnets/anf")
    assert not network_rules.VIRTUAL_NETWORK_ID.holds(f"{written}/subnets/anf")
    assert network_rules.NetworkPath.of(portal).key == network_rules.NetworkPath.of(written).key
    assert network_rules.network_id_of(f"{portal}/Subnets/anf") == portal


def test_peerings_with_networks_of_one_name_have_names_of_their_own() -> None:
    names = {
        network_rules.peering_name(network_rules.NetworkPath(subscription, group, "v" * 64))
        for subscription in ("1", "2")
        for group in ("rg-a", "rg-b")
    }
    assert len(names) == 4
    assert all(network_rules.SUBNET_NAME.holds(name) for name in names)  # the rule of a peering's name too


@unhurried
@given(sizes=st.lists(st.integers(50, 2000), min_size=1), pool=st.integers(1, 10))
def test_volumes_fit_when_their_sum_does(sizes: list[int], pool: int) -> None:
    assert (rules.sizes_exceed_pool(sizes, pool) is None) == (sum(sizes) <= pool * 1024)


def test_a_volume_may_be_of_a_lower_level_than_its_pool_but_not_of_a_higher() -> None:
    assert rules.level_above_pool("Standard", "Premium") is None
    assert rules.level_above_pool("Premium", "Premium") is None
    assert rules.level_above_pool("Ultra", "Premium") == "Standard, Premium: no higher than the pool's"


def test_manual_throughput_is_bounded_by_level_and_size() -> None:
    assert rules.throughput_exceeds_pool([16, 16], "Standard", 2) is None
    assert rules.throughput_exceeds_pool([16, 17], "Standard", 2) is not None


def test_a_component_names_every_plain_argument_that_breaks_its_rule() -> None:
    with pytest.raises(rules.InvalidArgsError) as raised:
        rules.check_args(
            "SmbVolume",
            {"size_gib": 20, "volume_name": "default"},
            {"size_gib": rules.VOLUME_SIZE_GIB, "volume_name": rules.VOLUME_NAME},
        )
    assert [error["property_path"] for error in raised.value.errors or []] == ["size_gib", "volume_name"]
    assert "size_gib: 20 is not allowed; allowed: 50 to 102400 GiB" in str(raised.value)
