"""The whole chain of the static path against the sandbox's own Azure, as the engine would do it."""

import base64
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from sandbox.paths import SandboxPaths
from tests.plugins.azure_native.arm_resources import (
    ACCOUNT,
    GROUP,
    POOL,
    SUBNET,
    VNET,
    VOLUME,
    Deployed,
    deploy,
    failed,
)
from tests.plugins.azure_native.plugin_process import Plugin, StartPlugin

POLICY = "azure-native:netapp:SnapshotPolicy"

PASSWORD = "J0in-the-domain!"
GIB = 1024**3
TIB = 1024 * GIB


@dataclass
class Chain:
    group: Deployed
    vnet: Deployed
    subnet: Deployed
    account: Deployed
    pool: Deployed
    volume: Deployed

    @property
    def all(self) -> list[Deployed]:
        return [self.group, self.vnet, self.subnet, self.account, self.pool, self.volume]


def account_inputs(group: str, name: str, password: str = PASSWORD) -> dict[str, Any]:
    directory = {
        "domain": "contoso.com",
        "dns": "10.40.0.4",
        "site": "Default-First-Site-Name",
        "smbServerName": "ANF",
        "username": "anf-join",
        "password": password,
    }
    return {"resourceGroupName": group, "accountName": name, "activeDirectories": [directory]}


@pytest.fixture(scope="module")
def chain(emulated: Plugin) -> Iterator[Chain]:
    """A volume and all that it needs; gone again at the end."""
    of_group = {"resourceGroupName": "rg-anf"}
    of_account = {**of_group, "accountName": "acct"}
    space = {"addressPrefixes": ["10.40.0.0/16"]}
    group = deploy(emulated, GROUP, "group", of_group)
    vnet = deploy(emulated, VNET, "vnet", {**of_group, "virtualNetworkName": "vnet", "addressSpace": space})
    subnet = deploy(
        emulated,
        SUBNET,
        "anf",
        {
            **of_group,
            "virtualNetworkName": "vnet",
            "addressPrefix": "10.40.1.0/26",
            "delegations": [{"name": "netapp", "serviceName": "Microsoft.Netapp/volumes"}],
        },
    )
    account = deploy(emulated, ACCOUNT, "anf", account_inputs("rg-anf", "acct"))
    pool = deploy(emulated, POOL, "pool", {**of_account, "size": TIB, "serviceLevel": "Standard", "qosType": "Auto"})
    volume = deploy(emulated, VOLUME, "smb", volume_inputs("smb", subnet))
    found = Chain(group, vnet, subnet, account, pool, volume)
    yield found
    for resource in reversed(found.all):
        emulated.delete(resource.token, resource.id)


def volume_inputs(name: str, subnet: Deployed) -> dict[str, Any]:
    return {
        "resourceGroupName": "rg-anf",
        "accountName": "acct",
        "poolName": "pool",
        "creationToken": name,
        "subnetId": subnet.id,
        "protocolTypes": ["CIFS"],
        "securityStyle": "ntfs",
        "networkFeatures": "Standard",
        "serviceLevel": "Standard",
        "usageThreshold": 100 * GIB,
    }


@pytest.fixture
def volume(emulated: Plugin, chain: Chain) -> Iterator[Deployed]:
    """One more volume, to be changed."""
    found = deploy(emulated, VOLUME, "other", volume_inputs("other", chain.subnet))
    yield found
    emulated.delete(VOLUME, found.id)


def test_the_chain_ends_in_a_mount_target(chain: Chain) -> None:
    (target,) = chain.volume.outputs["mountTargets"]
    assert target["smbServerFqdn"].lower().startswith("anf-")
    assert target["smbServerFqdn"].lower().endswith(".contoso.com")
    assert target["ipAddress"].startswith("10.40.1.")
    assert chain.volume.outputs["provisioningState"] == "Succeeded"
    assert chain.volume.outputs["name"] == "acct/pool/smb"
    assert chain.pool.outputs["name"] == "acct/pool"
    assert chain.account.outputs["azureApiVersion"] == "2024-09-01"
    for resource in chain.all:
        assert resource.outputs["id"] == resource.id


