"""The section anf-smb:alerts: alerts of Azure Monitor on volumes and pools that are almost full."""

from typing import Annotated

from components.capacity_alerts import CapacityAlertsArgs
from components.rules import alerts as alert_rules
from configuration.section import obeys
from configuration.tags import TaggedSection


class AlertSettings(TaggedSection):
    """anf-smb:alerts: metric alerts on the volumes, and on the pools that have a StorageClass."""

    action_group_id: Annotated[str, obeys(alert_rules.ACTION_GROUP_ID)]
    percent: Annotated[int, obeys(alert_rules.PERCENT)] = alert_rules.DEFAULT_PERCENT

    @property
    def args(self) -> CapacityAlertsArgs:
        """Return the arguments of the component."""
        return self.arguments_of(CapacityAlertsArgs)
