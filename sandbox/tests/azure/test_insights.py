"""Metric alerts, action groups and diagnostic settings: as the genuine az asks for them, and what is refused."""

from typing import Any

import pytest

from sandbox.testing.azure_cli import AzureCli
from sandbox.testing.azure_clients import AzureClients
from tests.azure.names import Json
from tests.azure.world import account_body, network_body, pool_body

NETAPP = {"api-version": "2024-09-01"}
ALERTS = {"api-version": "2018-03-01"}
DIAGNOSTICS = {"api-version": "2021-05-01-preview"}
WORKSPACE = (
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-logs/providers/"
    "Microsoft.OperationalInsights/workspaces/logs"
)
ALL: Json = {"category": "AllMetrics", "enabled": True}


@pytest.fixture(scope="module")
def pool(emulator: AzureClients) -> str:
    group = emulator.group("rg-insights")
    account = f"{group}/providers/Microsoft.NetApp/netAppAccounts/anf"
    for path, body in ((account, account_body()), (f"{account}/capacityPools/pool", pool_body())):
        assert emulator.http.put(path, params=NETAPP, json=body).status_code == 201
    return f"{account}/capacityPools/pool"


@pytest.fixture(scope="module")
def az(emulator: AzureClients) -> AzureCli:
    return AzureCli(emulator.paths)


def test_an_alert_on_a_pool_tells_an_action_group(az: AzureCli, pool: str) -> None:
    where = ("--resource-group", "rg-insights")
    group = az("monitor", "action-group", "create", *where, "--name", "team", "--short-name", "team")
    assert (group["location"], group["groupShortName"], group["type"]) == (
        "Global",
        "team",
        "Microsoft.Insights/ActionGroups",
    )
    assert group["emailReceivers"] == []
    condition = "avg VolumePoolTotalLogicalSize > 900000000000"
    options = ("--scopes", pool, "--condition", condition, "--action", group["id"], "--description", "nearly full")
    alert = az("monitor", "metrics", "alert", "create", *where, "--name", "full", *options)
    assert (alert["location"], alert["scopes"], alert["severity"]) == ("global", [pool], 2)
    [criterion] = alert["criteria"]["allOf"]
    assert (criterion["metricName"], criterion["operator"]) == ("VolumePoolTotalLogicalSize", "GreaterThan")
    assert [each["name"] for each in az("monitor", "metrics", "alert", "list", *where)] == ["full"]
    assert [each["name"] for each in az("monitor", "action-group", "list", *where)] == ["team"]
    az("monitor", "metrics", "alert", "update", *where, "--name", "full", "--enabled", "false")
    assert az("monitor", "metrics", "alert", "show", *where, "--name", "full")["enabled"] is False
    az("monitor", "metrics", "alert", "delete", *where, "--name", "full")
    az("monitor", "action-group", "delete", *where, "--name", "team")
    assert az("monitor", "metrics", "alert", "list", *where) == []


def test_the_metrics_of_a_pool_go_to_a_workspace(az: AzureCli, pool: str) -> None:
    options = ("--resource", pool, "--name", "to-logs")
    created = az(
        *("monitor", "diagnostic-settings", "create", *options, "--workspace", WORKSPACE),
        *("--metrics", '[{"category": "AllMetrics", "enabled": true}]'),
    )
    assert created["id"] == f"{pool.lower()}/providers/microsoft.insights/diagnosticSettings/to-logs"
    assert (created["workspaceId"], created["logs"]) == (WORKSPACE, [])
    listed = az("monitor", "diagnostic-settings", "list", "--resource", pool)
    assert [each["name"] for each in listed] == ["to-logs"]
    assert az("monitor", "diagnostic-settings", "show", *options)["name"] == "to-logs"
    az("monitor", "diagnostic-settings", "delete", *options)
    assert az("monitor", "diagnostic-settings", "list", "--resource", pool) == []


