"""anf-smb:windowsPods: what Windows Pods need in a cluster reaches the sample Pods and the charts."""

from typing import Any, Final

import pytest

from components.rules.windows_pods import untolerated
from tests.unit.stack_config import errors, load
from tests.unit.unit_mocks import POD, RELEASE, run_whole

GPU: Final = {"key": "contoso.com/gpu", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 60}
TEAM: Final = {"key": "team", "value": "web", "effect": "NoSchedule"}
NEEDS: Final = {
    "image": "contoso.azurecr.io:443/windows/iis:ltsc2025",
    "nodeSelector": {"kubernetes.azure.com/agentpool": "win"},
    "tolerations": [TEAM, GPU],
    "imagePullSecrets": ["registry"],
}
OF_THE_CHART: Final = {"key": "node.kubernetes.io/os", "operator": "Exists", "effect": "NoSchedule"}

WRONG: Final[list[tuple[str, dict[str, Any], str, str]]] = [
    # what, the section, the key as the user wrote it, what the error says
    ("image", {"image": "https://contoso.io/iis"}, "image", "without https://"),
    ("image in capitals", {"image": "contoso.io/IIS"}, "image", "an image such as"),
    ("secret", {"imagePullSecrets": ["a", "B"]}, "imagePullSecrets[1]", "1 to 253 small letters"),
    ("label", {"nodeSelector": {"-pool": "win"}}, "nodeSelector.-pool", "1 to 63 letters, digits, -, _ or ."),
    ("label's value", {"nodeSelector": {"pool": "a b"}}, "nodeSelector.pool", "at most 63 letters"),
    ("no text", {"nodeSelector": {"gpu": True}}, "nodeSelector.gpu", "quote a number, true or false"),
    ("Linux", {"nodeSelector": {"kubernetes.io/os": "linux"}}, "nodeSelector", "kubernetes.io/os is windows"),
    ("operator", {"tolerations": [{"key": "a", "operator": "In"}]}, "tolerations[0].operator", "Equal, Exists"),
    ("effect", {"tolerations": [TEAM, {"key": "a", "effect": "No"}]}, "tolerations[1].effect", "NoSchedule, Prefer"),
    ("no key", {"tolerations": [{"value": "a"}]}, "tolerations[0]", "or operator Exists without a key"),
    ("value", {"tolerations": [TEAM | {"operator": "Exists"}]}, "tolerations[0]", "operator Exists without a value"),
    ("seconds", {"tolerations": [TEAM | {"tolerationSeconds": 9}]}, "tolerations[0]", "only with effect NoExecute"),
    ("negative", {"tolerations": [GPU | {"tolerationSeconds": -1}]}, "tolerations[0].tolerationSeconds", "0 to"),
    ("spelling", {"tolerations": [{"Key": "a"}]}, "tolerations[0].Key", "did you mean anf-smb:windowsPods.tolerat"),
]


