"""Volumes of Azure NetApp Files, as Trident's driver makes, finds, resizes and deletes them with Azure's own client.

Sources: storage_drivers/azure/api/azure.go and azure_anf.go in NetApp/trident. The genuine driver is written in Go:
where its messages carry an answer of Azure's, they carry it as azcore prints it.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from azure.core.exceptions import AzureError, HttpResponseError, ResourceNotFoundError
from azure.core.rest import HttpRequest
from azure.mgmt.netapp import NetAppManagementClient

from sandbox.trident.backends.azure_errors import response_text
from sandbox.trident.backends.backends import CapacityPool, Subnet

AVAILABLE: Final = "Succeeded"
CREATING: Final = ("Accepted", "Creating")
DELETING: Final = "Deleting"
FAILED: Final = "Failed"


class AnfError(Exception):
    """Azure refused, or could not be asked; the text is what Trident makes of it."""


@dataclass(frozen=True)
class AnfVolume:
    """A volume as Azure shows it."""

    id: str
    creation_token: str
    state: str
    size: int
    """Bytes."""
    server: str
    """FQDN of its first mount target; empty while it has none."""


@dataclass(frozen=True)
class VolumeRequest:
    """What a new volume is to be."""

    name: str
    """Of the volume and of its share."""
    size: int
    """Bytes."""
    service_level: str
    network_features: str
    """Empty: Azure's default."""
    snapshot_directory: bool
    throughput: float | None
    """MiB/s, in a pool with manual QoS."""
    tags: Mapping[str, str]


class Anf:
    """The volumes that one backend's identity may see."""

    def __init__(self, client: NetAppManagementClient, subscription: str, poll: float) -> None:
        self._client = client
        self._subscription = subscription
        self._poll = poll

    def create(self, request: VolumeRequest, pool: CapacityPool, subnet: Subnet) -> tuple[str, str]:
        """Ask for a volume; its id, and where its creation can be followed.

        Raises:
            AnfError: Azure does not begin.

        """
        properties: dict[str, Any] = {
            "creationToken": request.name,
            "serviceLevel": request.service_level,
            "usageThreshold": request.size,
            "exportPolicy": {"rules": []},
            "protocolTypes": ["CIFS"],
            "subnetId": subnet.id,
            "snapshotDirectoryVisible": request.snapshot_directory,
            "kerberosEnabled": False,
        }
        if request.network_features:
            properties["networkFeatures"] = request.network_features
        if request.throughput is not None:
            properties["throughputMibps"] = request.throughput
        body = {"location": pool.location, "tags": dict(request.tags), "properties": properties}
        place = (pool.resource_group, pool.account, pool.name, request.name)
        try:
            operation = _begin(self._client.volumes.begin_create_or_update(*place, cast(Any, body), **_UNFOLLOWED))
        except AzureError as error:
            raise AnfError(response_text(error)) from error
        group = f"/subscriptions/{self._subscription}/resourceGroups/{place[0]}"
        account = f"{group}/providers/Microsoft.NetApp/netAppAccounts/{place[1]}"
        return f"{account}/capacityPools/{place[2]}/volumes/{place[3]}", operation

    def find(self, volume_id: str) -> AnfVolume | None:
        """A volume by its id.

        Raises:
            AnfError: Azure could not be asked.

        """
        try:
            return _volume(self._client.volumes.get(*_place(volume_id)))
        except ResourceNotFoundError:
            return None
        except AzureError as error:
            raise AnfError(response_text(error)) from error

    def find_share(self, creation_token: str, pools: tuple[CapacityPool, ...]) -> AnfVolume | None:
        """A volume by its share's name: Azure does not search, so every pool is listed.

        Raises:
            AnfError: Azure could not be asked.

        """
        for pool in pools:
            try:
                for item in self._client.volumes.list(pool.resource_group, pool.account, pool.name):
                    volume = _volume(item)
                    if volume.creation_token == creation_token:
                        return volume
            except ResourceNotFoundError:
                continue
            except AzureError as error:
                raise AnfError(response_text(error)) from error
        return None

    def resize(self, volume_id: str, size: int) -> None:
        """Set a volume's size (bytes) and wait until Azure has done it.

        Raises:
            AnfError: it has not.

        """
        body = {"properties": {"usageThreshold": size}}
        try:
            operation = _begin(self._client.volumes.begin_update(*_place(volume_id), cast(Any, body), **_UNFOLLOWED))
            while (status := self._status(operation)).get("status") in {"InProgress", "Accepted", "Running"}:
                time.sleep(self._poll)  # Azure announces nothing: an operation is asked until it ends
        except AzureError as error:
            raise AnfError(response_text(error)) from error
        if problem := failure_of(status):
            raise AnfError(problem)

    def delete(self, volume_id: str) -> None:
        """Begin to delete a volume; absent already is as good.

        Raises:
            AnfError: Azure does not begin.

        """
        try:
            self._client.volumes.begin_delete(*_place(volume_id), **_UNFOLLOWED)
        except ResourceNotFoundError:
            return
        except AzureError as error:
            raise AnfError(response_text(error)) from error

    def failure(self, operation: str) -> str:
        """Why a creation failed: `Code: message`; empty where Azure does not say."""
        try:
            return failure_of(self._status(operation))
        except AzureError:
            return ""

    def _status(self, operation: str) -> dict[str, Any]:
        if not operation:
            return {"status": AVAILABLE}
        response = self._client.send_request(HttpRequest("GET", operation))
        if response.status_code >= 400:
            raise HttpResponseError(response=cast(Any, response))
        return response.json()


def failure_of(status: Mapping[str, Any]) -> str:
    """What an operation's status says went wrong: `Code: message`, one for each detail where there are details."""
    error: dict[str, Any] = status.get("error") or {}
    problems: list[dict[str, Any]] = error.get("details") or ([error] if error.get("message") else [])
    return "; ".join(f"{problem.get('code', '')}: {problem.get('message', '')}" for problem in problems)


def _headers(response: Any, *_: object) -> str:
    return str(response.http_response.headers.get("Azure-AsyncOperation", ""))


_UNFOLLOWED: Final[dict[str, Any]] = {"polling": False, "cls": _headers}
"""Begin an operation and answer at once with the address of its status."""


def _begin(poller: Any) -> str:
    return str(poller.result())


def _place(volume_id: str) -> tuple[str, str, str, str]:
    """Resource group, account, pool and volume of an id."""
    words = volume_id.split("/")
    return words[4], words[8], words[10], words[12]


def _volume(item: Any) -> AnfVolume:
    targets: list[Any] = item.mount_targets or []
    return AnfVolume(
        id=str(item.id),
        creation_token=str(item.creation_token),
        state=str(item.provisioning_state),
        size=int(item.usage_threshold),
        server=str(targets[0].smb_server_fqdn or "") if targets else "",
    )
