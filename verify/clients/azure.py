"""Requests to Azure with Azure's own clients: volumes, the pool, the subnet, credentials of an AKS cluster."""

import base64
import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final, Protocol, TypeVar

import yaml
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.core.rest import HttpRequest
from azure.identity import CredentialUnavailableError, DefaultAzureCredential
from azure.mgmt.netapp import NetAppManagementClient

from verify.clients.azure_cloud import AzureCloud, first_line
from verify.clients.azure_netapp import AnfAccount, AnfPool, AnfVolume
from verify.clients.azure_network import VirtualNetwork, network_id_of
from verify.errors import UnreachableError, VerifyError

T = TypeVar("T")

_SUBSCRIPTIONS: Final = "2022-12-01"
_NETWORKS: Final = "2024-05-01"
_CLUSTERS: Final = "2024-08-01"


class RefusedError(Exception):
    """Azure refused a request; `status` is the HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Azure(Protocol):
    """Requests to Azure. Each raises `RefusedError` or `UnreachableError`, and returns None for 404."""

    def volume(self, volume_id: str) -> AnfVolume | None:
        """Return a volume by its id."""
        ...

    def account(self, account_id: str) -> AnfAccount | None:
        """Return a NetApp account by its id."""
        ...

    def pool(self, pool_id: str) -> AnfPool | None:
        """Return a capacity pool by its id."""
        ...

    def allotted(self, pool_id: str) -> int:
        """Return the sum of the quotas of a pool's volumes in bytes."""
        ...

    def delegations(self, subnet_id: str) -> tuple[str, ...] | None:
        """Return the services that a subnet is delegated to."""
        ...

    def virtual_network(self, network_id: str) -> VirtualNetwork | None:
        """Return a virtual network by its id."""
        ...

    def is_in_mesh(self, network_id: str) -> bool:
        """Return True if Azure Virtual Network Manager connects a network with others as a mesh, without peerings."""
        ...

    def node_networks(self, group: str, name: str, subscription: str) -> tuple[str, ...]:
        """Return the ids of the virtual networks that the nodes of an AKS cluster are in, as far as AKS names them."""
        ...

    def directory_servers(self, pool_id: str) -> tuple[str, ...]:
        """Return the DNS servers of the directory that the account of a pool has joined."""
        ...


