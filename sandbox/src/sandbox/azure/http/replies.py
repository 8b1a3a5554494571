"""Answers of Azure Resource Manager: a resource, an operation, an error, as JSON with its headers."""

import math
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.azure.changes import Outcome
from sandbox.azure.errors import ArmError
from sandbox.azure.ids import ResourceId
from sandbox.azure.model import Model
from sandbox.azure.operations import Operation
from sandbox.azure.shapes import timestamp
from sandbox.azure.store import Resource

Headers = dict[str, str]

NETAPP: Final = "Microsoft.NetApp"
_NETWORK: Final = "Microsoft.Network"
_BY_LOCATION: Final = "operationResultResponseType=Location"
_WORDS: Final = {"create": "Creating", "update": "Updating", "patch": "Patching", "delete": "Deleting"}
"""What Azure NetApp Files calls an operation that is under way."""
_NOT_YET: Final = "0001-01-01T00:00:00Z"


@dataclass
class Reply:
    """An answer: status, JSON body (None: no body), headers."""

    status: int
    body: Any = None
    headers: Headers = field(default_factory=dict[str, str])


def base_of(request: Request) -> str:
    return f"https://{request.headers['host']}"


def response(reply: Reply, request: Request) -> Response:
    request_id = str(uuid.uuid4())
    headers = {
        "x-ms-request-id": request_id,
        "x-ms-correlation-request-id": request.headers.get("x-ms-correlation-request-id", request_id),
        "Cache-Control": "no-cache",
        **reply.headers,
    }
    if "x-ms-client-request-id" in request.headers:
        headers["x-ms-client-request-id"] = request.headers["x-ms-client-request-id"]
    if reply.body is None or request.method == "HEAD":
        return Response(status_code=reply.status, headers=headers)
    return _LongJson(reply.body, reply.status, headers)


class _LongJson(JSONResponse):
    """JSON of a long list too: the standard encoder takes ten times as long, and no other request is read meanwhile."""

    def render(self, content: Any) -> bytes:
        try:
            return orjson.dumps(content)
        except TypeError:  # an integer of more than 64 bits, which JSON may have
            return super().render(content)


def error_reply(error: ArmError) -> Reply:
    headers = retry_headers(error.retry_after) if error.retry_after is not None else {}
    return Reply(error.status, {"error": error.body()}, headers)


def retry_headers(seconds: float) -> Headers:
    """Return when to ask again: in whole seconds, and exactly in the header that Azure's clients for Go look at first.

    Retry-After is never 0: azure-core takes that for "not said" and waits 30 seconds.
    """
    return {"Retry-After": str(max(1, math.ceil(seconds))), "x-ms-retry-after-ms": str(max(1, round(seconds * 1000)))}