def test_a_refresh_right_after_changes_neither_outputs_nor_inputs(emulated: Plugin, chain: Chain) -> None:
    for resource in chain.all:
        if resource is chain.vnet:
            continue  # its subnet was made after it
        found = emulated.read(resource.token, resource.id, resource.outputs, resource.inputs)
        assert found == (resource.id, resource.outputs | _moving(found[1]), resource.inputs)
        again = emulated.diff(resource.token, found[2], resource.inputs, found[1])
        assert again.changes == provider_pb2.DiffResponse.DIFF_NONE


def _moving(outputs: dict[str, Any]) -> dict[str, Any]:
    """Outputs that change when children come: etags, the use of a pool and of a directory."""
    names = ("etag", "utilizedThroughputMibps", "totalThroughputMibps", "activeDirectories", "serviceAssociationLinks")
    names += ("ipConfigurations", "purpose")
    return {name: outputs[name] for name in names if name in outputs}


def test_the_subnet_survives_an_update_of_its_network(emulated: Plugin, chain: Chain) -> None:
    inputs = {**chain.vnet.inputs, "tags": {"team": "web"}}
    outputs = emulated.update(VNET, chain.vnet.id, chain.vnet.outputs, inputs)
    assert [subnet["name"] for subnet in outputs["subnets"]] == ["anf"]
    assert emulated.read(SUBNET, chain.subnet.id, chain.subnet.outputs, chain.subnet.inputs)[0] == chain.subnet.id


def test_the_password_comes_back_masked_and_stays_in_the_inputs(emulated: Plugin, chain: Chain) -> None:
    assert PASSWORD not in str(chain.account.outputs)
    _, outputs, inputs = emulated.read(ACCOUNT, chain.account.id, chain.account.outputs, chain.account.inputs)
    assert PASSWORD not in str(outputs)
    assert inputs == chain.account.inputs


def test_a_volume_grows_in_place_and_azure_refuses_what_it_must(emulated: Plugin, volume: Deployed) -> None:
    outputs = emulated.update(VOLUME, volume.id, volume.outputs, {**volume.inputs, "usageThreshold": 200 * GIB})
    assert outputs["usageThreshold"] == 200 * GIB
    assert outputs["mountTargets"] == volume.outputs["mountTargets"]
    renamed = {**volume.inputs, "creationToken": "third"}
    assert "CreationToken cannot be changed." in failed(
        lambda: emulated.update(VOLUME, volume.id, volume.outputs, renamed)
    )
    too_large = {**volume.inputs, "usageThreshold": 2 * TIB}
    message = failed(lambda: emulated.update(VOLUME, volume.id, volume.outputs, too_large))
    assert message.startswith("Status=400 ")
    assert "Pool size too small for total volume size." in message


def test_a_snapshot_policy_changes_in_place_and_stays_while_a_volume_has_it(emulated: Plugin, volume: Deployed) -> None:
    of_account = {"resourceGroupName": "rg-anf", "accountName": "acct", "snapshotPolicyName": "nightly"}
    daily = {"snapshotsToKeep": 7, "hour": 1, "minute": 15}
    policy = deploy(emulated, POLICY, "nightly", {**of_account, "enabled": True, "dailySchedule": daily})
    assert policy.outputs["provisioningState"] == "Succeeded"
    assigned = {**volume.inputs, "dataProtection": {"snapshot": {"snapshotPolicyId": policy.id}}}
    outputs = emulated.update(VOLUME, volume.id, volume.outputs, assigned)
    assert outputs["dataProtection"] == assigned["dataProtection"]

    fewer = {**policy.inputs, "dailySchedule": {**daily, "snapshotsToKeep": 3}}
    difference = emulated.diff(POLICY, policy.inputs, fewer, policy.outputs)
    assert [*difference.detailedDiff] == ["dailySchedule.snapshotsToKeep"]
    assert not difference.replaces
    changed = emulated.update(POLICY, policy.id, policy.outputs, fewer)
    assert changed["dailySchedule"] == fewer["dailySchedule"]
    assert emulated.read(POLICY, policy.id, changed, fewer) == (policy.id, changed, fewer)
    found = emulated.invoke("azure-native:netapp:getSnapshotPolicy", of_account)
    assert (found["id"], found["dailySchedule"]) == (policy.id, fewer["dailySchedule"])

    assert "SnapshotPolicy is used" in failed(lambda: emulated.delete(POLICY, policy.id))
    assert "dataProtection" not in emulated.update(VOLUME, volume.id, outputs, volume.inputs)
    emulated.delete(POLICY, policy.id)


