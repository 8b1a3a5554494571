"""A configured provider: one client of one subscription, its resources and its functions."""

import threading
from collections.abc import Mapping
from typing import Any

from sandbox.plugins.azure_native import convert
from sandbox.plugins.azure_native.client import ArmClient
from sandbox.plugins.azure_native.identity import Identity, require_credentials
from sandbox.plugins.azure_native.operation import CloudError, Operation
from sandbox.plugins.azure_native.resource import Resource, locate
from sandbox.plugins.azure_native.schema import ResourceType
from sandbox.plugins.azure_native.settings import Cloud, Settings
from sandbox.plugins.azure_native.types import FUNCTIONS, function
from sandbox.plugins.azure_native.values import contains_unknown

_GROUP_API = "2020-10-01"
_CLIENT_CONFIG = "azure-native:authorization:getClientConfig"
_CLIENT_TOKEN = "azure-native:authorization:getClientToken"  # noqa: S105 (the name of a function)


class Azure:
    """The provider as Configure leaves it."""

    def __init__(self, settings: Settings, cancelled: threading.Event) -> None:
        require_credentials(settings)
        cloud = Cloud.discover(settings)
        self._identity = Identity(settings, cloud)
        self._client = ArmClient(settings, cloud, self._identity)
        self._cancelled = cancelled
        self._subscription_id = settings.subscription_id
        self._group_locations: dict[str, str] = {}
        self.location = settings.location

    def resource(self, row: ResourceType, operation: Operation, inputs: Mapping[str, Any]) -> Resource:
        return self.resource_at(row, operation, locate(self._in_subscription(row.path), inputs))

    def resource_at(self, row: ResourceType, operation: Operation, resource_id: str) -> Resource:
        return Resource(self._client, row, resource_id, operation)

    def _in_subscription(self, path: str) -> str:
        return path.replace("{subscriptionId}", self._subscription_id)

    def location_of_group(self, name: str) -> str | None:
        if name not in self._group_locations:
            path = f"/subscriptions/{self._subscription_id}/resourceGroups/{name}"
            try:
                found = self._client.get(Operation(self._cancelled), path, {"api-version": _GROUP_API})
            except CloudError:
                return None  # the missing location is then Check's to report
            if not isinstance(found.get("location"), str):
                return None
            self._group_locations[name] = found["location"]
        return self._group_locations[name]

    def invoke(self, name: str, arguments: Mapping[str, Any], operation: Operation) -> dict[str, Any]:
        if contains_unknown(arguments):
            raise CloudError(f"{name} needs arguments that are not known yet")
        if name == _CLIENT_CONFIG:
            try:
                return {**self._identity.client_config()}
            except CloudError as error:
                raise CloudError(f"getting client config: {error}") from error
        if name == _CLIENT_TOKEN:
            try:
                return {"token": self._identity.token(arguments.get("endpoint") or f"{self._client.endpoint}/")}
            except CloudError as error:
                raise CloudError(f"getting client token: {error}") from error
        row = function(name)
        if row is None:
            raise CloudError(f"Invoke type {name} not found: the sandbox knows {', '.join(FUNCTIONS)}")
        resource_id = locate(self._in_subscription(row.path), arguments)
        query = {wire: str(arguments[name]) for name, wire in row.query.items() if name in arguments}
        query["api-version"] = row.api_version
        operation.awaited = f"{name} of '{resource_id}'"
        try:
            if row.method == "GET":
                response = self._client.get(operation, resource_id, query)
            else:
                response = self._client.post(operation, resource_id, query)
        except CloudError as error:
            raise CloudError(f"request failed {resource_id}: {error}") from error
        result = convert.outputs(row.properties, response)
        # Only what reads a resource tells its API version.
        return {**result, "azureApiVersion": row.api_version} if row.method == "GET" else result
