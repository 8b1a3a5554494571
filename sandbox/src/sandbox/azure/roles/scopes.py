"""Scopes: a subscription, resource group or resource, or the whole tenant, at which a role is granted.

A scope is its path as a client wrote it, without a slash at the end; the tenant's is empty. Scopes are compared by
`key`, since Azure compares names without regard to case.
"""

from typing import Final

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import MANAGED_CLUSTERS, ResourceId, check_subscription
from sandbox.azure.model import Model

ROLE_ASSIGNMENTS: Final = "Microsoft.Authorization/roleAssignments"
ROLE_DEFINITIONS: Final = "Microsoft.Authorization/roleDefinitions"


def key(scope: str) -> str:
    return scope.rstrip("/").lower()


def covers(outer: str, inner: str) -> bool:
    """Return True if a grant at the outer scope holds at the inner one: at itself, and at all below it."""
    return f"{key(inner)}/".startswith(f"{key(outer)}/")


def related(one: str, other: str) -> bool:
    return covers(one, other) or covers(other, one)


def subscription_of(scope: str) -> str:
    """Return `/subscriptions/ID` of a scope in a subscription; empty for the tenant."""
    return "/".join(scope.split("/")[:3])


def check_scope(model: Model, scope: str) -> None:
    parts = scope.split("/")[1:]
    if not parts:
        return
    if len(parts) == 2 and parts[0].lower() == "subscriptions":
        check_subscription(parts[1])
        return
    try:
        resource_id = ResourceId.parse(scope)
        check_subscription(resource_id.subscription)
        if resource_id.type.lower() != MANAGED_CLUSTERS.lower():  # any named one exists
            model.get(resource_id)
    except (ValueError, KeyError):
        raise ArmError(400, "InvalidScope", f"The scope '{scope}' is not valid.") from None
