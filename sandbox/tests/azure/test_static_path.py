"""The documented manual way to an SMB volume, done with Microsoft's clients over TLS."""

import re
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.netapp import NetAppManagementClient

from sandbox.azure import shares
from sandbox.azure.store import Store
from sandbox.testing.azure_clients import AzureClients
from tests.azure.names import GIB, TIB, Json
from tests.azure.test_refusals import DAILY, HOURLY, MONTHLY, WEEKLY, policy_body
from tests.azure.world import account_body, directory, network_body, pool_body, subnet_body, volume_body


def sdk(body: Json) -> Any:
    """A plain body where the clients are typed for their models; they take both."""
    return body


def test_the_manual_static_path_with_the_genuine_clients(emulator: AzureClients) -> None:
    group, netapp, network = "rg-manual", emulator.netapp, emulator.network
    emulator.group(group)

    made = network.virtual_networks.begin_create_or_update(group, "vnet", sdk(network_body())).result()
    emulator.estate.domain_controllers("contoso.com", ["10.40.0.4"], str(made.id))
    subnet = network.subnets.begin_create_or_update(group, "vnet", "anf", sdk(subnet_body())).result()
    assert subnet.delegations is not None
    assert subnet.delegations[0].service_name == "Microsoft.Netapp/volumes"

    body = sdk(account_body(directory()))
    account: Any = netapp.accounts.begin_create_or_update(group, "anf-dev", body).result()
    entry = account.properties.active_directories[0]
    assert (entry.password, entry.status) == (None, "Created")
    assert entry.active_directory_id

    pool = netapp.pools.begin_create_or_update(group, "anf-dev", "pool-dev", sdk(pool_body())).result()
    assert (pool.name, pool.properties.total_throughput_mibps) == ("anf-dev/pool-dev", 16.0)

    anyone = sdk({"name": "anf-new", "type": "Microsoft.NetApp/netAppAccounts", "resourceGroup": group})
    assert netapp.net_app_resource.check_name_availability("koreacentral", anyone).is_available
    assert netapp.net_app_resource.check_quota_availability("koreacentral", anyone).is_available
    bad = netapp.net_app_resource.check_name_availability("koreacentral", anyone | {"name": "-bad"})
    assert (bad.is_available, bad.reason) == (False, "Invalid")
    path = sdk({"name": "smb", "subnetId": subnet.id})
    assert netapp.net_app_resource.check_file_path_availability("koreacentral", path).is_available

    wanted = sdk(volume_body(subnetId=subnet.id))
    poller = netapp.volumes.begin_create_or_update(group, "anf-dev", "pool-dev", "smb", wanted)
    volume: Any = poller.result()
    got = volume.properties
    assert (volume.name, got.provisioning_state, got.creation_token) == ("anf-dev/pool-dev/smb", "Succeeded", "smb")
    [target] = got.mount_targets
    assert re.fullmatch(r"ANF-[0-9a-f]{4}\.contoso\.com", target.smb_server_fqdn)
    assert target.ip_address == "10.40.1.4"

    taken = netapp.net_app_resource.check_file_path_availability("koreacentral", path)
    assert (taken.is_available, taken.reason) == (False, "AlreadyExists")

    [share] = shares.find(Store(emulator.paths.arm_database), target.smb_server_fqdn.upper())
    assert (share.name, share.size_bytes, share.netbios) == ("smb", 100 * GIB, "CONTOSO")

    grown = sdk({"properties": {"usageThreshold": 200 * GIB}})
    resized: Any = netapp.volumes.begin_update(group, "anf-dev", "pool-dev", "smb", grown).result()
    assert resized.properties.usage_threshold == 200 * GIB
    assert resized.properties.mount_targets[0].smb_server_fqdn == target.smb_server_fqdn

    _try_a_snapshot_policy(netapp, group, volume)
    for refused, status, code in (
        (lambda: netapp.accounts.begin_delete(group, "anf-dev"), 409, "CannotDeleteResource"),
        (lambda: netapp.pools.begin_delete(group, "anf-dev", "pool-dev"), 409, "CannotDeleteResource"),
        (lambda: network.subnets.begin_delete(group, "vnet", "anf"), 400, "InUseSubnetCannotBeDeleted"),
    ):
        with pytest.raises(HttpResponseError) as conflict:
            refused()
        assert (conflict.value.status_code, conflict.value.error and conflict.value.error.code) == (status, code)

    netapp.volumes.begin_delete(group, "anf-dev", "pool-dev", "smb").result()
    netapp.pools.begin_delete(group, "anf-dev", "pool-dev").result()
    netapp.accounts.begin_delete(group, "anf-dev").result()
    network.subnets.begin_delete(group, "vnet", "anf").result()
    network.virtual_networks.begin_delete(group, "vnet").result()
    with pytest.raises(ResourceNotFoundError):
        netapp.accounts.get(group, "anf-dev")
    assert list(netapp.accounts.list(group)) == []
    assert list(network.virtual_networks.list(group)) == []


