"""Staging, dev and prod, one after the other: in the sandbox's only cluster their names would conflict."""

import json
from dataclasses import replace
from typing import Any, Final

import pytest

from sandbox.testing import AzureClients
from tests.e2e.conftest import Stack

Effect = dict[str, str | set[str]]
"""By resource name: the operation, or the properties that change in place."""

CHANGES: Final[dict[str, list[tuple[str, str, Effect]]]] = {
    # a piece of Pulumi.staging.yaml, what a hand makes of it, and what follows; all those of a name in one preview
    "sizes, versions and one more volume": [
        (
            "{name: web, sizeGiB: 100",
            "{name: web, sizeGiB: 150",
            {"web-volume": {"usageThreshold"}, "web-persistent-volume": {"spec.capacity.storage"}},
        ),
        ("snapshotsToKeep: 7", "snapshotsToKeep: 10", {"nightly-policy": {"dailySchedule.snapshotsToKeep"}}),
        (", snapshotPolicy: nightly}\n  anf-smb:smbUser", "}\n  anf-smb:smbUser", {"media-volume": {"dataProtection"}}),
        (
            "sizeTiB: 1",
            "sizeTiB: 2",
            {"pool-staging-pool": {"size"}, "anf-pool-pool-staging-alert": {"criteria.allOf[0].threshold"}},
        ),
        ("version: 1.20.3", "version: 1.20.1", {"csi-driver-smb-release": {"version"}}),
        (
            "{name: smb-dynamic, sizeGiB: 100",
            "{name: smb-dynamic, sizeGiB: 150",
            {
                "smb-dynamic-claim": {
                    "spec.resources.requests.storage",
                    'metadata.annotations["pulumi.com/waitFor"]',  # for which size to wait
                }
            },
        ),
        (
            "  anf-smb:smbUser",
            "    - {name: logs, sizeGiB: 50}\n  anf-smb:smbUser",
            dict.fromkeys(["logs", "logs-volume", "logs-persistent-volume", "logs-claim", "logs-pod"], "create"),
        ),
    ],
    "no Pods, no protection": [
        (
            "sampleWorkload: true",
            "sampleWorkload: false",
            dict.fromkeys(
                ["web", "media", "dynamic-smb-dynamic", "web-pod", "media-pod", "dynamic-smb-dynamic-pod"], "delete"
            ),
        ),
        (
            "protect: true",
            "protect: false",
            {"smb-dynamic-reclaim-policy": {"spec.persistentVolumeReclaimPolicy"}},
        ),
    ],
}


@pytest.fixture(scope="module")
def staging(stack: Stack) -> Stack:
    made = replace(stack, name="staging")
    made.up()
    return made


def test_staging_has_a_pod_at_each_share(staging: Stack) -> None:
    outputs = staging.outputs()
    pods = [share["podName"] for share in (*outputs["volumes"].values(), *outputs["dynamicClaims"].values())]
    assert len(pods) == 3
    assert outputs["uncPath"].startswith(r"\\ANF-STG-")
    assert outputs["cluster"] == {"aks": {"resourceGroup": "rg-aks-staging", "name": "aks-staging"}}


@pytest.mark.parametrize("lines", CHANGES.values(), ids=CHANGES)
def test_the_preview_of_changed_lines_shows_their_effects_and_nothing_else(
    staging: Stack, lines: list[tuple[str, str, Effect]]
) -> None:
    file = staging.folder / "Pulumi.staging.yaml"
    content = file.read_text()
    for before, after, _ in lines:
        assert content.count(before) == 1
        content = content.replace(before, after)
    file.write_text(content)
    try:
        steps = staging.events()
    finally:
        staging.as_committed()
    assert effect_of(steps) == {name: what for _, _, effect in lines for name, what in effect.items()}


def effect_of(steps: list[dict[str, Any]]) -> Effect:
    """Return the steps of a preview in the form of `CHANGES`."""
    changed = [step for step in steps if step["op"] != "same"]
    return {
        step["urn"].rsplit("::", 1)[-1]: {*step["detailedDiff"]} if step["op"] == "update" else step["op"]
        for step in changed
    }


def test_its_alerts_watch_the_volumes_of_the_group_and_the_pool(staging: Stack) -> None:
    pool = staging.outputs()["poolId"]
    group = pool.partition("/providers/")[0]
    path = f"{group}/providers/Microsoft.Insights/metricAlerts"
    listed = AzureClients(staging.paths).http.get(path, params={"api-version": "2018-03-01"}).raise_for_status()
    found = {alert["name"]: alert["properties"] for alert in listed.json()["value"]}
    scopes = {name: alert["scopes"] for name, alert in found.items()}
    assert scopes == {"anf-smb-staging-volumes": [group], "anf-smb-staging-pool-pool-staging": [pool]}
    thresholds = [alert["criteria"]["allOf"][0]["threshold"] for alert in found.values()]
    assert sorted(thresholds) == [80, 0.8 * 1024**4]


