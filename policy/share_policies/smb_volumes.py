"""Rule: volumes are SMB shares with Windows permissions."""

from typing import Final

from pulumi_policy import (
    EnforcementLevel,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
)

from share_policies.resources import azure_type, items, known


def smb_volumes(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Report a volume without protocol CIFS alone, or without security style ntfs: unix ignores Windows permissions."""
    if azure_type(args) != "netapp:CapacityPoolVolume":
        return
    protocols = [str(protocol) for protocol in items(known(args.props, "protocolTypes"))]
    if protocols != ["CIFS"]:
        report(f"protocolTypes of '{args.name}' is {protocols or 'not set (NFSv3)'}; it must be ['CIFS'].", None)
    if (style := known(args.props, "securityStyle")) != "ntfs":
        report(f"securityStyle of '{args.name}' is '{style or 'unix'}'; Windows permissions need 'ntfs'.", None)


SMB_VOLUMES: Final = ResourceValidationPolicy(
    name="smb-volumes",
    description="Volumes are CIFS with security style ntfs.",
    enforcement_level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    validate=smb_volumes,
    url="https://learn.microsoft.com/azure/azure-netapp-files/azure-netapp-files-create-volumes-smb",
)
