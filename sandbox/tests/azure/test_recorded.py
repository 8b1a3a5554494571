"""The emulator answers as the real Azure was recorded to: each file in recorded/ is replayed, see its README."""

import time
import uuid
from collections.abc import Iterator
from typing import Any, Final

import httpx
import pytest

from sandbox.durations import SandboxDurations
from sandbox.paths import SandboxPaths
from sandbox.services import AZURE, Services
from sandbox.testing.azure_clients import AzureClients
from tests.azure.recording import Difference, Placeholders, Recording, compare

_ANF: Final = "Microsoft.NetApp/netAppAccounts"
_VNET: Final = "Microsoft.Network/virtualNetworks"
_SLOW: Final = 5.0
"""Seconds in which an operation is seen under way."""
_OVERRIDES: Final = {
    f"{_ANF}/capacityPools/volumes:create": _SLOW,
    f"{_ANF}/capacityPools/volumes:delete": _SLOW,
    f"{_ANF}/capacityPools/volumes:update": 0.1,
    f"{_ANF}/capacityPools/volumes/snapshots:create": 0.1,
    f"{_ANF}/capacityPools/volumes/snapshots:delete": 0.1,
    f"{_VNET}:create": _SLOW,
    f"{_VNET}/subnets:create": 0.1,
}
_ENDED: Final = {"Succeeded", "Failed", "Canceled"}


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AzureClients]:
    """The emulator with the answers of realistic durations, and seconds for what takes minutes."""
    paths = SandboxPaths(tmp_path_factory.mktemp("recorded"))
    service = Services(paths, [AZURE], SandboxDurations("realistic", _OVERRIDES))
    service.start()
    try:
        yield AzureClients(paths)
    finally:
        service.stop()


@pytest.mark.parametrize("recording", Recording.all(), ids=lambda recording: recording.name)
def test_azure_answers_as_recorded(azure: AzureClients, recording: Recording) -> None:
    placeholders = _places(recording.name, azure.base)
    azure.http.put(placeholders.filled("{group}"), params={"api-version": "2024-03-01"}, json=_BODY).raise_for_status()
    _create(azure, recording.document, placeholders)
    found: list[Difference] = []
    for number, exchange in enumerate(recording.exchanges, 1):
        if unseen := placeholders.unseen(exchange["request"]["path"]):
            found.append(Difference(f"{number}.status", f"{number} cannot be sent: no answer had {', '.join(unseen)}"))
            break
        answer = _answer(azure, exchange["request"], placeholders)
        found += _differences(number, exchange, answer, placeholders)
    problems = recording.unexplained(found)
    source = recording.document["source"]
    assert not problems, "\n".join([f"recorded/{recording.name}.json ({source['recorded']})", *problems])


_REGION: Final = "eastus"
_BODY: Final = {"location": _REGION}


def _places(name: str, base: str) -> Placeholders:
    """Return the values of what has one; each recording has its own subscription, since a region has one directory."""
    subscription = str(uuid.uuid5(uuid.NAMESPACE_URL, name))
    group = f"/subscriptions/{subscription}/resourceGroups/rg"
    network, account = f"{group}/providers/{_VNET}/vnet", f"{group}/providers/{_ANF}/acc"
    pool = f"{account}/capacityPools/pool"
    return Placeholders(
        {
            "base": base,
            "subscription": subscription,
            "region": _REGION,
            "group": group,
            "network": network,
            "subnet": f"{network}/subnets/subnet",
            "account": account,
            "pool": pool,
            "volume": f"{pool}/volumes/vol",
        }
    )


def _create(azure: AzureClients, document: dict[str, Any], placeholders: Placeholders) -> None:
    for each in document.get("given", []):
        path, body = placeholders.filled(each["path"]), _filled(each["body"], placeholders)
        made = azure.http.put(path, params={"api-version": each["version"]}, json=body)
        made.raise_for_status()
        azure.follow(made.headers["Azure-AsyncOperation"])
    for server in document.get("domainControllers", []):
        azure.estate.domain_controllers(server["domain"], server["addresses"], placeholders.filled("{network}"))


def _answer(azure: AzureClients, request: dict[str, Any], placeholders: Placeholders) -> httpx.Response:
    """Send a request; one that asks for an operation's end is sent again until it is over."""
    path, _, query = placeholders.filled(request["path"]).partition("?")
    params = httpx.QueryParams(query).set("api-version", request["version"])
    body = _filled(request["body"], placeholders) if "body" in request else None
    deadline = time.monotonic() + 90
    while True:
        answer = azure.http.request(request["method"], path, params=params, json=body)
        if not request.get("ended") or answer.json().get("status") in _ENDED:
            return answer
        assert time.monotonic() < deadline, f"the operation at {path} did not end within 90 s: {answer.text}"
        time.sleep(0.05)


def _differences(
    number: int, exchange: dict[str, Any], answer: httpx.Response, placeholders: Placeholders
) -> Iterator[Difference]:
    request, recorded = exchange["request"], exchange["answer"]
    what = f"{number} {request['method']} {request['path']} ({request['version']})"
    if answer.status_code != recorded["status"]:
        text = f"{what}: recorded status {recorded['status']}, answered {answer.status_code} {answer.text}"
        yield Difference(f"{number}.status", text)
        return
    body = answer.json() if answer.content else None
    headers = {name: answer.headers.get(name) for name in recorded.get("headers", {})}
    expected = {"headers": recorded.get("headers", {}), "body": recorded.get("body")}
    for each in compare(str(number), expected, {"headers": headers, "body": body}, placeholders):
        yield Difference(each.where, f"{what}: {each.text}")


def _filled(value: Any, placeholders: Placeholders) -> Any:
    if isinstance(value, dict):
        return {key: _filled(each, placeholders) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, placeholders) for each in value]
    return placeholders.filled(value) if isinstance(value, str) else value
