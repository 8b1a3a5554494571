"""Requests of Azure Resource Manager: what method and path ask of the model. No rule of any resource is here."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sandbox.azure import subscriptions
from sandbox.azure.aks import clusters as aks
from sandbox.azure.aks.issuer import ClusterIssuer
from sandbox.azure.entra.credentials import SUBSCRIPTION, TENANT
from sandbox.azure.entra.principals import Principals
from sandbox.azure.errors import ArmError
from sandbox.azure.groups import resources_of
from sandbox.azure.http.conditions import Conditions
from sandbox.azure.http.replies import OperationLinks, Reply, rendered, resource_reply
from sandbox.azure.http.routes import Route, parse
from sandbox.azure.ids import GROUP_TYPE, ResourceId
from sandbox.azure.model import Model
from sandbox.azure.netapp import availability
from sandbox.azure.operations import Operation
from sandbox.azure.regions import normalized
from sandbox.azure.registry import TYPES, check_group_version, check_version, provider_name, type_name
from sandbox.azure.resource_type import Listing
from sandbox.azure.roles import actions
from sandbox.azure.roles.access import Access, Caller
from sandbox.azure.roles.requests import AuthorizationRequests
from sandbox.azure.roles.scopes import AuthorizationPath

Question = Callable[[Model, str, str, dict[str, Any]], dict[str, Any]]

_QUESTIONS: Final[Mapping[str, Question]] = {
    "microsoft.netapp/checkfilepathavailability": availability.check_file_path,
    "microsoft.netapp/checknameavailability": availability.check_name,
    "microsoft.netapp/checkquotaavailability": availability.check_quota,
}


@dataclass(frozen=True)
class ArmRequest:
    """One authenticated request. `base` is the address that the client used, `headers` have lower-case names."""

    method: str
    base: str
    path: str
    version: str | None
    headers: Mapping[str, str]
    body: bytes
    caller: Caller
    query: Mapping[str, str] = field(default_factory=dict[str, str])


class ArmRequests:
    """Answers requests from the model."""

    def __init__(self, model: Model, kubeconfig: Path, issuer: ClusterIssuer, principals: Principals) -> None:
        self._model = model
        self._authorization = AuthorizationRequests(model, principals.in_directory)
        self._kubeconfig = kubeconfig
        self._issuer = issuer

    def handle(self, request: ArmRequest) -> Reply:
        """The answer; a refusal is raised as ArmError."""
        version = check_version(request.version)
        access = Access(self._model, request.caller)
        if path := AuthorizationPath.parse(request.path):
            return self._authorization.handle(
                request.method, path, version, request.query, lambda: _object(request.body), access
            )
        route = parse(request.path)
        actions.check(access, request.method, route)
        match route.kind:
            case "resource" if route.resource is not None:
                return self._resource(request, route.resource, version)
            case "collection":
                return self._collection(request, route, version, access)
            case "operation status" | "operation result":
                return self._operation(request, route, version)
            case "question":
                return self._question(request, route, version)
            case _:
                _only(request, "POST" if route.kind == "register" else "GET")
                check_group_version(version)
                return Reply(200, self._fixed(route, access))

    def _fixed(self, route: Route, access: Access) -> Any:
        sub = route.subscription
        match route.kind:
            case "subscriptions":
                every = sorted({*self._model.store.subscriptions(), SUBSCRIPTION})
                known = [each for each in every if access.sees(f"/subscriptions/{each}")]
                return {"value": [subscriptions.subscription(each, TENANT) for each in known]}
            case "subscription":
                return subscriptions.subscription(sub, TENANT)
            case "locations":
                return {"value": subscriptions.locations(sub)}
            case "providers":
                return {"value": subscriptions.providers(sub)}
            case "everything":
                return {"value": self._everything(route, access)}
            case _:
                return subscriptions.provider(sub, route.provider)

    def _everything(self, route: Route, access: Access) -> list[dict[str, Any]]:
        self._model.settle()
        groups = [group.id for group in self._model.list(GROUP_TYPE, route.subscription)]
        if route.resource is not None:
            groups = [self._model.get(route.resource).id]
        resources = [
            resource
            for group in groups
            for resource in resources_of(self._model, group)
            if actions.may_read(access, resource.id)
        ]
        shown = [rendered(self._model, resource) for resource in resources]
        return [{name: value for name, value in each.items() if name not in {"properties", "etag"}} for each in shown]

    def _resource(self, request: ArmRequest, resource_id: ResourceId, version: str) -> Reply:
        if not resource_id.types:
            check_group_version(version)
        elif type_name(resource_id.type, version) == aks.MANAGED_CLUSTERS:
            _only(request, "GET")
            return Reply(200, aks.cluster(resource_id, self._location_of(resource_id), self._issuer.metadata()))
        conditions = Conditions(request.headers.get("if-match"), request.headers.get("if-none-match"))
        links = OperationLinks(self._model, request.base, version)
        match request.method:
            case "GET" | "HEAD":
                self._model.check_fault(resource_id.type, "read")
                resource = self._model.get(resource_id)
                return Reply(204) if request.method == "HEAD" else resource_reply(self._model, resource)
            case "PUT":
                return links.changed(self._model.put(resource_id, _object(request.body), conditions), patch=False)
            case "PATCH":
                return links.changed(self._model.patch(resource_id, _object(request.body), conditions), patch=True)
            case "DELETE":
                return links.deleted(self._model.delete(resource_id, conditions))
            case _:
                raise _not_allowed(request.method)

    def _collection(self, request: ArmRequest, route: Route, version: str, access: Access) -> Reply:
        if request.method == "POST" and route.resource is not None and route.resource.types:
            return self._action(request, route.resource, route.name, version)
        _only(request, "GET")
        if route.resource is not None and (listing := _listing(route.resource, route.name)):
            self._model.check_fault(type_name(route.resource.type, version), "list")
            listed = listing(self._model, self._model.get(route.resource))
            return Reply(200, {"value": [rendered(self._model, resource) for resource in listed]})
        if route.type == GROUP_TYPE:
            check_group_version(version)
            kind = GROUP_TYPE
        else:
            kind = type_name(route.type, version)
        self._model.check_fault(kind, "list")
        resources = self._model.list(kind, route.subscription, route.resource)
        if route.resource is None:
            resources = [resource for resource in resources if actions.may_read(access, resource.id)]
        return Reply(200, {"value": [rendered(self._model, resource) for resource in resources]})

    def _action(self, request: ArmRequest, resource_id: ResourceId, word: str, version: str) -> Reply:
        kind = type_name(resource_id.type, version)
        self._model.check_fault(kind, "action")
        if kind == aks.MANAGED_CLUSTERS:
            return Reply(200, aks.credentials(resource_id, word, self._kubeconfig))
        action = self._model.type(resource_id).actions.get(word.lower())
        if action is None:
            raise ArmError(400, "InvalidResourceOperation", f"The action '{word}' is not supported on {kind}.")
        return Reply(200, action(self._model, self._model.get(resource_id), _object(request.body)))

    def _question(self, request: ArmRequest, route: Route, version: str) -> Reply:
        provider = provider_name(route.provider)
        question = _QUESTIONS.get(f"{provider}/{route.name}".lower())
        if question is None:
            raise ArmError(
                404,
                "InvalidResourceType",
                f"The resource type 'locations/{route.name}' could not be found in '{provider}'.",
            )
        _only(request, "POST")
        type_name("Microsoft.NetApp/netAppAccounts", version)
        self._model.check_fault(provider, "action")
        self._model.settle()
        return Reply(200, question(self._model, route.subscription, normalized(route.location), _object(request.body)))

    def _operation(self, request: ArmRequest, route: Route, version: str) -> Reply:
        _only(request, "GET")
        self._model.settle()
        operation: Operation | None = self._model.operations.find(route.name)
        if operation is None or not operation.target.startswith(f"/subscriptions/{route.subscription}/"):
            raise ArmError(404, "OperationNotFound", f"No operation result id found for '{route.name}'.")
        links = OperationLinks(self._model, request.base, version)
        if route.kind == "operation status":
            return links.status(operation, request.path)
        return links.result(operation, f"{request.base}{request.path}?api-version={version}")

    def _location_of(self, resource_id: ResourceId) -> str:
        group = self._model.store.find(resource_id.resource_group.key)
        return group.location if group else "eastus"


def _listing(resource_id: ResourceId, word: str) -> Listing | None:
    rules = TYPES.get(resource_id.type.lower())
    return rules.listings.get(word.lower()) if rules else None


def _only(request: ArmRequest, method: str) -> None:
    if request.method != method:
        raise _not_allowed(request.method)


def _not_allowed(method: str) -> ArmError:
    return ArmError(405, "HttpMethodNotSupported", f"The requested resource does not support http method '{method}'.")


def _object(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body) if body else {}
    except ValueError as error:
        raise _malformed(str(error)) from None
    if not isinstance(content, dict):
        raise _malformed("The body must be a JSON object.")
    return content


def _malformed(why: str) -> ArmError:
    return ArmError(
        400, "InvalidRequestContent", f"The request content was invalid and could not be deserialized: '{why}'."
    )
