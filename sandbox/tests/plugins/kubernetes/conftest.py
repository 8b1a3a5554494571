from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_kubernetes as kubernetes
import pytest
from pulumi import automation

from sandbox.charts import ChartServer, chart_hosts
from sandbox.kube.api import KubeApi
from sandbox.nodes.lifecycle import apply_nodes
from sandbox.plugins.installation import install_launched
from sandbox.plugins.known import KUBERNETES
from sandbox.tools import Toolchain
from tests.conftest import running_control_plane
from tests.plugins.engine import engine

Program = Callable[[pulumi.ResourceOptions], None]


@dataclass(frozen=True)
class Cluster:
    """A real API server with played nodes, and an engine with the genuine plugin."""

    api: KubeApi
    kubeconfig: str
    state: Path
    command: automation.PulumiCommand

    def stack(self, name: str, program: Program, kubeconfig: str | None = None) -> automation.Stack:
        """A stack whose program gets the options with a provider as the stacks of this project have it."""

        def run() -> None:
            provider = kubernetes.Provider(
                "cluster",
                kubeconfig=pulumi.Output.secret(kubeconfig or self.kubeconfig),
                cluster_identifier="the-cluster",
                enable_secret_mutable=True,
                enable_server_side_apply=True,
            )
            program(pulumi.ResourceOptions(provider=provider))

        options = automation.LocalWorkspaceOptions(pulumi_command=self.command)
        return automation.create_or_select_stack(name, project_name="tryout", program=run, opts=options)


@pytest.fixture(scope="package")
def cluster(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running_control_plane(tmp_path_factory.mktemp("kubernetes"), toolchain) as plane:
        paths = plane.paths
        charts = ChartServer(paths.charts, chart_hosts())
        charts.start()
        apply_nodes(plane.kubeconfig)
        install_launched(paths, KUBERNETES, toolchain)
        with engine(paths):
            command = automation.PulumiCommand()
            yield Cluster(KubeApi(plane.kubeconfig), plane.kubeconfig.read_text(), paths.pulumi_state, command)
        charts.stop()
