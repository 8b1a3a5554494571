"""kwokctl, run so that it touches this sandbox's files only and never waits for what has ended."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import yaml

from sandbox.control_plane.components import COMPONENTS
from sandbox.control_plane.errors import ControlPlaneError, KwokctlFailedError
from sandbox.control_plane.ports import LOOPBACK, Ports
from sandbox.nodes.windows import BIN
from sandbox.paths import SandboxPaths
from sandbox.tools.processes import TimeLimitError, run

CLUSTER = "anf-sandbox"
_END_SECONDS = 10.0

_PASSED_ON = ("HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "USER")
# With Stage among them the lifecycle of nodes and Pods is what the sandbox's own Stage objects say, and nothing else;
# Exec and ClusterExec answer `kubectl exec`.
_CUSTOM_RESOURCES = ["Stage", "Exec", "ClusterExec"]
_EXTRA_ARGUMENTS = (
    # The API server looks for the machine's default route unless it is told an address, and does not start without one.
    # Nothing in this cluster uses the address, and loopback ones are refused: so it is one that documentation reserves.
    ("kube-apiserver", "advertise-address", "192.0.2.1"),
    # There is one of each. Elections are writes all the time, and a wait for the lease of one that was killed.
    ("kube-controller-manager", "leader-elect", "false"),
    ("kube-scheduler", "leader-elect", "false"),
)


class Kwokctl:
    """The commands of kwokctl that the sandbox needs."""

    def __init__(self, paths: SandboxPaths) -> None:
        self._paths = paths

    @property
    def tools(self) -> Path:
        """Links to the toolchain's programs."""
        return self._paths.kwok / "tools"

    @property
    def workdir(self) -> Path:
        """The cluster's files."""
        return self._paths.kwok / "clusters" / CLUSTER

    @property
    def log(self) -> Path:
        """What kwokctl said."""
        return self._paths.kwok / "kwokctl.log"

    def is_installed(self) -> bool:
        """Whether the program can still be run: the folder of tools may have been removed since."""
        return os.access(self.tools / "kwokctl", os.X_OK)

    def create(self, ports: Ports, seconds: float, watch: Callable[[float], None]) -> None:
        """Make the cluster's files and start it, or go on where an earlier `create` was stopped."""
        configuration = self._paths.kwok / "kwokctl.yaml"
        configuration.write_text(yaml.safe_dump(self._configuration(ports), sort_keys=False))
        # An empty --kubeconfig keeps kwokctl from writing into the user's own one, its default.
        self._run(["create", "cluster", "--config", str(configuration), "--kubeconfig", ""], seconds, watch)

    def start(self, seconds: float, watch: Callable[[float], None]) -> None:
        """Start those components that do not run."""
        self._run(["start", "cluster", "--config", os.devnull], seconds, watch)

    def stop(self, seconds: float) -> None:
        """Stop the components."""
        self._run(["stop", "cluster", "--config", os.devnull], seconds, lambda _: None)

    def end_orphans(self) -> None:
        """End what a killed command of ours has left running: it would go on making the cluster under our feet."""
        orphans: list[psutil.Process] = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.cmdline()[:1] == [str(self.tools / "kwokctl")]:
                    process.kill()
                    orphans.append(process)
        psutil.wait_procs(orphans, timeout=_END_SECONDS)

    def environment(self) -> dict[str, str]:
        """For kwokctl and, through it, the components: none of the user's secrets, proxies or kubeconfigs.

        `kubectl exec` on a node of this cluster runs programs that kwok finds on this PATH: the nodes' come first.
        """
        path = (BIN, self.tools, Path(sys.executable).parent)
        return {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | {
            "PATH": os.pathsep.join([*map(str, path), os.environ.get("PATH", os.defpath)]),
            "KWOK_WORKDIR": str(self._paths.kwok),
            "KUBECONFIG": str(self._paths.kwok / "kubeconfig"),
            "ANF_SANDBOX_HOME": str(self._paths.root),
        }

    def _run(self, arguments: list[str], seconds: float, watch: Callable[[float], None]) -> None:
        argv = [str(self.tools / "kwokctl"), *arguments, "--name", CLUSTER]
        with self.log.open("wb") as output:
            try:
                code = run(argv, output, seconds, env=self.environment(), beat=watch)
            except TimeLimitError as error:
                raise ControlPlaneError(
                    f"{error}: kwokctl {' '.join(arguments[:2])}.\n{self.tail(self.log)}"
                ) from error
            except OSError as error:
                raise ControlPlaneError(f"kwokctl cannot be run: {error}") from error
        if code != 0:
            raise KwokctlFailedError(f"kwokctl {' '.join(arguments[:2])} failed.\n{self.tail(self.log)}")

    @staticmethod
    def tail(log: Path) -> str:
        """The end of a log, with its address."""
        try:
            lines = log.read_text("utf-8", "replace").splitlines()[-10:]
        except OSError:
            lines = []
        return "\n".join([*(f"  {line}" for line in lines), f"Log: {log}"])

    def _configuration(self, ports: Ports) -> dict[str, object]:
        return {
            "apiVersion": "config.kwok.x-k8s.io/v1alpha1",
            "kind": "KwokctlConfiguration",
            "options": {
                "runtime": "binary",
                "bindAddress": LOOPBACK,
                "kubeApiserverPort": ports.apiserver,
                "etcdPort": ports.etcd,
                "etcdPeerPort": ports.etcd_peer,
                "kubeControllerManagerPort": ports.controller_manager,
                "kubeSchedulerPort": ports.scheduler,
                "kwokControllerPort": ports.kwok,
                "enableCRDs": _CUSTOM_RESOURCES,
                **{component.option: str(self.tools / component.tool) for component in COMPONENTS},
                "kubectlBinary": str(self.tools / "kubectl"),
            },
            "componentsPatches": [
                {"name": name, "extraArgs": [{"key": key, "value": value}]} for name, key, value in _EXTRA_ARGUMENTS
            ],
        }
