"""Rules of Azure Monitor for alerts on the capacity of volumes and pools."""

from typing import Final

from components.rules import AZURE_NAMES, text, whole

ALERTS: Final = "https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-types"
DEFAULT_PERCENT: Final = 80
"""The threshold of Microsoft's baseline alerts, and of verify's warnings.

Source: https://azure.github.io/azure-monitor-baseline-alerts/services/NetApp/netAppAccounts/
"""

ACTION_GROUP_ID = text(
    r"(?i)/subscriptions/[0-9a-f-]{36}/resourceGroups/[^/]+/providers/Microsoft\.Insights/actionGroups/[^/]+",
    "/subscriptions/GUID/resourceGroups/NAME/providers/Microsoft.Insights/actionGroups/NAME, of any subscription",
    ALERTS,
)
PERCENT = whole(1, 99, "percent", ALERTS)
ALERT_NAME = text(
    r"[^*#&+:<>?@%{}\\/|\x00-\x1f]{1,150}", "1 to 150 characters, none of * # & + : < > ? @ % { } \\ / |", AZURE_NAMES
)
"""The beginning of an alert's name, whose end the component adds: Azure takes 260 characters."""
