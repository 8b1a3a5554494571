"""What the genuine kubernetes plugin sees after an update, while the API server's cache has the object before it."""

import json
from pathlib import Path

import pulumi
import pulumi_kubernetes as kubernetes
import pytest

from tests.plugins.kubernetes.conftest import Cluster
from tests.plugins.kubernetes.program import SOMEONE
from tests.plugins.kubernetes.stale_api import StaleApi

CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
READY = "jsonpath={.data.phase}=Bound"
UPDATED = "jsonpath={.metadata.annotations['pulumi.com/waitFor']}"


@pytest.mark.parametrize(
    ("name", "conditions", "changes"),
    [("ready", [READY], {"update": 1}), ("ready-and-updated", [READY, UPDATED], {})],
)
def test_only_a_wait_for_the_update_itself_ends_with_the_updated_object(
    cluster: Cluster, tmp_path: Path, name: str, conditions: list[str], changes: dict[str, int]
) -> None:
    existing = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"phase": "Bound"}}
    cluster.api.apply(f"{CONFIG_MAPS}/{name}", existing, SOMEONE)

    def adopt(opts: pulumi.ResourceOptions) -> None:
        annotations = {"pulumi.com/waitFor": json.dumps(conditions)}
        kubernetes.core.v1.ConfigMap(
            name,
            metadata={"name": name, "namespace": "default", "annotations": annotations},
            data={"phase": "Bound"},
            opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(import_=f"default/{name}")),
        )

    api = StaleApi(cluster.kubeconfig, tmp_path)
    api.remember(CONFIG_MAPS)
    with api.running() as kubeconfig:
        stack = cluster.stack(name, adopt, kubeconfig)
        stack.up()
        found = stack.preview().change_summary
    assert api.served == [CONFIG_MAPS]
    assert {operation: count for operation, count in found.items() if operation != "same"} == changes
