"""Create, read, update and delete of a resource of any type."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sandbox.plugins.azure_native import convert, polling
from sandbox.plugins.azure_native.client import ArmClient, body_of, error_of, is_not_found
from sandbox.plugins.azure_native.convert import Json
from sandbox.plugins.azure_native.operation import CloudError, Operation, OperationEndedError
from sandbox.plugins.azure_native.schema import ResourceType
from sandbox.plugins.azure_native.values import within

_UNESCAPED = "$&+=:@"  # what Go's url.PathEscape leaves as it is


class PartialError(CloudError):
    """Azure accepted the resource, and then it failed: it exists, and belongs into the state with the reason."""

    def __init__(self, resource_id: str, outputs: Json, message: str) -> None:
        super().__init__(message)
        self.resource_id = resource_id
        self.outputs = outputs


@dataclass(frozen=True)
class Written:
    """A resource after a creation or an update."""

    resource_id: str
    outputs: Json
    warning: str = ""
    """What did not go well, though the resource is there."""


def locate(path: str, inputs: Mapping[str, Any]) -> str:
    """The resource's id by the inputs that are part of its path. Raises CloudError."""

    def text_of(match: re.Match[str]) -> str:
        value = inputs.get(match[1])
        if not isinstance(value, str):
            raise CloudError(f"expected string value for path parameter '{match[1]}', got {type(value).__name__}")
        return value.strip("/") if match[1] == "scope" else quote(value, safe=_UNESCAPED)  # a scope is a path itself

    return re.sub(r"\{(\w+)\}", text_of, path)


def parse_id(resource_id: str, path: str) -> dict[str, str]:
    """The path parameters in a resource's id. Raises CloudError when it is another type's."""
    pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.*?)", re.escape(path))
    match = re.fullmatch(pattern, resource_id, re.IGNORECASE)
    if match is None:
        raise CloudError(f"failed to parse '{resource_id}' against the path '{path}'")
    return match.groupdict()


class Resources:
    """The resources of one subscription."""

    def __init__(self, client: ArmClient, subscription_id: str) -> None:
        self._client = client
        self._subscription_id = subscription_id

    def id_of(self, row: ResourceType, inputs: Mapping[str, Any]) -> str:
        """The id that these inputs make."""
        return locate(self.in_subscription(row.path), inputs)

    def in_subscription(self, path: str) -> str:
        """A path with the subscription filled in."""
        return path.replace("{subscriptionId}", self._subscription_id)

    def create(self, row: ResourceType, inputs: Json, operation: Operation) -> Written:
        """Make it, unless it exists. Raises CloudError, PartialError."""
        resource_id = self.id_of(row, inputs)
        body = convert.request_body(row.properties, inputs, resource_id)
        operation.awaited = f"asking whether '{resource_id}' exists"
        self._client.require_absent(operation, resource_id, _version(row))
        for path in convert.maintained_paths(row.properties, inputs).values():
            _put_at(body, path, [])
        response = self._write(row, resource_id, body, operation)
        canonical = response.get("id")
        return self._read_after_write(
            row, canonical if isinstance(canonical, str) else resource_id, response, "Create", operation
        )

    def update(self, row: ResourceType, inputs: Json, operation: Operation) -> Written:
        """Make it as the inputs say, wholly: Azure forgets what is not in them. Raises CloudError, PartialError."""
        resource_id = self.id_of(row, inputs)
        body = convert.request_body(row.properties, inputs, resource_id)
        self._keep_maintained(row, resource_id, inputs, body, operation)
        response = self._write(row, resource_id, body, operation)
        return self._read_after_write(row, resource_id, response, "Update", operation)

    def _keep_maintained(
        self, row: ResourceType, resource_id: str, inputs: Json, body: Json, operation: Operation
    ) -> None:
        """Send along the children that Azure would delete for not being in the body."""
        paths = convert.maintained_paths(row.properties, inputs)
        if not paths:
            return
        operation.awaited = f"reading '{resource_id}' before its update"
        try:
            current = self._client.get(operation, resource_id, _version(row))
        except CloudError as error:
            raise CloudError(f"failed maintaining unset sub-resource properties: {error}") from error
        for path in paths.values():
            if (found := within(current, path)) is not None:
                _put_at(body, path, found)

    def _write(self, row: ResourceType, resource_id: str, body: Json, operation: Operation) -> Json:
        operation.awaited = f"waiting for Azure to accept '{resource_id}'"
        response = self._client.request(operation, "PUT", resource_id, _version(row), body)
        if response.status_code not in (200, 201, 202):
            raise error_of(response)
        if not row.put_async and response.status_code != 202:
            return body_of(response)
        try:
            return polling.follow(self._client, operation, response, polling.WRITE_INTERVAL)
        except CloudError as error:
            raise self._partial(row, resource_id, error, operation) from error

    def _partial(self, row: ResourceType, resource_id: str, error: CloudError, operation: Operation) -> PartialError:
        try:
            found = self._client.get(operation, resource_id, _version(row))
        except OperationEndedError:
            return PartialError(resource_id, {}, str(error))
        except CloudError as unread:
            return PartialError(resource_id, {}, f"resource created but read failed {unread}: {error}")
        return PartialError(resource_id, convert.outputs(row.properties, found), str(error))

    def _read_after_write(
        self, row: ResourceType, resource_id: str, response: Json, what: str, operation: Operation
    ) -> Written:
        """Take the outputs from a GET, as every later refresh does: answers to PUT differ in shape and bring noise."""
        operation.awaited = f"reading '{resource_id}' after its {what.lower()}"
        warning = ""
        try:
            response = self._client.get(operation, resource_id, _version(row))
        except CloudError as error:
            warning = f"Failed to read resource after {what}: {error}"
        return Written(resource_id, self._checkpoint(row, response), warning)

    def read(
        self, row: ResourceType, resource_id: str, state: Json, inputs: Json | None, operation: Operation
    ) -> tuple[Json, Json] | None:
        """Outputs and inputs as they are now, or None if it is gone. Without `inputs` it is imported."""
        operation.awaited = f"reading '{resource_id}'"
        parameters = parse_id(resource_id, row.path) if inputs is None else {}
        try:
            found = self._client.get(operation, resource_id, _version(row))
        except CloudError as error:
            if is_not_found(error):
                return None
            raise
        outputs = convert.outputs(row.properties, found)
        if inputs is None:
            parameters.pop("subscriptionId", None)
            inputs = {**convert.imported_inputs(row.properties, outputs), **parameters}
        else:
            inputs = convert.refreshed_inputs(row.properties, inputs, state, outputs)
        return self._checkpoint(row, found), inputs

    def delete(self, row: ResourceType, resource_id: str, operation: Operation) -> None:
        """Remove it; being gone already is success. Raises CloudError."""
        operation.awaited = f"waiting for Azure to accept the deletion of '{resource_id}'"
        try:
            response = self._client.request(operation, "DELETE", resource_id, _version(row))
            if response.status_code not in (200, 202, 204):
                raise error_of(response)
            if row.delete_async:
                polling.follow(self._client, operation, response, polling.DELETE_INTERVAL)
        except CloudError as error:
            if not is_not_found(error):
                raise

    def _checkpoint(self, row: ResourceType, response: Json) -> Json:
        return {**convert.outputs(row.properties, response), "azureApiVersion": row.api_version}


def _version(row: ResourceType) -> dict[str, str]:
    return {"api-version": row.api_version}


def _put_at(body: Json, path: tuple[str, ...], value: Any) -> None:
    for step in path[:-1]:
        body = body.setdefault(step, {})
    body[path[-1]] = value
