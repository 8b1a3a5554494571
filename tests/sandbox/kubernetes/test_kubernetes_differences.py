"""What a change of the program means for an object."""

from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
PV = "kubernetes:core/v1:PersistentVolume"
CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
SECRET = "kubernetes:core/v1:Secret"
Kind = provider_pb2.PropertyDiff


def config_map(namespace: str, name: str | None = "settings", **data: Any) -> dict[str, Any]:
    metadata = {"namespace": namespace, **({"name": name} if name else {})}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def volume(name: str, source: str = "//a/b", storage: str = "1Gi") -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name},
        "spec": {
            "capacity": {"storage": storage},
            "accessModes": ["ReadWriteMany"],
            "persistentVolumeReclaimPolicy": "Retain",
            "csi": {"driver": "smb.csi.k8s.io", "volumeHandle": name, "volumeAttributes": {"source": source}},
        },
    }


def test_equal_inputs_in_other_words_show_no_change(plugin: Any, namespace: str) -> None:
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {
            "name": "c",
            "namespace": namespace,
            "labels": {},
            "annotations": {"pulumi.com/skipAwait": "true"},
        },
        "spec": {
            "accessModes": ["ReadWriteMany"],
            "resources": {"requests": {"storage": "1024Mi"}},
            "storageClassName": "",
            "selector": None,
        },
    }
    made = plugin.create(CLAIM, claim)

    assert plugin.diff(made, claim).changes == provider_pb2.DiffResponse.DIFF_NONE


def test_a_named_object_is_deleted_before_its_replacement(plugin: Any, namespace: str) -> None:
    made = plugin.create(CONFIG_MAP, config_map(namespace, a="1"))

    difference = plugin.diff(made, config_map(namespace, a="2"))

    assert difference.replaces == ["data.a"]
    assert difference.detailedDiff["data.a"].kind == Kind.UPDATE_REPLACE
    assert difference.deleteBeforeReplace


def test_a_replacement_with_a_name_of_its_own_comes_first(plugin: Any, namespace: str) -> None:
    autonamed = plugin.create(CONFIG_MAP, config_map(namespace, name=None, a="1"))
    named = plugin.create(CONFIG_MAP, config_map(namespace, a="1"))

    assert not plugin.diff(autonamed, config_map(namespace, name=None, a="2")).deleteBeforeReplace
    renamed = plugin.diff(named, config_map(namespace, name="other", a="1"))
    assert renamed.replaces == ["metadata.name"]
    assert not renamed.deleteBeforeReplace


def test_a_volume_grows_in_place_and_is_replaced_for_another_source(plugin: Any, namespace: str) -> None:
    made = plugin.create(PV, volume(namespace))

    grown = plugin.diff(made, volume(namespace, storage="2Gi"))
    assert dict(grown.detailedDiff) == {"spec.capacity.storage": Kind(kind=Kind.UPDATE)}
    moved = plugin.diff(made, volume(namespace, source="//c/d"))
    assert moved.replaces == ["spec.csi.volumeAttributes.source"]
    assert moved.deleteBeforeReplace
    assert plugin.update(made, volume(namespace, storage="2Gi")).outputs.values["spec"]["capacity"]["storage"] == "2Gi"
    plugin.delete(made)


def test_a_named_secret_is_replaced_for_new_data_unless_secrets_are_mutable(
    plugin: Any, mutable_plugin: Any, namespace: str
) -> None:
    def secret(value: str) -> dict[str, Any]:
        metadata = {"name": "creds", "namespace": namespace}
        return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"password": value}}

    made = plugin.create(SECRET, secret("first"))

    replaced = plugin.diff(made, secret("second"))
    assert replaced.replaces == ["data.password"]
    assert replaced.deleteBeforeReplace
    in_place = mutable_plugin.diff(made, secret("second"))
    assert in_place.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert list(in_place.replaces) == []
    changed = mutable_plugin.update(made, secret("second"))
    assert changed.outputs.values["data"] == {"password": "c2Vjb25k"}


def test_additions_and_removals_are_told_apart(mutable_plugin: Any, namespace: str) -> None:
    made = mutable_plugin.create(CONFIG_MAP, config_map(namespace, a="1"))

    difference = mutable_plugin.diff(made, config_map(namespace, b="1"))

    assert difference.detailedDiff["data.a"] == Kind(kind=Kind.DELETE, inputDiff=True)
    assert difference.detailedDiff["data.b"] == Kind(kind=Kind.ADD)


def test_changes_that_the_program_ignores_are_no_changes(plugin: Any, namespace: str) -> None:
    made = plugin.create(CONFIG_MAP, config_map(namespace, a="1"))

    ignored = plugin.diff(made, config_map(namespace, a="2"), ignore=["data"])

    assert ignored.changes == provider_pb2.DiffResponse.DIFF_NONE


@pytest.mark.parametrize(
    ("succeeded", "replaces"), [(True, []), (False, ['.metadata.annotations["pulumi.com/replaceUnready"]'])]
)
def test_a_job_that_has_not_succeeded_can_be_made_again(
    plugin: Any, namespace: str, control_plane: Any, succeeded: bool, replaces: list[str]
) -> None:
    from kubernetes import client, config

    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": "job",
            "namespace": namespace,
            "annotations": {"pulumi.com/replaceUnready": "true", "pulumi.com/skipAwait": "true"},
        },
        "spec": {
            "suspend": not succeeded,
            "completions": 0 if succeeded else 1,
            "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}},
        },
    }
    made = plugin.create("kubernetes:batch/v1:Job", job)
    batch: Any = client.BatchV1Api(config.new_client_from_config(str(control_plane.kubeconfig)))
    if succeeded:
        from kubernetes import watch

        events: Any = watch.Watch().stream(batch.list_namespaced_job, namespace, timeout_seconds=20)
        for event in events:
            if event["object"].status.completion_time:
                break

    assert list(plugin.diff(made, job).replaces) == replaces
