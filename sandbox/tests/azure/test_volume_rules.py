"""Volumes: what binds them to their pool, their subnet and their creation, and what Azure fills in."""

import pytest

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import ResourceId
from sandbox.azure.netapp import availability, mount_targets, volumes
from tests.azure.names import GIB, POOL, REGION, SUBNET, SUBSCRIPTION, TIB, VNET, VOLUME, Json
from tests.azure.world import World, network_body, pool_body, subnet_body, volume_body

OTHER = f"{POOL}/volumes/other"


@pytest.fixture
def pool(world: World) -> World:
    world.up_to_pool()
    return world


def test_volumes_live_in_one_delegated_subnet_of_a_network_where_a_share_name_is_unique(pool: World) -> None:
    pool.put(f"{VNET}/subnets/second", subnet_body("10.40.2.0/26"))
    pool.put(VOLUME, volume_body())
    error = pool.refusal(OTHER, volume_body(token="SMB"))
    assert (error.status, error.message) == (409, "Specified creation token already exists")
    error = pool.refusal(OTHER, volume_body(token="other", subnetId=f"{VNET}/subnets/second"))
    assert "only one subnet can be delegated to Azure NetApp Files" in error.message


@pytest.mark.parametrize(
    ("space", "subnet", "message"),
    [
        ("10.40.0.0/16", subnet_body(service=None), "Subnet must have a 'Microsoft.NetApp/volumes' delegation."),
        ("10.40.0.0/16", subnet_body(service="Microsoft.Web/serverFarms"), "Subnet must have a 'Microsoft.NetApp/"),
        ("10.40.0.0/16", subnet_body("10.40.1.0/29"), "must be /28 or larger"),
        ("10.40.1.0/26", subnet_body("10.40.1.0/26"), "must be larger than that of its delegated subnet"),
    ],
)
def test_a_subnet_that_volumes_cannot_be_created_in(world: World, space: str, subnet: Json, message: str) -> None:
    world.up_to_pool()
    world.put(VNET, network_body(space, subnets=[{"name": "anf", **subnet}]))
    assert message in world.refusal(VOLUME, volume_body()).message


@pytest.mark.parametrize(
    "service", ["Microsoft.NetApp/volumes", "Microsoft.Netapp/volumes", "microsoft.netapp/volumes"]
)
def test_the_case_of_a_delegation_does_not_matter_nor_that_of_an_id(pool: World, service: str) -> None:
    pool.put(SUBNET, subnet_body(service=service))
    volume = pool.put(VOLUME.replace("pool-dev", "POOL-DEV"), volume_body(subnetId=SUBNET.upper()))
    assert volume.properties["subnetId"] == SUBNET
    assert str(volume.id) == VOLUME


