"""Requests about AKS clusters and their node pools."""

import time
import uuid
from typing import Any, Final

from sandbox.azure.aks.agent_pools import AGENT_POOLS, AgentPool, AgentPools, properties_in
from sandbox.azure.aks.clusters import Clusters
from sandbox.azure.errors import ArmError
from sandbox.azure.http.arm_request import ArmRequest
from sandbox.azure.http.replies import Headers, Reply
from sandbox.azure.http.routes import Route, may_read
from sandbox.azure.ids import MANAGED_CLUSTERS, ResourceId
from sandbox.azure.model import Model, not_found
from sandbox.azure.operations import Kind
from sandbox.azure.registry import type_name
from sandbox.azure.roles.access import Access

PROVIDER: Final = "microsoft.containerservice"
_NEARLY_SECONDS: Final = 0.1
_POLL_SECONDS: Final = 0.01


class ClusterRequests:
    """Answers requests to Microsoft.ContainerService. Any cluster that is named is there, without its group too."""

    def __init__(self, model: Model, clusters: Clusters) -> None:
        self._model = model
        self._clusters = clusters
        self._pools: AgentPools = clusters.pools

    def handle(self, request: ArmRequest, route: Route, access: Access) -> Reply:
        """Answer a request to the provider."""
        if route.kind == "operation status":
            request.only("GET")
            return self._operation(route.name)
        if request.method == "POST" and route.resource is not None and route.resource.types:
            return self._action(request, route.resource, route.name)
        kind = type_name(
            route.resource.type if route.kind == "resource" and route.resource else route.type, request.version
        )
        if route.kind == "resource" and route.resource is not None:
            return (
                self._pool(request, route.resource) if kind == AGENT_POOLS else self._cluster(request, route.resource)
            )
        if kind == AGENT_POOLS and route.resource is not None:
            request.only("GET")
            now, version = self._model.now(), self._clusters.version()
            shown = [self._shown(route.resource, pool, version, now) for pool in self._pools.every(now)]
            return Reply(200, {"value": shown})
        request.only("GET")
        return Reply(200, {"value": self.listed(route.subscription, route.resource, access)})

    def _action(self, request: ArmRequest, cluster_id: ResourceId, word: str) -> Reply:
        self._model.check_fault(type_name(cluster_id.type, request.version), "action")
        return Reply(200, self._clusters.credentials(cluster_id, word))

    def listed(self, subscription: str, group: ResourceId | None, access: Access) -> list[dict[str, Any]]:
        """Return the clusters of the estate in a group or (None) a subscription, as far as the caller may read them."""
        return [
            self._clusters.show(each, self.location(each))
            for each in self._clusters.of_estate(subscription)
            if (group is None or each.resource_group.key == group.key) and may_read(access, each)
        ]

    def _cluster(self, request: ArmRequest, resource_id: ResourceId) -> Reply:
        request.only("GET", "PUT", "PATCH")
        location = self.location(resource_id)
        if request.method == "GET":
            return Reply(200, self._clusters.show(resource_id, location))
        self._clusters.change(resource_id, location, request.content(), partial=request.method == "PATCH")
        operation = str(uuid.uuid4())
        self._pools.start(operation, self._model.now(), self._seconds(MANAGED_CLUSTERS, "update"))
        shown = self._clusters.show(resource_id, location)
        shown["properties"]["provisioningState"] = "Updating"
        return Reply(200, shown, self._headers(request, resource_id, operation))

    def _operation(self, operation_id: str) -> Reply:
        """Answer for an operation. One that is nearly over is waited for: AKS names no interval, clients take 30 s."""
        deadline = time.monotonic() + _NEARLY_SECONDS
        while (shown := self._pools.operation(operation_id, self._model.now())) and shown["status"] == "InProgress":
            if time.monotonic() > deadline:
                break
            time.sleep(_POLL_SECONDS)
        if shown is None:
            raise ArmError(404, "NotFound", f"The operation '{operation_id}' is not found.")
        return Reply(200, shown)

    def location(self, cluster_id: ResourceId) -> str:
        """Return the region of a cluster's group; of one in no group that of a new subscription."""
        group = self._model.store.find(cluster_id.resource_group.key)
        return group.location if group else "eastus"

    def _pool(self, request: ArmRequest, pool_id: ResourceId) -> Reply:
        request.only("GET", "PUT", "DELETE")
        now, cluster = self._model.now(), pool_id.parent
        with self._model.store.transaction():
            found = self._pools.find(pool_id.name, now)
            if request.method == "PUT":
                kind: Kind = "update" if found else "create"
                seconds = self._seconds(AGENT_POOLS, kind)
                pool, new = self._pools.put(pool_id.name, properties_in(request.content()), now, seconds)
                self._pools.start(pool.operation, now, seconds)
                shown = self._shown(cluster, pool, self._clusters.version(), now)
                return Reply(201 if new else 200, shown, self._headers(request, cluster, pool.operation))
            if found is None:
                if request.method == "DELETE":
                    return Reply(204)
                raise not_found(pool_id)
            if request.method == "GET":
                return Reply(200, self._shown(cluster, found, self._clusters.version(), now))
            seconds = self._seconds(AGENT_POOLS, "delete")
            pool = self._pools.delete(found, now, seconds)
            self._pools.start(pool.operation, now, seconds)
            return Reply(202, None, self._headers(request, cluster, pool.operation))

    def _shown(self, cluster: ResourceId, pool: AgentPool, version: str | None, now: float) -> dict[str, Any]:
        return {
            "id": f"{cluster}/agentPools/{pool.name}",
            "name": pool.name,
            "type": AGENT_POOLS,
            "properties": pool.shown(now, version, self._clusters.subnet(cluster)),
        }

    def _seconds(self, type_name: str, kind: Kind) -> float:
        return self._model.durations.of(type_name, kind)

    def _headers(self, request: ArmRequest, cluster: ResourceId, operation: str) -> Headers:
        at = f"{request.base}/subscriptions/{cluster.subscription}/providers/Microsoft.ContainerService/locations"
        address = f"{at}/{self.location(cluster)}/operations/{operation}?api-version={request.version}"
        return {"Azure-AsyncOperation": address}