def test_an_import_finds_the_inputs_that_made_the_volume(emulated: Plugin, chain: Chain) -> None:
    _, outputs, inputs = emulated.read(VOLUME, chain.volume.id)
    assert {**inputs, "azureApiVersion": "2024-09-01"}.items() >= chain.volume.inputs.items()
    assert "mountTargets" not in inputs
    assert outputs["mountTargets"] == chain.volume.outputs["mountTargets"]


def test_a_parent_goes_after_its_children_and_what_is_gone_may_be_deleted_again(
    emulated: Plugin, chain: Chain, volume: Deployed
) -> None:
    message = failed(lambda: emulated.delete(POOL, chain.pool.id))
    assert message.startswith("Status=409 ")
    assert "Can not delete resource before nested resources are deleted." in message
    emulated.delete(VOLUME, volume.id)
    assert emulated.read(VOLUME, volume.id, volume.outputs, volume.inputs)[0] == ""
    emulated.delete(VOLUME, volume.id)


def test_a_volume_without_a_directory_is_refused_and_leaves_nothing(emulated: Plugin, chain: Chain) -> None:
    bare = {**account_inputs(chain.group.inputs["resourceGroupName"], "bare"), "location": "westeurope"}
    del bare["activeDirectories"]
    account = deploy(emulated, ACCOUNT, "bare", bare)
    try:
        assert emulated.read(ACCOUNT, account.id)[0] == account.id
        inputs = {**chain.volume.inputs, "accountName": "bare", "volumeName": "no"}
        message = failed(lambda: emulated.create(VOLUME, inputs))
        assert message.startswith("Status=4")
        wanted = chain.volume.id.replace("/acct/", "/bare/").replace("volumes/smb", "volumes/no")
        assert emulated.read(VOLUME, wanted)[0] == ""
    finally:
        emulated.delete(ACCOUNT, account.id)


def test_who_the_plugin_is_and_how_to_reach_a_cluster(
    emulated: Plugin, emulator_environment: dict[str, str], paths: SandboxPaths
) -> None:
    config = emulated.invoke("azure-native:authorization:getClientConfig", {})
    for name, variable in (
        ("clientId", "ARM_CLIENT_ID"),
        ("tenantId", "ARM_TENANT_ID"),
        ("subscriptionId", "ARM_SUBSCRIPTION_ID"),
    ):
        assert config[name] == emulator_environment[variable]
    assert config["objectId"]
    paths.kubeconfig.write_text("apiVersion: v1\nkind: Config\n")
    result = emulated.invoke(
        "azure-native:containerservice:listManagedClusterUserCredentials",
        {"resourceGroupName": "rg-aks", "resourceName": "aks"},
    )
    paths.kubeconfig.unlink()
    assert b"apiVersion: v1" in base64.b64decode(result["kubeconfigs"][0]["value"])


def test_a_wrong_secret_is_one_clear_error(start_plugin: StartPlugin, emulator_environment: dict[str, str]) -> None:
    plugin = start_plugin(emulator_environment)
    plugin.configure(clientSecret="wrong-secret")
    message = failed(lambda: plugin.create(GROUP, {"resourceGroupName": "rg", "location": "koreacentral"}))
    assert message.startswith("could not acquire an access token from https://127.0.0.1:")
    assert "AADSTS7000215" in message
    assert "wrong-secret" not in message


def test_no_password_is_left_in_logs_or_files(emulated: Plugin, chain: Chain, paths: SandboxPaths) -> None:
    assert PASSWORD not in emulated.log.read_text()
    for folder, _, names in os.walk(paths.logs):
        for name in names:
            assert PASSWORD.encode() not in Path(folder, name).read_bytes()
