"""Refresh, import and deletion."""

import json
from typing import Any

import pytest

from sandbox.providers.values import read
from tests.sandbox.kubernetes.kubernetes_objects import config_map
from tests.sandbox.kubernetes.kubernetes_plugin import ProviderError

NAMESPACE = "kubernetes:core/v1:Namespace"
CONFIG_MAP = "kubernetes:core/v1:ConfigMap"


def test_a_refresh_shows_drift_in_managed_fields_alone(plugin: Any, namespace: str, core: Any) -> None:
    made = plugin.create(CONFIG_MAP, config_map(namespace, {"a": "1"}, labels={"x": "y"}))
    core.patch_namespaced_config_map(
        "settings", namespace, {"data": {"a": "9", "new": "1"}, "metadata": {"labels": {"other": "1"}}}
    )

    found = plugin.refresh(made)

    assert read(found.inputs).values["data"] == {"a": "9"}
    assert read(found.inputs).values["metadata"]["labels"] == {"x": "y"}
    made.outputs, made.inputs = read(found.properties), read(found.inputs)
    difference = plugin.diff(made, config_map(namespace, {"a": "1"}, labels={"x": "y"}))
    assert list(difference.detailedDiff) == ["data.a"]


def test_a_deleted_object_is_gone_on_refresh(plugin: Any, namespace: str, core: Any) -> None:
    made = plugin.create(CONFIG_MAP, config_map(namespace, {}))
    core.delete_namespaced_config_map("settings", namespace)

    assert plugin.refresh(made).id == ""
    plugin.delete(made)


def test_an_import_takes_what_is_not_the_server_s_own(plugin: Any, namespace: str, core: Any) -> None:
    core.create_namespaced_config_map(
        namespace,
        config_map(
            namespace,
            {"a": "1"},
            annotations={"kubectl.kubernetes.io/last-applied-configuration": json.dumps({"a": 1}), "mine": "1"},
        ),
    )

    found = plugin.import_(CONFIG_MAP, f"{namespace}/settings")

    assert found.id == f"{namespace}/settings"
    assert read(found.inputs).values == config_map(namespace, {"a": "1"}, annotations={"mine": "1"})
    assert plugin.import_(CONFIG_MAP, f"{namespace}/no-such").id == ""


def test_deletion_waits_until_the_object_is_gone(plugin: Any, core: Any) -> None:
    made = plugin.create(NAMESPACE, {"apiVersion": "v1", "kind": "Namespace", "metadata": {}}, name="short")

    plugin.delete(made)

    assert made.id not in {each.metadata.name for each in core.list_namespace().items}
    assert "Resource scheduled for deletion" in plugin.engine.of(made.urn)


def test_a_deletion_that_a_finalizer_holds_up_ends_with_its_name(plugin: Any, namespace: str, core: Any) -> None:
    made = plugin.create(CONFIG_MAP, config_map(namespace, {}, finalizers=["example.com/hold"]))

    with pytest.raises(ProviderError, match="timed out waiting for the condition") as failure:
        plugin.delete(made, timeout=1)

    assert "finalizers might be preventing deletion (example.com/hold)" in " ".join(plugin.engine.of(made.urn))
    assert read(failure.value.state.properties).values["metadata"]["deletionTimestamp"]
    core.patch_namespaced_config_map("settings", namespace, {"metadata": {"finalizers": None}})
    plugin.delete(made)


def test_dependents_may_outlive_their_owner(plugin: Any, namespace: str, core: Any) -> None:
    owner = plugin.create(
        CONFIG_MAP, config_map(namespace, {}, annotations={"pulumi.com/deletionPropagationPolicy": "orphan"})
    )
    reference = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "name": "settings",
        "uid": owner.outputs.values["metadata"]["uid"],
    }
    core.create_namespaced_config_map(namespace, config_map(namespace, {}, name="child", ownerReferences=[reference]))

    plugin.delete(owner)

    assert core.read_namespaced_config_map("child", namespace).metadata.owner_references is None
