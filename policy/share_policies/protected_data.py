"""Rule: volumes and their parents are protected from deletion."""

from typing import Final

from pulumi_policy import (
    EnforcementLevel,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
)

from share_policies.resources import azure_type, items, names, stack_name

HOLDS_DATA: Final = frozenset({"netapp:Account", "netapp:CapacityPool", "netapp:CapacityPoolVolume"})


def protected_data(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Report an account, pool or volume without `protect`, except in `disposableStacks`.

    The engine does not pass `retainOnDelete` to policies; the program sets it together with `protect`.
    """
    if azure_type(args) not in HOLDS_DATA or args.opts.protect:
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
    description="NetApp accounts, capacity pools and volumes are protected.",
    enforcement_level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    config_schema=names("disposableStacks"),
    validate=protected_data,
)
