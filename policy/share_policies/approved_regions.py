"""Data stays in the regions that the organization has approved."""

from typing import Final

from pulumi_policy import (
    EnforcementLevel,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
)

from share_policies.resources import azure_type, items, known, names


def approved_regions(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """A resource's location is one of `regions`, written in either of Azure's ways; any is, where none are named."""
    regions = [str(region) for region in items(args.get_config().get("regions"))]
    location = known(args.props, "location")
    if not regions or not location or not azure_type(args):
        return
    if _plain(str(location)) not in {_plain(region) for region in regions}:
        report(
            f"'{args.name}' is in '{location}'; approved are {', '.join(regions)}. Change azure-native:location, or "
            "approved-regions.regions in policy/configuration.json.",
            None,
        )


def _plain(region: str) -> str:
    """`Korea Central` and `koreacentral` are the same region."""
    return region.replace(" ", "").lower()


APPROVED_REGIONS: Final = ResourceValidationPolicy(
    name="approved-regions",
    description="Azure resources are in approved regions.",
    enforcement_level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    config_schema=names("regions"),
    validate=approved_regions,
)