def test_a_pool_that_is_being_deleted_or_is_full_takes_no_volume(pool: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(volumes, "VOLUMES_PER_POOL", 1)
    pool.put(VOLUME, volume_body())
    assert "quota of 1 resources of type volume per capacityPool" in pool.refusal(OTHER, volume_body(token="o")).message
    pool.delete(VOLUME)
    pool.model.delete(ResourceId.parse(POOL))
    error = pool.refusal(VOLUME, volume_body())
    assert (error.status, error.message) == (404, "Parent pool not found")


BOTH: Json = {"protocolTypes": ["CIFS", "NFSv4.1"], "securityStyle": "unix"}
FIXED: Json = {"smbEncryption": True, "snapshotDirectoryVisible": False}
READ_ONLY = (
    "The volume's {0} property is not allowed to be updated. Please check that {0} is not part of the update request "
    "or isn't being changed from the current value."
)
UNCHANGEABLE: list[tuple[Json, Json, str]] = [
    ({}, {"creationToken": "other"}, "CreationToken cannot be changed."),
    ({}, {"subnetId": f"{VNET}/subnets/other"}, "SubnetId cannot be changed."),
    ({}, {"protocolTypes": ["CIFS", "NFSv3"]}, "Protocol types cannot be changed"),
    ({}, {"networkFeatures": "Basic"}, "NetworkFeatures cannot be changed."),
    ({}, {"serviceLevel": "Standard"}, "ServiceLevel cannot be changed."),
    ({}, {"securityStyle": "unix", "protocolTypes": ["CIFS", "NFSv4.1"]}, "Protocol types cannot be changed"),
    ({}, {"isLargeVolume": True, "usageThreshold": 50 * TIB}, "IsLargeVolume cannot be changed."),
    ({}, {"fileSystemId": "other"}, "FileSystemId cannot be changed."),
    ({}, {"mountTargets": []}, "MountTargets cannot be changed."),
    *(({}, {name: value}, READ_ONLY.format(name)) for name, value in FIXED.items()),
    (BOTH, {"securityStyle": "ntfs"}, "SecurityStyle cannot be changed."),
    (BOTH, {"kerberosEnabled": True}, "KerberosEnabled cannot be changed."),
    (BOTH, {"ldapEnabled": True}, "ldapEnabled parameter is not allowed to update"),
    (BOTH, {"encryptionKeySource": "Microsoft.KeyVault"}, "EncryptionKeySource cannot be changed."),
]


@pytest.mark.parametrize(("created", "change", "message"), UNCHANGEABLE)
def test_what_a_volume_is_created_with_stays(world: World, created: Json, change: Json, message: str) -> None:
    world.up_to_pool(level="Premium", tib=1)
    world.put(VOLUME, volume_body(**created))
    other_order: Json = {**created, "protocolTypes": created.get("protocolTypes", ["CIFS"])[::-1]}
    before = world.put(VOLUME, volume_body(**other_order))
    assert world.refusal(VOLUME, volume_body(**created | change)).message == message
    assert world.get(VOLUME).properties == before.properties


def test_a_put_of_the_same_again_changes_nothing_and_zones_stay(pool: World) -> None:
    before = pool.put(VOLUME, volume_body())
    after = pool.put(VOLUME, volume_body(subnetId=SUBNET.lower()))
    assert after.properties == before.properties
    pool.put(VOLUME, {"location": REGION, "properties": pool.shown(VOLUME)})
    assert pool.get(VOLUME).properties.items() >= before.properties.items()
    assert pool.refusal(VOLUME, volume_body() | {"zones": ["1"]}).message == "Zones cannot be changed."


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

    pool.delete(VOLUME)
    assert not stored.exists(), "what was stored goes with the volume"


def test_volumes_of_one_connection_share_the_server_and_get_another_once_it_is_gone(
    pool: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    digits = iter(["64d9", "1be3"])
    monkeypatch.setattr(mount_targets, "server_digits", lambda: next(digits))
    first = pool.put(VOLUME, volume_body()).properties["mountTargets"][0]
    second = pool.put(OTHER, volume_body(token="two")).properties["mountTargets"][0]
    nfs = volume_body(token="nfs", protocolTypes=["NFSv4.1"], securityStyle=None)
    third = pool.put(f"{POOL}/volumes/nfs", nfs).properties["mountTargets"][0]

    assert (first["smbServerFqdn"], first["ipAddress"]) == ("ANF-64d9.contoso.com", "10.40.1.4")
    assert (second["smbServerFqdn"], second["ipAddress"]) == (first["smbServerFqdn"], first["ipAddress"])
    assert second["mountTargetId"] != first["mountTargetId"]
    assert third["ipAddress"] == "10.40.1.5"

    pool.delete(VOLUME)
    pool.delete(OTHER)
    assert pool.put(VOLUME, volume_body()).properties["mountTargets"][0]["smbServerFqdn"] == "ANF-1be3.contoso.com"


def test_the_defaults_of_azure(pool: World) -> None:
    pool.put(VOLUME, volume_body(securityStyle=None, serviceLevel=None, deleteBaseSnapshot=True, coolnessPeriod=7))
    shown = pool.shown(VOLUME)
    defaults = {
        "securityStyle": "Ntfs",
        "smbAccessBasedEnumeration": "Disabled",
        "smbNonBrowsable": "Disabled",
        "defaultUserQuotaInKiBs": 0,
        "serviceLevel": "Standard",
        "snapshotDirectoryVisible": True,
        "smbEncryption": False,
        "isLargeVolume": False,
        "encryptionKeySource": "Microsoft.NetApp",
        "avsDataStore": "Disabled",
        "actualThroughputMibps": 16 * 100 / 1024,
        "effectiveNetworkFeatures": "Standard",
        "coolnessPeriod": 7,
        "exportPolicy": {"rules": []},
    }
    assert {name: shown.get(name) for name in defaults} == defaults
    absent = {"deleteBaseSnapshot", "snapshotId", "volumeType", "isRestoring", "encrypted", "fileAccessLogs"}
    assert not (absent | {"volumeGroupName", "maximumNumberOfFiles", "unixPermissions"}) & shown.keys()


def test_what_az_and_trident_send_for_every_volume_is_no_obstacle_for_smb(pool: World) -> None:
    pool.put(POOL, pool_body(4))
    pool.put(VOLUME, volume_body(securityStyle="unix", networkFeatures=""))
    shown = pool.shown(VOLUME)
    assert (shown["securityStyle"], shown["networkFeatures"]) == ("Ntfs", "Basic")
    pool.put(VOLUME, volume_body(securityStyle="Ntfs", networkFeatures=""))


VOLUME_TYPE = "Microsoft.NetApp/netAppAccounts/capacityPools/volumes"


@pytest.mark.parametrize(
    ("question", "body", "expected"),
    [
        (availability.check_file_path, {"name": "free", "subnetId": SUBNET}, "free"),
        (availability.check_file_path, {"name": "SMB", "subnetId": SUBNET}, "AlreadyExists"),
        (availability.check_file_path, {"name": "a_b", "subnetId": SUBNET}, "Invalid"),
        (availability.check_file_path, {"name": "default", "subnetId": SUBNET}, "Invalid"),
        (availability.check_file_path, {"name": "a", "subnetId": f"{SUBNET}2"}, "SubnetNotFound"),
        (availability.check_file_path, {"name": "a", "subnetId": "anf"}, "InvalidSubnet"),
        (availability.check_name, {"name": "anf-dev/pool-dev/free", "type": VOLUME_TYPE}, "free"),
        (availability.check_name, {"name": "anf-dev/pool-dev/smb", "type": VOLUME_TYPE.upper()}, "AlreadyExists"),
        (availability.check_name, {"name": "anf-dev/pool-dev/bin", "type": VOLUME_TYPE}, "Invalid"),
        (availability.check_name, {"name": "smb", "type": VOLUME_TYPE}, "InvalidName"),
        (availability.check_name, {"name": "smb", "type": "Microsoft.NetApp/elastic"}, "UnknownResourceType"),
        (availability.check_name, {"type": VOLUME_TYPE}, "MissingValue"),
        (availability.check_quota, {"name": "anf", "type": "Microsoft.NetApp/netAppAccounts"}, "AlreadyExists"),
        (availability.check_quota, {"name": "anf/pool", "type": VOLUME_TYPE.rpartition("/")[0]}, "free"),
    ],
)
def test_questions_about_names_paths_and_quotas(
    pool: World, monkeypatch: pytest.MonkeyPatch, question: availability.Question, body: Json, expected: str
) -> None:
    monkeypatch.setattr(availability, "ACCOUNTS_PER_REGION", 1)
    pool.put(VOLUME, volume_body())
    assert outcome(pool, question, body | {"resourceGroup": "rg-anf"}) == expected


def outcome(world: World, question: availability.Question, body: Json) -> str:
    """Return what a question is answered with: that it is free, the reason why not, or the code of an error."""
    try:
        answer = question(world.model, SUBSCRIPTION, REGION, body)
    except ArmError as error:
        return error.code
    return "free" if answer == {"isAvailable": True} else str(answer["isAvailable"] or answer["reason"])


def test_a_zone_is_set_once(pool: World) -> None:
    for zones in (["4"], ["1", "2"]):
        assert "A volume has one zone" in pool.refusal(VOLUME, volume_body() | {"zones": zones}).message
    pool.put(VOLUME, volume_body() | {"zones": ["2"]})
    assert pool.get(VOLUME).envelope["zones"] == ["2"]
    assert pool.shown(VOLUME)["provisionedAvailabilityZone"] == "2"
    assert pool.refusal(VOLUME, volume_body() | {"zones": ["1"]}).message == "Zones cannot be changed."


def test_continuous_availability_is_set_once(pool: World) -> None:
    pool.put(VOLUME, volume_body(smbContinuouslyAvailable=True))
    assert pool.shown(VOLUME)["smbContinuouslyAvailable"] is True
    refusal = pool.refusal(VOLUME, volume_body())
    assert refusal.code == "VolumeReadOnlyPropertyCanNotBeChanged"
    assert "smbContinuouslyAvailable" in refusal.message


def test_cool_access_changes_in_place_in_a_pool_that_has_it(pool: World) -> None:
    pool.put(POOL, pool_body(coolAccess=True))
    pool.put(VOLUME, volume_body(coolAccess=True))
    shown = pool.shown(VOLUME)
    assert (shown["coolnessPeriod"], shown["coolAccessRetrievalPolicy"]) == (31, "Default")
    pool.put(VOLUME, volume_body(coolAccess=True, coolnessPeriod=183, coolAccessTieringPolicy="SnapshotOnly"))
    shown = pool.shown(VOLUME)
    assert (shown["coolnessPeriod"], shown["coolAccessTieringPolicy"]) == (183, "SnapshotOnly")
    assert "2 to 183 days" in pool.refusal(VOLUME, volume_body(coolAccess=True, coolnessPeriod=184)).message
    # The capacity pool stays one with cool access.
    assert "CoolAccess cannot be disabled" in pool.refusal(POOL, pool_body()).message
