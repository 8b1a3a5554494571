"""Rule: no Service is reachable from the internet."""

from typing import Final

from pulumi_policy import (
    EnforcementLevel,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
)

from share_policies.resources import known

INTERNAL: Final = "service.beta.kubernetes.io/azure-load-balancer-internal"


def private_services(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Report a Service of type LoadBalancer that is not internal: AKS assigns it a public address."""
    if args.resource_type != "kubernetes:core/v1:Service" or known(args.props, "spec", "type") != "LoadBalancer":
        return
    if known(args.props, "metadata", "annotations", INTERNAL) != "true":
        report(f"'{args.name}' would get a public address: annotate it with {INTERNAL}: \"true\".", None)


PRIVATE_SERVICES: Final = ResourceValidationPolicy(
    name="private-services",
    description="No Service gets a public address.",
    enforcement_level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    validate=private_services,
    url="https://learn.microsoft.com/azure/aks/internal-lb",
)
