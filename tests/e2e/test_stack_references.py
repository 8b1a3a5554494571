"""Stacks that read one another's outputs: `examples/consumer` and `examples/yaml` read ours, ours that of `cluster`."""

import json
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.testing import AzureClients
from tests.e2e.conftest import Run, Stack
from tests.project import PROJECT

SHARES = "organization/anf-smb/dev"
CLUSTER = "organization/cluster/dev"
SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000000"
EDGE = {
    "azure-native:location": "koreacentral",
    "azure-native:subscriptionId": "00000000-0000-0000-0000-000000000000",
    "anf-smb:resourceGroup": {"name": "rg-anf-dev", "existing": True},
    "anf-smb:network": {
        "subnetId": f"{SUBSCRIPTION}/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks/vnet-hub/"
        "subnets/anf"
    },
    "anf-smb:account": {"name": "anf-dev", "existing": True},
    "anf-smb:pools": [{"name": "pool-dev", "existing": True}],
    "anf-smb:volumes": [{"name": "edge", "sizeGiB": 50, "namespace": "edge"}],
    "anf-smb:smbUser": {"domain": "CONTOSO", "username": "svc-web"},
    "anf-smb:smbDriver": {"enabled": False},
    "anf-smb:cluster": {"stack": CLUSTER},
}
"""A second stack with the account, pool and driver of stack dev, and the cluster of another project."""


@dataclass(frozen=True)
class Other:
    """A stack of another project, or a second stack of this one, in the same sandbox."""

    sandbox: Stack
    folder: Path
    name: str = "dev"
    said: list[str] = field(default_factory=list)
    """The whole output of `pulumi` for this stack."""

    def configure(self, changes: Mapping[str, object]) -> None:
        """Change the stack file."""
        file = self.folder / f"Pulumi.{self.name}.yaml"
        content: dict[str, Any] = yaml.safe_load(file.read_text()) if file.exists() else {"config": {}}
        content["config"].update(changes)
        file.write_text(yaml.safe_dump(content))

    def pulumi(self, *arguments: str) -> Run:
        run = self.sandbox.sandbox("pulumi", *arguments, "--stack", self.name, "--cwd", str(self.folder))
        self.said.append(run.output)
        return run

    def up(self) -> Run:
        run = self.pulumi("up", "--yes", "--skip-preview")
        assert run.code == 0, run.output
        return run

    def outputs(self) -> dict[str, Any]:
        return self.pulumi("stack", "output", "--json").document


def example(stack: Stack, name: str) -> Other:
    """A copy of an example, beside the components as in this repository."""
    components = stack.folder.parent / "components"
    if not components.exists():
        components.symlink_to(stack.folder / "components")
    folder = stack.folder.parent / "examples" / name
    shutil.copytree(PROJECT / "examples" / name, folder, ignore=shutil.ignore_patterns(".venv", "sdks", "__pycache__"))
    return Other(stack, folder)


@pytest.fixture(scope="module")
def consumer(stack: Stack) -> Other:
    """The example in Python, with an environment of its own: `pulumi install` puts the package's SDK into it."""
    made = example(stack, "consumer")
    subprocess.run([sys.executable, "-m", "venv", made.folder / ".venv"], check=True, timeout=120)
    [packages] = (made.folder / ".venv" / "lib").glob("python3*/site-packages")
    (packages / "installed.pth").write_text(f"{sysconfig.get_path('purelib')}\n")  # the SDKs: they take a minute
    installed = stack.sandbox("pulumi", "install", "--cwd", str(made.folder))
    assert installed.code == 0, installed.output
    assert (made.folder / "sdks" / "anf-smb" / "pulumi_anf_smb").is_dir()
    return made


@pytest.fixture(scope="module")
def edge(stack: Stack) -> Other:
    made = Other(stack, stack.folder, "edge")
    made.configure(EDGE)
    return made


@pytest.fixture(scope="module")
def shares(stack: Stack) -> Stack:
    stack.up()
    return stack


@pytest.fixture(scope="module")
def consuming(shares: Stack, consumer: Other) -> Other:
    before = consumer.pulumi("preview")
    assert before.code == 0, before.output
    consumer.up()
    return consumer


@pytest.fixture(scope="module")
def cluster(stack: Stack) -> Other:
    made = example(stack, "cluster")
    (made.folder / ".venv").symlink_to(sys.prefix)
    made.up()
    return made


def test_before_the_other_stack_is_made_a_preview_names_it(consumer: Other, edge: Other) -> None:
    for reader, missing, named in ((consumer, SHARES, SHARES), (edge, CLUSTER, f"kubeconfig-of-{CLUSTER}")):
        run = reader.pulumi("preview")
        assert run.code != 0
        assert f'unknown stack "{missing}"' in run.output
        assert named in run.output


def test_the_deployment_is_rolled_out_on_windows_nodes_and_sees_what_lies_on_the_share(consuming: Other) -> None:
    stack = consuming.sandbox
    page = r"C:\inetpub\wwwroot\index.html"
    stack.kubectl("exec", "iis-pod", "-n", "smb-static", "--", "cmd", "/c", f"echo from the share> {page}")
    deployment = stack.get("deployment", "website")
    assert deployment["status"]["readyReplicas"] == deployment["spec"]["replicas"] == 3
    pods = json.loads(stack.kubectl("get", "pods", "-n", "smb-static", "-l", "app=website", "-o", "json"))["items"]
    assert len(pods) == 3
    assert {pod["spec"]["nodeName"] for pod in pods} == {"akswin000000", "akswin000001"}
    for pod in pods:
        seen = stack.kubectl("exec", pod["metadata"]["name"], "-n", "smb-static", "--", "cmd", "/c", f"type {page}")
        assert "from the share" in seen


