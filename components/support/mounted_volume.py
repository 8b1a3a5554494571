"""What a client needs to mount a volume, as Azure reports it."""

from typing import Final, NamedTuple

import pulumi
from pulumi.output import UNKNOWN, contains_unknowns
from pulumi_azure_native import netapp

from components import rules

_END_OF_A_DESTROY: Final = "an interrupted destroy ends with `pulumi destroy`, without --run-program"
"""A program does not know that it runs for a destroy, so it must not go on without a volume.

Source: https://github.com/pulumi/pulumi/issues/23921
"""

IF_GONE: Final = (
    "if it is gone from Azure, let the stack forget it with `pulumi refresh`, and run `pulumi up` again; "
    f"{_END_OF_A_DESTROY}"
)
IF_MISSING: Final = "name one that exists in its pool and that you may read, or let the stack create it"


class VolumeNotReadyError(pulumi.RunError):
    """Azure answers for the volume, but it cannot be mounted."""


class Mount(NamedTuple):
    """The share of a volume."""

    server: str
    ip_address: str
    share: str
    file_system_id: str


def share(volume: netapp.GetCapacityPoolVolumeResult) -> netapp.GetCapacityPoolVolumeResult:
    """Return the volume. Raise `InvalidArgsError` for one that cannot exist yet, or is no SMB share."""
    if contains_unknowns(volume):
        raise rules.InvalidArgsError(
            "An existing volume needs an existing pool, but this run creates the pool. Fix: use an existing pool too "
            f"({rules.argument('CapacityPool', 'existing')}), or let the stack create the volume."
        )
    protocols = volume.protocol_types or []
    if "CIFS" not in protocols:
        raise rules.InvalidArgsError(
            f"The volume {volume.id} has protocol {', '.join(protocols) or 'NFSv3'}; allowed: CIFS. "
            "Fix: name a volume with protocol CIFS, or let the stack create one."
        )
    return volume


def mounted(volume: netapp.GetCapacityPoolVolumeResult) -> Mount:
    """Return what a client needs of a volume. Ready means provisioningState Succeeded: an answer is not enough."""
    server = next((target.smb_server_fqdn for target in volume.mount_targets or [] if target.smb_server_fqdn), None)
    if volume.provisioning_state == "Succeeded" and server:
        return Mount(server, volume.mount_targets[0].ip_address, volume.creation_token, volume.file_system_id)
    state = volume.provisioning_state
    if state == "Deleting":  # no `up` fixes that, so the preview reports it too
        raise VolumeNotReadyError(
            f"The volume {volume.id} is being deleted: its provisioningState is Deleting. Awaited: Succeeded. Fix: "
            f"{_END_OF_A_DESTROY}; to have a new volume, run `pulumi up --refresh` once this one is gone."
        )
    if pulumi.runtime.is_dry_run():
        # The `up` that follows may fix it: its outputs are not known yet.
        return UNKNOWN  # pyright: ignore[reportReturnType]
    missing = "" if state != "Succeeded" else " but it has no mount target with an SMB server"
    raise VolumeNotReadyError(
        f"The volume {volume.id} is not ready: its provisioningState is {state}{missing}. Awaited: Succeeded, and a "
        "mount target that names an SMB server. Look at the volume in the portal and at the account's activity log: "
        "usually the directory cannot be joined (DNS servers, site, rights of the joining user). Fix that, and run "
        "`pulumi up` again."
    )
