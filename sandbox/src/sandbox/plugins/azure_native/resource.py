"""Create, read, update and delete of a resource of any type."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sandbox.plugins.azure_native import convert, polling
from sandbox.plugins.azure_native.client import ArmClient, RefusedError, body_of, error_of
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
    """A failure that leaves the resource well."""


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


class Resource:
    """One resource during one operation of the engine's. All methods raise CloudError."""

    def __init__(self, client: ArmClient, row: ResourceType, resource_id: str, operation: Operation) -> None:
        self.id = resource_id
        self._client = client
        self._row = row
        self._operation = operation
        self._version = {"api-version": row.api_version}

    def create(self, inputs: Json) -> Written:
        body = convert.request_body(self._row.properties, inputs, self.id)
        self._operation.awaited = f"asking whether '{self.id}' exists"
        self._client.require_absent(self._operation, self.id, self._version)
        for path in convert.maintained_paths(self._row.properties, inputs).values():
            _put_at(body, path, [])
        response = self._write(body, inputs)
        if isinstance(response.get("id"), str):
            self.id = response["id"]
        return self._read_after_write(response, "Create")

    def update(self, inputs: Json) -> Written:
        """Write it as the inputs say, wholly: Azure forgets what is not in them. Raises PartialError."""
        body = convert.request_body(self._row.properties, inputs, self.id)
        # Azure would delete the children that are not in the body.
        paths = convert.maintained_paths(self._row.properties, inputs).values()
        if paths:
            self._operation.awaited = f"reading '{self.id}' before its update"
            try:
                current = self._get()
            except CloudError as error:
                raise CloudError(f"failed maintaining unset sub-resource properties: {error}") from error
            for path in paths:
                if (found := within(current, path)) is not None:
                    _put_at(body, path, found)
        return self._read_after_write(self._write(body, inputs), "Update")

    def read(self, state: Json, inputs: Json | None) -> tuple[Json, Json] | None:
        """Outputs and inputs as they are now, or None if it is gone. Without `inputs` it is imported."""
        self._operation.awaited = f"reading '{self.id}'"
        parameters = parse_id(self.id, self._row.path) if inputs is None else {}
        try:
            outputs = convert.outputs(self._row.properties, self._get())
        except RefusedError as error:
            if error.is_not_found:
                return None
            raise
        if inputs is None:
            parameters.pop("subscriptionId", None)
            inputs = {**convert.imported_inputs(self._row.properties, outputs), **parameters}
        else:
            inputs = convert.refreshed_inputs(self._row.properties, inputs, state, outputs)
        return self._with_version(outputs), inputs

    def delete(self) -> None:
        self._operation.awaited = f"waiting for Azure to accept the deletion of '{self.id}'"
        try:
            response = self._client.request(self._operation, "DELETE", self.id, self._version)
            if response.status_code not in (200, 202, 204):
                raise error_of(response)
            if self._row.delete_async:
                polling.follow(self._client, self._operation, response, polling.DELETE_INTERVAL)
        except RefusedError as error:
            if not error.is_not_found:
                raise

    def _get(self) -> Json:
        return self._client.get(self._operation, self.id, self._version)

    def _write(self, body: Json, inputs: Json) -> Json:
        self._operation.awaited = f"waiting for Azure to accept '{self.id}'"
        query = {**self._version, **convert.request_query(self._row.properties, inputs)}
        response = self._client.request(self._operation, "PUT", self.id, query, body)
        if response.status_code not in (200, 201, 202):
            raise error_of(response)
        if not self._row.put_async and response.status_code != 202:
            return body_of(response)
        try:
            return polling.follow(self._client, self._operation, response, polling.WRITE_INTERVAL)
        except CloudError as error:
            raise self._partial(error) from error

    def _partial(self, error: CloudError) -> PartialError:
        try:
            return PartialError(self.id, convert.outputs(self._row.properties, self._get()), str(error))
        except OperationEndedError:
            return PartialError(self.id, {}, str(error))
        except CloudError as unread:
            return PartialError(self.id, {}, f"resource created but read failed {unread}: {error}")

    def _read_after_write(self, response: Json, what: str) -> Written:
        """Take the outputs from a GET, as every later refresh does: answers to PUT differ in shape and bring noise."""
        self._operation.awaited = f"reading '{self.id}' after its {what.lower()}"
        warning = ""
        try:
            response = self._get()
        except CloudError as error:
            warning = f"Failed to read resource after {what}: {error}"
        return Written(self.id, self._with_version(convert.outputs(self._row.properties, response)), warning)

    def _with_version(self, outputs: Json) -> Json:
        return {**outputs, "azureApiVersion": self._row.api_version}


def _put_at(body: Json, path: tuple[str, ...], value: Any) -> None:
    for step in path[:-1]:
        body = body.setdefault(step, {})
    body[path[-1]] = value
