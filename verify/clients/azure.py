"""Requests to Azure with Azure's own clients: volumes, the pool, the subnet, credentials of an AKS cluster."""

import base64
import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final, Protocol, TypeVar

import yaml
from azure.core.credentials import TokenCredential
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
from verify.clients.once import Once
from verify.clients.throttling import PatientRetry
from verify.errors import UnreachableError, VerifyError

T = TypeVar("T")

_SUBSCRIPTIONS: Final = "2022-12-01"
_NETWORKS: Final = "2024-05-01"
_CLUSTERS: Final = "2024-08-01"
_AT_ONCE: Final = 4
"""Requests to Azure at the same time: at some 0.2 s each, no more in a second than Azure refills (throttling.py)."""


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
    """A client with DefaultAzureCredential and Azure's management client. It is thread-safe.

    `credential` is another credential, `options` are of the management client.
    """

    def __init__(
        self,
        cloud: AzureCloud,
        subscription: str,
        environment: Mapping[str, str] | None = None,
        *,
        credential: TokenCredential | None = None,
        **options: Any,
    ) -> None:
        variables = os.environ if environment is None else environment
        looked_up = cloud.knows_authority and variables.get("ARM_DISABLE_INSTANCE_DISCOVERY", "").lower() != "true"
        self._cloud = cloud
        self._netapp = NetAppManagementClient(
            credential or DefaultAzureCredential(authority=cloud.authority, disable_instance_discovery=not looked_up),
            subscription,
            base_url=cloud.resource_manager,
            credential_scopes=[cloud.scope],
            connection_timeout=5,
            read_timeout=20,
            retry_policy=PatientRetry(retry_total=1),
            **options,
        )
        self._subscription = subscription
        self._read = Once()
        self._in_flight = threading.BoundedSemaphore(_AT_ONCE)

    def sign_in(self) -> None:
        """Sign in and read the subscription.

        Raises:
            UnreachableError: Azure does not answer, or the sign-in fails.

        """
        with suppress(RefusedError):  # the checks report missing rights
            self._request("GET", f"/subscriptions/{self._subscription}", _SUBSCRIPTIONS)

    def volume(self, volume_id: str) -> AnfVolume | None:
        """Return a volume by its id, from the list of its pool; Azure is asked only once.

        A volume that is not in the list, or whose pool may not be listed, is asked for by its id.
        """
        listed = self._of_pool("/".join(volume_id.split("/")[:11]))
        if found := (listed or {}).get(volume_id.lower()):
            return found
        return self._read.get(volume_id.lower(), lambda: self._volume(volume_id))

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
        listed = self._of_pool(pool_id)
        return sum(volume.size for volume in (self._volumes(pool_id) if listed is None else listed).values())

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

    def _of_pool(self, pool_id: str) -> dict[str, AnfVolume] | None:
        """Return the volumes of a pool by their ids in small letters; None if Azure refuses to list them."""

        def find() -> dict[str, AnfVolume] | None:
            with suppress(RefusedError):
                return self._volumes(pool_id)
            return None

        return self._read.get(pool_id.lower(), find)

    def _volumes(self, pool_id: str) -> dict[str, AnfVolume]:
        parts = pool_id.split("/")
        found: Any = self._call(lambda: [*self._netapp.volumes.list(parts[4], parts[8], parts[10])])
        return {str(each.id).lower(): AnfVolume.of(each) for each in found or ()}

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
            with self._in_flight:
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
