"""Requests of verify to Azure, through Microsoft's own client: one list for a pool, their bound, and throttling."""

import io
import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from azure.core.credentials import AccessToken
from azure.core.pipeline.transport import RequestsTransport
from requests.adapters import BaseAdapter

from tests.unit.at_once import most_at_once
from tests.unit.verify_objects import FQDN, GIB, POOL
from verify.clients.azure import AzureClient, RefusedError
from verify.clients.azure_cloud import AzureCloud
from verify.clients.cluster import Json
from verify.clients.throttling import PATIENCE_SECONDS

MANAGER = "https://management.azure.example"
CLOUD = AzureCloud(MANAGER, f"{MANAGER}/.default", "https://login.example")
Answer = tuple[int, dict[str, str], Json]


class Credential:
    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        return AccessToken("token", int(time.time()) + 3600)


class Azure(BaseAdapter):
    """Azure Resource Manager with volumes in one pool, below Microsoft's own client."""

    def __init__(self, volumes: int = 0) -> None:
        super().__init__()
        self.names = [f"smb-{number}" for number in range(volumes)]
        self.asked: list[str] = []
        self.waits: list[float] = []
        self.refusals: list[Answer] = []
        """The answers to the next requests."""
        self.lists: Answer | None = None
        """The answer to a list, if it is not the list."""
        self.arrived: Callable[[], None] = lambda: None

    def send(self, request: Any, *_arguments: Any, **_options: Any) -> requests.Response:
        path = request.path_url.partition("?")[0]
        self.asked.append(path)
        self.arrived()
        status, headers, body = self.refusals.pop(0) if self.refusals else self._answer(path)
        response = requests.Response()
        response.status_code, response.url, response.request = status, request.url, request
        response.headers.update({"Content-Type": "application/json"} | headers)
        response.raw = io.BytesIO(json.dumps(body).encode())
        return response

    def close(self) -> None:
        """Nothing is open."""

    def client(self) -> AzureClient:
        session = requests.Session()
        session.mount("https://", self)

        transport = RequestsTransport(session=session, session_owner=False)
        transport.sleep = self.waits.append
        return AzureClient(CLOUD, POOL.split("/")[2], {}, credential=Credential(), transport=transport)

    def _answer(self, path: str) -> Answer:
        collection, _, name = path.partition("/volumes")
        if collection != POOL:
            return (
                200,
                {},
                {
                    "id": path,
                    "properties": {"provisioningState": "Succeeded", "serviceLevel": "Standard", "size": 4 * 2**40},
                },
            )
        if not name:
            return self.lists or (200, {}, {"value": [_volume(each) for each in self.names]})
        if name.removeprefix("/") in self.names:
            return 200, {}, _volume(name.removeprefix("/"))
        return 404, {}, {"error": {"code": "ResourceNotFound", "message": "not found"}}


def _volume(name: str) -> Json:
    properties: Json = {
        "creationToken": name,
        "usageThreshold": 100 * GIB,
        "provisioningState": "Succeeded",
        "protocolTypes": ["CIFS"],
        "mountTargets": [{"smbServerFqdn": FQDN}],
        "subnetId": "",
    }
    return {"id": f"{POOL}/volumes/{name}", "name": name, "location": "koreacentral", "properties": properties}


def test_a_pool_is_listed_once_for_all_of_its_volumes() -> None:
    azure = Azure(60)
    client = azure.client()
    found = [client.volume(f"{POOL}/volumes/{name.upper()}") for name in azure.names]
    assert [volume and volume.creation_token for volume in found] == azure.names
    assert client.allotted(POOL) == 60 * 100 * GIB
    assert azure.asked == [f"{POOL}/volumes"]


def test_a_volume_is_missing_only_if_azure_says_so_of_it_alone() -> None:
    azure = Azure(1)
    client = azure.client()
    assert [client.volume(f"{POOL}/volumes/gone") for _ in range(2)] == [None, None]
    assert azure.asked == [f"{POOL}/volumes", f"{POOL}/volumes/gone"]


def test_who_may_not_list_a_pool_reads_its_volumes_one_by_one() -> None:
    azure = Azure(2)
    azure.lists = 403, {}, {"error": {"code": "AuthorizationFailed", "message": "no"}}
    client = azure.client()
    assert all(client.volume(f"{POOL}/volumes/{name}") for name in azure.names)
    assert azure.asked == [f"{POOL}/volumes", *(f"{POOL}/volumes/{name}" for name in azure.names)]
    with pytest.raises(RefusedError, match="AuthorizationFailed"):
        client.allotted(POOL)


def throttled(seconds: int) -> Answer:
    return 429, {"Retry-After": str(seconds)}, {"error": {"code": "TooManyRequests", "message": "throttled"}}


def test_a_request_that_azure_throttles_waits_as_long_as_azure_says() -> None:
    azure = Azure(1)
    azure.refusals = [throttled(3), throttled(4), throttled(5)]
    assert azure.client().volume(f"{POOL}/volumes/smb-0")
    assert azure.waits == [3, 4, 5]


@pytest.mark.parametrize("seconds", [10, 600])
def test_the_wait_for_azure_ends_before_the_limit_of_the_check(seconds: int) -> None:
    azure = Azure(1)
    azure.refusals = [throttled(seconds)] * 100
    with pytest.raises(RefusedError, match="TooManyRequests") as refused:
        azure.client().pool(POOL)
    assert refused.value.status == 429
    assert sum(azure.waits) <= PATIENCE_SECONDS
    assert len(azure.waits) == PATIENCE_SECONDS // seconds


def test_four_requests_to_azure_are_in_flight_however_many_checks_run() -> None:
    azure = Azure()
    client = azure.client()

    def arrive(count: Callable[[], None]) -> None:
        azure.arrived = count
        asking = [threading.Thread(target=client.pool, args=(f"{POOL}-{number}",)) for number in range(20)]
        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join(20)

    assert most_at_once(arrive, 4) == 4
