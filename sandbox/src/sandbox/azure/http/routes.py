"""Paths of Azure Resource Manager. Fixed words are compared without regard to case."""

from dataclasses import dataclass
from typing import Literal

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import GROUP_TYPE, ResourceId, check_subscription

Kind = Literal[
    "subscriptions",
    "subscription",
    "locations",
    "providers",
    "provider",
    "register",
    "operation status",
    "operation result",
    "question",
    "resource",
    "collection",
    "everything",
]


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
        case [_, "locations", _, "operationstatuses" | "operations", _]:
            return Route("operation status", subscription, parts[0], parts[2], parts[4])
        case [_, "locations", _, "operationresults", _]:
            return Route("operation result", subscription, parts[0], parts[2], parts[4])
        case [_, "locations", _, word]:
            return Route("question", subscription, parts[0], parts[2], word)
        case [_, _]:
            return Route("collection", subscription, parts[0], type="/".join(parts))
        case _:
            raise _unknown(path)


def _unknown(path: str) -> ArmError:
    return ArmError(404, "InvalidResourceType", f"The resource type of '{path}' could not be found.")
