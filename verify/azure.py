"""Azure as the checks see it: volumes, the pool, the subnet, an AKS cluster's credentials, by Azure's own clients."""

import base64
import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
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

from verify.azure_cloud import AzureCloud, first_line
from verify.errors import UnreachableError, VerifyError

T = TypeVar("T")

_SUBSCRIPTIONS: Final = "2022-12-01"
_SUBNETS: Final = "2024-05-01"
_CLUSTERS: Final = "2024-08-01"


class RefusedError(Exception):
    """Azure answered, and refused; `status` is that of HTTP."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class AnfVolume:
    """A volume of Azure NetApp Files, as Azure shows it."""

    id: str
    state: str
    """provisioningState."""
    creation_token: str
    fqdn: str
    """smbServerFqdn of its first mount target; empty while it has none."""
    protocols: tuple[str, ...]
    size: int
    """Bytes."""


@dataclass(frozen=True)
class AnfPool:
    """A capacity pool."""

    state: str
    service_level: str
    size: int
    """Bytes."""


class Azure(Protocol):
    """What the checks ask of Azure. Each raises `RefusedError` or `UnreachableError`; None is "not found"."""

    def volume(self, volume_id: str) -> AnfVolume | None:
        """A volume by its id."""
        ...

    def pool(self, pool_id: str) -> AnfPool | None:
        """A capacity pool by its id."""
        ...

    def delegations(self, subnet_id: str) -> tuple[str, ...] | None:
        """The services that a subnet is delegated to."""
        ...


class AzureClient:
    """Azure by DefaultAzureCredential and Azure's management client, unmodified. Safe to use from several threads."""

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

    def prove(self) -> None:
        """Sign in and ask for the subscription.

        Raises:
            UnreachableError: Azure does not answer, or does not know who asks.

        """
        with suppress(RefusedError):  # what may be read is for the checks to say
            self._request("GET", f"/subscriptions/{self._subscription}", _SUBSCRIPTIONS)

    def volume(self, volume_id: str) -> AnfVolume | None:
        """A volume by its id; asked for once."""
        with self._lock:
            if volume_id.lower() not in self._volumes:
                self._volumes[volume_id.lower()] = self._volume(volume_id)
            return self._volumes[volume_id.lower()]

    def pool(self, pool_id: str) -> AnfPool | None:
        """A capacity pool by its id."""
        words = pool_id.split("/")
        found: Any = self._ask(lambda: self._netapp.pools.get(words[4], words[8], words[10]))
        if found is None:
            return None
        return AnfPool(str(found.provisioning_state), _text(found.service_level), int(found.size))

    def delegations(self, subnet_id: str) -> tuple[str, ...] | None:
        """The services that a subnet is delegated to."""
        found = self._request("GET", subnet_id, _SUBNETS)
        if found is None:
            return None
        listed: list[dict[str, Any]] = (found.get("properties") or {}).get("delegations") or []
        return tuple(str(each["properties"]["serviceName"]) for each in listed)

    def cluster_credentials(self, group: str, name: str) -> dict[str, Any]:
        """The kubeconfig of an AKS cluster for this user.

        Raises:
            VerifyError: there is no such cluster, or it gives none.

        """
        cluster = (
            f"/subscriptions/{self._subscription}/resourceGroups/{group}/providers/Microsoft.ContainerService/"
            f"managedClusters/{name}"
        )
        role = "the role 'Azure Kubernetes Service Cluster User Role' on it is needed"
        try:
            # Where the API server wants Entra ID: by the plugin that kubectl uses, too (kubelogin).
            found = self._request("POST", f"{cluster}/listClusterUserCredential", f"{_CLUSTERS}&format=exec")
        except RefusedError as error:
            raise VerifyError(f"AKS gives no credentials of cluster {group}/{name} ({role}): {error}") from error
        if found is None:
            raise VerifyError(f"There is no AKS cluster {group}/{name} in subscription {self._subscription}.")
        kubeconfigs: list[dict[str, str]] = found.get("kubeconfigs") or []
        if not kubeconfigs:
            raise VerifyError(f"AKS gave no user credentials of cluster {group}/{name}: {role}.")
        return yaml.safe_load(base64.b64decode(kubeconfigs[0]["value"]))

    def _volume(self, volume_id: str) -> AnfVolume | None:
        words = volume_id.split("/")
        found: Any = self._ask(lambda: self._netapp.volumes.get(words[4], words[8], words[10], words[12]))
        if found is None:
            return None
        targets: list[Any] = found.mount_targets or []
        return AnfVolume(
            id=str(found.id),
            state=str(found.provisioning_state),
            creation_token=str(found.creation_token),
            fqdn=str(targets[0].smb_server_fqdn or "") if targets else "",
            protocols=tuple(found.protocol_types or ()),
            size=int(found.usage_threshold),
        )

    def _request(self, method: str, path: str, version: str) -> dict[str, Any] | None:
        request = HttpRequest(method, f"{self._cloud.resource_manager}{path}?api-version={version}")

        def send() -> dict[str, Any]:
            answer: Any = self._netapp.send_request(request)
            if answer.status_code >= 400:
                raise HttpResponseError(response=answer)
            return answer.json()

        return self._ask(send)

    def _ask(self, question: Callable[[], T]) -> T | None:
        try:
            return question()
        except (ClientAuthenticationError, CredentialUnavailableError) as error:
            raise UnreachableError(
                f"Azure does not know who asks ({_refusal(error)}): az login, or the variables of azure-identity"
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
            raise UnreachableError(f"Azure cannot be asked: {first_line(error)}") from error


def _refusal(error: Exception) -> str:
    """Of all the ways that DefaultAzureCredential has tried, the one that was refused; else its first line."""
    lines = [line.strip() for line in str(error).splitlines()]
    return next((line for line in lines if "AADSTS" in line or "Authentication failed" in line), first_line(error))


def _text(value: Any) -> str:
    """An enumeration's value, or the text that it is."""
    return str(getattr(value, "value", value) or "")
