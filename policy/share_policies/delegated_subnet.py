"""Rule: the subnet of the volumes is delegated."""

from typing import Final

from pulumi_policy import (
    EnforcementLevel,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
)

from share_policies.resources import azure_type, items, known

DELEGATION: Final = "Microsoft.NetApp/volumes"


def delegated_subnet(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Report a subnet that is not delegated to Azure NetApp Files alone."""
    if azure_type(args) != "network:Subnet":
        return
    services = [str(known(delegation, "serviceName")) for delegation in items(known(args.props, "delegations"))]
    if [service.lower() for service in services] != [DELEGATION.lower()]:
        report(
            f"'{args.name}' is delegated to {', '.join(services) or 'nothing'}; it must be delegated to {DELEGATION} "
            "alone: Azure rejects volumes in any other subnet.",
            None,
        )


DELEGATED_SUBNET: Final = ResourceValidationPolicy(
    name="delegated-subnet",
    description="The subnet is delegated to Azure NetApp Files.",
    enforcement_level=EnforcementLevel.MANDATORY,
    severity=Severity.MEDIUM,
    validate=delegated_subnet,
    url="https://learn.microsoft.com/azure/azure-netapp-files/azure-netapp-files-delegate-subnet",
)
