"""A release's life on a real API server, with the sandbox's own charts."""

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.providers.kubernetes.handler import Change, ResourceError
from sandbox.providers.values import UNKNOWN
from tests.sandbox.helm.releases import CONFIG_MAP, HelmByHand, Program

SMB_WORKLOADS = {"csi-smb-controller": 3, "csi-smb-node": 3, "csi-smb-node-win": 3}


def smb_driver(repository: str, version: str, **values: Any) -> dict[str, Any]:
    return {
        "chart": "csi-driver-smb",
        "version": version,
        "name": "csi-driver-smb",
        "namespace": "kube-system",
        "repositoryOpts": {"repo": repository},
        "values": values,
        "timeout": 60,
    }


def test_the_smb_driver_is_installed_compared_read_imported_upgraded_and_removed(
    program: Program, silent_repository: str, by_hand: HelmByHand
) -> None:
    inputs, made = program.install(smb_driver(silent_repository, "v1.13.0", windows={"enabled": True}))
    assert made.id == "kube-system/csi-driver-smb"
    assert made.outputs.values["status"] == {
        "appVersion": "v1.13.0",
        "chart": "csi-driver-smb",
        "name": "csi-driver-smb",
        "namespace": "kube-system",
        "revision": 1,
        "status": "deployed",
        "version": "v1.13.0",
    }
    assert made.outputs.values["resourceNames"]["DaemonSet.apps/apps/v1"] == [
        "kube-system/csi-smb-node",
        "kube-system/csi-smb-node-win",
    ]
    assert made.outputs.values["resourceNames"]["CSIDriver.storage.k8s.io/storage.k8s.io/v1"] == ["smb.csi.k8s.io"]

    pods = by_hand.kubectl("get", "pods", "-n", "kube-system", "-l", "app.kubernetes.io/name=csi-driver-smb")["items"]
    ready = {
        pod["metadata"]["labels"]["app"]: sum(status["ready"] for status in pod["status"]["containerStatuses"])
        for pod in pods
    }
    assert ready == SMB_WORKLOADS
    assert by_hand.kubectl("get", "csidriver", "smb.csi.k8s.io")["spec"]["attachRequired"] is False

    again = program.checked(smb_driver(silent_repository, "v1.13.0", windows={"enabled": True}), inputs)
    assert not program.diff(inputs, made, again).changed
    refreshed = program.refresh(inputs, made)
    assert refreshed is not None
    assert refreshed.outputs == made.outputs
    assert refreshed.inputs == inputs

    imported = program.handler.read(program.resource, made.id, None, None)
    assert imported is not None
    assert imported.inputs is not None
    assert imported.inputs.values["values"] == {"windows": {"enabled": True}}
    assert imported.outputs.values["status"] == made.outputs.values["status"]

    wanted = program.checked(smb_driver(silent_repository, "v1.16.0", node={"maxUnavailable": 2}), inputs)
    assert program.diff(inputs, made, wanted).details == {
        "version": Change.UPDATE,
        "values.node": Change.ADD,
        "values.windows": Change.DELETE,
    }
    upgraded = program.upgrade(inputs, made, wanted)
    assert upgraded.outputs.values["status"]["revision"] == 2
    assert upgraded.outputs.values["version"] == "v1.16.0"
    names = upgraded.outputs.values["resourceNames"]["DaemonSet.apps/apps/v1"]
    assert names == ["kube-system/csi-smb-node"], "without windows.enabled there is no Windows node plugin"

    program.uninstall(wanted, upgraded)
    assert program.refresh(wanted, upgraded) is None


def test_a_driver_from_before_1_17_cannot_be_upgraded_past_it(program: Program, silent_repository: str) -> None:
    """CSIDriver's volumeLifecycleModes came with 1.17, and the API server lets nobody change them afterwards."""
    inputs, made = program.install(smb_driver(silent_repository, "v1.16.0"))
    wanted = program.checked(smb_driver(silent_repository, "1.20.3"), inputs)
    with pytest.raises(ResourceError, match=r"spec\.volumeLifecycleModes: .*field is immutable"):
        program.upgrade(inputs, made, wanted)
    program.uninstall(inputs, made)


