"""Requests of Azure Resource Manager: method and path, as calls of the model. No rule of any resource is here."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from sandbox.azure import api_versions
from sandbox.azure.aks.clusters import Clusters
from sandbox.azure.changes import Changes, Conditions
from sandbox.azure.entra.credentials import SUBSCRIPTION, TENANT
from sandbox.azure.entra.principals import Principals
from sandbox.azure.errors import ArmError, method_not_supported
from sandbox.azure.extension_path import ExtensionPath
from sandbox.azure.groups import resources_of
from sandbox.azure.http import linked_access, routes
from sandbox.azure.http.arm_request import ArmRequest
from sandbox.azure.http.cluster_requests import PROVIDER as CLUSTER_PROVIDER
from sandbox.azure.http.cluster_requests import ClusterRequests
from sandbox.azure.http.diagnostic_requests import DiagnosticRequests
from sandbox.azure.http.lock_requests import LockRequests
from sandbox.azure.http.replies import OperationLinks, Reply, all_rendered, asks_status, resource_reply
from sandbox.azure.http.resource_lists import filtered, of_every_type
from sandbox.azure.http.role_requests import RoleRequests
from sandbox.azure.http.routes import Route
from sandbox.azure.http.tag_requests import TAGS, TagRequests
from sandbox.azure.ids import GROUP_TYPE, ResourceId
from sandbox.azure.insights.diagnostic_settings import DIAGNOSTIC_SETTINGS
from sandbox.azure.locks.locks import LOCKS
from sandbox.azure.locks.locks import check as check_locks
from sandbox.azure.model import Model
from sandbox.azure.netapp import availability, quotas
from sandbox.azure.regions import REGIONS, locations, normalized
from sandbox.azure.registry import (
    PROVIDERS,
    TYPES,
    check_group_version,
    check_supported,
    provider_name,
    registration,
    type_name,
)
from sandbox.azure.roles.access import Access
from sandbox.azure.roles.scopes import ROLE_ASSIGNMENTS, ROLE_DEFINITIONS
from sandbox.azure.store import Resource

_QUESTIONS: Final[Mapping[str, availability.Question]] = {
    "microsoft.netapp/checkfilepathavailability": availability.check_file_path,
    "microsoft.netapp/checknameavailability": availability.check_name,
    "microsoft.netapp/checkquotaavailability": availability.check_quota,
}


Extension = Callable[[ArmRequest, ExtensionPath, Access], Reply]
"""Answers requests about a type of what is attached to scopes: checks the version and the right itself."""


class ArmRequests:
    """Answers requests from the model."""

    def __init__(self, model: Changes, clusters: Clusters, principals: Principals) -> None:
        self._model = model
        self._clusters = ClusterRequests(model, clusters)
        roles = RoleRequests(model, principals.type_of)
        self._extensions: Mapping[str, Extension] = {
            ROLE_ASSIGNMENTS: roles.handle,
            ROLE_DEFINITIONS: roles.handle,
            LOCKS: LockRequests(model).handle,
            TAGS: TagRequests(model).handle,
            DIAGNOSTIC_SETTINGS: DiagnosticRequests(model).handle,
        }

    def handle(self, request: ArmRequest) -> Reply:
        version, access = request.version, Access(self._model, request.caller)
        if path := ExtensionPath.parse(request.path, self._extensions):
            if path.type != LOCKS:
                check_locks(self._model.store, request.method, path.scope)
            return self._extensions[path.type](request, path, access)
        route = routes.parse(request.path)
        routes.check(access, request.method, route)
        check_locks(self._model.store, request.method, str(route.resource or f"/subscriptions/{route.subscription}"))
        if route.provider.lower() == CLUSTER_PROVIDER and route.kind in {"resource", "collection", "operation status"}:
            return self._clusters.handle(request, route, access)
        match route.kind:
            case "resource" if route.resource is not None:
                return self._resource(request, route.resource, version, access)
            case "collection":
                return self._collection(request, route, version, access)
            case "operation status" | "operation result":
                return self._operation(request, route, version)
            case "question":
                return self._question(request, route, version)
            case "quota":
                return self._quota(request, route, version)
            case _:
                request.only("POST" if route.kind == "register" else "GET")
                check_group_version(version)
                return Reply(200, self._fixed(request, route, access))

    def _fixed(self, request: ArmRequest, route: Route, access: Access) -> Any:
        sub = route.subscription
        match route.kind:
            case "subscriptions":
                every = sorted({*self._model.store.subscriptions(), SUBSCRIPTION})
                return {"value": [_subscription(each) for each in every if access.sees(f"/subscriptions/{each}")]}
            case "subscription":
                return _subscription(sub)
            case "locations":
                return {"value": locations(sub)}
            case "providers":
                return {"value": [registration(sub, name) for name in PROVIDERS]}
            case "everything":
                return {"value": of_every_type(request, self._everything(route, access))}
            case _:
                return registration(sub, route.provider)

    def _everything(self, route: Route, access: Access) -> list[dict[str, Any]]:
        if route.resource is not None:
            groups = [self._model.get(route.resource)]
        else:
            groups = self._model.list(GROUP_TYPE, route.subscription)
        resources = [each for group in groups for each in resources_of(self._model, group.id)]
        shown = all_rendered(self._model, [each for each in resources if routes.may_read(access, each.id)], "")
        return [*shown, *self._clusters.listed(route.subscription, route.resource, access)]

    def _resource(self, request: ArmRequest, resource_id: ResourceId, version: str, access: Access) -> Reply:
        if request.method == "GET" and (reading := self._reading(resource_id)):
            self._model.check_fault(type_name(resource_id.parent.type, version), "read")
            return Reply(200, reading(self._model, self._model.get(resource_id.parent)))
        if not resource_id.types:
            check_group_version(version)
        else:
            type_name(resource_id.type, version)
        conditions = Conditions(request.headers.get("if-match"), request.headers.get("if-none-match"))
        links, by = OperationLinks(self._model, request.base, version), request.caller.client_id
        match request.method:
            case "GET" | "HEAD":
                self._model.check_fault(resource_id.type, "read")
                resource = self._model.get(resource_id)
                return Reply(204) if request.method == "HEAD" else resource_reply(self._model, resource, version)
            case "PUT":
                body = request.content()
                linked_access.check(access, resource_id, body)
                return links.changed(self._model.put(resource_id, body, conditions, by), patch=False)
            case "PATCH":
                return links.changed(self._model.patch(resource_id, request.content(), conditions, by), patch=True)
            case "DELETE":
                return links.deleted(self._model.delete(resource_id, conditions))
            case _:
                raise method_not_supported(request.method)

    def _reading(self, resource_id: ResourceId) -> Callable[[Model, Resource], dict[str, Any]] | None:
        rules = TYPES.get(resource_id.parent.type.lower())
        if rules is None or not resource_id.types:
            return None
        return rules.readings.get(f"{resource_id.types[-1]}/{resource_id.name}".lower())

    def _collection(self, request: ArmRequest, route: Route, version: str, access: Access) -> Reply:
        if request.method == "POST" and route.resource is not None and route.resource.types:
            return self._action(request, route.resource, route.name)
        request.only("GET")
        rules = TYPES.get(route.resource.type.lower()) if route.resource else None
        if route.resource is not None and rules and (listing := rules.listings.get(route.name.lower())):
            self._model.check_fault(type_name(route.resource.type, version), "list")
            listed = listing(self._model, self._model.get(route.resource))
            return Reply(200, {"value": all_rendered(self._model, listed, version)})
        kind = route.type
        if kind == GROUP_TYPE:
            check_group_version(version)
        else:
            kind = type_name(kind, version)
        self._model.check_fault(kind, "list")
        resources = self._model.list(kind, route.subscription, route.resource)
        if route.resource is None:
            resources = [resource for resource in resources if routes.may_read(access, resource.id)]
        shown = all_rendered(self._model, resources, version)
        return Reply(200, {"value": filtered(request, shown) if kind == GROUP_TYPE else shown})

    def _action(self, request: ArmRequest, resource_id: ResourceId, word: str) -> Reply:
        kind = type_name(resource_id.type, request.version)
        self._model.check_fault(kind, "action")
        if word.lower() in self._model.type(resource_id).actions:
            resource, operation = self._model.act(resource_id, word, request.content())
            return OperationLinks(self._model, request.base, request.version).started(operation, resource)
        raise ArmError(400, "InvalidResourceOperation", f"The action '{word}' is not supported on {kind}.")

    def _quota(self, request: ArmRequest, route: Route, version: str) -> Reply:
        provider, location = provider_name(route.provider), normalized(route.location)
        if provider != "Microsoft.NetApp":
            raise ArmError(404, "InvalidResourceType", f"The resource type '{route.type}' could not be found.")
        request.only("GET")
        versions = api_versions.NETAPP_USAGES if route.type == quotas.USAGES else api_versions.NETAPP
        check_supported(f"locations/{route.type}", version, versions, REGIONS)
        self._model.check_fault(provider, "read")
        self._model.settle()
        return Reply(200, quotas.answer(self._model, route.subscription, location, route.type, route.name, version))

    def _question(self, request: ArmRequest, route: Route, version: str) -> Reply:
        provider = provider_name(route.provider)
        question = _QUESTIONS.get(f"{provider}/{route.name}".lower())
        if question is None:
            text = f"The resource type 'locations/{route.name}' could not be found in '{provider}'."
            raise ArmError(404, "InvalidResourceType", text)
        request.only("POST")
        type_name("Microsoft.NetApp/netAppAccounts", version)
        self._model.check_fault(provider, "action")
        self._model.settle()
        return Reply(200, question(self._model, route.subscription, normalized(route.location), request.content()))

    def _operation(self, request: ArmRequest, route: Route, version: str) -> Reply:
        request.only("GET")
        self._model.settle()
        operation = self._model.operations.find(route.name)
        if operation is None or not operation.target.startswith(f"/subscriptions/{route.subscription}/"):
            raise ArmError(404, "OperationNotFound", f"No operation result id found for '{route.name}'.")
        links = OperationLinks(self._model, request.base, version)
        provider = ResourceId.parse(operation.resource).provider
        if route.kind == "operation status" or asks_status(provider, request.query):
            return links.status(operation, provider, request.path)
        return links.result(operation, f"{request.base}{request.path}?{urlencode(request.query)}")


def _subscription(subscription: str) -> dict[str, Any]:
    return {
        "id": f"/subscriptions/{subscription}",
        "subscriptionId": subscription,
        "tenantId": TENANT,
        "displayName": "Sandbox",
        "state": "Enabled",
        "authorizationSource": "RoleBased",
        "subscriptionPolicies": {"locationPlacementId": "Public_2014-09-01", "quotaId": "PayAsYouGo_2014-09-01"},
    }
