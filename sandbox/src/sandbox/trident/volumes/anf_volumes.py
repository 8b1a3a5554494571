"""Volumes of Azure NetApp Files, as Trident's driver creates, finds, resizes and deletes them with Azure's own client.

Sources: storage_drivers/azure/api/azure.go and azure_anf.go in NetApp/trident. An answer of Azure's is worded as azcore
prints it, since the genuine driver is written in Go.
"""

import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, cast

from azure.core.exceptions import AzureError, HttpResponseError, ResourceNotFoundError
from azure.core.rest import HttpRequest

from sandbox.trident.backends.azure_errors import response_text
from sandbox.trident.backends.backend import Backend, CapacityPool

AVAILABLE: Final = "Succeeded"
CREATING: Final = ("Accepted", "Creating")
DELETING: Final = "Deleting"
FAILED: Final = "Failed"


class AnfError(Exception):
    """Azure refused, or could not be asked, in Trident's words."""


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


class AnfVolumes:
    """The volumes that one backend's identity may see. Every method may raise AnfError."""

    def __init__(self, backend: Backend, poll: float) -> None:
        self._backend = backend
        self._client = backend.netapp
        self._poll = poll

    def create(self, name: str, pool: CapacityPool, properties: Mapping[str, Any], tags: Mapping[str, str]) -> str:
        """Ask for a volume; return the address of the operation's status."""
        # The level is the capacity pool's own, whatever the backend's says.
        asked = {**properties, "serviceLevel": pool.service_level}
        body: Any = {"location": pool.location, "tags": tags, "properties": asked}
        place = (pool.resource_group, pool.account, pool.name, name)
        with _worded():
            return _begin(self._client.volumes.begin_create_or_update(*place, body, **_UNFOLLOWED))

    def id(self, name: str, pool: CapacityPool) -> str:
        group = f"/subscriptions/{self._backend.spec.subscription_id}/resourceGroups/{pool.resource_group}"
        account = f"{group}/providers/Microsoft.NetApp/netAppAccounts/{pool.account}"
        return f"{account}/capacityPools/{pool.name}/volumes/{name}"

    def find(self, volume_id: str) -> AnfVolume | None:
        with _worded(), suppress(ResourceNotFoundError):
            return _volume(self._client.volumes.get(*_place(volume_id)))
        return None

    def find_share(self, creation_token: str) -> AnfVolume | None:
        """Return a volume by its share's name. Azure does not search, so every pool is listed."""
        with _worded():
            for pool in self._backend.capacity_pools:
                with suppress(ResourceNotFoundError):
                    for volume in map(_volume, self._client.volumes.list(pool.resource_group, pool.account, pool.name)):
                        if volume.creation_token == creation_token:
                            return volume
        return None

    def resize(self, volume_id: str, size: int) -> None:
        """Set a volume's size (bytes) and wait until Azure has done it."""
        body: Any = {"properties": {"usageThreshold": size}}
        with _worded():
            operation = _begin(self._client.volumes.begin_update(*_place(volume_id), body, **_UNFOLLOWED))
            while (status := self._status(operation)).get("status") in {"InProgress", "Accepted", "Running"}:
                time.sleep(self._poll)  # Azure announces nothing: an operation is asked until it ends
        if problem := _failure(status):
            raise AnfError(problem)

    def delete(self, volume_id: str) -> None:
        """Begin to delete a volume; it may be gone already."""
        with _worded(), suppress(ResourceNotFoundError):
            self._client.volumes.begin_delete(*_place(volume_id), **_UNFOLLOWED)

    def failure(self, operation: str) -> str:
        """Return why a creation failed; empty where Azure does not say.

        It is the operation as azcore prints it: the driver looks for PoolSizeTooSmall first, and the answer's body can
        be read only once (PollerVolumeCreateResponse.Result).
        """
        try:
            response = self._answer(operation)
        except AzureError:
            return ""
        status: dict[str, Any] = response.json()
        details: list[dict[str, Any]] = (status.get("error") or {}).get("details") or []
        if any(detail.get("code") == "PoolSizeTooSmall" for detail in details):
            return _failure(status)
        return response_text(HttpResponseError(response=response))

    def _status(self, operation: str) -> dict[str, Any]:
        return self._answer(operation).json() if operation else {"status": AVAILABLE}

    def _answer(self, operation: str) -> Any:
        response = self._client.send_request(HttpRequest("GET", operation))
        if response.status_code >= 400:
            raise HttpResponseError(response=cast(Any, response))
        return response


@contextmanager
def _worded() -> Generator[None]:
    try:
        yield
    except AzureError as error:
        raise AnfError(response_text(error)) from error


def _failure(status: Mapping[str, Any]) -> str:
    """Return `Code: message` of an operation that failed, one for each detail where there are details."""
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
    _, _, _, _, group, _, _, _, account, _, pool, _, volume = volume_id.split("/")
    return group, account, pool, volume


def _volume(item: Any) -> AnfVolume:
    targets: list[Any] = item.mount_targets or []
    return AnfVolume(
        id=str(item.id),
        creation_token=str(item.creation_token),
        state=str(item.provisioning_state),
        size=int(item.usage_threshold),
        server=str(targets[0].smb_server_fqdn or "") if targets else "",
    )
