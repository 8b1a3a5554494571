"""Roles: what they allow, and those that every tenant has, under ids that are the same everywhere.

Source: learn.microsoft.com/azure/role-based-access-control/built-in-roles.
"""

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

_LISTS: Final = ("actions", "notActions", "dataActions", "notDataActions")


@dataclass(frozen=True)
class Role:
    """A role definition. `assignable_scopes` of a built-in one is the tenant."""

    id: str
    name: str
    description: str
    permissions: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    assignable_scopes: tuple[str, ...] = ("/",)
    built_in: bool = True
    audit: dict[str, str] = field(default_factory=dict[str, str])
    """The authors of a custom one, and the times of its creation and last change."""

    def allows(self, action: str) -> bool:
        return any(
            _any_matches(each["actions"], action) and not _any_matches(each["notActions"], action)
            for each in self.permissions
        )


def normalized(permission: dict[str, Any]) -> dict[str, Any]:
    """Return a permission with all of its lists, as Azure shows it."""
    return {name: list(permission.get(name) or []) for name in _LISTS}


def _any_matches(patterns: list[str], action: str) -> bool:
    return any(_compiled(pattern).fullmatch(action) for pattern in patterns)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Read a pattern of actions: case does not matter, `*` stands for any text."""
    return re.compile(".*".join(re.escape(part) for part in pattern.split("*")), re.IGNORECASE)


_BASICS: Final = (
    "Microsoft.Authorization/*/read",
    "Microsoft.Insights/alertRules/*",
    "Microsoft.ResourceHealth/availabilityStatuses/read",
    "Microsoft.Resources/deployments/*",
    "Microsoft.Resources/subscriptions/resourceGroups/read",
    "Microsoft.Support/*",
)

_READING: Final = (
    "Microsoft.Authorization/*/read",
    "Microsoft.Insights/alertRules/*",
    "Microsoft.Resources/deployments/write",
    "Microsoft.Resources/subscriptions/operationresults/read",
    "Microsoft.Resources/subscriptions/read",
    "Microsoft.Resources/subscriptions/resourceGroups/read",
    "Microsoft.Support/*",
)


def _role(
    role_id: str,
    name: str,
    description: str,
    *actions: str,
    without: tuple[str, ...] = (),
    data: tuple[str, ...] = (),
) -> Role:
    permission = {"actions": [*actions], "notActions": [*without], "dataActions": [*data]}
    return Role(role_id, name, description, [normalized(permission)])


OWNER: Final = _role(
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "Owner",
    "Grants full access to manage all resources, including the ability to assign roles in Azure RBAC.",
    "*",
)
CONTRIBUTOR: Final = _role(
    "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Contributor",
    "Grants full access to manage all resources, but does not allow you to assign roles in Azure RBAC, manage "
    "assignments in Azure Blueprints, or share image galleries.",
    "*",
    without=(
        "Microsoft.Authorization/*/Delete",
        "Microsoft.Authorization/*/Write",
        "Microsoft.Authorization/elevateAccess/Action",
        "Microsoft.Blueprint/blueprintAssignments/write",
        "Microsoft.Blueprint/blueprintAssignments/delete",
        "Microsoft.Compute/galleries/share/action",
    ),
)

BUILT_IN: Final = {
    role.id: role
    for role in (
        OWNER,
        CONTRIBUTOR,
        _role(
            "acdd72a7-3385-48ef-bd42-f606fba81ae7",
            "Reader",
            "View all resources, but does not allow you to make any changes.",
            "*/read",
        ),
        _role(
            "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
            "User Access Administrator",
            "Lets you manage user access to Azure resources.",
            "*/read",
            "Microsoft.Authorization/*",
            "Microsoft.Support/*",
        ),
        _role(
            "f1a07417-d97a-45cb-824c-7a7467783830",
            "Managed Identity Operator",
            "Read and Assign User Assigned Identity",
            "Microsoft.ManagedIdentity/userAssignedIdentities/*/read",
            "Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action",
            *(each for each in _BASICS if "ResourceHealth" not in each),
        ),
        _role(
            "4d97b98b-1d4f-4787-a291-c67834d212e7",
            "Network Contributor",
            "Lets you manage networks, but not access to them.",
            "Microsoft.Network/*",
            *_BASICS,
        ),
        _role(
            "4abbcc35-e782-43d8-92c5-2d3f1bd2253f",
            "Azure Kubernetes Service Cluster User Role",
            "List cluster user credential action.",
            "Microsoft.ContainerService/managedClusters/listClusterUserCredential/action",
            "Microsoft.ContainerService/managedClusters/read",
        ),
        _role(
            "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b",
            "Azure Kubernetes Service RBAC Cluster Admin",
            "Lets you manage all resources in the cluster.",
            *_READING,
            "Microsoft.ContainerService/managedClusters/listClusterUserCredential/action",
            data=("Microsoft.ContainerService/managedClusters/*",),
        ),
    )
}
"""By id."""
