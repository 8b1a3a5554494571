"""Rule: Helm releases name one version."""

import re
from typing import Final

from pulumi_policy import (
    EnforcementLevel,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
)

from share_policies.resources import known

_EXACT: Final = re.compile(r"^v?\d+\.\d+\.\d+([-+].+)?$")


def pinned_charts(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Report a Release without an exact version: the next `up` would install the newest version."""
    if args.resource_type != "kubernetes:helm.sh/v3:Release":
        return
    version = known(args.props, "version")
    if not _EXACT.match(str(version or "")):
        report(f"'{args.name}' installs version '{version or 'latest'}'; name one version, such as 1.20.3.", None)


PINNED_CHARTS: Final = ResourceValidationPolicy(
    name="pinned-charts",
    description="Helm charts are pinned to a version.",
    enforcement_level=EnforcementLevel.MANDATORY,
    severity=Severity.MEDIUM,
    validate=pinned_charts,
)
