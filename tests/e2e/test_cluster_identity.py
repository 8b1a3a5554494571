"""The cluster of a stack is the one of its API server: its name in the stack file may change, the cluster may not."""

import base64
import json
import re
import shlex
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.conftest import Run, Stack, operations

IDENTITY = "urn:pulumi:dev::anf-smb::pulumi:index:Stash::aks-identity"


@pytest.fixture(scope="module")
def static(stack: Stack) -> Stack:
    """Return stack dev without the dynamic way: it needs no properties of an AKS cluster."""
    stack.configure(trident=None, dynamicClaims=None)
    stack.up()
    return stack


@pytest.fixture
def cluster(static: Stack) -> Generator[Callable[..., None]]:
    """Return a function that names the cluster in the stack file; restore the name at the end."""
    file = static.folder / "Pulumi.dev.yaml"
    before = file.read_text()

    def name(**cluster: Any) -> None:
        static.configure(cluster=cluster)

    yield name
    file.write_text(before)


def another_kubeconfig(stack: Stack, folder: Path) -> str:
    """Return the path of the kubeconfig of a cluster with another address and another CA."""
    content = yaml.safe_load(stack.paths.kubeconfig.read_text())
    for each in content["clusters"]:
        each["cluster"]["server"] = "https://another.example:443"
        each["cluster"]["certificate-authority-data"] = base64.b64encode(b"another CA").decode()
    file = folder / "kubeconfig"
    file.write_text(yaml.safe_dump(content))
    return str(file)


def test_the_same_cluster_by_another_name_changes_no_object(static: Stack, cluster: Callable[..., None]) -> None:
    """Azure ignores the case of names; the credentials of a kubeconfig differ from those that Azure gives."""
    uid = static.get("pod", "iis-pod")["metadata"]["uid"]
    for named in (
        {"aks": {"resourceGroup": "RG-AKS-Dev", "name": "AKS-dev"}},
        {"kubeconfig": str(static.paths.kubeconfig)},
        {"context": "anf-sandbox"},
    ):
        cluster(**named)
        assert operations(static.events()).items() <= {"aks": "update"}.items(), named
    static.up()
    assert static.get("pod", "iis-pod")["metadata"]["uid"] == uid


def test_a_state_of_an_earlier_program_keeps_its_objects(static: Stack) -> None:
    """Its provider has the name in the stack file as its identity, and nothing remembers the cluster."""
    static.up()
    state = static.state()
    resources: list[dict[str, Any]] = state["deployment"]["resources"]
    for provider in [each for each in resources if each["type"] == "pulumi:providers:kubernetes"]:
        for values in (provider["inputs"], provider["outputs"]):
            values["clusterIdentifier"] = json.dumps({"aks": {"resourceGroup": "rg-aks-dev", "name": "aks-dev"}})
    state["deployment"]["resources"] = [each for each in resources if each["urn"] != IDENTITY]
    imported = static.pulumi("stack", "import", standard_input=json.dumps(state))
    assert imported.code == 0, imported.output
    assert operations(static.events()) == {"aks-identity": "create"}
    static.up()
    assert static.pulumi("preview", "--expect-no-changes").code == 0


@pytest.fixture
def refused(static: Stack, cluster: Callable[..., None], tmp_path: Path) -> Run:
    """Return the preview of the stack with another cluster."""
    static.up()
    cluster(kubeconfig=another_kubeconfig(static, tmp_path))
    return static.pulumi("preview")


def test_another_cluster_is_refused_and_nothing_is_touched(static: Stack, refused: Run) -> None:
    assert refused.code != 0
    assert "cluster (anf-smb:cluster) names another cluster: its API server is another.example:443" in refused.output
    assert "Traceback" not in refused.output
    before = {each["urn"]: each.get("id") for each in static.state()["deployment"]["resources"]}
    run = static.pulumi("up", "--yes", "--skip-preview")
    assert run.code != 0
    assert {each["urn"]: each.get("id") for each in static.state()["deployment"]["resources"]} == before
    assert static.get("pod", "iis-pod")["status"]["phase"] == "Running"


def test_the_commands_of_the_refusal_move_the_stack_and_forget_the_cluster(static: Stack, refused: Run) -> None:
    destroy, forget = dict.fromkeys(re.findall(r"`pulumi ((?:destroy|state delete) [^`]+)`", refused.output))
    forgotten = static.pulumi(*shlex.split(forget), "--yes")
    assert forgotten.code == 0, forgotten.output
    static.as_committed()
    static.configure(trident=None, dynamicClaims=None)
    assert operations(static.events()) == {"aks-identity": "create"}
    static.up()

    volume = static.outputs()["volumeId"]
    destroyed = static.pulumi(*shlex.split(destroy), "--yes", "--skip-preview")
    assert destroyed.code == 0, destroyed.output
    assert static.releases() == {}
    assert [each["status"]["phase"] for each in static.get("pv")["items"]] == ["Bound"], "the claim stays there"
    static.kubectl("delete", "pvc,secret", "--all", "-n", "smb-static")  # as in a cluster without them
    static.kubectl("delete", "pv", "--all")
    static.kubectl("delete", "namespace", "smb-static")
    static.up()
    assert static.outputs()["volumeId"] == volume
    assert static.get("pod", "iis-pod")["status"]["phase"] == "Running"
