"""Every `az netappfiles` line that users are told runs as it is printed, and answers what the text promises.

The genuine Azure CLI runs them on the sandbox's Azure, each with resources of its own where it changes something.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.testing import SUBSCRIPTION, AzureCli, AzureClients, SandboxPaths, azure_alone
from tests.az_lines import Line, arguments, az_lines, command, nothing

REGION = "koreacentral"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-anf"
VNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet"
ACCOUNT = f"{GROUP}/providers/Microsoft.NetApp/netAppAccounts/anf"
UNJOINED = f"{GROUP}/providers/Microsoft.NetApp/netAppAccounts/unjoined"
POOL, FAST = f"{ACCOUNT}/capacityPools/pool", f"{ACCOUNT}/capacityPools/fast"
VAULT, POLICY = f"{ACCOUNT}/backupVaults/vault", f"{ACCOUNT}/snapshotPolicies/daily"
PASSWORD = "Join-pw-1"
DIRECTORY = {"username": "anf-join", "smbServerName": "ANF", "dns": "10.60.0.4", "domain": "contoso.com"}
GIB = 1024**3
IN_ACCOUNT = {"--resource-group": "rg-anf", "--account-name": "anf"}
IN_POOL = IN_ACCOUNT | {"--pool-name": "pool"}


def volume(name: str) -> str:
    return f"{POOL}/volumes/{name}"


LINES = {
    "az netappfiles account ad add": Line(
        IN_ACCOUNT
        | {"--account-name": "unjoined", "--username": "anf-join", "--smb-server-name": "SHARES"}
        | {"--dns": "10.60.0.4", "--domain": "contoso.com"},
        lambda account: account["name"] == "unjoined",
    ),
    "az netappfiles account ad update": Line(IN_ACCOUNT, lambda account: account["name"] == "anf"),
    "az netappfiles account backup-vault backup list": Line(
        IN_ACCOUNT | {"--backup-vault-name": "vault"}, lambda backups: backups[0]["volumeResourceId"] == volume("kept")
    ),
    "az netappfiles pool show": Line({"--ids": POOL}, lambda pool: pool["provisioningState"] == "Succeeded"),
    "az netappfiles pool update": Line({"--ids": FAST, "--size": "2"}, lambda pool: pool["size"] == 2 * 1024 * GIB),
    "az netappfiles quota-limit list": Line(
        {"--location": REGION},
        lambda limits: {each["name"]: each["current"] for each in limits}[f"{REGION}/totalTiBsPerSubscription"] == 25,
    ),
    "az netappfiles snapshot delete": Line({"--ids": f"{volume('snapped')}/snapshots/gone"}, nothing, ["--yes"]),
    "az netappfiles snapshot list": Line(
        IN_POOL | {"--volume-name": "kept"}, lambda snapshots: "anf/pool/kept/before" in {s["name"] for s in snapshots}
    ),
    "az netappfiles snapshot policy volumes": Line(
        {"--ids": POLICY}, lambda volumes: [each["id"] for each in volumes["value"]] == [volume("kept")]
    ),
    "az netappfiles volume create": Line(
        IN_POOL
        | {"--name": "restored", "--location": REGION, "--service-level": "Standard", "--usage-threshold": "100"}
        | {"--file-path": "restored", "--vnet": VNET, "--subnet": f"{VNET}/subnets/anf"}
        | {"--backup-id": f"{VAULT}/backups/first"},
        lambda created: created["mountTargets"][0]["smbServerFqdn"].lower().endswith(".contoso.com"),
    ),
    "az netappfiles volume delete": Line({"--ids": volume("failed")}, nothing, ["--yes"]),
    "az netappfiles volume list": Line(
        IN_POOL, lambda volumes: {"creationToken", "provisioningState"} <= volumes[0].keys()
    ),
    "az netappfiles volume pool-change": Line({"--ids": volume("moved"), "--new-pool-resource-id": FAST}, nothing),
    "az netappfiles volume revert": Line(
        {"--ids": volume("snapped"), "--snapshot-id": f"{volume('snapped')}/snapshots/before"}, nothing
    ),
    "az netappfiles volume show": Line(
        {"--ids": volume("kept")},
        lambda shown: (shown["creationToken"], shown["provisioningState"]) == ("kept", "Succeeded"),
    ),
    "az netappfiles volume wait": Line({"--ids": volume("kept")}, nothing),
}
PRINTED = {(command(line), len(line.split())): (line, place) for line, place in az_lines("netappfiles").items()}


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AzureClients]:
    """Return an Azure with what the lines name."""
    with azure_alone(SandboxPaths(tmp_path_factory.mktemp("sandbox"))) as azure:
        _fill(azure)
        yield azure


def _fill(azure: AzureClients) -> None:
    def create(resource: str, **properties: Any) -> None:
        azure.estate.create(resource, {"properties": properties}, REGION)

    delegations = [{"name": "anf", "properties": {"serviceName": "Microsoft.Netapp/volumes"}}]
    create(VNET, addressSpace={"addressPrefixes": ["10.60.0.0/16"]})
    create(f"{VNET}/subnets/anf", addressPrefix="10.60.1.0/26", delegations=delegations)
    azure.estate.domain_controllers("contoso.com", ["10.60.0.4"], VNET)
    create(ACCOUNT, activeDirectories=[DIRECTORY | {"password": PASSWORD}])
    azure.estate.create(UNJOINED, {}, "koreasouth")
    create(POOL, size=1024 * GIB, serviceLevel="Standard")
    create(FAST, size=1024 * GIB, serviceLevel="Premium")
    create(POLICY, dailySchedule={"snapshotsToKeep": 7, "hour": 2, "minute": 0})
    create(VAULT)
    protection = {"snapshot": {"snapshotPolicyId": POLICY}, "backup": {"backupVaultId": VAULT}}
    for name in ("kept", "snapped", "moved", "failed"):
        create(
            volume(name),
            creationToken=name,
            usageThreshold=100 * GIB,
            subnetId=f"{VNET}/subnets/anf",
            protocolTypes=["CIFS"],
            networkFeatures="Standard",
            dataProtection=protection if name == "kept" else {},
        )
    create(f"{volume('kept')}/snapshots/before")
    for name in ("before", "gone"):
        create(f"{volume('snapped')}/snapshots/{name}")
    create(f"{VAULT}/backups/first", volumeResourceId=volume("kept"))


@pytest.fixture(scope="module")
def az(azure: AzureClients) -> AzureCli:
    return AzureCli(azure.paths)


@pytest.mark.parametrize(("line", "place"), sorted(PRINTED.values()))
def test_a_line_runs_as_printed(line: str, place: str, az: AzureCli, tmp_path: Path) -> None:
    known = LINES.get(command(line))
    assert known is not None, f"no test knows {line} ({place})"
    password = tmp_path / "password"
    password.write_text(PASSWORD)
    values = {"--password": f"@{password}", **known.values}
    if command(line).endswith("ad update"):
        connections = az("netappfiles", "account", "ad", "list", "--resource-group", "rg-anf", "--account-name", "anf")
        values["--active-directory-id"] = connections[0]["activeDirectoryId"]
    answer = az(*arguments(line, values), *known.more)
    assert known.answers(answer), f"{line} ({place}): {answer}"


def test_a_volume_stays_until_its_snapshots_are_deleted(az: AzureCli) -> None:
    error = az.refusal("netappfiles", "volume", "delete", "--ids", volume("kept"), "--yes")
    assert "(CannotDeleteResource) Can not delete resource before nested resources are deleted." in error


def test_the_other_pool_serves_a_moved_volume(az: AzureCli) -> None:
    moved = az("netappfiles", "volume", "show", "--ids", f"{FAST}/volumes/moved")
    assert (moved["creationToken"], moved["serviceLevel"]) == ("moved", "Premium")
    assert "ResourceNotFound" in az.refusal("netappfiles", "volume", "show", "--ids", volume("moved"))


def test_every_line_of_this_test_is_printed_somewhere() -> None:
    assert LINES.keys() == {name for name, _ in PRINTED}
