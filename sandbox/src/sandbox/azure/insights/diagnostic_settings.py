"""Diagnostic settings of a resource: where its logs and metrics go. Nothing is sent.

Bodies: recordings of Azure/azure-cli, command_modules/monitor, test_monitor_diagnostic_settings_resource_id. Rules:
learn.microsoft.com/azure/azure-monitor/essentials/diagnostic-settings. Workspaces, storage accounts and event hubs are
no part of this sandbox: any id of one is taken.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any, Final

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import ResourceId
from sandbox.azure.insights.metrics import ALL_METRICS, LOGS, METRICS
from sandbox.azure.roles.scopes import key
from sandbox.azure.shapes import mapping, mappings
from sandbox.azure.store import Store

DIAGNOSTIC_SETTINGS: Final = "Microsoft.Insights/diagnosticSettings"
_SINKS: Final = ("storageAccountId", "serviceBusRuleId", "workspaceId", "eventHubAuthorizationRuleId")
_MOST: Final = 5


@dataclass(frozen=True)
class DiagnosticSetting:
    """One setting. `scope` is the resource, as Azure shows it here: in lower case."""

    name: str
    scope: str
    properties: dict[str, Any]

    def shown(self) -> dict[str, Any]:
        return {
            "id": f"{self.scope}/providers/microsoft.insights/diagnosticSettings/{self.name}",
            "type": DIAGNOSTIC_SETTINGS,
            "name": self.name,
            "location": None,
            "kind": None,
            "tags": None,
            "properties": self.properties,
            "identity": None,
        }


def of_resource(store: Store, scope: str) -> list[DiagnosticSetting]:
    rows = store.query("SELECT document FROM diagnostic_settings WHERE scope = ? ORDER BY rowid", key(scope))
    return [DiagnosticSetting(**json.loads(row["document"])) for row in rows]


def find(store: Store, scope: str, name: str) -> DiagnosticSetting | None:
    return next((each for each in of_resource(store, scope) if each.name.lower() == name.lower()), None)


def put(store: Store, scope: str, name: str, body: dict[str, Any]) -> DiagnosticSetting:
    """Create or replace a setting; raise ArmError for what the resource does not have, or another setting sends."""
    given = mapping(body.get("properties"), "properties")
    logs, metrics = mappings(given.get("logs"), "logs"), mappings(given.get("metrics"), "metrics")
    others = [each for each in of_resource(store, scope) if each.name.lower() != name.lower()]
    if not any(given.get(sink) for sink in _SINKS):
        # Guess: the words for a diagnostic setting without a destination.
        raise ArmError(400, "BadRequest", "At least one data sink needs to be specified.")
    if len(others) >= _MOST:
        # Guess: the code and words for a sixth diagnostic setting of a resource.
        raise ArmError(409, "Conflict", f"The resource has {_MOST} diagnostic settings, which is the limit.")
    _check_categories(ResourceId.parse(scope).type.lower(), logs, metrics)
    settings: dict[str, Any] = {
        **{sink: given.get(sink) for sink in (*_SINKS, "eventHubName")},
        "metrics": metrics,
        "logs": logs,
        "logAnalyticsDestinationType": given.get("logAnalyticsDestinationType"),
    }
    _check_sinks(settings, others)
    setting = DiagnosticSetting(name, key(scope), settings)
    row = (key(scope), name.lower(), json.dumps(asdict(setting)))
    store.query("INSERT OR REPLACE INTO diagnostic_settings VALUES (?, ?, ?)", *row)
    return setting


def delete(store: Store, setting: DiagnosticSetting) -> None:
    store.query("DELETE FROM diagnostic_settings WHERE scope = ? AND name = ?", setting.scope, setting.name.lower())


def forget_scope(store: Store, scope: str) -> None:
    store.query("DELETE FROM diagnostic_settings WHERE scope = ?", key(scope))


def _check_categories(kind: str, logs: list[dict[str, Any]], metrics: list[dict[str, Any]]) -> None:
    for log in logs:
        if log.get("category") is not None and log["category"] not in LOGS.get(kind, ()):
            raise ArmError(400, "BadRequest", f"Category '{log['category']}' is not supported.")
    for metric in metrics:
        if metric.get("category") != ALL_METRICS or kind not in METRICS:
            raise ArmError(400, "BadRequest", f"Metric category '{metric.get('category')}' is not supported.")


def _check_sinks(wanted: dict[str, Any], others: list[DiagnosticSetting]) -> None:
    """Refuse a destination that another setting has for the same category."""
    for other in others:
        shared = {each for each in _categories(wanted) if each in _categories(other.properties)}
        for sink in _SINKS:
            target = wanted[sink]
            if target and shared and str(other.properties[sink] or "").lower() == str(target).lower():
                text = (
                    f"Data sink '{target}' is already used in diagnostic setting '{other.name}' for category "
                    f"'{min(shared)}'. Data sinks can't be reused in different settings on the same category for the "
                    "same resource."
                )
                raise ArmError(409, "Conflict", text)


def _categories(properties: dict[str, Any]) -> set[str]:
    listed = [*properties["logs"], *properties["metrics"]]
    return {str(each.get("category") or each.get("categoryGroup")) for each in listed if each.get("enabled")}
