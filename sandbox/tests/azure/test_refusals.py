"""Requests that Azure refuses, one rule each. All meet one small Azure, since a refusal changes nothing."""

from typing import Any

import pytest

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import ResourceId
from tests.azure.names import ACCOUNT, GROUP, POOL, REGION, TIB, VNET, VOLUME, Json
from tests.azure.world import World, account_body, directory, network_body, pool_body, subnet_body, volume_body

NEW_ACCOUNT, NEW_POOL = ACCOUNT.replace("anf-dev", "anf-new"), POOL.replace("pool-dev", "pool-new")
MANUAL_POOL = POOL.replace("pool-dev", "pool-manual")
NEW_VNET, NEW_SUBNET = VNET.replace("vnet-anf", "vnet-new"), f"{VNET}/subnets/second"
FOREIGN_VNET = VNET.replace("vnet-anf", "vnet-eu")
POLICY = f"{ACCOUNT}/snapshotPolicies/nightly"
NEW_POLICY = POLICY.replace("nightly", "new")

HOURLY: Json = {"snapshotsToKeep": 24, "minute": 5}
DAILY: Json = {"snapshotsToKeep": 7, "hour": 1, "minute": 15}
WEEKLY: Json = {"snapshotsToKeep": 4, "day": "Monday,Thursday", "hour": 2, "minute": 25}
MONTHLY: Json = {"snapshotsToKeep": 12, "daysOfMonth": "1,15", "hour": 3, "minute": 35}

CONFLICTS = ("InvalidResourceGroupLocation", "InvalidResourceLocation")
MISSING = ("ParentResourceNotFound", "ResourceGroupNotFound", "SnapshotPolicyNotFound", "SubnetNotFound")


def policy_body(location: str = REGION, **schedules: Any) -> Json:
    return {"location": location, "properties": schedules or {"dailySchedule": DAILY}}


def protected(policy: object, **protection: Any) -> Json:
    return volume_body(dataProtection={"snapshot": {"snapshotPolicyId": policy}, **protection})


def nfs(*protocols: str, **properties: Any) -> Json:
    body = volume_body(protocolTypes=list(protocols or ["NFSv3"]), **properties)
    if "securityStyle" not in properties:
        del body["properties"]["securityStyle"]
    return body


def rules(*indexes: int) -> Json:
    return {"rules": [{"ruleIndex": index} for index in indexes]}


def with_subnets(*prefixes: str) -> Json:
    return network_body(subnets=[{"name": f"s{n}", **subnet_body(prefix)} for n, prefix in enumerate(prefixes)])


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(tmp_path_factory.mktemp("refusals"))
    world.up_to_pool()
    world.put(MANUAL_POOL, pool_body(1, qosType="Manual"))
    world.put(POLICY, policy_body())
    world.put(FOREIGN_VNET, with_subnets("10.40.1.0/26") | {"location": "westeurope"})
    return world


