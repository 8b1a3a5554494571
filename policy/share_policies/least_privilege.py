"""Rule: Azure roles grant only the actions that a stack needs."""

from typing import Final

from pulumi_policy import (
    EnforcementLevel,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
)

from share_policies.resources import azure_type, items, known

BROAD_ROLES: Final = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168": "Role Based Access Control Administrator",
}
"""Source: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles"""


def least_privilege(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Report a role definition with a wildcard action, and an assignment of a broad built-in role."""
    match azure_type(args):
        case "authorization:RoleDefinition":
            for permission in items(known(args.props, "permissions")):
                for field in ("actions", "dataActions"):
                    for action in items(known(permission, field)):
                        if "*" in str(action):
                            report(f"{field} of '{args.name}' has '{action}': name each action.", None)
        case "authorization:RoleAssignment":
            role = str(known(args.props, "roleDefinitionId") or "").rpartition("/")[2].lower()
            if role in BROAD_ROLES:
                report(
                    f"'{args.name}' assigns {BROAD_ROLES[role]}: assign a role with only the actions it needs.", None
                )
        case _:
            return


LEAST_PRIVILEGE: Final = ResourceValidationPolicy(
    name="least-privilege",
    description="Role definitions name each action; no broad role is assigned.",
    enforcement_level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    validate=least_privilege,
)
