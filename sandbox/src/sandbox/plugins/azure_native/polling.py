"""Long-running operations: following what Azure accepted until it ended.

The way to follow is chosen by the response's headers, as azcore does: `Azure-AsyncOperation`, else `Location`, else the
resource's own `provisioningState` (https://github.com/Azure/azure-resource-manager-rpc, Addendum).
"""

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

from sandbox.plugins.azure_native.client import ArmClient, body_of, error_of, retry_after
from sandbox.plugins.azure_native.operation import CloudError, Operation

WRITE_INTERVAL: Final = 10.0
"""Seconds between polls of a creation or update when Azure asks for no other pace."""
DELETE_INTERVAL: Final = 30.0
"""The same for a deletion."""

_POLLED: Final = frozenset({200, 201, 202, 204})
_FAILED: Final = frozenset({"failed", "canceled"})


def follow(client: ArmClient, operation: Operation, accepted: httpx.Response, interval: float) -> dict[str, Any]:
    """Wait until what was accepted has ended; the resource as it is then, if Azure tells. Raises CloudError."""
    if "Azure-AsyncOperation" in accepted.headers:
        return _follow_operation(client, operation, accepted, interval)
    if "Location" in accepted.headers:
        return _follow_location(client, operation, accepted, interval)
    if accepted.request.method in ("PUT", "PATCH"):
        return _follow_resource(client, operation, accepted, interval)
    if accepted.status_code == 202:
        raise CloudError("response is missing polling URL")
    return {}


def _follow_operation(
    client: ArmClient, operation: Operation, accepted: httpx.Response, interval: float
) -> dict[str, Any]:
    url = _absolute(accepted.headers["Azure-AsyncOperation"])

    def state_of(response: httpx.Response) -> str:
        status = body_of(response).get("status")
        if not status:
            raise CloudError("the response did not contain a status")
        return str(status)

    _poll(client, operation, accepted, interval, lambda: url, state_of)
    if accepted.request.method not in ("PUT", "PATCH"):
        return {}
    final = client.send(operation, "GET", str(accepted.request.url))
    if final.status_code != 200:
        raise error_of(final)
    return body_of(final)


def _follow_location(
    client: ArmClient, operation: Operation, accepted: httpx.Response, interval: float
) -> dict[str, Any]:
    url = _location(client, accepted)

    def state_of(response: httpx.Response) -> str:
        nonlocal url
        if "Location" in response.headers:
            url = _location(client, response)
        state = _provisioning_state(response)
        return state or ("InProgress" if response.status_code == 202 else "Succeeded")

    return body_of(_poll(client, operation, accepted, interval, lambda: url, state_of))


def _follow_resource(
    client: ArmClient, operation: Operation, accepted: httpx.Response, interval: float
) -> dict[str, Any]:
    state = _provisioning_state(accepted)
    if accepted.status_code == 200 and (not state or state.lower() == "succeeded"):
        return body_of(accepted)
    if accepted.status_code in (200, 201) and state.lower() in _FAILED:
        raise error_of(accepted)
    url = str(accepted.request.url)
    return body_of(
        _poll(client, operation, accepted, interval, lambda: url, lambda r: _provisioning_state(r) or "Succeeded")
    )


def _poll(
    client: ArmClient,
    operation: Operation,
    accepted: httpx.Response,
    interval: float,
    url: Callable[[], str],
    state_of: Callable[[httpx.Response], str],
) -> httpx.Response:
    """Ask until the state is final. Raises CloudError when that is a failure."""
    what = f"{accepted.request.method} of {accepted.request.url.path}"
    operation.awaited = f"waiting for the {what} to end"
    operation.wait(retry_after(accepted))
    while True:
        response = client.send(operation, "GET", url())
        if response.status_code not in _POLLED:
            raise error_of(response)
        state = state_of(response)
        if state.lower() == "succeeded":
            return response
        if state.lower() in _FAILED:
            raise error_of(response)
        operation.awaited = f"waiting for the {what} to end, which is in state {state}"
        operation.wait(retry_after(response) or interval)


def _provisioning_state(response: httpx.Response) -> str:
    properties = body_of(response).get("properties")
    return str(properties.get("provisioningState") or "") if isinstance(properties, dict) else ""


def _absolute(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise CloudError(f"invalid polling URL {url}")
    return url


def _location(client: ArmClient, response: httpx.Response) -> str:
    """The Location header, made absolute and given an API version where a service left these out."""
    url = response.headers["Location"]
    if not urlsplit(url).netloc:
        url = f"{client.endpoint}/{url.lstrip('/')}"
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    if "api-version" not in query:
        query["api-version"] = response.request.url.params.get("api-version", "")
    return parts._replace(query=urlencode(query)).geturl()
