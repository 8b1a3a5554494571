"""Volumes: what Azure refuses when one is made or changed, and what it fills in."""

from pathlib import Path

import pytest

from sandbox.azure.errors import ArmError
from tests.azure.world import (
    ACCOUNT,
    GIB,
    POOL,
    SUBNET,
    TIB,
    VNET,
    VOLUME,
    Json,
    World,
    account_body,
    directory,
    network_body,
    pool_body,
    subnet_body,
    volume_body,
)


@pytest.fixture
def pool(world: World) -> World:
    world.up_to_pool()
    return world


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> World:
    """One world for all refusals, since a refusal changes nothing."""
    world = World(tmp_path_factory.mktemp("volumes"))
    world.up_to_pool()
    return world


REFUSED_VOLUMES = [
    (volume_body(token=None), "Missing value for 'creationToken'."),
    (volume_body(token="1share"), "The file path name can contain letters, numbers, and hyphens"),
    (volume_body(token="a_b"), "The file path name can contain letters, numbers, and hyphens"),
    (volume_body(token="a" * 81), "File path too long."),
    (volume_body(token="default"), "Specified creation token is reserved"),
    (volume_body(token="None"), "Specified creation token is reserved"),
    (volume_body(subnetId="anf"), "SubnetId is in invalid format."),
    (volume_body(subnetId=VNET), "SubnetId is in invalid format."),
    (volume_body(subnetId=f"{VNET}/subnets/none"), "was not found."),
    (volume_body(gib=49), "was received for usageThreshold."),
    (volume_body(gib=100.5), "was received for usageThreshold."),
    (volume_body(gib=101 * 1024), "50 GiB to 102400 GiB"),
    (volume_body(gib=100, isLargeVolume=True), "51200 GiB to 1048576 GiB"),
    (volume_body(gib=1025), "Pool size too small for total volume size."),
    (volume_body(serviceLevel="Premium"), "Service level 'Premium' is higher than parent 'Standard'"),
    (volume_body(protocolTypes=["SMB"]), "Protocol type SMB not known"),
    (volume_body(protocolTypes=["NFSv3", "NFSv4.1"], securityStyle=None), "one version of NFS"),
    (volume_body(unixPermissions="0770"), "Unix permissions cannot be set"),
    (volume_body(securityStyle="unix"), "has security style ntfs"),
    (volume_body(protocolTypes=["NFSv3"]), "Only a volume with protocol type CIFS has it."),
    (volume_body(exportPolicy={"rules": [{"ruleIndex": 1}]}), "Export policy rules are not allowed"),
    (volume_body(ldapEnabled=True), "ldapEnabled option is only supported with NFS protocol volume. "),
    (volume_body(throughputMibps=16), "manual QoS"),
    (volume_body(networkFeatures="Basic"), "smaller than 4 TiB can only hold volumes with Standard network features"),
    (volume_body(networkFeatures=None), "smaller than 4 TiB can only hold volumes with Standard network features"),
    (volume_body(coolAccess=True), "does not have cool access"),
    (volume_body(encryptionKeySource="Microsoft.KeyVault"), "account's encryption does not use a key vault"),
    (volume_body(encryptionKeySource="Microsoft.KeyVault", networkFeatures="Basic"), "Standard network features"),
    (volume_body(fileSystemId="mine"), "Received a value for read-only property 'fileSystemId'."),
    (volume_body(size=100), "Value received for an unknown property 'size'."),
    (volume_body(location="westeurope"), "Location for Volume must be the same as CapacityPool"),
    (volume_body(protocolTypes=["NFSv3"], securityStyle=None, smbEncryption=True), "protocol type CIFS has it"),
]


@pytest.mark.parametrize(
    ("body", "message"), REFUSED_VOLUMES, ids=[f"{n}-{m[:40]}" for n, (_, m) in enumerate(REFUSED_VOLUMES)]
)
def test_a_volume_that_azure_refuses(untouched: World, body: Json, message: str) -> None:
    error = untouched.refusal(VOLUME, body)
    assert error.status in {400, 404}
    assert message in error.message
    assert not untouched.exists(VOLUME)