class AzureClient:
    """A client with DefaultAzureCredential and Azure's management client. It is thread-safe."""

    def __init__(self, cloud: AzureCloud, subscription: str, environment: Mapping[str, str] | None = None) -> None:
        variables = os.environ if environment is None else environment
        looked_up = cloud.knows_authority and variables.get("ARM_DISABLE_INSTANCE_DISCOVERY", "").lower() != "true"
        self._cloud = cloud
        self._netapp = NetAppManagementClient(
            DefaultAzureCredential(authority=cloud.authority, disable_instance_discovery=not looked_up),
            subscription,
            base_url=cloud.resource_manager,
            credential_scopes=[cloud.scope],
            connection_timeout=5,
            read_timeout=20,
            retry_total=1,
        )
        self._subscription = subscription
        self._volumes: dict[str, AnfVolume | None] = {}
        self._lock = threading.Lock()

    def sign_in(self) -> None:
        """Sign in and read the subscription.

        Raises:
            UnreachableError: Azure does not answer, or the sign-in fails.

        """
        with suppress(RefusedError):  # the checks report missing rights
            self._request("GET", f"/subscriptions/{self._subscription}", _SUBSCRIPTIONS)

    def volume(self, volume_id: str) -> AnfVolume | None:
        """Return a volume by its id; Azure is asked only once."""
        with self._lock:
            if volume_id.lower() not in self._volumes:
                self._volumes[volume_id.lower()] = self._volume(volume_id)
            return self._volumes[volume_id.lower()]

    def account(self, account_id: str) -> AnfAccount | None:
        """Return a NetApp account by its id."""
        parts = account_id.split("/")
        found: Any = self._call(lambda: self._netapp.accounts.get(parts[4], parts[8]))
        return None if found is None else AnfAccount.of(found)

    def pool(self, pool_id: str) -> AnfPool | None:
        """Return a capacity pool by its id."""
        parts = pool_id.split("/")
        found: Any = self._call(lambda: self._netapp.pools.get(parts[4], parts[8], parts[10]))
        return None if found is None else AnfPool.of(found)

    def allotted(self, pool_id: str) -> int:
        """Return the sum of the quotas of a pool's volumes in bytes."""
        parts = pool_id.split("/")
        found: Any = self._call(lambda: [*self._netapp.volumes.list(parts[4], parts[8], parts[10])])
        return sum(int(volume.usage_threshold) for volume in found or ())

    def delegations(self, subnet_id: str) -> tuple[str, ...] | None:
        """Return the services that a subnet is delegated to."""
        found = self._request("GET", subnet_id, _NETWORKS)
        if found is None:
            return None
        listed: list[dict[str, Any]] = (found.get("properties") or {}).get("delegations") or []
        return tuple(str(each["properties"]["serviceName"]) for each in listed)

    def virtual_network(self, network_id: str) -> VirtualNetwork | None:
        """Return a virtual network by its id."""
        found = self._request("GET", network_id, _NETWORKS)
        return VirtualNetwork.of(found) if found else None

    def is_in_mesh(self, network_id: str) -> bool:
        """Return True if Azure Virtual Network Manager connects a network with others as a mesh, without peerings."""
        try:
            path = f"{network_id}/listNetworkManagerEffectiveConnectivityConfigurations"
            found = self._request("POST", path, _NETWORKS, {})
        except RefusedError:  # without a manager, or without the right to ask it
            return False
        configurations: list[dict[str, Any]] = (found or {}).get("value") or []
        topologies = ((each.get("properties") or {}).get("connectivityTopology") for each in configurations)
        return "Mesh" in topologies

    def node_networks(self, group: str, name: str, subscription: str) -> tuple[str, ...]:
        """Return the ids of the virtual networks that the nodes of an AKS cluster are in, as far as AKS names them."""
        found = self._request("GET", self._cluster(group, name, subscription), _CLUSTERS)
        properties: dict[str, Any] = (found or {}).get("properties") or {}
        subnets = (str(pool.get("vnetSubnetID") or "") for pool in properties.get("agentPoolProfiles") or ())
        return tuple(dict.fromkeys(network_id_of(subnet) for subnet in subnets if subnet))

    def directory_servers(self, pool_id: str) -> tuple[str, ...]:
        """Return the DNS servers of the directory that the account of a pool has joined."""
        parts = pool_id.split("/")
        found: Any = self._call(lambda: self._netapp.accounts.get(parts[4], parts[8]))
        listed = (str(each.dns or "") for each in (found.active_directories if found else None) or ())
        return tuple(server.strip() for servers in listed for server in servers.split(",") if server.strip())

    def cluster_credentials(self, group: str, name: str, subscription: str) -> dict[str, Any]:
        """Return the kubeconfig of an AKS cluster for this user; without a subscription it is in that of the pool.

        Raises:
            VerifyError: the cluster does not exist, or AKS refuses the credentials.

        """
        cluster = self._cluster(group, name, subscription)
        role = "this needs the role 'Azure Kubernetes Service Cluster User Role' on the cluster"
        try:
            # With Entra ID the kubeconfig runs kubelogin, as for kubectl.
            found = self._request("POST", f"{cluster}/listClusterUserCredential", f"{_CLUSTERS}&format=exec")
        except RefusedError as error:
            raise VerifyError(f"AKS refuses the credentials of cluster {group}/{name} ({role}): {error}") from error
        if found is None:
            where = subscription or self._subscription
            raise VerifyError(f"There is no AKS cluster {group}/{name} in subscription {where}.")
        kubeconfigs: list[dict[str, str]] = found.get("kubeconfigs") or []
        if not kubeconfigs:
            raise VerifyError(f"AKS returned no user credentials for cluster {group}/{name}: {role}.")
        return yaml.safe_load(base64.b64decode(kubeconfigs[0]["value"]))

    def _cluster(self, group: str, name: str, subscription: str) -> str:
        scope = f"/subscriptions/{subscription or self._subscription}/resourceGroups/{group}"
        return f"{scope}/providers/Microsoft.ContainerService/managedClusters/{name}"

    def _volume(self, volume_id: str) -> AnfVolume | None:
        parts = volume_id.split("/")
        found: Any = self._call(lambda: self._netapp.volumes.get(parts[4], parts[8], parts[10], parts[12]))
        return None if found is None else AnfVolume.of(found)

    def _request(
        self, method: str, path: str, version: str, body: dict[str, Any] | None = None
    ) -> dict[str, Any] | None:
        request = HttpRequest(method, f"{self._cloud.resource_manager}{path}?api-version={version}", json=body)

        def send() -> dict[str, Any]:
            answer: Any = self._netapp.send_request(request)
            if answer.status_code >= 400:
                raise HttpResponseError(response=answer)
            return answer.json()

        return self._call(send)

    def _call(self, operation: Callable[[], T]) -> T | None:
        try:
            return operation()
        except (ClientAuthenticationError, CredentialUnavailableError) as error:
            raise UnreachableError(
                f"The sign-in to Azure failed ({_refusal(error)}): az login, or set the variables of azure-identity"
            ) from error
        except (ServiceRequestError, ServiceResponseError) as error:
            raise UnreachableError(
                f"Azure Resource Manager at {self._cloud.resource_manager} cannot be reached: {first_line(error)}"
            ) from error
        except HttpResponseError as error:
            if error.status_code == 404:
                return None
            raise RefusedError(error.status_code or 0, first_line(error)) from error
        except AzureError as error:
            raise UnreachableError(f"The request to Azure failed: {first_line(error)}") from error


def _refusal(error: Exception) -> str:
    """Return the refused credential among those that DefaultAzureCredential tried, else the first line."""
    lines = [line.strip() for line in str(error).splitlines()]
    return next((line for line in lines if "AADSTS" in line or "Authentication failed" in line), first_line(error))
