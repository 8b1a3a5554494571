"""Snapshots and backups by Microsoft's own client: the operations that it follows, and the status that it reads."""

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.netapp import models

from sandbox.testing.azure_clients import AzureClients
from tests.azure.names import SUBSCRIPTION
from tests.azure.world import account_body, directory, network_body, pool_body, subnet_body, volume_body

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-protection"
VNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet"
ACCOUNT = f"{GROUP}/providers/Microsoft.NetApp/netAppAccounts/protected"
VOLUME = f"{ACCOUNT}/capacityPools/pool/volumes/vol"
AT = ("rg-protection", "protected", "pool", "vol")


@pytest.fixture(scope="module")
def netapp(emulator: AzureClients) -> Any:
    """Return the client of an Azure with a volume that has a backup vault."""
    estate = emulator.estate
    vault = f"{ACCOUNT}/backupVaults/vault"
    estate.create(VNET, network_body("10.77.0.0/16", location="koreasouth"), "koreasouth")
    estate.create(f"{VNET}/subnets/anf", subnet_body("10.77.1.0/26"), "koreasouth")
    estate.domain_controllers("contoso.com", ["10.77.0.4"], VNET)
    estate.create(ACCOUNT, account_body(directory(dns="10.77.0.4"), location="koreasouth"), "koreasouth")
    estate.create(VOLUME.partition("/volumes")[0], pool_body(location="koreasouth"), "koreasouth")
    estate.create(vault, {}, "koreasouth")
    body = volume_body(subnetId=f"{VNET}/subnets/anf", dataProtection={"backup": {"backupVaultId": vault}})
    estate.create(VOLUME, {**body, "location": "koreasouth"}, "koreasouth")
    return emulator.netapp


def test_a_snapshot_is_followed_to_its_end_and_reverts_its_volume(netapp: Any) -> None:
    created = netapp.snapshots.begin_create(*AT, "before", models.Snapshot(location="koreasouth")).result()
    assert created.name == "protected/pool/vol/before"
    netapp.volumes.begin_revert(*AT, models.VolumeRevert(snapshot_id=created.id)).result()
    with pytest.raises(HttpResponseError, match="CannotDeleteResource"):
        netapp.volumes.begin_delete(*AT)
    netapp.snapshots.begin_delete(*AT, "before").result()
    assert list(netapp.snapshots.list(*AT)) == []


def test_a_backup_changes_the_status_of_its_volume(netapp: Any) -> None:
    assert netapp.backups.get_latest_status(*AT).mirror_state == "Uninitialized"
    vault = ("rg-protection", "protected", "vault", "first")
    wanted = models.Backup(properties=models.BackupProperties(volume_resource_id=VOLUME))
    assert netapp.backups.begin_create(*vault, wanted).result().properties.provisioning_state == "Succeeded"
    assert netapp.backups.get_latest_status(*AT).mirror_state == "Mirrored"
    netapp.backups.begin_delete(*vault).result()