def rendered(
    model: Model, resource: Resource, version: str, properties: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return a resource as an API version shows it; `properties` are others than those of a GET."""
    rules, resource = model.type(resource.id), model.as_seen(resource)
    shown: dict[str, Any] = {
        "id": str(resource.id),
        "name": resource.id.full_name if rules.full_names else resource.id.name,
        "type": rules.name,
    }
    if rules.has_location:
        shown["location"] = resource.location
    if resource.etag:
        shown["etag"] = resource.etag
    if resource.tags is not None:
        shown["tags"] = resource.tags
    properties = rules.show(model, resource) if properties is None else properties
    if rules.shows_state:
        properties = {**properties, "provisioningState": resource.state}
    return {**shown, **resource.envelope, "properties": rules.in_version(properties, version)}


def all_rendered(model: Model, resources: Iterable[Resource], version: str) -> list[dict[str, Any]]:
    with model.store.reading():
        return [rendered(model, resource, version) for resource in resources]


def resource_reply(model: Model, resource: Resource, version: str, status: int = 200) -> Reply:
    return Reply(status, rendered(model, resource, version), {"ETag": resource.etag} if resource.etag else {})


def asks_status(provider: str, query: Mapping[str, str]) -> bool:
    """Return True at an address of `operationResults` that shows an operation's status: that is the query's choice."""
    return provider == NETAPP and "operationresultresponsetype" not in {name.lower() for name in query}


class OperationLinks:
    """Addresses at which clients follow operations; `base` and `version` are those of the request that started one."""

    def __init__(self, model: Model, base: str, version: str) -> None:
        self._model = model
        self._base = base
        self._version = version

    def changed(self, outcome: Outcome, *, patch: bool) -> Reply:
        if outcome.resource is None:
            raise ValueError("a change leads to a resource")
        rules, resource = self._model.type(outcome.resource.id), outcome.resource
        if rules.changes_at_end and outcome.operation and outcome.operation.previous:
            # The operation may be over by now: the answer is of the moment in which it began.
            resource = replace(resource, **outcome.operation.previous)
        status = rules.create_status if outcome.created else rules.update_status
        if patch:
            status = 202 if outcome.operation and rules.full_names else 200
        reply = resource_reply(self._model, resource, self._version, status)
        if outcome.created and outcome.operation:
            new = rules.show_new(self._model, outcome.resource, outcome.asked)
            reply.body = rendered(self._model, outcome.resource, self._version, new)
        if outcome.operation:
            if outcome.resource.id.provider == _NETWORK:
                reply.headers.pop("ETag", None)
            by_location = patch or rules.put_by_both
            reply.headers |= self._headers(outcome.operation, outcome.resource, location=by_location, status=True)
        return reply

    def deleted(self, outcome: Outcome) -> Reply:
        if outcome.resource is None:
            return Reply(204)
        if outcome.operation is None:
            return Reply(200)
        status = bool(outcome.resource.id.types)
        return Reply(202, None, self._headers(outcome.operation, outcome.resource, location=True, status=status))

    def started(self, operation: Operation, resource: Resource) -> Reply:
        """Return the answer to a POST that takes a while."""
        return Reply(202, None, self._headers(operation, resource, location=True, status=True))

    def status(self, operation: Operation, provider: str, path: str) -> Reply:
        pending = operation.status == "InProgress"
        body: dict[str, Any] = {"status": operation.status}
        if provider == NETAPP:
            body |= {
                "id": path,
                "name": operation.id,
                "status": _WORDS[operation.kind] if pending else operation.status,
                "startTime": timestamp(operation.started),
                "endTime": _NOT_YET if pending else timestamp(operation.due),
                "percentComplete": 100.0 if operation.status == "Succeeded" else 0.0,
                "properties": {"resourceName": operation.resource, "action": operation.kind.upper()},
            }
        if operation.error and not pending:
            body["error"] = operation.error.body()
        return Reply(200, body, self._retry(provider) if pending else {})

    def result(self, operation: Operation, address: str) -> Reply:
        """Return the answer at a Location address: 202 until the operation is over, then its result."""
        if operation.status == "InProgress":
            return Reply(202, None, {"Location": address, **self._retry(ResourceId.parse(operation.resource).provider)})
        if operation.error:
            return error_reply(operation.error)
        if operation.status == "Canceled":
            return error_reply(ArmError(409, "Canceled", "The operation was canceled: its resource has been deleted."))
        resource = self._model.store.find(operation.target)
        if operation.kind == "delete" or resource is None:
            return Reply(204 if ResourceId.parse(operation.resource).provider == _NETWORK else 200)
        by_both = operation.kind == "create" and self._model.type(resource.id).put_by_both
        return resource_reply(self._model, resource, self._version, 201 if by_both else 200)

    def _retry(self, provider: str) -> Headers:
        durations = self._model.durations
        seconds = durations.netapp_retry_after if provider == NETAPP else durations.retry_after
        return {} if seconds is None else retry_headers(seconds)

    def _headers(self, operation: Operation, resource: Resource, *, location: bool, status: bool) -> Headers:
        scope = f"{self._base}/subscriptions/{resource.id.subscription}"
        query = f"?api-version={self._version}"
        headers = self._retry(resource.id.provider)
        if not resource.id.types:
            return {**headers, "Location": f"{scope}/operationresults/{operation.id}{query}"}
        place = f"{scope}/providers/{resource.id.provider}/locations/{resource.location}"
        if status:
            word = "operations" if resource.id.provider == _NETWORK else "operationResults"
            headers["Azure-AsyncOperation"] = f"{place}/{word}/{operation.id}{query}"
        if resource.id.provider == _NETWORK:
            headers["Azure-AsyncNotification"] = "Enabled"
        if location:
            query += f"&{_BY_LOCATION}" if resource.id.provider == NETAPP else ""
            headers["Location"] = f"{place}/operationResults/{operation.id}{query}"
        return headers