@pytest.mark.parametrize("name", ["default", "bin", "Default", "1smb", "a b", "a" * 65, "-a"])
def test_volume_names(untouched: World, name: str) -> None:
    assert untouched.refusal(f"{POOL}/volumes/{name}", volume_body()).code in {"InvalidResourceName", "NameReserved"}


def test_the_code_for_unix_permissions_is_that_of_azure(untouched: World) -> None:
    error = untouched.refusal(VOLUME, volume_body(unixPermissions="0770"))
    assert error.code == "InvalidInputUnixPermissionForNtfsSecurityStyleVolume"


def test_an_smb_volume_needs_a_directory_first(world: World) -> None:
    world.group()
    world.network()
    world.put(ACCOUNT, account_body())
    world.put(POOL, pool_body(1))
    error = world.refusal(VOLUME, volume_body())
    assert error.message == "No Active Directory credentials found in region"
    nfs = world.put(VOLUME, volume_body(protocolTypes=["NFSv3"], securityStyle=None))
    assert (nfs.properties["securityStyle"], nfs.properties["unixPermissions"]) == ("unix", "0770")
    assert "smbServerFqdn" not in nfs.properties["mountTargets"][0]


def test_a_share_name_is_unique_in_its_subnet(pool: World) -> None:
    pool.put(VOLUME, volume_body())
    error = pool.refusal(f"{POOL}/volumes/other", volume_body(token="SMB"))
    assert error.message == "Specified creation token already exists"


@pytest.mark.parametrize(
    ("subnet", "message"),
    [
        (subnet_body(service=None), "Subnet must have a 'Microsoft.NetApp/volumes' delegation."),
        (subnet_body(service="Microsoft.Web/serverFarms"), "Subnet must have a 'Microsoft.NetApp/volumes' delegation."),
        (subnet_body("10.40.1.0/29"), "must be /28 or larger"),
    ],
)
def test_a_subnet_that_volumes_cannot_be_made_in(world: World, subnet: Json, message: str) -> None:
    world.group()
    world.put(VNET, network_body())
    world.put(SUBNET, subnet)
    world.put(ACCOUNT, account_body(directory()))
    world.put(POOL, pool_body(1))
    assert message in world.refusal(VOLUME, volume_body()).message


@pytest.mark.parametrize(
    "service", ["Microsoft.NetApp/volumes", "Microsoft.Netapp/volumes", "microsoft.netapp/volumes"]
)
def test_the_case_of_a_delegation_does_not_matter_nor_that_of_an_id(world: World, service: str) -> None:
    world.up_to_pool()
    world.put(SUBNET, subnet_body(service=service))
    volume = world.put(VOLUME.replace("pool-dev", "POOL-DEV"), volume_body(subnetId=SUBNET.upper()))
    assert volume.properties["subnetId"] == SUBNET
    assert str(volume.id) == VOLUME


def test_the_network_must_be_larger_than_its_delegated_subnet(world: World) -> None:
    world.group()
    world.put(VNET, network_body("10.40.1.0/26"))
    world.put(SUBNET, subnet_body("10.40.1.0/26"))
    world.put(ACCOUNT, account_body(directory()))
    world.put(POOL, pool_body(1))
    assert "must be larger than that of its delegated subnet" in world.refusal(VOLUME, volume_body()).message


def test_volumes_live_in_one_delegated_subnet_of_a_network(pool: World) -> None:
    pool.put(f"{VNET}/subnets/second", subnet_body("10.40.2.0/26"))
    pool.put(VOLUME, volume_body())
    error = pool.refusal(f"{POOL}/volumes/other", volume_body(token="other", subnetId=f"{VNET}/subnets/second"))
    assert "only one subnet can be delegated to Azure NetApp Files" in error.message


UNCHANGEABLE = [
    ({"creationToken": "other"}, "CreationToken cannot be changed."),
    ({"subnetId": f"{VNET}/subnets/other"}, "SubnetId cannot be changed."),
    ({"protocolTypes": ["CIFS", "NFSv3"]}, "Protocol types cannot be changed"),
    ({"networkFeatures": "Basic"}, "NetworkFeatures cannot be changed."),
    ({"serviceLevel": "Standard"}, "ServiceLevel cannot be changed."),
    ({"fileSystemId": "other"}, "FileSystemId cannot be changed."),
    ({"mountTargets": []}, "MountTargets cannot be changed."),
]


