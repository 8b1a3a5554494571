"""Alerts on almost full volumes and pools: what they watch, from which size on, and the errors of the section."""

from typing import Any, Final

import pytest

from components import rules
from components.capacity_alerts import CapacityAlerts
from tests.unit.stack_config import errors
from tests.unit.unit_mocks import (
    ACTION_GROUP_ID,
    METRIC_ALERT,
    SUBSCRIPTION,
    Registered,
    Run,
    run,
    run_static,
    run_whole,
)

TIB: Final = 1024**4
ALERTS: Final = {"actionGroupId": ACTION_GROUP_ID}
GUEST: Final[dict[str, Any]] = {
    "resourceGroup": {"name": "rg-shared", "existing": True},
    "account": {"name": "anf-shared", "existing": True},
    "activeDirectory": None,
    "activeDirectoryPassword": None,
}
VOLUMES, POOLS = "anf-volumes-alert", "anf-pool-pool-dev-alert"


def alerts(run: Run) -> dict[str, Registered]:
    return {alert.name: alert for alert in run.all(METRIC_ALERT)}


def criterion(alert: Registered) -> dict[str, Any]:
    (found,) = alert.inputs["criteria"]["allOf"]
    return found


def test_a_stack_without_the_section_has_no_alerts() -> None:
    assert alerts(run_whole()) == {}


def test_one_alert_watches_all_volumes_of_the_group_and_one_the_pool() -> None:
    found = alerts(run_whole(alerts=ALERTS))
    assert found.keys() == {VOLUMES, POOLS}
    volumes, pool = found[VOLUMES].inputs, found[POOLS].inputs
    assert volumes["scopes"] == [f"{SUBSCRIPTION}/anf-group"]
    assert volumes["targetResourceType"] == "Microsoft.NetApp/netAppAccounts/capacityPools/volumes"
    assert [volumes["ruleName"], pool["ruleName"]] == ["anf-smb-dev-volumes", "anf-smb-dev-pool-pool-dev"]
    for each in (volumes, pool):
        assert each["actions"] == [{"actionGroupId": ACTION_GROUP_ID}]
        assert (each["location"], each["targetResourceRegion"]) == ("global", "koreacentral")
    by_metric = {criterion(each)["metricName"]: criterion(each)["threshold"] for each in found.values()}
    assert by_metric == {"VolumeConsumedSizePercentage": 80, "VolumePoolAllocatedUsed": 0.8 * TIB}
    assert {criterion(each)["operator"] for each in found.values()} == {"GreaterThanOrEqual"}


def test_the_percentage_and_the_size_of_the_pool_decide_the_threshold() -> None:
    pools = [{"name": "pool-dev", "serviceLevel": "Standard", "sizeTiB": 2, "storageClass": "anf-sc-smb"}]
    found = alerts(run_whole(alerts={**ALERTS, "percent": 90}, pools=pools))
    assert criterion(found[VOLUMES])["threshold"] == 90
    assert criterion(found[POOLS])["threshold"] == 1.8 * TIB
    assert "90 %" in found[POOLS].inputs["description"]


def test_a_pool_without_a_storage_class_has_no_alert() -> None:
    assert alerts(run_static(alerts=ALERTS)).keys() == {VOLUMES}


def test_in_a_group_of_others_the_volumes_of_the_stack_file_are_watched_and_no_other() -> None:
    found = alerts(run_whole(alerts=ALERTS, **GUEST))
    assert found[VOLUMES].inputs["scopes"] == [f"{SUBSCRIPTION}/smb-volume"]
    assert criterion(found[POOLS])["metricName"] == "VolumePoolAllocatedUsed"
    claims_alone = alerts(run_whole(alerts=ALERTS, volumes=None, **GUEST))
    assert claims_alone.keys() == {POOLS}


def test_a_group_of_others_with_the_stacks_own_account_is_watched_as_a_whole() -> None:
    found = alerts(run_whole(alerts=ALERTS, resourceGroup={"name": "rg-given", "existing": True}))
    assert found[VOLUMES].inputs["scopes"] == [f"{SUBSCRIPTION}/resourceGroups/rg-given"]


@pytest.mark.parametrize(
    ("section", "key", "says"),
    [
        ({}, "actionGroupId", "is missing"),
        ({"actionGroupId": "storage-team"}, "actionGroupId", "Microsoft.Insights/actionGroups/NAME"),
        ({**ALERTS, "percent": 0}, "percent", "1 to 99 percent"),
        ({**ALERTS, "percent": 100}, "percent", "1 to 99 percent"),
        ({**ALERTS, "percents": 80}, "percents", "anf-smb:alerts.percent"),
    ],
)
def test_a_wrong_section_is_refused(section: dict[str, Any], key: str, says: str) -> None:
    found = errors({"anf-smb:alerts": section})
    assert found.keys() == {f"anf-smb:alerts.{key}"}
    assert says in found[f"anf-smb:alerts.{key}"]


def test_azure_writes_the_id_of_an_action_group_in_any_case() -> None:
    spelt = ACTION_GROUP_ID.replace("Microsoft.Insights/actionGroups", "microsoft.insights/actiongroups")
    assert alerts(run_whole(alerts={"actionGroupId": spelt})).keys() == {VOLUMES, POOLS}


def test_a_component_refuses_what_azure_would_refuse() -> None:
    def program() -> None:
        wrong = {"action_group_id": "storage-team", "percent": 100, "name": "a/b"}
        CapacityAlerts("anf", {"resource_group": {"name": "rg"}, "location": "koreacentral", **wrong})  # pyright: ignore[reportArgumentType]

    with pytest.raises(rules.InvalidArgsError) as raised:
        run(program)
    assert len(raised.value.errors or ()) == 3
