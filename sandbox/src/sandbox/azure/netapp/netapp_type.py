"""What all resource types of Azure NetApp Files have in common."""

from datetime import UTC, datetime

from sandbox.azure.model import ResourceType


class NetAppType(ResourceType):
    """Full names (`account/pool/volume`), dated ETags, provisioningState Patching during an update."""

    full_names = True
    updating = "Patching"

    def etag(self, now: float) -> str:
        """`W/"datetime'2026-01-01T00:00:00.000000Z'"`."""
        return f"W/\"datetime'{datetime.fromtimestamp(now, UTC).strftime('%Y-%m-%dT%H:%M:%S.%fZ')}'\""
