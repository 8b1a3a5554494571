"""Rule: Azure resources are in approved regions."""

from typing import Final

from pulumi_policy import (
    EnforcementLevel,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
)

from share_policies.resources import azure_type, items, known, names

_GLOBAL: Final = "global"


def approved_regions(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Report an Azure resource whose location is not in `regions`; an empty list allows every region.

    What is `global`, such as an alert, is in no region.
    """
    regions = [str(region) for region in items(args.get_config().get("regions"))]
    location = known(args.props, "location")
    if not regions or not location or not azure_type(args):
        return
    if _plain(str(location)) not in {_GLOBAL, *map(_plain, regions)}:
        report(
            f"'{args.name}' is in '{location}'; approved regions are {', '.join(regions)}. Change "
            "azure-native:location, or approved-regions.regions in policy/configuration.json.",
            None,
        )


def _plain(region: str) -> str:
    """Return a region's short name: `Korea Central` is `koreacentral`."""
    return region.replace(" ", "").lower()


APPROVED_REGIONS: Final = ResourceValidationPolicy(
    name="approved-regions",
    description="Azure resources are in approved regions.",
    enforcement_level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    config_schema=names("regions"),
    validate=approved_regions,
)
