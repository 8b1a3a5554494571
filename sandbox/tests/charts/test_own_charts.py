"""The sandbox's own charts against what is documented of the genuine ones (facts of the two projects' charts)."""

from typing import Any

import pytest

from sandbox.charts import own_chart
from tests.charts.conftest import REPOSITORIES, Helm, Objects

VERSIONS = {chart.name: chart.versions for chart in own_chart.all_charts()}


def pod(objects: Objects, kind: str, name: str) -> dict[str, Any]:
    return objects[kind, name]["spec"]["template"]


def containers(objects: Objects, kind: str, name: str) -> list[str]:
    return [container["name"] for container in pod(objects, kind, name)["spec"]["containers"]]


@pytest.mark.parametrize("version", VERSIONS["csi-driver-smb"])
def test_the_smb_drivers_workloads(render: Helm, version: str) -> None:
    modern = version not in ("v1.13.0", "v1.14.0", "v1.15.0", "v1.16.0")
    objects = render("csi-driver-smb", version, windows={"enabled": True})
    resizer = ["csi-resizer"] if modern else []
    controller = ["csi-provisioner", *resizer, "liveness-probe", "smb"]
    assert containers(objects, "Deployment", "csi-smb-controller") == controller
    plugin = ["liveness-probe", "node-driver-registrar", "smb"]
    assert containers(objects, "DaemonSet", "csi-smb-node") == plugin
    assert containers(objects, "DaemonSet", "csi-smb-node-win") == (plugin[1:] if modern else plugin)
    assert objects["CSIDriver", "smb.csi.k8s.io"]["spec"]["attachRequired"] is False

    # No API server lets this be changed, so an upgrade from 1.16 or older fails.
    modes = objects["CSIDriver", "smb.csi.k8s.io"]["spec"].get("volumeLifecycleModes")
    assert modes == (["Persistent", "Ephemeral"] if modern else None)

    windows = pod(objects, "DaemonSet", "csi-smb-node-win")
    assert windows["spec"]["nodeSelector"] == {"kubernetes.io/os": "windows"}
    assert windows["spec"]["tolerations"] == [
        {"key": "node.kubernetes.io/os", "operator": "Exists", "effect": "NoSchedule"}
    ]
    assert windows["metadata"]["labels"]["app"] == "csi-smb-node-win"
    assert windows["metadata"]["labels"]["app.kubernetes.io/name"] == "csi-driver-smb"
    assert bool(windows["spec"].get("hostNetwork")) is modern, "host processes came with 1.17"
    images = {container["image"] for container in pod(objects, "DaemonSet", "csi-smb-node")["spec"]["containers"]}
    assert f"registry.k8s.io/sig-storage/smbplugin:v{version.removeprefix('v')}" in images

    by_default = ("DaemonSet", "csi-smb-node-win") in render("csi-driver-smb", version)
    assert by_default is modern, "windows.enabled is false up to 1.16"


@pytest.mark.parametrize("version", ["v1.13.0", "1.20.3"])
def test_the_smb_drivers_values(render: Helm, version: str) -> None:
    tolerations = [{"operator": "Exists"}]
    objects = render(
        "csi-driver-smb",
        version,
        windows={"enabled": True, "tolerations": tolerations},
        linux={"tolerations": tolerations},
        controller={"replicas": 2, "tolerations": tolerations, "nodeSelector": {"pool": "system"}},
        feature={"enableGetVolumeStats": False},
        image={"baseRepo": "example.azurecr.io/sig-storage"},
        imagePullSecrets=["registry"],
        node={"maxUnavailable": 3},
        driver={"name": "other.csi.k8s.io"},
        customLabels={"team": "web"},
        noSuchKey=True,
    )
    controller = objects["Deployment", "csi-smb-controller"]
    assert controller["spec"]["replicas"] == 2
    assert controller["metadata"]["labels"]["team"] == "web"
    spec = controller["spec"]["template"]["spec"]
    assert spec["nodeSelector"] == {"pool": "system", "kubernetes.io/os": "linux"}
    for kind, name in (("Deployment", "csi-smb-controller"), ("DaemonSet", "csi-smb-node-win")):
        spec = pod(objects, kind, name)["spec"]
        assert spec["tolerations"] == tolerations
        assert spec["imagePullSecrets"] == [{"name": "registry"}]
    assert objects["DaemonSet", "csi-smb-node"]["spec"]["updateStrategy"]["rollingUpdate"]["maxUnavailable"] == 3
    driver = pod(objects, "DaemonSet", "csi-smb-node")["spec"]["containers"][-1]
    assert "--enable-get-volume-stats=false" in driver["args"]
    assert "--drivername=other.csi.k8s.io" in driver["args"]
    assert ("CSIDriver", "other.csi.k8s.io") in objects
    registrar = pod(objects, "DaemonSet", "csi-smb-node")["spec"]["containers"][-2]["image"]
    # Until 1.15 the sidecars' repositories are whole addresses, which baseRepo does not change.
    assert registrar.startswith("example.azurecr.io/" if version == "1.20.3" else "registry.k8s.io/")


