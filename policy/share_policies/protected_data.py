"""Rule: volumes, claims and what they are in are protected from deletion."""

from typing import Final

from pulumi_policy import (
    EnforcementLevel,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
)

from share_policies.resources import azure_type, items, names, stack_name

AZURE: Final = frozenset(
    {
        "resources:ResourceGroup",
        "network:VirtualNetwork",
        "network:Subnet",
        "network:VirtualNetworkPeering",
        "netapp:Account",
        "netapp:CapacityPool",
        "netapp:CapacityPoolVolume",
    }
)
KUBERNETES: Final = frozenset(
    {
        "kubernetes:core/v1:Namespace",
        "kubernetes:core/v1:PersistentVolume",
        "kubernetes:core/v1:PersistentVolumeClaim",
    }
)


def protected_data(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Report a volume or a claim, or what it is in, without `protect`, except in `disposableStacks`.

    Azure deletes a resource group, and Kubernetes a namespace, with everything in it. The engine does not pass
    `retainOnDelete` to policies; the program sets it together with `protect`.
    """
    if args.opts.protect or (azure_type(args) not in AZURE and args.resource_type not in KUBERNETES):
        return
    stack = stack_name(args)
    if stack not in items(args.get_config().get("disposableStacks")):
        report(
            f"'{args.name}' of stack '{stack}' is not protected. Set anf-smb:protect to true. If the stack's data "
            "is disposable, add it to protected-data.disposableStacks in policy/configuration.json.",
            None,
        )


PROTECTED_DATA: Final = ResourceValidationPolicy(
    name="protected-data",
    description="Volumes, claims, and the groups, networks, accounts, pools and namespaces around them are protected.",
    enforcement_level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    config_schema=names("disposableStacks"),
    validate=protected_data,
)
