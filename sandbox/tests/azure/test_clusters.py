"""AKS as clients ask: clusters, their node pools, and what is refused."""

import httpx
import pytest

from sandbox.testing.azure_cli import AzureCli
from sandbox.testing.azure_clients import AzureClients
from tests.azure.names import SUBSCRIPTION

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-aks-dev"
CLUSTER = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/aks-dev"
AKS = {"api-version": "2025-09-01"}
WINDOWS = {"osType": "Windows", "count": 1}


def pool(emulator: AzureClients, name: str, **properties: object) -> httpx.Response:
    return emulator.http.put(f"{CLUSTER}/agentPools/{name}", params=AKS, json={"properties": properties})


def done(emulator: AzureClients, answer: httpx.Response) -> None:
    assert emulator.follow(answer.headers["azure-asyncoperation"]).json()["status"] == "Succeeded"


def counts(emulator: AzureClients) -> dict[str, int]:
    listed = emulator.http.get(f"{CLUSTER}/agentPools", params=AKS).json()["value"]
    return {each["name"]: each["properties"]["count"] for each in listed}


def test_a_pool_is_created_scaled_and_deleted_by_operations(emulator: AzureClients) -> None:
    before = counts(emulator)
    created = pool(emulator, "more", **WINDOWS)
    assert (created.status_code, created.json()["properties"]["provisioningState"]) == (201, "Creating")
    assert created.json()["id"] == f"{CLUSTER}/agentPools/more"
    done(emulator, created)
    scaled = pool(emulator, "more", **{**created.json()["properties"], "count": 3})
    assert (scaled.status_code, scaled.json()["properties"]["provisioningState"]) == (200, "Scaling")
    done(emulator, scaled)
    assert counts(emulator) == {**before, "more": 3}
    profiles = emulator.http.get(CLUSTER, params=AKS).json()["properties"]["agentPoolProfiles"]
    assert {each["name"]: each["count"] for each in profiles} == counts(emulator)
    deleted = emulator.http.delete(f"{CLUSTER}/agentPools/more", params=AKS)
    assert deleted.status_code == 202
    done(emulator, deleted)
    assert counts(emulator) == before
    assert emulator.http.get(f"{CLUSTER}/agentPools/more", params=AKS).json()["error"]["code"] == "ResourceNotFound"
    assert emulator.http.delete(f"{CLUSTER}/agentPools/more", params=AKS).status_code == 204


@pytest.mark.parametrize(
    ("name", "properties", "code"),
    [
        ("toolong", WINDOWS, "InvalidParameter"),
        ("Upper", {"osType": "Linux"}, "InvalidParameter"),
        ("win", {"osType": "Linux"}, "PropertyChangeNotAllowed"),
        ("win", {"vmSize": "Standard_D2s_v5"}, "PropertyChangeNotAllowed"),
        ("win", {"count": 1001}, "InvalidParameter"),
        ("nodepool1", {"count": 0}, "InvalidParameter"),
        ("win", {"enableAutoScaling": True}, "InvalidParameter"),
    ],
)
def test_what_a_pool_cannot_be_is_refused(
    emulator: AzureClients, name: str, properties: dict[str, object], code: str
) -> None:
    before = counts(emulator)
    assert pool(emulator, name, **properties).json()["error"]["code"] == code
    assert counts(emulator) == before


def test_the_last_system_pool_stays(emulator: AzureClients) -> None:
    refused = emulator.http.delete(f"{CLUSTER}/agentPools/nodepool1", params=AKS)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "OperationNotAllowed")


def test_a_cluster_takes_tags_and_keeps_its_issuer(emulator: AzureClients) -> None:
    shown = emulator.http.get(CLUSTER, params=AKS).json()
    changed = emulator.http.put(CLUSTER, params=AKS, json=shown | {"tags": {"team": "a"}})
    assert (changed.status_code, changed.json()["properties"]["provisioningState"]) == (200, "Updating")
    done(emulator, changed)
    assert emulator.http.get(CLUSTER, params=AKS).json()["tags"] == {"team": "a"}
    off = {**shown["properties"], "oidcIssuerProfile": {"enabled": False}}
    refused = emulator.http.put(CLUSTER, params=AKS, json=shown | {"properties": off})
    assert refused.json()["error"]["code"] == "OIDCIssuerFeatureCannotBeDisabled"
    another = {**shown["properties"], "kubernetesVersion": "1.20.0"}
    refused = emulator.http.put(CLUSTER, params=AKS, json=shown | {"properties": another})
    assert "does not play another kubernetesVersion" in refused.json()["error"]["message"]


def test_clusters_of_the_estate_are_listed(emulator: AzureClients) -> None:
    subscription = "00000000-0000-0000-0000-00000000abcd"
    group = f"/subscriptions/{subscription}/resourceGroups/rg-aks"
    cluster = f"{group}/providers/Microsoft.ContainerService/managedClusters/listed"
    emulator.estate.cluster(cluster, f"{group}/providers/Microsoft.Network/virtualNetworks/vnet/subnets/nodes")
    of_subscription = f"/subscriptions/{subscription}/providers/Microsoft.ContainerService/managedClusters"
    for collection in (of_subscription, cluster.rpartition("/")[0]):
        listed = emulator.http.get(collection, params=AKS).json()["value"]
        assert [each["id"] for each in listed] == [cluster]


def test_az_adds_scales_and_deletes_a_pool(emulator: AzureClients) -> None:
    az, at = AzureCli(emulator.paths), ("-g", "rg-aks-dev", "--cluster-name", "aks-dev")
    az("aks", "nodepool", "add", "--os-type", "Windows", "--name", "azw", *at)
    az("aks", "nodepool", "scale", "--node-count", "1", "--name", "azw", *at)
    assert {each["name"]: each["count"] for each in az("aks", "nodepool", "list", *at)}["azw"] == 1
    az("aks", "nodepool", "delete", "--name", "azw", *at)
    assert "azw" not in counts(emulator)