def test_its_own_claim_is_bound_in_its_own_namespace_and_mounted(consuming: Other) -> None:
    outputs, stack = consuming.outputs(), consuming.sandbox
    claim = stack.get("pvc", outputs["uploadsClaim"], outputs["uploadsNamespace"])
    assert claim["status"]["phase"] == "Bound"
    assert claim["spec"]["storageClassName"] == stack.outputs()["storageClassName"]
    assert claim["spec"]["volumeName"] == outputs["uploadsPersistentVolume"]
    listing = stack.kubectl("exec", "deploy/uploads", "-n", "uploads", "--", "cmd", "/c", r"dir C:\uploads")
    assert "107,373,838,336 bytes free" in listing


def test_a_change_of_our_stack_changes_nothing_for_the_consumer(consuming: Other) -> None:
    consuming.sandbox.configure(volumes=[{"name": "smb", "sizeGiB": 200}, {"name": "media", "sizeGiB": 100}])
    consuming.sandbox.up()
    run = consuming.pulumi("preview", "--expect-no-changes")
    assert run.code == 0, run.output


def test_missing_outputs_are_all_named_with_their_stack_and_the_mend(cluster: Other, consumer: Other) -> None:
    consumer.configure({"anf-smb-consumer:shareStack": CLUSTER})
    run = consumer.pulumi("preview")
    consumer.configure({"anf-smb-consumer:shareStack": SHARES})
    assert run.code != 0
    missing = "cluster, uncPath, staticNamespace, staticClaimName, storageClassName"
    assert f"Stack {CLUSTER} has no output {missing}. Fix: `pulumi up` there" in run.output
    assert "Traceback" not in run.output


def test_our_stack_works_on_the_cluster_of_another_stack(shares: Stack, cluster: Other, edge: Other) -> None:
    # A node mounts all shares of a server as one user.
    password = shares.secret_config("smbPassword")
    assert edge.pulumi("config", "set", "--secret", "anf-smb:smbPassword", password).code == 0
    edge.up()
    assert shares.get("pod", "iis-pod", "edge")["status"]["phase"] == "Running"
    run = edge.pulumi("preview", "--diff", "--expect-no-changes")
    assert run.code == 0, run.output
    assert cluster.outputs() == {"kubeconfig": "[secret]"}


def test_the_kubeconfig_is_in_no_state_and_in_nothing_that_was_printed(
    consuming: Other, cluster: Other, edge: Other
) -> None:
    """Run after all deployments: the consumer read the kubeconfig from Azure, edge from the cluster's stack."""
    shown = cluster.sandbox.sandbox(
        "pulumi", "stack", "output", "kubeconfig", "--show-secrets", "--stack", "dev", "--cwd", str(cluster.folder)
    ).standard_output
    user = yaml.safe_load(shown)["users"][0]["user"]
    keys = [value for value in user.values() if isinstance(value, str) and len(value) > 20]
    assert keys
    printed = "".join(line for stack in (consuming, cluster, edge) for line in stack.said)
    states = [file.read_text() for file in consuming.sandbox.paths.pulumi_state.rglob("*.json")]
    assert len(states) >= 4
    assert not any(key in text for key in keys for text in (printed, *states))


def test_a_program_in_yaml_has_a_volume_and_its_share_by_the_component_package(shares: Stack) -> None:
    yaml_program = example(shares, "yaml")
    yaml_program.up()
    outputs = yaml_program.outputs()
    assert outputs["uncPath"].endswith(r".contoso.com\reports")
    assert shares.get("pv", "anf-pv-reports")["spec"]["csi"]["volumeAttributes"]["source"] == outputs["uncPath"]
    assert shares.get("pvc", outputs["claimName"])["status"]["phase"] == "Bound"
    assert "reports" in volumes_in_azure(shares)

    refused = yaml_program.pulumi("destroy", "--yes", "--skip-preview")
    assert refused.code != 0
    assert "protect" in refused.output
    assert "reports" in volumes_in_azure(shares)


def test_the_consumer_goes_first_and_its_protected_volume_in_two_steps(consuming: Other) -> None:
    stack, outputs = consuming.sandbox, consuming.outputs()
    volume = outputs["uploadsPersistentVolume"]
    assert stack.get("pv", volume)["spec"]["persistentVolumeReclaimPolicy"] == "Retain"
    refused = consuming.pulumi("destroy", "--yes", "--skip-preview")
    assert refused.code != 0
    assert "protect" in refused.output
    assert volume in volumes_in_azure(stack)

    consuming.configure({"anf-smb-consumer:protect": False})
    consuming.up()
    run = consuming.pulumi("destroy", "--yes", "--skip-preview")
    assert run.code == 0, run.output
    stack.kubectl("wait", "--for=delete", f"pv/{volume}", "--timeout=120s")
    assert volume not in volumes_in_azure(stack)


def volumes_in_azure(stack: Stack) -> set[str]:
    volumes = AzureClients(stack.paths).netapp.volumes.list("rg-anf-dev", "anf-dev", "pool-dev")
    return {str(volume.name).rpartition("/")[2] for volume in volumes}