def test_the_newest_smb_driver_runs_on_windows_without_being_told(
    program: Program, silent_repository: str, by_hand: HelmByHand
) -> None:
    driver = {**smb_driver(silent_repository, "1.20.3"), "namespace": "smb-driver", "createNamespace": True}
    driver.pop("version")
    inputs, made = program.install(driver)
    assert made.outputs.values["version"] == "1.20.3"
    pods = by_hand.kubectl("get", "pods", "-n", "smb-driver")["items"]
    containers = {pod["metadata"]["labels"]["app"]: len(pod["spec"]["containers"]) for pod in pods}
    assert containers == {"csi-smb-controller": 4, "csi-smb-node": 3, "csi-smb-node-win": 2}
    program.uninstall(inputs, made)


@pytest.mark.parametrize("version", ["23.04.0", "100.2606.0"])
def test_trident_makes_its_orchestrator_and_leaves_its_crds(
    program: Program, silent_repository: str, by_hand: HelmByHand, version: str
) -> None:
    inputs, made = program.install(
        {
            "chart": "trident-operator",
            "version": version,
            "name": "trident",
            "namespace": "trident",
            "createNamespace": True,
            "repositoryOpts": {"repo": silent_repository},
            "values": {"windows": True},
            "timeout": 60,
        }
    )
    orchestrator = by_hand.kubectl("get", "torc", "trident")
    assert orchestrator["spec"]["windows"] is True
    assert orchestrator["spec"]["namespace"] == "trident"
    program.uninstall(inputs, made)
    assert by_hand.kubectl("get", "torc")["items"] == []
    crds = {crd["metadata"]["name"] for crd in by_hand.kubectl("get", "crds")["items"]}
    assert "tridentorchestrators.trident.netapp.io" in crds


def test_a_preview_knows_the_inputs_and_nothing_of_the_cluster(program: Program, chart: Callable[..., str]) -> None:
    inputs = program.checked({"chart": chart(CONFIG_MAP), "values": {"greeting": UNKNOWN}})
    outputs = program.handler.create(program.resource, inputs, None, True).outputs.values
    assert outputs["status"] is UNKNOWN
    assert outputs["resourceNames"] is UNKNOWN
    assert outputs["values"] == {"greeting": UNKNOWN}
    assert outputs["name"].startswith("web-")


def test_secret_values_stay_secret_in_the_state(program: Program, chart: Callable[..., str]) -> None:
    values = {"greeting": "hello", "deep": {"password": "hunter22"}, "list": [{"token": "hunter23"}]}
    secrets = [("values", "deep", "password"), ("values", "list", 0, "token")]
    inputs, made = program.install({"chart": chart(CONFIG_MAP), "name": "secretive", "values": values}, secrets)
    assert ("values", "deep", "password") in made.outputs.secrets
    assert ("values", "list") in made.outputs.secrets, "a list with a secret in it is secret as a whole"
    assert ("__inputs",) in made.outputs.secrets
    plain = made.outputs.struct()
    plain.fields.pop("__inputs")
    assert plain.fields["values"].struct_value.fields["greeting"].string_value == "hello"
    program.uninstall(inputs, made)


def test_values_that_someone_else_set_are_drift_only_where_the_program_sets_them(
    program: Program, by_hand: HelmByHand, chart: Callable[..., str]
) -> None:
    path = chart(CONFIG_MAP)
    release = {"chart": path, "name": "drifting", "namespace": "default", "values": {"greeting": "hello"}}
    inputs, made = program.install(release)
    by_hand.helm("upgrade", "drifting", path, "-n", "default", "--set", "greeting=bonjour", "--set", "other=1")
    seen = program.refresh(inputs, made)
    assert seen is not None
    assert seen.outputs.values["status"]["revision"] == 2
    assert program.diff(inputs, seen, inputs).details == {"values.greeting": Change.UPDATE}
    mended = program.upgrade(inputs, seen, inputs)
    assert mended.outputs.values["values"] == {"greeting": "hello"}
    program.uninstall(inputs, mended)


def test_what_helm_keeps_is_told(program: Program, chart: Callable[..., str]) -> None:
    kept = CONFIG_MAP.replace("metadata:", "metadata:\n      annotations: {helm.sh/resource-policy: keep}")
    inputs, made = program.install({"chart": chart(kept), "name": "keeping", "namespace": "default"})
    program.uninstall(inputs, made)
    assert any(severity == "warning" and "keeping-settings" in line for severity, line in program.lines)
