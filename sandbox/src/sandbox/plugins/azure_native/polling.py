"""Long-running operations: following what Azure accepted until it ended.

The way to follow is chosen by the response's headers, as azcore does: `Azure-AsyncOperation`, else `Location`, else the
resource's own `provisioningState` (https://github.com/Azure/azure-resource-manager-rpc, Addendum).
"""

from collections.abc import Callable
from functools import partial
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
    request = accepted.request
    writes = request.method in ("PUT", "PATCH")
    poll = partial(_poll, client, operation, accepted, interval)
    if "Azure-AsyncOperation" in accepted.headers:
        url = _absolute(accepted.headers["Azure-AsyncOperation"])
        poll(lambda _: url, _status)
        if not writes:
            return {}
        final = client.send(operation, "GET", str(request.url))
        if final.status_code != 200:
            raise error_of(final)
        return body_of(final)
    if "Location" in accepted.headers:
        return poll(lambda response: _location(client, response), _state_at_location)
    if writes:
        state = _provisioning_state(accepted)
        if accepted.status_code == 200 and (not state or state.lower() == "succeeded"):
            return body_of(accepted)
        if accepted.status_code in (200, 201) and state.lower() in _FAILED:
            raise error_of(accepted)
        return poll(lambda _: str(request.url), lambda response: _provisioning_state(response) or "Succeeded")
    if accepted.status_code == 202:
        raise CloudError("response is missing polling URL")
    return {}


def _poll(
    client: ArmClient,
    operation: Operation,
    accepted: httpx.Response,
    interval: float,
    url: Callable[[httpx.Response], str],
    state_of: Callable[[httpx.Response], str],
) -> dict[str, Any]:
    what = f"{accepted.request.method} of {accepted.request.url.path}"
    operation.awaited = f"waiting for the {what} to end"
    operation.wait(retry_after(accepted))
    address, response = "", accepted
    while True:
        address = url(response) or address
        response = client.send(operation, "GET", address)
        if response.status_code not in _POLLED:
            raise error_of(response)
        state = state_of(response)
        if state.lower() == "succeeded":
            return body_of(response)
        if state.lower() in _FAILED:
            raise error_of(response)
        operation.awaited = f"waiting for the {what} to end, which is in state {state}"
        operation.wait(retry_after(response) or interval)


def _status(response: httpx.Response) -> str:
    status = body_of(response).get("status")
    if not status:
        raise CloudError("the response did not contain a status")
    return str(status)


def _state_at_location(response: httpx.Response) -> str:
    return _provisioning_state(response) or ("InProgress" if response.status_code == 202 else "Succeeded")


def _provisioning_state(response: httpx.Response) -> str:
    properties = body_of(response).get("properties")
    return str(properties.get("provisioningState") or "") if isinstance(properties, dict) else ""


def _absolute(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise CloudError(f"invalid polling URL {url}")
    return url


def _location(client: ArmClient, response: httpx.Response) -> str:
    """The Location header, if there is one, made absolute and given an API version where a service left these out."""
    url = response.headers.get("Location", "")
    if not url:
        return ""
    if not urlsplit(url).netloc:
        url = f"{client.endpoint}/{url.lstrip('/')}"
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    if "api-version" not in query:
        query["api-version"] = response.request.url.params.get("api-version", "")
    return parts._replace(query=urlencode(query)).geturl()
