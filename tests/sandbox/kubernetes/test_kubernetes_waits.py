"""When an object counts as ready, and what is said while it is not."""

import json
from typing import Any

import pytest

from sandbox.providers.kubernetes.cluster import Cluster
from sandbox.providers.kubernetes.kinds import GroupVersionKind
from sandbox.providers.kubernetes.settings import ProviderSettings
from sandbox.providers.kubernetes.waits.watching import EventStream, Watched
from sandbox.providers.values import read
from tests.sandbox.kubernetes.kubernetes_objects import POD_SPEC, READY, Background, set_pod_status, thing
from tests.sandbox.kubernetes.kubernetes_plugin import ProviderError

POD = "kubernetes:core/v1:Pod"
CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
PV = "kubernetes:core/v1:PersistentVolume"
CONFIG_MAP = "kubernetes:core/v1:ConfigMap"


def pod(namespace: str, name: str = "iis-pod", **annotations: str) -> dict[str, Any]:
    return thing("Pod", name, namespace, annotations=annotations, spec=POD_SPEC)


def claim(namespace: str, name: str = "claim", annotations: Any = None, **spec: Any) -> dict[str, Any]:
    whole = {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "1Gi"}}, **spec}
    return thing("PersistentVolumeClaim", name, namespace, annotations=annotations, spec=whole)


def test_a_pod_is_ready_when_its_conditions_say_so(
    plugin: Any, namespace: str, core: Any, background: Background
) -> None:
    creation = background(plugin.create, POD, pod(namespace, "ready"), name="ready")
    urn = plugin.urn(POD, "ready")
    plugin.engine.wait_for(urn, f'Waiting for Pod "{namespace}/ready" to be scheduled')
    set_pod_status(core, namespace, "ready", conditions=READY[:1])
    plugin.engine.wait_for(urn, f'Waiting for Pod "{namespace}/ready" to be initialized')
    set_pod_status(core, namespace, "ready", phase="Running", conditions=READY)

    made = creation.result(timeout=30)

    assert made.outputs.values["status"]["phase"] == "Running"


def test_a_pod_whose_volume_does_not_mount_says_why(
    plugin: Any, namespace: str, core: Any, background: Background
) -> None:
    creation = background(plugin.create, POD, pod(namespace), timeout=4, name="unmounted")
    urn = plugin.urn(POD, "unmounted")
    plugin.engine.wait_for(urn, "to be scheduled")
    live = core.read_namespaced_pod("iis-pod", namespace)
    message = "containers with unready status: [c]"
    unready = {"type": "Ready", "status": "False", "reason": "ContainersNotReady", "message": message}
    set_pod_status(core, namespace, "iis-pod", phase="Pending", conditions=[*READY[:2], unready])
    core.create_namespaced_event(
        namespace,
        {
            "metadata": {"generateName": "iis-pod."},
            "involvedObject": {"kind": "Pod", "name": "iis-pod", "namespace": namespace, "uid": live.metadata.uid},
            "type": "Warning",
            "reason": "FailedMount",
            "message": 'MountVolume.MountDevice failed for volume "pv": share not found',
        },
    )
    plugin.engine.wait_for(urn, 'FailedMount: MountVolume.MountDevice failed for volume "pv": share not found')

    with pytest.raises(ProviderError, match="'iis-pod' timed out waiting to be Ready") as failure:
        creation.result(timeout=30)

    assert "was successfully created, but the Kubernetes API server reported that it failed" in str(failure.value)
    assert failure.value.reasons[1:] == [f"[Pod {namespace}/iis-pod]: {message}"]
    assert failure.value.state.id == f"{namespace}/iis-pod"
    assert read(failure.value.state.properties).values["status"]["phase"] == "Pending"


