"""Paths of Azure Resource Manager, and the action that a request to one has to be allowed.

Fixed words are compared without regard to case.
"""

from dataclasses import dataclass
from typing import Final, Literal

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import GROUP_TYPE, ResourceId, check_subscription
from sandbox.azure.netapp.quotas import LIMITS, USAGES
from sandbox.azure.registry import spelled_type
from sandbox.azure.roles.access import Access

Fixed = Literal["subscriptions", "subscription", "locations", "providers", "provider", "register", "everything"]
Kind = Fixed | Literal["operation status", "operation result", "question", "quota", "resource", "collection"]

_GROUP_ACTION: Final = "Microsoft.Resources/subscriptions/resourceGroups"
_VERBS: Final = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}
_IN_SUBSCRIPTION: Final = {
    "subscription": "",
    "locations": "locations/",
    "providers": "providers/",
    "provider": "providers/",
}


@dataclass(frozen=True)
class Route:
    """One path. `kind` determines which fields are filled."""

    kind: Kind
    subscription: str = ""
    provider: str = ""
    location: str = ""
    name: str = ""
    """An operation's id, or the word that a POST asks for."""
    type: str = ""
    resource: ResourceId | None = None
    """The resource, or for a collection and `everything` the resource group or resource that it is asked of."""


def parse(path: str) -> Route:
    parts = [part for part in path.split("/") if part]
    words = [part.lower() for part in parts]
    if words[:1] != ["subscriptions"]:
        raise ArmError(404, "InvalidResourceNamespace", f"The path '{path}' is not one of Azure Resource Manager.")
    if len(parts) == 1:
        return Route("subscriptions")
    subscription = check_subscription(parts[1])
    match words[2:]:
        case []:
            return Route("subscription", subscription)
        case ["locations"]:
            return Route("locations", subscription)
        case ["resources"]:
            return Route("everything", subscription)
        case ["operationresults", _]:
            return Route("operation result", subscription, name=parts[3])
        case ["resourcegroups"]:
            return Route("collection", subscription, type=GROUP_TYPE)
        case ["resourcegroups", _]:
            return Route("resource", subscription, resource=ResourceId(subscription, parts[3]))
        case ["resourcegroups", _, "resources"]:
            return Route("everything", subscription, resource=ResourceId(subscription, parts[3]))
        case ["resourcegroups", _, "providers", _, _, *_]:
            return _in_group(ResourceId(subscription, parts[3]), parts[5], parts[6::2], parts[7::2])
        case ["providers", *rest]:
            return _at_provider(subscription, parts[3:], rest, path)
        case _:
            raise _unknown(path)


def _in_group(group: ResourceId, provider: str, kinds: list[str], names: list[str]) -> Route:
    outer = ResourceId(group.subscription, group.group, provider, tuple(kinds[: len(names)]), tuple(names))
    if len(kinds) == len(names):
        return Route("resource", group.subscription, provider, resource=outer)
    kind = "/".join((provider, *kinds))
    scope = outer if names else group
    return Route("collection", group.subscription, provider, name=kinds[-1], type=kind, resource=scope)


def _at_provider(subscription: str, parts: list[str], words: list[str], path: str) -> Route:
    match words:
        case []:
            return Route("providers", subscription)
        case [_]:
            return Route("provider", subscription, parts[0])
        case [_, "register"]:
            return Route("register", subscription, parts[0])
        case [_, "locations", _, "operations", _]:
            return Route("operation status", subscription, parts[0], parts[2], parts[4])
        case [_, "locations", _, "operationresults", _]:
            return Route("operation result", subscription, parts[0], parts[2], parts[4])
        case [_, "locations", _, "quotalimits" | "usages", *names] if len(names) < 2:
            kind = LIMITS if words[3] == LIMITS.lower() else USAGES
            return Route("quota", subscription, parts[0], parts[2], parts[4] if names else "", type=kind)
        case [_, "locations", _, word]:
            return Route("question", subscription, parts[0], parts[2], word)
        case [_, _]:
            return Route("collection", subscription, parts[0], type="/".join(parts))
        case _:
            raise _unknown(path)


def _unknown(path: str) -> ArmError:
    return ArmError(404, "InvalidResourceType", f"The resource type of '{path}' could not be found.")


def may_read(access: Access, resource_id: ResourceId) -> bool:
    return access.allows(_action(resource_id.type, "read"), str(resource_id))


def check(access: Access, method: str, route: Route) -> None:
    """Refuse a request that the caller may not make. Lists are left to their filters, as is what all may ask.

    The caller that has started an operation may follow it: its address is the only key that is needed.
    """
    subscription, resource = f"/subscriptions/{route.subscription}", route.resource
    if route.kind == "resource" and resource is not None:
        if verb := _VERBS.get(method):
            access.check(_action(resource.type, verb), str(resource))
    elif route.kind == "collection":
        _check_collection(access, method, route, subscription)
    elif route.kind in _IN_SUBSCRIPTION:
        access.check(f"Microsoft.Resources/subscriptions/{_IN_SUBSCRIPTION[route.kind]}read", subscription)
    elif route.kind == "register":
        access.check(f"{route.provider}/register/action", subscription)
    elif route.kind == "quota":
        access.check(f"{route.provider}/locations/{route.type}/read", subscription)
    elif route.kind == "question":
        access.check(f"{route.provider}/locations/{route.name}/action", subscription)


def _check_collection(access: Access, method: str, route: Route, subscription: str) -> None:
    resource = route.resource
    if resource is None:
        action = _action(route.type, "read")
        if route.type != GROUP_TYPE and not access.allows_below(action, subscription):
            raise access.refusal(action, subscription)
    elif method == "POST" and resource.types:
        access.check(_action(resource.type, f"{route.name}/action"), str(resource))
    else:
        at = str(resource) if resource.types else f"{resource}/providers/{route.provider}"
        access.check(_action(route.type, "read"), at)


def _action(resource_type: str, verb: str) -> str:
    return f"{_GROUP_ACTION if resource_type == GROUP_TYPE else spelled_type(resource_type)}/{verb}"