def _try_a_snapshot_policy(netapp: NetAppManagementClient, group: str, volume: Any) -> None:
    where, name = (group, "anf-dev", "nightly"), (group, "anf-dev", "pool-dev", "smb")
    schedules = sdk(
        policy_body(hourlySchedule=HOURLY, dailySchedule=DAILY, weeklySchedule=WEEKLY, monthlySchedule=MONTHLY)
    )
    created: Any = netapp.snapshot_policies.create(*where, schedules)
    assert (created.name, created.properties.provisioning_state) == ("anf-dev/nightly", "Creating")
    policy: Any = netapp.snapshot_policies.get(*where)
    assert (policy.properties.provisioning_state, policy.properties.enabled) == ("Succeeded", True)
    assert policy.properties.weekly_schedule.as_dict() == WEEKLY
    assert policy.properties.monthly_schedule.as_dict() == MONTHLY

    def assign(policy_id: str) -> Any:
        change = sdk({"properties": {"dataProtection": {"snapshot": {"snapshotPolicyId": policy_id}}}})
        return netapp.volumes.begin_update(*name, change).result()

    assert assign(policy.id).properties.data_protection.snapshot.snapshot_policy_id == policy.id
    assert [each.name for each in netapp.snapshot_policies.list_volumes(*where).value] == [volume.name]
    with pytest.raises(HttpResponseError, match="SnapshotPolicy is used"):
        netapp.snapshot_policies.begin_delete(*where).result()

    fewer = sdk({"properties": {"dailySchedule": {"snapshotsToKeep": 3}}})
    changed: Any = netapp.snapshot_policies.begin_update(*where, fewer).result()
    assert changed.properties.daily_schedule.as_dict() == DAILY | {"snapshotsToKeep": 3}
    assert changed.properties.hourly_schedule.as_dict() == HOURLY

    assign("")
    assert netapp.snapshot_policies.list_volumes(*where).value == []
    netapp.snapshot_policies.begin_delete(*where).result()
    with pytest.raises(ResourceNotFoundError):
        netapp.snapshot_policies.get(*where)


def test_a_failed_operation_fails_the_clients_poller_and_leaves_the_volume_failed(emulator: AzureClients) -> None:
    group, netapp = "rg-join", emulator.netapp
    emulator.group(group, "westeurope")
    vnet = sdk(network_body(location="westeurope", subnets=[{"name": "anf", **subnet_body()}]))
    network = emulator.network.virtual_networks.begin_create_or_update(group, "vnet", vnet).result()
    assert network.subnets is not None
    emulator.estate.domain_controllers("fabrikam.com", ["10.40.0.4"], str(network.id))
    right = sdk(account_body(directory(domain="fabrikam.com"), location="westeurope"))
    wrong = sdk(account_body(directory(domain="fabrikam.com", password="mistyped"), location="westeurope"))
    netapp.accounts.begin_create_or_update(group, "anf", right).result()
    netapp.accounts.begin_create_or_update(group, "anf", wrong).result()
    netapp.pools.begin_create_or_update(group, "anf", "pool", sdk(pool_body(1, location="westeurope"))).result()
    wanted = sdk(volume_body(subnetId=network.subnets[0].id, location="westeurope"))

    with pytest.raises(HttpResponseError, match="does\n\\*\\* not match password stored in Active Directory"):
        netapp.volumes.begin_create_or_update(group, "anf", "pool", "smb", wanted).result()

    failed = netapp.volumes.get(group, "anf", "pool", "smb")
    assert failed.properties.provisioning_state == "Failed"
    assert not failed.properties.mount_targets
    assert failed.properties.usage_threshold < TIB
