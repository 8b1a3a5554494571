"""Existing resources: the program looks them up and does not create them; errors name the missing or unready one."""

import re
from pathlib import Path
from typing import Any, Final

import pulumi
import pytest

from components.support.lookup import LookupFailedError
from tests.unit.unit_mocks import (
    ACCOUNT,
    BACKEND_CONFIG,
    GROUP,
    KUBECONFIG,
    NETWORK,
    POOL,
    PROVIDER,
    SUBNET,
    VOLUME,
    Cloud,
    is_secret,
    run_static,
    run_whole,
)

SUBNET_ID: Final = (
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-net"
    "/providers/Microsoft.Network/virtualNetworks/vnet/subnets/anf"
)
EXISTING: Final[dict[str, Any]] = {
    "resourceGroup": {"name": "rg-anf", "existing": True},
    "network": {"subnetId": SUBNET_ID},
    "account": {"name": "acc", "existing": True},
    "activeDirectory": None,
    "pools": [{"name": "gold", "existing": True}],
}


def test_existing_parts_are_looked_up_and_neither_created_nor_protected() -> None:
    run = run_whole(**EXISTING)
    for token in (GROUP, NETWORK, SUBNET, ACCOUNT, POOL):
        assert run.all(token) == []
    assert run.one(BACKEND_CONFIG).inputs["spec"]["subnet"] == "rg-net/vnet/anf"
    volume = run.one(VOLUME).inputs
    assert (volume["resourceGroupName"], volume["accountName"], volume["poolName"]) == ("rg-anf", "acc", "gold")
    assert volume["serviceLevel"] == "Ultra"
    assert volume["subnetId"] == SUBNET_ID


def test_an_existing_account_without_a_directory_fails_in_preview() -> None:
    def alone(account: dict[str, Any]) -> dict[str, Any]:
        return account | {"activeDirectories": []}

    with pytest.raises(pulumi.RunError, match="acc has no Active Directory connection"):
        run_whole(cloud=Cloud(account=alone), preview=True, **EXISTING)


@pytest.mark.parametrize(
    ("token", "what"),
    [
        ("azure-native:resources:getResourceGroup", "The existing resource group"),
        ("azure-native:network:getSubnet", f"The subnet {SUBNET_ID}"),
        ("azure-native:netapp:getAccount", "The existing NetApp account"),
        ("azure-native:netapp:getCapacityPool", "The existing capacity pool"),
        ("azure-native:containerservice:listManagedClusterUserCredentials", "The user credentials of the AKS cluster"),
        ("azure-native:containerservice:getManagedCluster", "The AKS cluster"),
    ],
)
def test_a_missing_existing_part_fails_in_preview_and_is_named(token: str, what: str) -> None:
    with pytest.raises(LookupFailedError, match=f"{re.escape(what)} could not be read: .*404.* Fix: "):
        run_whole(cloud=Cloud(missing=token), preview=True, **EXISTING)


def test_an_existing_subnet_without_delegation_fails_in_preview() -> None:
    def bare(subnet: dict[str, Any]) -> dict[str, Any]:
        return subnet | {"delegations": []}

    with pytest.raises(pulumi.RunError, match=r"is not delegated to Microsoft\.Netapp/volumes"):
        run_whole(cloud=Cloud(subnet=bare), preview=True, **EXISTING)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"provisioningState": "Failed"}, "its provisioningState is Failed"),
        ({"provisioningState": "Creating", "mountTargets": []}, "its provisioningState is Creating"),
        ({"provisioningState": "Deleting"}, "is being deleted: .*`pulumi destroy`, without --run-program"),
        ({"mountTargets": []}, "no mount target with an SMB server"),
        ({"mountTargets": [{"ipAddress": "10.40.1.4", "fileSystemId": "x"}]}, "no mount target with an SMB server"),
    ],
)
def test_a_volume_that_is_not_ready_feeds_nothing_downstream(answer: dict[str, Any], said: str) -> None:
    def unready(volume: dict[str, Any]) -> dict[str, Any]:
        return volume | answer

    cloud = Cloud(volume=unready)
    with pytest.raises(pulumi.RunError, match=said):
        run_whole(cloud=cloud)


@pytest.mark.parametrize(
    ("cluster", "inputs"),
    [({"context": "aks-prod"}, {"context": "aks-prod"}), ({"stack": "org/aks/dev"}, {"kubeconfig": KUBECONFIG})],
)
def test_the_cluster_may_be_named_in_other_ways(cluster: dict[str, str], inputs: dict[str, str]) -> None:
    provider = run_static(cluster=cluster).one(PROVIDER).inputs
    found: dict[str, Any] = {key: provider[key] for key in ("context", "kubeconfig") if key in provider}
    assert {key: value["value"] if is_secret(value) else value for key, value in found.items()} == inputs


def test_a_kubeconfig_file_is_given_by_content(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(KUBECONFIG)
    provider = run_static(cluster={"kubeconfig": str(file)}).one(PROVIDER).inputs
    assert is_secret(provider["kubeconfig"])


OF_AKS: Final = [
    f"azure-native:containerservice:{call}" for call in ("listManagedClusterUserCredentials", "getManagedCluster")
]


def test_a_cluster_in_another_subscription_is_read_there_and_everything_else_is_not() -> None:
    subscription = "99999999-9999-9999-9999-999999999999"
    cluster = {"aks": {"resourceGroup": "rg-aks", "name": "aks", "subscriptionId": subscription}}
    run = run_whole(cluster=cluster, volumes=None)
    providers = run.all("pulumi:providers:azure-native")
    assert [provider.inputs["subscriptionId"] for provider in providers] == [subscription] * 2
    read_by = {run.cloud.providers[call].rpartition("::")[0] for call in OF_AKS}
    assert read_by == {provider.urn for provider in providers}
    others = {call: by for call, by in run.cloud.providers.items() if call not in OF_AKS}
    assert not any(others.values()), others
    assert run.outputs["cluster"] == cluster


def test_a_cluster_in_the_stack_s_subscription_needs_no_provider() -> None:
    run = run_whole()
    assert run.all("pulumi:providers:azure-native") == []
    assert not any(run.cloud.providers[call] for call in OF_AKS)
