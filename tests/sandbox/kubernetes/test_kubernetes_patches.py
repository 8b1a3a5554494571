"""Patch resources: some fields of an object that someone else has made."""

import time
from typing import Any

import pytest

from tests.sandbox.kubernetes.kubernetes_plugin import ProviderError

PATCH = "kubernetes:core/v1:ConfigMapPatch"
CUSTOM_PATCH = "kubernetes:patched.example.com/v1:GadgetPatch"


def patch(namespace: str, data: dict[str, str], **metadata: Any) -> dict[str, Any]:
    metadata = {"name": "theirs", "namespace": namespace, **metadata}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


@pytest.fixture
def theirs(core: Any, namespace: str) -> str:
    body = {"metadata": {"name": "theirs"}, "data": {"a": "1"}}
    core.create_namespaced_config_map(namespace, body, field_manager="someone-else")
    return namespace


@pytest.fixture(scope="package")
def gadget_type(control_plane: Any) -> None:
    from kubernetes import client, config

    api: Any = client.ApiextensionsV1Api(config.new_client_from_config(str(control_plane.kubeconfig)))
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
    }
    spec = {
        "group": "patched.example.com",
        "names": {"kind": "Gadget", "plural": "gadgets"},
        "scope": "Cluster",
        "versions": [version],
    }
    api.create_custom_resource_definition({"metadata": {"name": "gadgets.patched.example.com"}, "spec": spec})
    # Established says that the API server is to serve the type; for a moment it may still answer 404.
    end = time.monotonic() + 30
    while not _serves_gadgets(client.CustomObjectsApi(api.api_client)):
        assert time.monotonic() < end, "the API server does not serve the new type"


def _serves_gadgets(api: Any) -> bool:
    from kubernetes.client.exceptions import ApiException

    try:
        api.list_cluster_custom_object("patched.example.com", "v1", "gadgets")
    except ApiException:
        return False
    return True


def test_a_patch_adds_its_fields_and_takes_them_away_again(plugin: Any, theirs: str, core: Any) -> None:
    made = plugin.create(PATCH, patch(theirs, {"ours": "2"}))

    assert core.read_namespaced_config_map("theirs", theirs).data == {"a": "1", "ours": "2"}
    manager = made.outputs.values["__fieldManager"]
    assert manager in {entry["manager"] for entry in made.outputs.values["metadata"]["managedFields"]}
    plugin.delete(made)
    assert core.read_namespaced_config_map("theirs", theirs).data == {"a": "1"}


def test_a_patch_of_a_field_of_someone_else_s_is_a_conflict_unless_forced(plugin: Any, theirs: str) -> None:
    with pytest.raises(ProviderError, match='conflict with "someone-else"'):
        plugin.create(PATCH, patch(theirs, {"a": "2"}))

    forced = plugin.create(PATCH, patch(theirs, {"a": "2"}, annotations={"pulumi.com/patchForce": "true"}))
    assert forced.outputs.values["data"]["a"] == "2"


def test_a_patch_changes_in_place_what_would_replace_an_object(plugin: Any, theirs: str) -> None:
    made = plugin.create(PATCH, patch(theirs, {"ours": "2"}))

    difference = plugin.diff(made, patch(theirs, {"ours": "3"}))
    assert list(difference.detailedDiff) == ["data.ours"]
    assert list(difference.replaces) == []
    assert plugin.update(made, patch(theirs, {"ours": "3"})).outputs.values["data"] == {"a": "1", "ours": "3"}


def test_a_patch_s_manager_can_be_named(plugin: Any, theirs: str) -> None:
    made = plugin.create(PATCH, patch(theirs, {"b": "1"}, annotations={"pulumi.com/patchFieldManager": "me"}))

    managers = {entry["manager"] for entry in made.outputs.values["metadata"]["managedFields"]}
    assert managers == {"someone-else", "me"}


def test_a_patch_is_not_asked_about_in_a_preview(plugin: Any, theirs: str, core: Any) -> None:
    inputs = patch(theirs, {"ours": "2"})

    assert plugin.preview(PATCH, inputs).values == inputs
    assert core.read_namespaced_config_map("theirs", theirs).data == {"a": "1"}


def test_a_patch_names_its_object(plugin: Any) -> None:
    with pytest.raises(ProviderError, match=r"patch resources require the `\.metadata\.name` field to be set"):
        plugin.create(PATCH, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}, "data": {}})


def test_a_patch_of_a_custom_resource_waits_for_what_it_is_told(
    plugin: Any, gadget_type: None, control_plane: Any
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from kubernetes import client, config

    api: Any = client.CustomObjectsApi(config.new_client_from_config(str(control_plane.kubeconfig)))
    where = ("patched.example.com", "v1", "gadgets")
    gadget = {"apiVersion": "patched.example.com/v1", "kind": "Gadget", "metadata": {"name": "one"}}
    api.create_cluster_custom_object(*where, {**gadget, "spec": {"a": 1}})
    annotation = {"pulumi.com/waitFor": "jsonpath={.status.status}=Installed"}
    inputs = {**gadget, "metadata": {"name": "one", "annotations": annotation}}
    with ThreadPoolExecutor() as pool:
        creation = pool.submit(plugin.create, CUSTOM_PATCH, inputs, name="gadget")
        plugin.engine.wait_for(plugin.urn(CUSTOM_PATCH, "gadget"), "{.status.status} selected nothing")
        api.patch_cluster_custom_object(*where, "one", {"status": {"status": "Installing"}})
        plugin.engine.wait_for(
            plugin.urn(CUSTOM_PATCH, "gadget"), 'Waiting for {.status.status}=Installed (found "Installing")'
        )
        api.patch_cluster_custom_object(*where, "one", {"status": {"status": "Installed"}})
        made = creation.result(timeout=30)

    assert made.id == "one"
    assert made.outputs.values["status"] == {"status": "Installed"}
    plugin.delete(made)
    assert "annotations" not in api.get_cluster_custom_object(*where, "one")["metadata"]
