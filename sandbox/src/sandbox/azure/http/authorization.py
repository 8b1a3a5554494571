"""The action that a request has to be allowed, and the scope at which it counts."""

from typing import Final

from sandbox.azure.http.routes import Route
from sandbox.azure.ids import GROUP_TYPE, ResourceId
from sandbox.azure.registry import spelled_type
from sandbox.azure.roles.access import Access

_GROUP_ACTION: Final = "Microsoft.Resources/subscriptions/resourceGroups"
_VERBS: Final = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}
_IN_SUBSCRIPTION: Final = {
    "subscription": "",
    "locations": "locations/",
    "providers": "providers/",
    "provider": "providers/",
}


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