@pytest.mark.parametrize(("change", "message"), UNCHANGEABLE, ids=[m for _, m in UNCHANGEABLE])
def test_what_a_volume_is_made_with_stays(world: World, change: Json, message: str) -> None:
    world.up_to_pool(level="Premium", tib=1)
    before = world.put(VOLUME, volume_body())
    assert world.refusal(VOLUME, volume_body(**change)).message == message
    assert world.get(VOLUME).properties == before.properties


def test_a_put_of_the_same_again_changes_nothing(pool: World) -> None:
    before = pool.put(VOLUME, volume_body())
    after = pool.put(VOLUME, volume_body(subnetId=SUBNET.lower()))
    assert after.properties == before.properties


def test_a_volume_grows_within_its_pool_and_shrinks_down_to_what_is_stored(pool: World) -> None:
    volume = pool.put(VOLUME, volume_body(gib=100))
    assert pool.patch(VOLUME, {"properties": {"usageThreshold": 1024 * GIB}}).properties["usageThreshold"] == TIB
    with pytest.raises(ArmError, match="PoolSizeTooSmall"):
        pool.patch(VOLUME, {"properties": {"usageThreshold": 1025 * GIB}})

    stored = pool.files.folder(volume.properties["mountTargets"][0]["smbServerFqdn"], "smb")
    stored.mkdir(parents=True)
    with (stored / "sparse").open("wb") as file:
        file.truncate(60 * GIB)
    with pytest.raises(ArmError, match="bytes are in use"):
        pool.patch(VOLUME, {"properties": {"usageThreshold": 50 * GIB}})
    assert pool.patch(VOLUME, {"properties": {"usageThreshold": 60 * GIB}}).properties["usageThreshold"] == 60 * GIB


def test_with_the_volume_goes_what_was_stored(pool: World) -> None:
    volume = pool.put(VOLUME, volume_body())
    stored = pool.files.folder(volume.properties["mountTargets"][0]["smbServerFqdn"], "smb")
    stored.mkdir(parents=True)
    (stored / "index.html").write_text("hello")
    pool.delete(VOLUME)
    assert not stored.exists()


def test_large_volumes(tmp_path: Path) -> None:
    world = World(tmp_path, capacity_quota_tib=4096)
    world.up_to_pool(tib=200)
    world.put(VOLUME, volume_body(gib=150 * 1024, isLargeVolume=True))
    assert world.shown(VOLUME)["isLargeVolume"] is True


def test_volumes_of_one_connection_share_the_server_and_get_another_once_it_is_gone(pool: World) -> None:
    first = pool.put(VOLUME, volume_body()).properties["mountTargets"][0]
    second = pool.put(f"{POOL}/volumes/two", volume_body(token="two")).properties["mountTargets"][0]
    nfs = volume_body(token="nfs", protocolTypes=["NFSv4.1"], securityStyle=None)
    third = pool.put(f"{POOL}/volumes/nfs", nfs).properties["mountTargets"][0]

    assert (second["smbServerFqdn"], second["ipAddress"]) == (first["smbServerFqdn"], first["ipAddress"])
    assert second["mountTargetId"] != first["mountTargetId"]
    assert third["ipAddress"] != first["ipAddress"]


def test_the_defaults_of_azure(pool: World) -> None:
    pool.put(VOLUME, volume_body(securityStyle=None, serviceLevel=None))
    shown = pool.shown(VOLUME)
    assert (shown["securityStyle"], shown["serviceLevel"], shown["snapshotDirectoryVisible"]) == (
        "ntfs",
        "Standard",
        True,
    )
    assert (shown["smbEncryption"], shown["isLargeVolume"], shown["encryptionKeySource"]) == (
        False,
        False,
        "Microsoft.NetApp",
    )
    assert shown["actualThroughputMibps"] == 16 * 100 / 1024
    assert shown["mountTargets"][0]["fileSystemId"] == shown["fileSystemId"]