def test_a_setting_goes_with_its_resource(emulator: AzureClients) -> None:
    network = f"{emulator.group('rg-insights-gone')}/providers/Microsoft.Network/virtualNetworks/vnet"
    version = {"api-version": "2024-05-01"}
    assert emulator.http.put(network, params=version, json=network_body()).status_code == 201
    setting = f"{network}/providers/microsoft.insights/diagnosticSettings/policy"
    body = {"properties": {"workspaceId": WORKSPACE, "metrics": [ALL]}}
    assert emulator.http.put(setting, params=DIAGNOSTICS, json=body).status_code == 200
    emulator.network.virtual_networks.begin_delete("rg-insights-gone", "vnet").result()
    assert emulator.http.put(network, params=version, json=network_body()).status_code == 201
    assert emulator.http.get(setting, params=DIAGNOSTICS).status_code == 404


def alert_body(pool: str, condition: Json | None = None, **changes: Any) -> Json:
    static: Json = {
        "criterionType": "StaticThresholdCriterion",
        "name": "cond0",
        "metricName": "VolumePoolAllocatedUsed",
        "timeAggregation": "Average",
        "operator": "GreaterThan",
        "threshold": 90,
    }
    kind = "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria"
    properties: Json = {
        "severity": 3,
        "scopes": [pool],
        "evaluationFrequency": "PT5M",
        "windowSize": "PT15M",
        "criteria": {"odata.type": kind, "allOf": [static | (condition or {})]},
    }
    return {"location": "global", "properties": properties | changes}


def refusal(emulator: AzureClients, path: str, version: Json, body: Json) -> tuple[int, str, str]:
    answer = emulator.http.put(path, params=version, json=body)
    error = answer.json()["error"]
    return answer.status_code, error["code"], error["message"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"condition": {"metricName": "VolumeConsumedSizePercentage"}}, "Couldn't find a metric named VolumeConsumed"),
        ({"condition": {"operator": "IsMore"}}, "'operator'"),
        ({"condition": {"threshold": "many"}}, "needs a threshold"),
        ({"condition": {"timeAggregation": "Median"}}, "'timeAggregation'"),
        ({"windowSize": "PT1M"}, "must not be shorter"),
        ({"evaluationFrequency": "P1D"}, "'evaluationFrequency'"),
        ({"severity": 7}, "from 0 to 4"),
        ({"scopes": []}, "at least one resource"),
        ({"criteria": {"odata.type": "Other", "allOf": []}}, "'criteria.odata.type'"),
    ],
)
def test_an_alert_that_azure_would_refuse_is_refused(
    emulator: AzureClients, pool: str, changes: Json, words: str
) -> None:
    path = f"{pool.partition('/providers/')[0]}/providers/Microsoft.Insights/metricAlerts/bad"
    status, code, text = refusal(emulator, path, ALERTS, alert_body(pool, **changes))
    assert (status, code) == (400, "BadRequest")
    assert words in text


MULTIPLE: Json = {"odata.type": "Microsoft.Azure.Monitor.MultipleResourceMultipleMetricCriteria"}
POOLS, VOLUMES = (f"Microsoft.NetApp/netAppAccounts/capacityPools{each}" for each in ("", "/volumes"))
NETWORKS = "Microsoft.Network/virtualNetworks"


def of_several(scopes: list[str], kind: str = POOLS, region: str = "koreacentral", metric: str = "") -> Json:
    body = alert_body("", {"metricName": metric or "VolumePoolAllocatedUsed"}, scopes=scopes)
    body["properties"]["criteria"] |= MULTIPLE
    body["properties"] |= {"targetResourceType": kind, "targetResourceRegion": region}
    return body


