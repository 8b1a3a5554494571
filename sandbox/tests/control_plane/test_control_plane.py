"""The control plane, with its genuine programs."""

import socket
import ssl
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
import yaml

from sandbox.control_plane import ControlPlane, ControlPlaneError, ports
from sandbox.control_plane.components import is_healthy
from sandbox.nodes.lifecycle import apply_nodes
from sandbox.paths import SandboxPaths
from sandbox.tools import ResolvedTool, Toolchain, ToolchainError

if TYPE_CHECKING:
    import subprocess

    from tests.control_plane.conftest import Cluster

ALL = {"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"}
WAIT_SECONDS = 180
POD_SECONDS = 90
"""Well below the 200 s for which the lease of an earlier kwok would hold Pods back."""


def wait_for(condition: Callable[[], bool], what: str, seconds: float = WAIT_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.02)


def assert_pods_start(cluster: "Cluster", name: str) -> None:
    wait_for(lambda: "default" in cluster.kubectl("get", "serviceaccounts", "--output=name"), "the service account")
    cluster.kubectl("run", name, "--image=example.com/image")
    cluster.kubectl("wait", f"pod/{name}", "--for=condition=Ready", f"--timeout={POD_SECONDS}s")


class TestUp:
    def test_makes_a_control_plane_that_answers_and_leaves_the_users_kubeconfigs_alone(
        self, cluster: "Cluster", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        own = tmp_path / ".kube" / "config"
        own.parent.mkdir()
        own.write_text("apiVersion: v1\nkind: Config\ncurrent-context: production\n")
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("KUBECONFIG", str(tmp_path / "other-kubeconfig"))

        cluster.up()

        assert cluster.kubectl("get", "--raw", "/readyz") == "ok"
        assert cluster.plane.status().state == "running"
        assert own.read_text() == "apiVersion: v1\nkind: Config\ncurrent-context: production\n"
        assert {path.name for path in tmp_path.iterdir()} <= {".kube"}
        assert [path.name for path in own.parent.iterdir()] == ["config"]

    def test_checks_rights_by_rbac_and_issues_tokens_of_one_issuer(self, cluster: "Cluster") -> None:
        cluster.up()
        account = "--as=system:serviceaccount:default:default"
        assert cluster.kubectl("auth", "can-i", "create", "selfsubjectaccessreviews", account).strip() == "yes"
        assert "system:discovery" in cluster.kubectl("get", "clusterroles", "--output=name")
        keys = yaml.safe_load(cluster.kubectl("get", "--raw", "/openid/v1/jwks"))["keys"]
        assert [key["alg"] for key in keys] == ["RS256"]
        discovery = yaml.safe_load(cluster.kubectl("get", "--raw", "/.well-known/openid-configuration"))
        assert discovery["issuer"] == "https://kubernetes.default.svc.cluster.local"

    def test_listens_on_loopback_only_and_asks_every_client_of_etcd_for_a_certificate(self, cluster: "Cluster") -> None:
        cluster.up()
        connections = [each for process in cluster.processes().values() for each in process.net_connections("inet")]
        addresses = {each.laddr[0] for each in connections if each.status == psutil.CONN_LISTEN}
        assert addresses == {"127.0.0.1"}
        (etcd,) = [part for part in cluster.processes()["etcd"].cmdline() if part.startswith("--listen-client-urls=")]
        assert etcd.startswith("--listen-client-urls=https://")
        assert "--client-cert-auth=true" in cluster.processes()["etcd"].cmdline()

    def test_only_the_user_reads_keys_and_a_kubeconfig_that_stands_alone(self, cluster: "Cluster") -> None:
        cluster.up()
        assert stat.S_IMODE(cluster.paths.control_plane.stat().st_mode) == 0o700
        files = [cluster.paths.kubeconfig, *cluster.paths.control_plane.rglob("*.key")]
        assert len(files) == 4
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
        content = yaml.safe_load(cluster.paths.kubeconfig.read_text())
        assert set(content["clusters"][0]["cluster"]) == {"server", "certificate-authority-data"}
        assert set(content["users"][0]["user"]) == {"client-certificate-data", "client-key-data"}

    def test_changes_nothing_where_all_is_well_but_a_lost_kubeconfig(self, cluster: "Cluster") -> None:
        cluster.up()
        before, kubeconfig = cluster.processes(), cluster.paths.kubeconfig.read_text()
        assert set(before) == ALL
        cluster.paths.kubeconfig.unlink()
        assert cluster.up() == []
        assert cluster.processes() == before
        assert cluster.paths.kubeconfig.read_text() == kubeconfig


class TestState:
    def test_survives_down_and_up_by_two_commands_at_once_with_none_of_the_users_secrets(
        self,
        cluster: "Cluster",
        up_in_background: "Callable[[Path], subprocess.Popen[bytes]]",
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        cluster.up()
        cluster.kubectl("create", "configmap", "kept-over-down", "--from-literal=key=value")
        kubeconfig = cluster.paths.kubeconfig.read_text()

        (cluster.paths.services / "kube-scheduler.json").unlink()
        (cluster.paths.services / "etcd.json").write_text("{")
        ControlPlane(cluster.paths).down()  # without tools, and of components without records too
        assert cluster.processes() == {}
        assert cluster.plane.status().state == "stopped"
        monkeypatch.setenv("ARM_CLIENT_SECRET", "s3cret")
        both = [up_in_background(cluster.paths.root), up_in_background(cluster.paths.root)]
        assert [child.wait(WAIT_SECONDS) for child in both] == [0, 0]

        assert cluster.processes().keys() == ALL
        assert cluster.kubectl("get", "configmap", "kept-over-down", "--output=jsonpath={.data.key}") == "value"
        assert cluster.paths.kubeconfig.read_text() == kubeconfig
        for process in cluster.processes().values():
            assert "ARM_CLIENT_SECRET" not in process.environ()
        # Programs of the nodes come first where `kubectl exec` looks for them.
        assert cluster.processes()["kwok"].environ()["PATH"].split(":")[0].endswith("/sandbox/nodes/windows/bin")

    def test_runs_though_a_component_was_slow_for_a_moment(
        self, cluster: "Cluster", monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cluster.up()
        slow = {"kube-apiserver", "kwok"}

        def answers(name: str, port: int, tls: ssl.SSLContext) -> bool:
            if name in slow:
                slow.remove(name)
                return False
            return is_healthy(name, port, tls)

        monkeypatch.setattr("sandbox.control_plane.control_plane.is_healthy", answers)
        assert cluster.plane.status().state == "running"
        assert not slow

    @pytest.mark.parametrize("killed", sorted(ALL))
    def test_survives_a_killed_process(self, cluster: "Cluster", killed: str, monkeypatch: pytest.MonkeyPatch) -> None:
        cluster.up()
        apply_nodes(cluster.paths.kubeconfig)
        name, kubeconfig = f"kept-{killed}", cluster.paths.kubeconfig.read_text()
        cluster.kubectl("create", "configmap", name)
        before = cluster.processes()
        before[killed].kill()
        wait_for(lambda: killed not in cluster.processes(), f"{killed} to end")
        assert cluster.plane.status().state == "degraded"

        # An API server without its etcd, asked to end, takes 15 s and more: `up` kills it instead.
        monkeypatch.delattr(psutil.Process, "terminate")
        cluster.up()

        after = cluster.processes()
        assert after.keys() == ALL
        anew = {"etcd", "kube-apiserver"} if killed == "etcd" else {killed}
        assert anew <= {name for name in ALL if after[name] != before[name]}
        assert cluster.paths.kubeconfig.read_text() == kubeconfig
        assert cluster.kubectl("get", "configmap", name, "--output=name").strip() == f"configmap/{name}"
        cluster.kubectl("wait", "node", "--all", "--for=condition=Ready", "--timeout=60s")
        assert_pods_start(cluster, f"after-{killed}")

    def test_survives_the_kill_of_all_and_exchanges_a_port_that_another_program_took(self, cluster: "Cluster") -> None:
        cluster.up()
        apply_nodes(cluster.paths.kubeconfig)
        cluster.kubectl("create", "configmap", "kept-over-ports")
        for process in cluster.processes().values():
            process.kill()
        wait_for(lambda: not cluster.processes(), "all to end")
        assert cluster.plane.status().state == "stopped"
        before = ports.load(cluster.paths.control_plane / "ports.json")
        wait_for(lambda: all(map(ports.is_free, before.values())), "the ports are free")
        with (
            socket.create_server(("127.0.0.1", before["kube-apiserver"])),
            socket.create_server(("127.0.0.1", before["kwok"])),
        ):
            cluster.up()
            after = ports.load(cluster.paths.control_plane / "ports.json")
            assert {name for name in ALL if after[name] != before[name]} == {"kube-apiserver", "kwok"}
            assert cluster.plane.status().server == f"https://127.0.0.1:{after['kube-apiserver']}"
            assert cluster.kubectl("get", "configmap", "kept-over-ports", "--output=name")
            kubelets = "--output=jsonpath={.items[*].status.daemonEndpoints.kubeletEndpoint.Port}"
            assert set(cluster.kubectl("get", "nodes", kubelets).split()) == {str(after["kwok"])}
            assert cluster.processes().keys() == ALL
            assert_pods_start(cluster, "after-all")


class TestTrouble:
    def test_a_component_that_cannot_run_is_named_with_its_log(self, cluster: "Cluster", tmp_path: Path) -> None:
        cluster.up()
        broken = tmp_path / "kube-scheduler"
        broken.write_text("#!/bin/sh\necho out of luck\nexit 3\n")
        broken.chmod(0o755)
        tools = {**cluster.toolchain.tools, "kube-scheduler": ResolvedTool(broken, "1.37.2", "PATH")}
        with pytest.raises(ControlPlaneError, match="kube-scheduler ended with exit code 3") as caught:
            ControlPlane(cluster.paths, Toolchain(tools)).up()
        assert "out of luck" in str(caught.value)
        assert str(cluster.paths.logs / "kube-scheduler.log") in str(caught.value)

    def test_missing_tools_are_named_before_anything_is_started(self, toolchain: Toolchain, tmp_path: Path) -> None:
        def up(tools: dict[str, ResolvedTool]) -> None:
            ControlPlane(SandboxPaths(tmp_path), Toolchain(tools)).up()

        without = {name: tool for name, tool in toolchain.tools.items() if name != "etcd"}
        with pytest.raises(ToolchainError, match="etcd is not among the tools"):
            up(without)
        with pytest.raises(ControlPlaneError, match=r"etcd is gone or cannot be run\. `python -m sandbox up` gets it"):
            up({**without, "etcd": ResolvedTool(tmp_path / "removed" / "etcd", "3.7.3", "cache")})
        with pytest.raises(ControlPlaneError, match="without its tools"):
            ControlPlane(SandboxPaths(tmp_path)).up()
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("damaged", ["admin.key", "server.crt", "service-accounts.key", "ca.crt"])
    def test_damaged_certificates_are_refused(self, cluster: "Cluster", damaged: str) -> None:
        cluster.up()
        file = cluster.paths.control_plane / "certificates" / damaged
        content = file.read_bytes()
        file.write_bytes(content[: len(content) // 2])
        with pytest.raises(ControlPlaneError, match=r"are damaged .+Delete that folder and run `python -m sandbox up`"):
            cluster.up()
        assert cluster.plane.status().state in {"degraded", "running"}
        file.write_bytes(content)
        assert cluster.up() == []

    def test_new_certificates_for_deleted_ones_keep_the_state(self, cluster: "Cluster") -> None:
        cluster.up()
        cluster.kubectl("create", "configmap", "kept-over-certificates")
        for file in (cluster.paths.control_plane / "certificates").iterdir():
            file.unlink()
        cluster.up()
        assert cluster.kubectl("get", "configmap", "kept-over-certificates", "--output=name")

    def test_a_sandbox_of_kwokctl_is_refused_until_it_is_deleted(self, another: "Cluster") -> None:
        (another.paths.root / "kwok" / "clusters").mkdir(parents=True)
        with pytest.raises(ControlPlaneError, match=r"created by an earlier version .+`python -m sandbox reset`"):
            another.up()
        assert not another.paths.control_plane.exists()
        another.plane.delete()
        assert list(another.paths.root.glob("k*")) == []


class TestAnother:
    def test_a_killed_creation_is_completed_beside_another_sandbox_and_deleted(
        self, cluster: "Cluster", another: "Cluster", up_in_background: "Callable[[Path], subprocess.Popen[bytes]]"
    ) -> None:
        cluster.up()
        before = cluster.processes()
        child = up_in_background(another.paths.root)
        wait_for(lambda: "etcd" in another.processes(), "etcd to start")
        child.kill()
        child.wait()
        (another.paths.services / "etcd.json").unlink(missing_ok=True)  # killed before it was recorded

        another.up()
        assert another.kubectl("get", "--raw", "/readyz") == "ok"
        assert another.processes().keys() == ALL

        another.plane.delete()
        assert another.processes() == {}
        assert not another.paths.control_plane.exists()
        assert not another.paths.kubeconfig.exists()
        assert another.plane.status().state == "absent"
        assert cluster.processes() == before
        assert cluster.plane.status().state == "running"

    def test_down_and_delete_of_what_never_was_are_no_errors(self, tmp_path: Path) -> None:
        plane = ControlPlane(SandboxPaths(tmp_path))
        plane.down()
        plane.delete()
        assert plane.status().state == "absent"