def test_a_pod_tells_of_its_containers(plugin: Any, namespace: str, core: Any, background: Background) -> None:
    creation = background(plugin.create, POD, pod(namespace), timeout=3, name="backing-off")
    plugin.engine.wait_for(plugin.urn(POD, "backing-off"), "to be scheduled")
    unready = {"type": "Ready", "status": "False", "reason": "ContainersNotReady", "message": "not ready. "}
    waiting = {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "i"'}
    container = {
        "name": "c",
        "image": "i",
        "imageID": "",
        "ready": False,
        "restartCount": 0,
        "state": {"waiting": waiting},
    }
    set_pod_status(core, namespace, "iis-pod", conditions=[*READY[:2], unready], containerStatuses=[container])

    with pytest.raises(ProviderError, match="timed out") as failure:
        creation.result(timeout=30)

    assert failure.value.reasons[1] == (
        f'[Pod {namespace}/iis-pod]: not ready. [ImagePullBackOff] Back-off pulling image "i"'
    )


def test_a_pod_that_is_not_well_is_told_on_refresh(plugin: Any, namespace: str) -> None:
    made = plugin.create(POD, pod(namespace, **{"pulumi.com/skipAwait": "true"}))
    made.inputs.values["metadata"]["annotations"] = {}

    with pytest.raises(ProviderError, match="Resource 'iis-pod' was created but failed to initialize") as failure:
        plugin.refresh(made)

    assert failure.value.state.id == made.id


def test_waiting_can_be_left_out(plugin: Any, namespace: str) -> None:
    made = plugin.create(POD, pod(namespace, **{"pulumi.com/skipAwait": "true"}))

    assert "Skipping await logic" in plugin.engine.of(made.urn)
    plugin.delete(made)


def test_an_annotation_limits_a_wait(plugin: Any, namespace: str) -> None:
    with pytest.raises(ProviderError, match="'iis-pod' timed out waiting to be Ready"):
        plugin.create(POD, pod(namespace, **{"pulumi.com/timeoutSeconds": "1"}))


def test_a_claim_waits_its_own_time_whatever_the_timeout(plugin: Any, namespace: str) -> None:
    with pytest.raises(ProviderError, match="Timeout occurred polling for 'claim'"):
        plugin.create(CLAIM, claim(namespace, storageClassName=""), timeout=3600, name="unbound")

    assert 'no storage class found for "claim"' in plugin.engine.of(plugin.urn(CLAIM, "unbound"))


def test_a_claim_of_a_class_that_binds_late_is_ready_while_it_waits(plugin: Any, namespace: str) -> None:
    storage_class = {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": f"late-{namespace}"},
        "provisioner": "example.com/none",
        "volumeBindingMode": "WaitForFirstConsumer",
    }
    plugin.create("kubernetes:storage.k8s.io/v1:StorageClass", storage_class)

    made = plugin.create(CLAIM, claim(namespace, storageClassName=f"late-{namespace}"))

    assert made.outputs.values["status"]["phase"] == "Pending"


def test_a_claim_and_its_volume_find_each_other(plugin: Any, namespace: str) -> None:
    spec = {
        "capacity": {"storage": "1Gi"},
        "accessModes": ["ReadWriteMany"],
        "storageClassName": "",
        "csi": {"driver": "smb.csi.k8s.io", "volumeHandle": namespace},
    }
    volume = plugin.create(
        PV, {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": namespace}, "spec": spec}
    )
    assert volume.outputs.values["status"]["phase"] == "Available"

    made = plugin.create(CLAIM, claim(namespace, storageClassName="", volumeName=namespace))

    assert made.outputs.values["status"]["phase"] == "Bound"


def test_a_wait_for_extends_a_claim_s_time(plugin: Any, namespace: str, core: Any, background: Background) -> None:
    wanted = claim(namespace, annotations={"pulumi.com/waitFor": "jsonpath={.status.phase}=Bound"}, storageClassName="")
    creation = background(plugin.create, CLAIM, wanted, timeout=60, name="patient")
    plugin.engine.wait_for(plugin.urn(CLAIM, "patient"), 'Waiting for {.status.phase}=Bound (found "Pending")')

    core.patch_namespaced_persistent_volume_claim_status("claim", namespace, {"status": {"phase": "Bound"}})

    assert creation.result(timeout=30).outputs.values["status"]["phase"] == "Bound"


def test_several_conditions_have_to_hold_at_once(
    plugin: Any, namespace: str, core: Any, background: Background
) -> None:
    conditions = json.dumps(["condition=Ready", "condition=Special=False", "jsonpath={.status.hostIP}"])
    creation = background(
        plugin.create, POD, pod(namespace, **{"pulumi.com/waitFor": conditions}), timeout=60, name="several"
    )
    urn = plugin.urn(POD, "several")
    plugin.engine.wait_for(urn, "Has no .status.conditions")
    special = {"type": "Special", "status": "True"}
    set_pod_status(core, namespace, "iis-pod", conditions=[*READY, special])
    plugin.engine.wait_for(urn, "Resource has condition Special=True (want False)")
    set_pod_status(core, namespace, "iis-pod", conditions=[*READY, {**special, "status": "False"}])
    plugin.engine.wait_for(urn, "{.status.hostIP} selected nothing")
    set_pod_status(core, namespace, "iis-pod", hostIP="10.0.0.1", hostIPs=[{"ip": "10.0.0.1"}])

    assert creation.result(timeout=30).outputs.values["status"]["hostIP"] == "10.0.0.1"


def test_a_condition_that_never_holds_ends_in_time(plugin: Any, namespace: str) -> None:
    wanted = thing("ConfigMap", "c", namespace, annotations={"pulumi.com/waitFor": "jsonpath={.data.never}"})

    with pytest.raises(ProviderError, match="timed out waiting for the condition"):
        plugin.create(CONFIG_MAP, wanted, timeout=1)


def test_a_wait_for_that_is_not_understood_fails(plugin: Any, namespace: str) -> None:
    wanted = thing("ConfigMap", "c", namespace, annotations={"pulumi.com/waitFor": "phase=Bound"})

    with pytest.raises(ProviderError, match='expected a "jsonpath=" or "condition=" prefix, got "phase=Bound"'):
        plugin.create(CONFIG_MAP, wanted)


def test_an_object_that_goes_before_its_watch_begins_is_seen_to_have_gone(kubeconfig: str, namespace: str) -> None:
    cluster = Cluster(ProviderSettings(kubeconfig=kubeconfig))
    kind = GroupVersionKind("", "v1", "ConfigMap")
    gone = {"metadata": {"name": "gone", "namespace": namespace}}

    with EventStream(cluster.api, [Watched(kind, namespace, "metadata.name=gone", expected=gone)]) as events:
        event = events.next(30)

    assert event is not None
    assert (event.type, event.object) == ("DELETED", gone)
