import gc
import importlib.metadata
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_kubernetes as kubernetes
import pytest
from pulumi import automation

from sandbox.charts import ChartServer, chart_hosts, launcher
from sandbox.kube.api import KubeApi
from sandbox.nodes.lifecycle import apply_nodes
from sandbox.tools import Toolchain, ensure
from tests.conftest import running_control_plane

Program = Callable[[pulumi.ResourceOptions], None]


@dataclass(frozen=True)
class Cluster:
    """A real API server with played nodes, and an engine with the genuine plugin."""

    api: KubeApi
    kubeconfig: str
    state: Path
    environment: dict[str, str]

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

        options = automation.LocalWorkspaceOptions(env_vars=self.environment)
        return automation.create_or_select_stack(name, project_name="tryout", program=run, opts=options)


@pytest.fixture(autouse=True)
def no_coroutines_left() -> Iterator[None]:
    """Collect the coroutine that the SDK leaves of a failed operation: in the midst of ast.parse it breaks that."""
    yield
    gc.collect()


@pytest.fixture(scope="package")
def cluster(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("kubernetes")
    charts = ChartServer(folder / "charts", chart_hosts())
    version = importlib.metadata.version("pulumi-kubernetes")
    plugin = folder / "home" / "plugins" / f"resource-kubernetes-v{version}" / "pulumi-resource-kubernetes"
    plugin.parent.mkdir(parents=True)
    genuine = ensure(["pulumi-resource-kubernetes"]).path("pulumi-resource-kubernetes")
    plugin.write_text(launcher(genuine, folder / "charts"))
    plugin.chmod(0o755)
    state = folder / "state"
    state.mkdir()
    environment = {
        "PATH": f"{toolchain.path('pulumi').parent}{os.pathsep}{os.environ['PATH']}",
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_BACKEND_URL": state.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "not a secret",
        "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    with running_control_plane(folder / "cluster", toolchain) as plane:
        charts.start()
        apply_nodes(plane.kubeconfig)
        yield Cluster(KubeApi(plane.kubeconfig), plane.kubeconfig.read_text(), state, environment)
        charts.stop()
    gc.collect()