@pytest.mark.parametrize("version", VERSIONS["trident-operator"])
def test_tridents_objects(render: Helm, version: str) -> None:
    objects = render("trident-operator", version, windows=True)
    assert containers(objects, "Deployment", "trident-operator") == ["trident-operator"]
    assert pod(objects, "Deployment", "trident-operator")["metadata"]["labels"] == {
        "app": "operator.trident.netapp.io",
        "name": "trident-operator",
    }
    command = pod(objects, "Deployment", "trident-operator")["spec"]["containers"][0]["command"]
    interval = "-configurator-reconcile-interval=30m0s"  # in every later version only with a configurator
    assert (interval in command) is version.startswith(("100.2406", "100.2410"))
    spec = objects["TridentOrchestrator", "trident"]["spec"]
    assert spec["namespace"] == "its-namespace"
    assert spec["windows"] is True
    release = version if version.startswith("23") else f"{version[4:6]}.{version[6:8]}.{version[9:]}"
    assert spec["tridentImage"] == f"docker.io/netapp/trident:{release}"
    crds = {name.partition(".")[0] for kind, name in objects if kind == "CustomResourceDefinition"}
    later = not version.startswith("23") and version != "100.2402.0"
    assert crds == {"tridentorchestrators", "tridentconfigurators"} if later else {"tridentorchestrators"}


def test_tridents_values(render: Helm) -> None:
    objects = render(
        "trident-operator",
        "100.2606.0",
        cloudProvider="Azure",
        cloudIdentity="'azure.workload.identity/client-id: 1-2-3'",
        tridentSilenceAutosupport=True,
        enableForceDetach=True,
        imageRegistry="example.azurecr.io/netapp",
        tolerations=[{"operator": "Exists"}],
        nodeSelector={"pool": "system"},
        tridentNodePluginTolerations=[{"key": "os", "operator": "Exists"}],
        nodePrep=["iscsi"],
    )
    spec = objects["TridentOrchestrator", "trident"]["spec"]
    assert spec["cloudIdentity"] == "azure.workload.identity/client-id: 1-2-3"
    assert spec["silenceAutosupport"] is True
    assert spec["enableForceDetach"] is True
    assert spec["imageRegistry"] == "example.azurecr.io/netapp"
    assert spec["nodePluginTolerations"] == [{"key": "os", "operator": "Exists"}]
    assert spec["nodePrep"] == ["iscsi"]
    account = objects["ServiceAccount", "trident-operator"]["metadata"]
    assert account["annotations"] == {"azure.workload.identity/client-id": "1-2-3"}
    operator = pod(objects, "Deployment", "trident-operator")
    assert operator["metadata"]["labels"]["azure.workload.identity/use"] == "true"
    assert operator["spec"]["nodeSelector"] == {"pool": "system"}


def test_a_cloud_identity_without_its_own_quotes_breaks_the_chart_as_it_does_the_genuine_one(render: Helm) -> None:
    identity = "azure.workload.identity/client-id: 1-2-3"
    error = render.error("trident-operator", "100.2606.0", cloudProvider="Azure", cloudIdentity=identity)
    assert "YAML parse error on trident-operator/templates/tridentorchestrator.yaml" in error
    assert "mapping values are not allowed in this context" in error


@pytest.mark.parametrize("key", ["anfConfigurator", "ontapConfigurator"])
def test_a_configurator_which_the_sandbox_does_not_play_is_refused(render: Helm, key: str) -> None:
    error = render.error("trident-operator", "100.2606.0", **{key: {"enabled": True}})
    assert f"the sandbox's chart does not play {key}" in error


@pytest.mark.parametrize(
    ("chart", "asked", "image"),
    [
        ("csi-driver-smb", "1.13.0", "smbplugin:v1.13.0"),
        ("csi-driver-smb", "~1.19", "smbplugin:v1.19.1"),
        ("csi-driver-smb", "", "smbplugin:v1.20.3"),
        ("trident-operator", "", "trident-operator:26.06.0"),
    ],
)
def test_helm_resolves_versions_as_in_the_genuine_repository(render: Helm, chart: str, asked: str, image: str) -> None:
    assert image in str(render(chart, asked))


def test_a_version_that_does_not_exist_is_helms_own_error(render: Helm) -> None:
    error = render.error("csi-driver-smb", "v1.13.1").replace("\\", "")
    assert f'chart "csi-driver-smb" version "v1.13.1" not found in {REPOSITORIES["csi-driver-smb"]} repository' in error


def test_a_package_is_the_same_whenever_it_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    charts = own_chart.all_charts()
    before = [chart.package(chart.versions[0]) for chart in charts]
    monkeypatch.setattr("time.time", lambda: 0.0)
    assert [chart.package(chart.versions[0]) for chart in charts] == before