def test_a_file_of_one_share_is_not_in_the_other(staging: Stack) -> None:
    volumes = staging.outputs()["volumes"]
    assert len({volume["uncPath"] for volume in volumes.values()}) == 2
    write = ("cmd", "/c", r"echo hello > C:\inetpub\wwwroot\hello.txt")
    staging.kubectl("exec", volumes["web"]["podName"], "-n", "smb-static", "--", *write)
    look = ("cmd", "/c", r"dir C:\inetpub\wwwroot")
    assert "hello.txt" in staging.kubectl("exec", volumes["web"]["podName"], "-n", "smb-static", "--", *look)
    assert "hello.txt" not in staging.kubectl("exec", volumes["media"]["podName"], "-n", "smb-static", "--", *look)


def test_one_driver_serves_both_and_a_refresh_finds_no_drift_in_either_path(staging: Stack) -> None:
    assert staging.releases().keys() == {"csi-driver-smb", "trident"}
    run = staging.pulumi("refresh", "--yes", "--expect-no-changes")
    assert run.code == 0, run.output
    run = staging.pulumi("preview", "--expect-no-changes")
    assert run.code == 0, run.output


def test_protection_refuses_destroy(staging: Stack) -> None:
    run = staging.pulumi("destroy", "--yes")
    assert run.code != 0
    assert "protect" in run.output
    volumes = staging.outputs()["volumes"]
    assert volumes.keys() == {"web", "media"}
    assert staging.get("pod", volumes["web"]["podName"])["status"]["phase"] == "Running"


def test_it_goes_in_two_steps_and_a_half_done_destroy_is_finished_without_the_program(staging: Stack) -> None:
    """A volume was deleted outside the stack: the program cannot read it, and the error has the fix."""
    staging.configure(protect=False)
    staging.up()
    volumes = AzureClients(staging.paths).of("00000000-0000-0000-0000-000000000001").volumes
    volumes.begin_delete("rg-anf-staging", "anf-staging", "pool-staging", "media").result()

    run = staging.pulumi("destroy", "--yes", "--skip-preview", "--run-program")
    assert run.code != 0
    assert "ends with `pulumi destroy`, without --run-program" in run.output

    run = staging.pulumi("destroy", "--yes", "--skip-preview")
    assert run.code == 0, run.output
    assert run.output.index("web-volume deleted") < run.output.index("nightly-policy deleting")


def test_after_the_destroy_nothing_is_left_but_the_hub_and_empty_namespaces(staging: Stack) -> None:
    subscription = "/subscriptions/00000000-0000-0000-0000-000000000001"
    azure = AzureClients(staging.paths).http
    groups = azure.get(f"{subscription}/resourcegroups", params={"api-version": "2024-07-01"})
    names = {group["name"] for group in groups.raise_for_status().json()["value"]}
    assert names == {"rg-hub", "rg-aks-staging", "rg-monitoring"}
    hub = f"{subscription}/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks/vnet-hub"
    subnets = azure.get(f"{hub}/subnets", params={"api-version": "2024-05-01"}).raise_for_status().json()["value"]
    assert [subnet["name"] for subnet in subnets] == ["domain-controllers"]
    assert staging.get("pv")["items"] == []
    for namespace in ("smb-static", "smb-dynamic"):
        assert staging.kubectl("get", "all,secrets,persistentvolumeclaims", "-n", namespace, "-o", "name") == ""
    staging.kubectl("delete", "namespace", "smb-static", "smb-dynamic")
    assert staging.releases() == {}
    assert "csi-smb" not in staging.kubectl("get", "pods", "--all-namespaces", "-o", "name")


def test_prod_comes_up_with_snapshots_of_every_volume_in_a_subscription_of_its_own(stack: Stack) -> None:
    prod = replace(stack, name="prod")
    prod.up()
    pool = prod.outputs()["poolId"]
    volumes = AzureClients(prod.paths).http.get(f"{pool}/volumes", params={"api-version": "2024-09-01"})
    properties = {each["name"].rpartition("/")[2]: each["properties"] for each in volumes.json()["value"]}
    policies = {
        name: each["dataProtection"]["snapshot"]["snapshotPolicyId"].rpartition("/")[2]
        for name, each in properties.items()
        if "dataProtection" in each
    }
    assert policies == {"web": "frequent", "media": "nightly", "documents": "frequent"}
    assert {each["serviceLevel"] for each in properties.values()} == {"Premium"}
    assert "/subscriptions/00000000-0000-0000-0000-000000000002/" in pool
    assert json.loads(prod.kubectl("get", "pods", "-n", "smb-static", "-o", "json"))["items"] == []
