"""Metric alerts: their scopes, criteria and action groups are checked. They never fire.

Bodies: recordings of Azure/azure-cli, command_modules/monitor, test_metric_alert_single_scope and
test_metric_alert_for_rg_and_sub; values: metricAlert_API.json of 2018-03-01 in Azure/azure-rest-api-specs. Several
resources: learn.microsoft.com/azure/azure-monitor/alerts/alerts-types, and alerts-metric-near-real-time for the types.
"""

import re
from typing import Any, ClassVar, Final

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import CAPACITY_POOLS, METRIC_ALERTS, VOLUMES, ResourceId
from sandbox.azure.insights.action_groups import is_there
from sandbox.azure.insights.metrics import METRICS
from sandbox.azure.model import Desired, Draft, Model, ResourceType
from sandbox.azure.operations import Kind
from sandbox.azure.regions import check_global, normalized
from sandbox.azure.shapes import mapping, mappings, texts
from sandbox.azure.store import Resource

_CRITERIA: Final = "Microsoft.Azure.Monitor."
_SINGLE: Final = f"{_CRITERIA}SingleResourceMultipleMetricCriteria"
_MULTIPLE: Final = f"{_CRITERIA}MultipleResourceMultipleMetricCriteria"
_FREQUENCIES: Final = ("PT1M", "PT5M", "PT15M", "PT30M", "PT1H")
_WINDOWS: Final = (*_FREQUENCIES, "PT6H", "PT12H", "P1D")
_AGGREGATIONS: Final = ("Average", "Count", "Minimum", "Maximum", "Total")
_STATIC: Final = ("Equals", "GreaterThan", "GreaterThanOrEqual", "LessThan", "LessThanOrEqual")
_DYNAMIC: Final = ("GreaterThan", "LessThan", "GreaterOrLessThan")
_SEVERITIES: Final = range(5)
_OF_SEVERAL: Final = frozenset({CAPACITY_POOLS.lower(), VOLUMES.lower()})
"""The types of this sandbox of which one alert may watch several resources."""
_SUBSCRIPTION: Final = re.compile(r"/subscriptions/[0-9a-f-]{36}", re.IGNORECASE)


class MetricAlerts(ResourceType):
    """Microsoft.Insights/metricAlerts."""

    name = METRIC_ALERTS
    has_etag = False
    shows_state = False
    create_status = 200
    synchronous: ClassVar[frozenset[Kind]] = frozenset({"create", "update", "delete"})

    def place(self, wanted: object) -> str:
        return check_global(wanted, self.name)

    def create(self, model: Model, resource_id: ResourceId, desired: Desired) -> Draft:
        given = desired.properties
        _check_times(given)
        scopes = _scopes(model, given)
        criteria = _criteria(given, scopes)
        if criteria["odata.type"] == _MULTIPLE:
            _check_target(model, given, scopes)
        actions = mappings(given.get("actions"), "actions")
        for action in actions:
            if not is_there(model, action.get("actionGroupId")):
                # Guess: the code and words for an action group that is not there.
                text = f"The action group '{action.get('actionGroupId')}' of the alert was not found."
                raise ArmError(404, "ActionGroupNotFound", text)
        kept = {
            name: given[name]
            for name in ("description", "targetResourceType", "targetResourceRegion", "autoMitigate")
            if given.get(name) is not None
        }
        return Draft(
            {
                **kept,
                "severity": given["severity"],
                "enabled": given.get("enabled", True),
                "scopes": [str(scope) for scope in scopes],
                "evaluationFrequency": given["evaluationFrequency"],
                "windowSize": given["windowSize"],
                "criteria": criteria,
                "actions": actions,
            }
        )

    def update(self, model: Model, resource: Resource, desired: Desired) -> Draft:
        given = {**resource.properties, **desired.properties} if desired.partial else desired.properties
        return self.create(model, resource.id, Desired(desired.location, given, desired.envelope))


def _check_times(given: dict[str, Any]) -> None:
    frequency, window = given.get("evaluationFrequency"), given.get("windowSize")
    _one_of("evaluationFrequency", frequency, _FREQUENCIES)
    _one_of("windowSize", window, _WINDOWS)
    if _WINDOWS.index(str(window)) < _WINDOWS.index(str(frequency)):
        raise _bad(f"The window size {window} must not be shorter than the evaluation frequency {frequency}.")
    if given.get("severity") not in _SEVERITIES or isinstance(given.get("severity"), bool):
        raise _bad(f"The severity '{given.get('severity')}' must be a whole number from 0 to 4.")


