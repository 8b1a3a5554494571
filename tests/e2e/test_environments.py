"""Staging and prod as committed, one after the other in a sandbox: they would share the names in its one cluster."""

import json
from dataclasses import replace
from typing import Any, Final

import pytest

from tests.azure.clients import AzureClients
from tests.e2e.conftest import Stack

Effect = dict[str, str | set[str]]
"""By the resource's name: what happens to it, or which of its properties change in place."""

CHANGES: Final[dict[str, list[tuple[str, str, Effect]]]] = {
    # a piece of Pulumi.staging.yaml, what a hand makes of it, and what follows; all those of a name in one preview
    "in place": [
        (
            "{name: web, sizeGiB: 100",
            "{name: web, sizeGiB: 150",
            {"web-volume": {"usageThreshold"}, "web-persistent-volume": {"spec.capacity.storage"}},
        ),
        ("snapshotsToKeep: 7", "snapshotsToKeep: 10", {"nightly-policy": {"dailySchedule.snapshotsToKeep"}}),
        (", snapshotPolicy: nightly}\n  anf-smb:smbUser", "}\n  anf-smb:smbUser", {"media-volume": {"dataProtection"}}),
        ("sizeTiB: 1", "sizeTiB: 2", {"anf-pool": {"size"}}),
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
    ],
    "no Pods": [
        (
            "sampleWorkload: true",
            "sampleWorkload: false",
            dict.fromkeys(
                ["web", "media", "dynamic-smb-dynamic", "web-pod", "media-pod", "dynamic-smb-dynamic-pod"], "delete"
            ),
        )
    ],
    "one more volume": [
        (
            "  anf-smb:smbUser",
            "    - {name: logs, sizeGiB: 50}\n  anf-smb:smbUser",
            dict.fromkeys(["logs", "logs-volume", "logs-persistent-volume", "logs-claim", "logs-pod"], "create"),
        )
    ],
    "protection": [
        (
            "protect: true",
            "protect: false",
            {"smb-dynamic-reclaim-policy": {"spec.persistentVolumeReclaimPolicy"}},
        )
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
    assert outputs["uncPath"].startswith(r"\\anf-stg-")
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
    """What the steps of a preview do, in the words of `CHANGES`."""
    changed = [step for step in steps if step["op"] != "same"]
    return {
        step["urn"].rsplit("::", 1)[-1]: {*step["detailedDiff"]} if step["op"] == "update" else step["op"]
        for step in changed
    }


def test_staging_goes_in_two_steps_and_its_policy_last(staging: Stack) -> None:
    staging.configure(protect=False)
    staging.up()
    run = staging.pulumi("destroy", "--yes", "--skip-preview")
    assert run.code == 0, run.output
    assert run.output.index("web-volume deleted") < run.output.index("nightly-policy deleting")


def test_prod_comes_up_with_snapshots_of_every_volume_in_a_subscription_of_its_own(stack: Stack) -> None:
    prod = replace(stack, name="prod")
    prod.up()
    run = prod.pulumi("preview", "--expect-no-changes")
    assert run.code == 0, run.output
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
