"""A volume and its surroundings as Azure has them, and what a call to the plugin may end in."""

from collections.abc import Callable
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2, status_pb2

from tests.plugins.azure_native.fake_azure import SOON, Answer, FakeAzure, refusal
from tests.plugins.azure_native.plugin_process import SUBSCRIPTION

GROUP = "azure-native:resources:ResourceGroup"
VNET = "azure-native:network:VirtualNetwork"
SUBNET = "azure-native:network:Subnet"
ACCOUNT = "azure-native:netapp:Account"
POOL = "azure-native:netapp:CapacityPool"
VOLUME = "azure-native:netapp:CapacityPoolVolume"

GROUP_PATH = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"
ACCOUNT_PATH = f"{GROUP_PATH}/providers/Microsoft.NetApp/netAppAccounts/acct"
VOLUME_PATH = f"{ACCOUNT_PATH}/capacityPools/pool/volumes/smb"
VNET_PATH = f"{GROUP_PATH}/providers/Microsoft.Network/virtualNetworks/vnet"
OPERATION_PATH = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.NetApp/locations/koreacentral/operationResults/1"

INPUTS: dict[str, Any] = {
    "resourceGroupName": "rg",
    "accountName": "acct",
    "poolName": "pool",
    "volumeName": "smb",
    "location": "koreacentral",
    "creationToken": "smb",
    "subnetId": "/subnets/anf",
    "usageThreshold": 107374182400,
    "protocolTypes": ["CIFS"],
    "azureApiVersion": "2024-09-01",
}
LIVE: dict[str, Any] = {
    "id": VOLUME_PATH,
    "name": "acct/pool/smb",
    "type": "Microsoft.NetApp/netAppAccounts/capacityPools/volumes",
    "location": "koreacentral",
    "unheardOf": True,
    "properties": {
        "creationToken": "smb",
        "subnetId": "/subnets/anf",
        "usageThreshold": 107374182400,
        "protocolTypes": ["CIFS"],
        "provisioningState": "Succeeded",
        "mountTargets": [{"ipAddress": "10.0.0.5", "smbServerFqdn": "anf-1a2b.contoso.com"}],
        "cloneProgress": None,
    },
}
MISSING = refusal(404, "ResourceNotFound", "not found")


def operation_at(azure: FakeAzure, *statuses: str, **more: Any) -> dict[str, str]:
    """Headers of an accepted request, and the operation that they name."""
    azure.on("GET", OPERATION_PATH, *(Answer(200, {"status": status, **more}, SOON) for status in statuses))
    return {"Azure-AsyncOperation": f"{azure.url}{OPERATION_PATH}?api-version=2024-09-01", **SOON}


def failed(call: Callable[[], object]) -> str:
    with pytest.raises(grpc.RpcError) as error:
        call()
    return error.value.details() or ""


def partial_failure(call: Callable[[], object]) -> provider_pb2.ErrorResourceInitFailed:
    """Return the part that the engine keeps of a resource that exists but failed."""
    with pytest.raises(grpc.RpcError) as error:
        call()
    metadata: Any = error.value.trailing_metadata()
    (details,) = (value for key, value in metadata if key == "grpc-status-details-bin")
    status = status_pb2.Status.FromString(details)
    assert status.message == error.value.details()
    kept = provider_pb2.ErrorResourceInitFailed()
    assert status.details[0].Unpack(kept)
    return kept
