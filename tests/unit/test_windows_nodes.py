"""What keeps Pods and drivers from the cluster's Windows nodes is a warning in the preview, with the key to set."""

from typing import Any, Final

import pytest

from live_cluster.windows_nodes import warnings_of
from tests.unit.unit_mocks import POD, RELEASE, run_whole

OS: Final = {"key": "node.kubernetes.io/os", "value": "windows", "effect": "NoSchedule"}
TEAM: Final = {"key": "team", "value": "web", "effect": "NoSchedule"}
TOLERATED: Final = [{"key": "team", "operator": "Exists"}]
PLAIN: Final = {"nodeSelector": {"kubernetes.io/os": "windows"}, "tolerations": [OS]}


def node(name: str, *taints: dict[str, str], **labels: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "labels": {"kubernetes.io/os": "windows"} | labels}, "spec": {"taints": taints}}


def release(chart: str, version: str, **values: Any) -> dict[str, Any]:
    return {"chart": chart, "version": version, "values": values}


def pod(spec: dict[str, Any], *nodes: dict[str, Any]) -> list[str]:
    return [*warnings_of(POD, {"spec": spec}, spec, nodes)]


def driver(inputs: dict[str, Any], *nodes: dict[str, Any], needs: dict[str, Any] = PLAIN) -> list[str]:
    return [*warnings_of(RELEASE, inputs, needs, nodes)]


SMB: Final = release("csi-driver-smb", "1.20.3", windows={"enabled": True})
TRIDENT: Final = release("trident-operator", "100.2606.0", windows=True)


def test_an_ordinary_cluster_is_no_warning() -> None:
    away = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
    for nodes in ([node("a")], [node("a", OS)], [node("a"), node("b", TEAM)], [node("a", away)]):
        assert pod(PLAIN, *nodes) == []
        assert driver(SMB, *nodes) == driver(TRIDENT, *nodes) == []


@pytest.mark.parametrize("found", [pod(PLAIN), driver(SMB), driver(TRIDENT)])
def test_a_cluster_without_windows_nodes_is_one_and_the_same_warning(found: list[str]) -> None:
    assert found == pod(PLAIN)
    assert "no Windows node now" in found[0]
    assert "unless a node pool grows from zero" in found[0]


def test_taints_of_every_node_are_named_with_the_tolerations_to_set() -> None:
    [warning] = pod(PLAIN, node("b", TEAM | {"key": "x"}), node("a", TEAM, OS))
    assert "keep the sample Pods away: team=web:NoSchedule, x=web:NoSchedule (a, b)" in warning
    assert 'anf-smb:windowsPods.tolerations: [{key: "x", value: "web", effect: "NoSchedule"}]' in warning
    [warning] = driver(SMB, node("a", TEAM, OS))
    assert "keep csi-driver-smb's Windows Pods away: team=web:NoSchedule (a)" in warning
    assert warning.endswith("Fix: anf-smb:windowsPods.tolerations")


def test_with_the_tolerations_nothing_is_said() -> None:
    needs = PLAIN | {"tolerations": [OS, *TOLERATED]}
    assert pod(needs, node("a", TEAM)) == []
    values = {"windows": {"tolerations": TOLERATED}}
    assert driver(release("csi-driver-smb", "1.20.3", **values), node("a", TEAM), needs=needs) == []


def test_labels_that_no_node_has_are_named() -> None:
    [warning] = pod(PLAIN | {"nodeSelector": {"pool": "win"}}, node("a", pool="other"))
    assert 'the labels {"pool": "win"} now' in warning
    assert "anf-smb:windowsPods.nodeSelector" in warning


def test_a_driver_that_is_not_where_the_pods_may_be_is_named_with_its_own_key() -> None:
    needs = PLAIN | {"tolerations": TOLERATED}
    own = release("csi-driver-smb", "1.20.3", windows={"tolerations": [OS]})
    [warning] = driver(own, node("a"), node("b", TEAM), needs=needs)
    assert "team=web:NoSchedule (b)" in warning
    assert warning.endswith("anf-smb:smbDriver.values.windows.tolerations")
    assert driver(own, node("a"), node("b", TEAM)) == []  # the Pods do not go there


@pytest.mark.parametrize(
    ("version", "values", "way_out"),
    [
        ("23.04.0", {}, "anf-smb:trident.version 23.10.0 or later"),
        ("100.2606.0", {"tridentNodePluginTolerations": [OS]}, "trident.values.tridentNodePluginTolerations"),
    ],
)
def test_trident_tolerates_every_taint_unless_it_is_old_or_told_otherwise(
    version: str, values: dict[str, Any], way_out: str
) -> None:
    assert driver(TRIDENT, node("a", TEAM)) == []
    [warning] = driver(release("trident-operator", version, **values), node("a", TEAM))
    assert way_out in warning


def test_what_a_preview_does_not_know_is_no_warning() -> None:
    assert [*warnings_of(POD, {"spec": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"}, PLAIN, [node("a")])] == []
    assert driver({"chart": "trident-operator", "version": None, "values": None}, node("a", TEAM)) == []


def test_the_nodes_are_looked_at_before_each_pod_and_release_is_created_or_changed() -> None:
    run = run_whole()
    for token in (POD, RELEASE):
        for each in run.all(token):
            assert "windows-nodes" in each.request.hooks.before_create
            assert "windows-nodes" in each.request.hooks.before_update