def test_an_alert_on_a_group_watches_the_resources_of_a_type_in_it(emulator: AzureClients, pool: str) -> None:
    group = pool.partition("/providers/")[0]
    path = f"{group}/providers/Microsoft.Insights/metricAlerts/of-group"
    created = emulator.http.put(path, params=ALERTS, json=of_several([group]))
    assert created.status_code == 200, created.text
    properties = created.json()["properties"]
    assert (properties["scopes"], properties["targetResourceType"]) == ([group], POOLS)
    assert properties["criteria"]["odata.type"] == MULTIPLE["odata.type"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": VOLUMES, "metric": "VolumeConsumedSizePercentage"}, "has no resource of type"),
        ({"region": "koreasouth"}, "has no resource of type"),
        ({"kind": ""}, "must be specified"),
        ({"region": ""}, "must be specified"),
        ({"kind": NETWORKS, "metric": "IfUnderDDoSAttack"}, "are not supported for the resource type"),
    ],
)
def test_an_alert_on_a_group_without_such_a_resource_is_refused(
    emulator: AzureClients, pool: str, changes: dict[str, str], words: str
) -> None:
    group = pool.partition("/providers/")[0]
    path = f"{group}/providers/Microsoft.Insights/metricAlerts/bad"
    status, code, text = refusal(emulator, path, ALERTS, of_several([group], **changes))
    assert (status, code) == (400, "BadRequest")
    assert words in text


def test_an_alert_on_several_resources_has_one_type_and_its_own_criteria(emulator: AzureClients, pool: str) -> None:
    path = f"{pool.partition('/providers/')[0]}/providers/Microsoft.Insights/metricAlerts/bad"
    mixed = of_several([pool, pool.partition("/capacityPools/")[0]])
    assert "different from the selected target resource type" in refusal(emulator, path, ALERTS, mixed)[2]
    single = alert_body(pool, scopes=[pool, pool])
    assert "Only single resource is allowed" in refusal(emulator, path, ALERTS, single)[2]


def test_an_alert_names_what_is_there(emulator: AzureClients, pool: str) -> None:
    path = f"{pool.partition('/providers/')[0]}/providers/Microsoft.Insights/metricAlerts/bad"
    assert refusal(emulator, path, ALERTS, alert_body(f"{pool}-2"))[:2] == (404, "ResourceNotFound")
    nobody = alert_body(pool, actions=[{"actionGroupId": f"{pool.partition('/providers/')[0]}/x"}])
    assert refusal(emulator, path, ALERTS, nobody)[:2] == (404, "ActionGroupNotFound")
    elsewhere = {**alert_body(pool), "location": "koreacentral"}
    assert refusal(emulator, path, ALERTS, elsewhere)[1] == "LocationNotAvailableForResourceType"


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"metrics": [ALL]}, "At least one data sink"),
        ({"workspaceId": WORKSPACE, "logs": [{"category": "ANFFileAccess"}]}, "Category 'ANFFileAccess' is not"),
        ({"workspaceId": WORKSPACE, "metrics": [{"category": "Some"}]}, "Metric category 'Some' is not supported."),
    ],
)
def test_a_setting_of_what_a_pool_does_not_have_is_refused(
    emulator: AzureClients, pool: str, properties: Json, words: str
) -> None:
    path = f"{pool}/providers/Microsoft.Insights/diagnosticSettings/bad"
    status, code, text = refusal(emulator, path, DIAGNOSTICS, {"properties": properties})
    assert (status, code) == (400, "BadRequest")
    assert words in text


def test_two_settings_do_not_share_a_destination_for_a_category(emulator: AzureClients, pool: str) -> None:
    body = {"properties": {"workspaceId": WORKSPACE, "metrics": [ALL]}}
    one, two = (f"{pool}/providers/Microsoft.Insights/diagnosticSettings/{name}" for name in ("one", "two"))
    assert emulator.http.put(one, params=DIAGNOSTICS, json=body).status_code == 200
    status, code, text = refusal(emulator, two, DIAGNOSTICS, body)
    assert (status, code) == (409, "Conflict")
    assert "is already used in diagnostic setting 'one' for category 'AllMetrics'" in text
    assert emulator.http.put(one, params=DIAGNOSTICS, json=body).status_code == 200
    assert emulator.http.delete(one, params=DIAGNOSTICS).status_code == 200
    assert emulator.http.delete(one, params=DIAGNOSTICS).status_code == 204