def _scopes(model: Model, given: dict[str, Any]) -> list[str]:
    scopes = texts(given.get("scopes"), "scopes")
    if not scopes:
        raise _bad("The property 'scopes' must name at least one resource.")
    for scope in scopes:
        if _SUBSCRIPTION.fullmatch(scope):
            continue
        try:
            found = model.find(ResourceId.parse(scope))
        except ValueError:
            found = None
        if found is None:
            # Guess: the code and words for a scope that is not there.
            raise ArmError(404, "ResourceNotFound", f"The scope '{scope}' of the alert was not found.")
    return scopes


def _criteria(given: dict[str, Any], scopes: list[str]) -> dict[str, Any]:
    criteria = mapping(given.get("criteria"), "criteria")
    kind = criteria.get("odata.type")
    _one_of("criteria.odata.type", kind, (_SINGLE, _MULTIPLE))
    if kind == _SINGLE and (len(scopes) > 1 or _is_container(scopes[0])):
        text = (
            "Scopes property is invalid. Only single resource is allowed for criteria type "
            "SingleResourceMultipleMetricCriteria. If you want to create an alert on multiple resources, use "
            "MultipleResourceMultipleMetricCriteria odata.type."
        )
        raise _bad(text)
    conditions = mappings(criteria.get("allOf"), "criteria.allOf")
    if not conditions:
        raise _bad("The property 'criteria.allOf' must have at least one condition.")
    types = {_type_of(scope) for scope in scopes}
    if given.get("targetResourceType"):
        types = {str(given["targetResourceType"]).lower()}
    return {"allOf": [_condition(each, types) for each in conditions], "odata.type": kind}


def _check_target(model: Model, given: dict[str, Any], scopes: list[str]) -> None:
    """Refuse scopes in which there is no resource of the target's type and region."""
    kind, region = str(given.get("targetResourceType") or "").lower(), str(given.get("targetResourceRegion") or "")
    containers = [scope for scope in scopes if _is_container(scope)]
    if (containers or len(scopes) > 1) and not (kind and region):
        # Guess: the words for an alert on several resources without their type or region.
        raise _bad("Target resource type and target resource region must be specified for multiple resources.")
    if kind and any(_type_of(scope) != kind for scope in scopes if scope not in containers):
        raise _bad("You can't define a scope that is different from the selected target resource type.")
    if kind.startswith("microsoft.network/") or (kind.startswith("microsoft.netapp/") and kind not in _OF_SEVERAL):
        # Guess: the words for an alert on several resources of a type that Azure watches one by one.
        raise _bad(f"Alerts on multiple resources are not supported for the resource type {kind}.")
    found = [resource for resource in model.store.of_type(kind) if not model.hidden(resource)] if kind else []
    for scope in containers if kind in _OF_SEVERAL else []:
        inside = [each for each in found if each.id.key.startswith(f"{scope.lower()}/")]
        if not any(normalized(each.location) == normalized(region) for each in inside):
            # Guess: the code and words for a scope without a resource of the target's type and region.
            raise _bad(f"The scope '{scope}' has no resource of type {kind} in {region}.")


def _condition(wanted: dict[str, Any], types: set[str]) -> dict[str, Any]:
    if not wanted.get("name"):
        raise _bad("A condition has no name.")
    dynamic = wanted.get("criterionType") == "DynamicThresholdCriterion"
    _one_of("timeAggregation", wanted.get("timeAggregation"), _AGGREGATIONS)
    _one_of("operator", wanted.get("operator"), _DYNAMIC if dynamic else _STATIC)
    if not dynamic and (not isinstance(wanted.get("threshold"), int | float) or isinstance(wanted["threshold"], bool)):
        raise _bad(f"The condition '{wanted['name']}' needs a threshold, a number.")
    metric = wanted.get("metricName")
    known = [METRICS.get(each) for each in types if each.startswith("microsoft.netapp/")]
    if not wanted.get("skipMetricValidation") and any(metric not in (names or ()) for names in known):
        raise _bad(f"Couldn't find a metric named {metric}. Make sure the name is correct.")
    shown = {name: value for name, value in wanted.items() if value not in (None, [])}
    return {**shown, "criterionType": wanted.get("criterionType", "StaticThresholdCriterion")}


def _is_container(scope: str) -> bool:
    """Return whether a scope is a subscription or a resource group."""
    return _SUBSCRIPTION.fullmatch(scope) is not None or not ResourceId.parse(scope).types


def _type_of(scope: str) -> str:
    return ResourceId.parse(scope).type.lower() if not _SUBSCRIPTION.fullmatch(scope) else ""


def _one_of(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        # Guess: the words for a property of a metric alert that has another value than the specification allows.
        raise _bad(f"The value '{value}' of '{name}' is not valid. Allowed are {', '.join(allowed)}.")


def _bad(text: str) -> ArmError:
    return ArmError(400, "BadRequest", text)