@pytest.mark.parametrize(("section", "key", "says"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_what_kubernetes_would_refuse_is_an_error_with_its_key(section: dict[str, Any], key: str, says: str) -> None:
    found = errors({"anf-smb:windowsPods": section})
    assert says in found[f"anf-smb:windowsPods.{key}"]


def test_all_errors_come_at_once() -> None:
    wrong = {"image": "a b", "nodeSelector": {"-": ""}, "tolerations": [{}], "imagePullSecrets": ["_"]}
    assert len(errors({"anf-smb:windowsPods": wrong})) == 4


@pytest.mark.parametrize(
    "image",
    [
        "iis",
        "iis:1",
        "localhost:5000/iis",
        "mcr.microsoft.com/windows/servercore/iis:windowsservercore",
        f"contoso.azurecr.io/iis@sha256:{'a' * 64}",
    ],
)
def test_every_form_of_an_image_is_accepted(image: str) -> None:
    assert load({"anf-smb:windowsPods": {"image": image}}).windows_pods.image == image


def test_the_sample_pods_of_both_ways_get_them_beside_those_of_every_windows_pod() -> None:
    pods = run_whole(windowsPods=NEEDS).all(POD)
    assert len(pods) == 2
    for pod in pods:
        spec = pod.inputs["spec"]
        assert spec["containers"][0]["image"] == NEEDS["image"]
        assert spec["nodeSelector"] == {"kubernetes.io/os": "windows", "kubernetes.azure.com/agentpool": "win"}
        assert spec["tolerations"][0]["key"] == "node.kubernetes.io/os"
        assert spec["tolerations"][1:] == [TEAM, GPU]
        assert spec["imagePullSecrets"] == [{"name": "registry"}]


def test_other_projects_and_verify_get_them_as_an_output() -> None:
    output = run_whole(windowsPods=NEEDS).outputs["windowsPods"]
    [pod, _] = run_whole(windowsPods=NEEDS).all(POD)
    spec = {key: pod.inputs["spec"][key] for key in ("nodeSelector", "tolerations", "imagePullSecrets")}
    assert output == spec | {"image": NEEDS["image"]}


def test_a_pod_of_an_earlier_version_stays_as_it_is() -> None:
    for pod in run_whole().all(POD):
        assert {*pod.inputs["spec"]} == {"containers", "nodeSelector", "tolerations", "volumes"}


def test_the_charts_get_tolerations_besides_their_own_and_the_pull_secrets() -> None:
    run = run_whole(windowsPods=NEEDS)
    driver, trident = (
        run.one(RELEASE, name).inputs["values"] for name in ("csi-driver-smb-release", "trident-release")
    )
    assert driver["windows"] == {"enabled": True, "tolerations": [OF_THE_CHART, TEAM, GPU]}
    assert driver["imagePullSecrets"] == trident["imagePullSecrets"] == ["registry"]
    # Its own default tolerates every taint.
    assert "tridentNodePluginTolerations" not in trident
    # A node that lost its driver would mount no share.
    assert "node" not in driver
    assert "tridentNodePluginNodeSelector" not in trident


def test_without_them_the_charts_keep_their_own() -> None:
    run = run_whole()
    assert run.one(RELEASE, "csi-driver-smb-release").inputs["values"] == {"windows": {"enabled": True}}
    assert "imagePullSecrets" not in run.one(RELEASE, "trident-release").inputs["values"]


def test_the_users_own_values_of_the_charts_win() -> None:
    own = {"imagePullSecrets": ["mine"], "windows": {"tolerations": [{"operator": "Exists"}]}}
    run = run_whole(
        windowsPods=NEEDS,
        smbDriver={"version": "1.20.3", "values": own},
        trident={"version": "100.2606.0", "values": {"imagePullSecrets": ["mine"]}},
    )
    driver, trident = (
        run.one(RELEASE, name).inputs["values"] for name in ("csi-driver-smb-release", "trident-release")
    )
    assert driver == own | {"windows": {"enabled": True, "tolerations": [{"operator": "Exists"}]}}
    assert trident["imagePullSecrets"] == ["mine"]


@pytest.mark.parametrize(
    ("toleration", "tolerated"),
    [
        ({"operator": "Exists"}, True),
        ({"key": "team", "operator": "Exists"}, True),
        ({"key": "team", "value": "web"}, True),
        ({"key": "team", "value": "web", "effect": "NoSchedule"}, True),
        ({"key": "team", "value": "web", "effect": "NoExecute"}, False),
        ({"key": "team"}, False),
        ({"key": "team", "value": "db"}, False),
        ({"key": "other", "operator": "Exists"}, False),
    ],
)
def test_a_toleration_matches_taints_as_in_kubernetes(toleration: dict[str, str], tolerated: bool) -> None:
    taint = {"key": "team", "value": "web", "effect": "NoSchedule"}
    assert untolerated([taint], [toleration]) == ([] if tolerated else ["team=web:NoSchedule"])
    assert untolerated([taint | {"effect": "PreferNoSchedule"}], [toleration]) == []