DIRECTORIES = [
    (directory(smbServerName="A" * 11), "SMB server name may not be longer than 10 characters."),
    (directory(smbServerName="a_b"), "An invalid value 'a_b' was received for smbServerName. "),
    *[
        (directory(**{name: None}), f"Missing value for '{name}'.")
        for name in ("domain", "dns", "password", "username")
    ],
    (directory(smbServerName=None), "Missing value for 'smbServerName'."),
    (directory(domain="contoso..com"), "An invalid value 'contoso..com' was received for domain. "),
    (directory(username=["a"]), "It must be the name of a user."),
    (directory(dns="10.0.0.256"), "An invalid value '10.0.0.256' was received for dns. "),
    (directory(dns="10.0.0.1,10.0.0.2,10.0.0.3,10.0.0.4"), "at most 3 IPv4 addresses"),
    (directory(password="x" * 65), "The password must be a text of at most 64 characters."),
    (directory(ldapOverTLS=True), "This Active Directory has no Server root CA Certificate"),
    (directory(aesEncryption="yes"), "It must be true or false."),
    (directory(activeDirectoryId="mine"), "ActiveDirectory with id: 'mine' does not exist."),
    (directory(smbServer="x"), "Value received for an unknown property 'smbServer'."),
    (directory(domain="fabrikam.com"), "DomainNameCannotBeChanged: Domain name cannot be changed."),
]
ACCOUNTS = [
    (account_body(directory(), directory(), location="westeurope"), "BadRequest: Only one active directory allowed"),
    (account_body(smb=1), "UnknownProperty: Value received for an unknown property 'smb'."),
    (account_body(encryption={"keySource": "mine"}), "It must be one of Microsoft.NetApp, Microsoft.KeyVault."),
    (account_body(encryption={"keySource": "Microsoft.KeyVault"}), "Missing value for 'keyVaultProperties'."),
]
POOLS = [
    (pool_body(0.5), "was received for Pool.Size. Must be 1 tebibyte in bytes or higher"),
    (pool_body(1.5), "An invalid value '1649267441664' was received for Pool.Size."),
    (pool_body(2049), "2048 tebibytes at most"),
    (pool_body(0), "was received for Pool.Size."),
    (pool_body(1, size="large"), "It must be a whole number."),
    ({"location": REGION, "properties": {"serviceLevel": "Standard"}}, "Missing value for 'size'."),
    ({"location": REGION, "properties": {"size": TIB}}, "Missing value for 'serviceLevel'."),
    (pool_body(1, "Gold"), "An invalid value 'Gold' was received for serviceLevel."),
    (pool_body(1, qosType="None"), "was received for qosType."),
    (pool_body(1, encryptionType="Triple"), "It must be one of Single, Double."),
    (pool_body(1, "Flexible", customThroughputMibps="fast"), "It must be a number."),
    (pool_body(1, "Flexible", customThroughputMibps=127), "It must be between 128 and 640."),
    (pool_body(1, "Flexible", customThroughputMibps=641), "It must be between 128 and 640."),
    (pool_body(1, "Flexible", qosType="Auto"), "has QoS type Manual"),
    (pool_body(1, customThroughputMibps=200), "Only a pool of service level Flexible has it."),
    (pool_body(1, location="westeurope"), "Location for CapacityPool must be the same as NetAppAccount"),
    (pool_body(1, poolId="mine"), "Received a value for read-only property 'poolId'."),
    (pool_body(1, sizeTiB=1), "Value received for an unknown property 'sizeTiB'."),
    (pool_body(24), "The total capacity of 26 TiB would exceed the quota of 25 TiB per subscription in region"),
]
VOLUMES = [
    (volume_body(token=None), "Missing value for 'creationToken'."),
    (volume_body(token="1share"), "The file path name can contain letters, numbers, and hyphens"),
    (volume_body(token="a_b"), "The file path name can contain letters, numbers, and hyphens"),
    (volume_body(token="a" * 81), "File path too long."),
    (volume_body(token="default"), "Specified creation token is reserved"),
    (volume_body(token="None"), "Specified creation token is reserved"),
    (volume_body(subnetId="anf"), "SubnetId is in invalid format."),
    (volume_body(subnetId=VNET), "SubnetId is in invalid format."),
    (volume_body(subnetId=f"{VNET}/subnets/none"), "was not found."),
    (
        volume_body(subnetId=f"{FOREIGN_VNET}/subnets/s0"),
        "must be the same as that of the virtual network of subnetId.",
    ),
    (volume_body(usageThreshold=None), "Missing value for 'usageThreshold'."),
    (volume_body(gib=49), "was received for Volume.UsageThreshold."),
    (volume_body(gib=100.5), "was received for Volume.UsageThreshold."),
    (volume_body(gib=101 * 1024), "50 to 102400 gibibytes"),
    (volume_body(gib=100, isLargeVolume=True), "51200 to 1048576 gibibytes"),
    (volume_body(gib=1025), "PoolSizeTooSmall: Pool size too small for total volume size."),
    (volume_body(serviceLevel="Premium"), "Service level 'Premium' is higher than parent 'Standard'"),
    (volume_body(protocolTypes="CIFS"), "InvalidRequestContent"),
    (volume_body(protocolTypes=["SMB"]), "Protocol type SMB not known"),
    (nfs("NFSv3", "NFSv4.1"), "one version of NFS"),
    (volume_body(protocolTypes=["CIFS", "CIFS"]), "one version of NFS, CIFS, or both"),
    (
        volume_body(unixPermissions="0770"),
        "InvalidInputUnixPermissionForNtfsSecurityStyleVolume: Unix permissions are not allowed",
    ),
    (nfs(unixPermissions="0990"), "It must be an octal mode such as 0770."),
    (volume_body(protocolTypes=["NFSv3"]), "Only a volume with protocol type CIFS has it."),
    (volume_body(exportPolicy=rules(1)), "Export policy rules are not allowed"),
    (nfs(exportPolicy=rules(*range(6))), "Number of items: 6 for object: ExportPolicy.Rules[RuleIndex]"),
    (nfs(exportPolicy=rules(1, 1)), "Duplicate value error for object ExportPolicy.Rules[RuleIndex]."),
    (volume_body(ldapEnabled=True), "ldapEnabled option is only supported with NFS protocol volume. "),
    (volume_body(kerberosEnabled=True), "Kerberos is supported only for NFSv4.1."),
    (volume_body(throughputMibps=16), "manual QoS"),
    (volume_body(networkFeatures="Basic"), "smaller than 4 TiB can only hold volumes with Standard network features"),
    (volume_body(networkFeatures=None), "smaller than 4 TiB can only hold volumes with Standard network features"),
    (volume_body(coolAccess=True), "does not have cool access"),
    (volume_body(encryptionKeySource="Microsoft.KeyVault"), "account's encryption does not use a key vault"),
    (volume_body(encryptionKeySource="Microsoft.KeyVault", networkFeatures="Basic"), "Standard network features"),
    (volume_body(fileSystemId="mine"), "Received a value for read-only property 'fileSystemId'."),
    (volume_body(size=100), "Value received for an unknown property 'size'."),
    (volume_body(location="westeurope"), "Location for Volume must be the same as CapacityPool"),
    (nfs(smbEncryption=True), "protocol type CIFS has it"),
    (volume_body(dataProtection={"ransomwareProtection": {}}), "unknown property 'ransomwareProtection'"),
    (protected("nightly"), "the id of a snapshot policy"),
    (protected(POOL), "the id of a snapshot policy"),
    (protected(POLICY.replace("anf-dev", "another")), "one of the volume's account 'anf-dev'"),
    (protected(POLICY.replace("nightly", "hourly")), "SnapshotPolicyNotFound: The snapshot policy '"),
    (protected(POLICY, replication={"endpointType": "dst"}), "A destination volume of a replication has no"),
]
MANUAL_VOLUMES = [
    (volume_body(), "Missing value for 'throughputMibps'."),
    (volume_body(throughputMibps=0.5), "between 1 and 4500"),
    (volume_body(throughputMibps=17), "RequestedThroughputNotAvailable: Requested throughput not available"),
]
POLICIES = [
    (policy_body("westeurope"), "Location for SnapshotPolicy must be the same as NetAppAccount"),
    (policy_body(yearlySchedule=DAILY), "unknown property 'yearlySchedule'"),
    (policy_body(hourlySchedule=HOURLY | {"hour": 1}), "unknown property 'hour'"),
    (policy_body(hourlySchedule={"minute": 5}), "Missing value for 'snapshotsToKeep'."),
    (policy_body(weeklySchedule=DAILY), "Missing value for 'day'."),
    (policy_body(hourlySchedule=HOURLY | {"snapshotsToKeep": 256}), "between 0 and 255"),
    (policy_body(hourlySchedule=HOURLY | {"minute": 60}), "between 0 and 59"),
    (policy_body(dailySchedule=DAILY | {"hour": 24}), "between 0 and 23"),
    (policy_body(dailySchedule=DAILY | {"hour": "1"}), "must be a whole number"),
    (policy_body(weeklySchedule=WEEKLY | {"day": "Mon"}), "Monday to Sunday"),
    (policy_body(monthlySchedule=MONTHLY | {"daysOfMonth": "0"}), "1 to 31"),
    (policy_body(monthlySchedule=MONTHLY | {"daysOfMonth": 1}), "1 to 31"),
    (
        policy_body(hourlySchedule=HOURLY | {"snapshotsToKeep": 200}, dailySchedule=DAILY | {"snapshotsToKeep": 56}),
        "All schedules together can keep 255 snapshots.",
    ),
    (policy_body(enabled="yes"), "must be true or false"),
]
SUBNETS = [
    (subnet_body("10.41.1.0/26"), "NetcfgSubnetRangeOutsideVnet"),
    (subnet_body("10.0.0.0/8"), "NetcfgSubnetRangeOutsideVnet"),
    (subnet_body("10.40.1.0/27"), "NetcfgSubnetRangesOverlap"),
    (subnet_body("10.40.0.0/16"), "NetcfgSubnetRangesOverlap"),
    (subnet_body("10.40.2.1/26"), "InvalidCIDRNotation"),
    (subnet_body("10.40.2.1/26"), "For the given prefix length, the address prefix should be 10.40.2.0/26."),
    (subnet_body("10.40.2.0/33"), "InvalidCIDRNotation"),
    (subnet_body("subnet"), "InvalidCIDRNotation"),
    (subnet_body("10.40.2.0/30"), "NetcfgInvalidSubnet"),
    (subnet_body("10.40.2.0/26", "nobody"), "SubnetDelegationServiceNameInvalid"),
    ({"properties": {}}, "NoAddressPrefixOrPoolProvided"),
    ({"properties": {"addressPrefixes": ["10.40.2.0/26", "10.40.3.0/26"]}}, "NoAddressPrefixOrPoolProvided"),
]
NETWORKS = [
    (network_body("10.40.0.1/16"), "InvalidCIDRNotation"),
    (network_body("10.40.0.0/16", "10.40.128.0/17"), "VnetAddressSpacesOverlap"),
    ({"location": REGION, "properties": {}}, "InvalidRequestFormat"),
    ({"location": REGION, "properties": {"addressSpace": "10.0.0.0/8"}}, "InvalidRequestContent"),
    (with_subnets("10.50.0.0/24"), "NetcfgSubnetRangeOutsideVnet"),
    (with_subnets("10.40.0.0/24", "10.40.0.0/25"), "NetcfgSubnetRangesOverlap"),
    (network_body(subnets=[subnet_body()]), "InvalidRequestFormat"),
    (
        {"location": REGION, "properties": {"addressSpace": {"addressPrefixes": ["10.40.0.0/16"]}, "subnets": "a"}},
        "a list",
    ),
]
NAMES = [
    *[(ACCOUNT.replace("anf-dev", name), account_body(), "InvalidResourceName") for name in ("-a", "a b", "a.b", "_a")],
    (ACCOUNT.replace("anf-dev", "a" * 129), account_body(), "InvalidResourceName"),
    *[(POOL.replace("pool-dev", name), pool_body(), "InvalidResourceName") for name in ("-a", "a.b", "a" * 65)],
    *[(POLICY.replace("nightly", name), policy_body(), "InvalidResourceName") for name in ("-a", "a.b", "a" * 65)],
    *[(f"{POOL}/volumes/{name}", volume_body(), "InvalidResourceName") for name in ("1smb", "a b", "a" * 65, "-a")],
    *[(f"{POOL}/volumes/{name}", volume_body(), "NameReserved") for name in ("default", "bin", "Default")],
    *[(f"{VNET}/subnets/{name}", subnet_body(), "InvalidResourceName") for name in ("-a", "a-", "a" * 81)],
    *[
        (GROUP.replace("rg-anf", name), {"location": REGION}, "InvalidResourceGroup")
        for name in ("rg.", "r g", "r*", "a" * 91)
    ],
]
REFUSED = [
    *[(ACCOUNT, account_body(entry), expected) for entry, expected in DIRECTORIES],
    *[(NEW_ACCOUNT, *each) for each in ACCOUNTS],
    *[(NEW_POOL, *each) for each in POOLS],
    *[(VOLUME, *each) for each in VOLUMES],
    *[(f"{MANUAL_POOL}/volumes/smb", *each) for each in MANUAL_VOLUMES],
    *[(NEW_POLICY, *each) for each in POLICIES],
    *[(NEW_SUBNET, *each) for each in SUBNETS],
    *[(NEW_VNET, *each) for each in NETWORKS],
    *NAMES,
    (GROUP, {"location": "westeurope"}, "InvalidResourceGroupLocation"),
    (
        ACCOUNT,
        account_body(location="westeurope"),
        "already exists in location 'koreacentral' in resource",
    ),
    (VNET, network_body("10.60.0.0/16"), "NetcfgSubnetRangeOutsideVnet"),
    (POOL.replace("anf-dev", "anf-none"), pool_body(), "ParentResourceNotFound"),
    (VNET.replace("rg-anf", "rg-none"), network_body(), "Resource group 'rg-none' could not be found."),
]


@pytest.mark.parametrize(
    ("resource", "body", "expected"),
    REFUSED,
    ids=[f"{n}-{str(expected)[:40]}" for n, (_, _, expected) in enumerate(REFUSED)],
)
def test_a_request_that_azure_refuses(untouched: World, resource: str, body: Json, expected: str) -> None:
    before = [tuple(row) for row in untouched.model.store.query("SELECT * FROM resources")]

    error = untouched.refusal(resource, body)

    assert expected in str(error)
    assert error.status == (409 if error.code in CONFLICTS else 404 if error.code in MISSING else 400)
    assert "x" * 65 not in error.message, "a password is in no error"
    assert [tuple(row) for row in untouched.model.store.query("SELECT * FROM resources")] == before


@pytest.mark.parametrize("name", ["networkFeatures", "subnetId", "creationToken", "securityStyle"])
def test_a_patch_that_azure_refuses(world: World, name: str) -> None:
    volume = world.up_to_volume()
    with pytest.raises(ArmError, match=f"was received for {name}. It cannot be changed by PATCH."):
        world.model.patch(ResourceId.parse(VOLUME), {"properties": {name: volume.properties[name]}})
    assert world.get(VOLUME).properties == volume.properties
