"""What a request has to be allowed: the action, and the scope at which it counts."""

from typing import Final

from sandbox.azure.http.routes import Route
from sandbox.azure.ids import GROUP_TYPE, ResourceId
from sandbox.azure.registry import spelled_type
from sandbox.azure.roles.access import Access

_GROUP_ACTION: Final = "Microsoft.Resources/subscriptions/resourceGroups"
_VERBS: Final = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}


def action_of(resource_type: str, verb: str) -> str:
    """`TYPE/verb`, as roles and refusals name it."""
    return f"{_GROUP_ACTION if resource_type == GROUP_TYPE else spelled_type(resource_type)}/{verb}"


def may_read(access: Access, resource_id: ResourceId) -> bool:
    """Whether a resource is shown in a listing of more than what it is nested in."""
    return access.allows(action_of(resource_id.type, "read"), str(resource_id))


def check(access: Access, method: str, route: Route) -> None:
    """Refuse a request that the caller may not make. What lists filter is left to them, as is what all may ask.

    Who has started an operation may follow it: its address is the only key that is needed.
    """
    subscription = f"/subscriptions/{route.subscription}"
    match route.kind:
        case "resource" if route.resource is not None:
            verb = _VERBS.get(method)
            if verb:
                access.check(action_of(route.resource.type, verb), str(route.resource))
        case "collection":
            _check_collection(access, method, route, subscription)
        case "subscription" | "locations" | "providers" | "provider":
            words = {"subscription": "", "locations": "locations/"}
            access.check(f"Microsoft.Resources/subscriptions/{words.get(route.kind, 'providers/')}read", subscription)
        case "register":
            access.check(f"{route.provider}/register/action", subscription)
        case "question":
            access.check(f"{route.provider}/locations/{route.name}/action", subscription)
        case _:
            return


def _check_collection(access: Access, method: str, route: Route, subscription: str) -> None:
    resource = route.resource
    if resource is None:
        action = action_of(route.type, "read")
        if route.type != GROUP_TYPE and not access.allows_below(action, subscription):
            raise access.refusal(action, subscription)
    elif method == "POST" and resource.types:
        access.check(action_of(resource.type, f"{route.name}/action"), str(resource))
    else:
        at = str(resource) if resource.types else f"{resource}/providers/{route.provider}"
        access.check(action_of(route.type, "read"), at)
