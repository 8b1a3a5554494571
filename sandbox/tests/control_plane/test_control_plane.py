"""The control plane, with its genuine programs."""

import json
import re
import signal
import socket
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
import yaml

from sandbox.control_plane import ControlPlane, ControlPlaneError
from sandbox.control_plane.ports import Ports, is_free
from sandbox.paths import SandboxPaths
from sandbox.tools import ResolvedTool, Toolchain, ToolchainError

if TYPE_CHECKING:
    import subprocess

    from tests.control_plane.conftest import Cluster

ALL = {"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok-controller"}
WAIT_SECONDS = 180


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"not within {WAIT_SECONDS} s: {what}"
        time.sleep(0.02)


class TestUp:
    def test_makes_a_control_plane_that_answers_and_leaves_the_users_kubeconfigs_alone(
        self, cluster: "Cluster", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        own = tmp_path / ".kube" / "config"
        own.parent.mkdir()
        own.write_text("apiVersion: v1\nkind: Config\ncurrent-context: production\n")
        other = tmp_path / "other-kubeconfig"
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("KUBECONFIG", str(other))

        cluster.up()

        assert cluster.kubectl("get", "--raw", "/readyz") == "ok"
        assert cluster.plane.status().state == "running"
        assert own.read_text() == "apiVersion: v1\nkind: Config\ncurrent-context: production\n"
        assert {path.name for path in tmp_path.iterdir()} <= {".kube"}
        assert [path.name for path in own.parent.iterdir()] == ["config"]

    def test_serves_the_resources_that_play_the_nodes(self, cluster: "Cluster") -> None:
        cluster.up()
        served = cluster.kubectl("api-resources", "--api-group=kwok.x-k8s.io", "--output=name").split()
        assert sorted(served) == ["clusterexecs.kwok.x-k8s.io", "execs.kwok.x-k8s.io", "stages.kwok.x-k8s.io"]

    def test_listens_on_loopback_only(self, cluster: "Cluster") -> None:
        cluster.up()
        addresses = {
            connection.laddr[0]
            for process in cluster.processes().values()
            for connection in process.net_connections("inet")
            if connection.status == psutil.CONN_LISTEN
        }
        assert addresses == {"127.0.0.1"}

    def test_writes_a_kubeconfig_that_stands_alone_and_that_only_its_owner_reads(self, cluster: "Cluster") -> None:
        cluster.up()
        assert stat.S_IMODE(cluster.paths.kubeconfig.stat().st_mode) == 0o600
        content = yaml.safe_load(cluster.paths.kubeconfig.read_text())
        assert set(content["clusters"][0]["cluster"]) == {"server", "certificate-authority-data"}
        assert set(content["users"][0]["user"]) == {"client-certificate-data", "client-key-data"}

    def test_changes_nothing_where_all_is_well(self, cluster: "Cluster") -> None:
        cluster.up()
        before = cluster.processes()
        assert cluster.up() == []
        assert cluster.processes() == before
        assert set(before) == ALL

    def test_writes_a_lost_kubeconfig_again(self, cluster: "Cluster") -> None:
        cluster.up()
        content = cluster.paths.kubeconfig.read_text()
        cluster.paths.kubeconfig.unlink()
        cluster.up()
        assert cluster.paths.kubeconfig.read_text() == content

    def test_runs_programs_of_the_nodes_with_none_of_the_users_secrets(
        self, cluster: "Cluster", monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cluster.up()
        cluster.plane.down()
        monkeypatch.setenv("ARM_CLIENT_SECRET", "s3cret")
        cluster.up()
        environment = cluster.processes()["kwok-controller"].environ()
        assert environment["PATH"].split(":")[0].endswith("/sandbox/nodes/bin")
        assert environment["ANF_SANDBOX_HOME"] == str(cluster.paths.root)
        assert "ARM_CLIENT_SECRET" not in environment


class TestState:
    def test_survives_down_and_up_at_the_same_address_with_the_same_certificates(self, cluster: "Cluster") -> None:
        cluster.up()
        cluster.kubectl("create", "configmap", "kept-over-down", "--from-literal=key=value")
        kubeconfig = cluster.paths.kubeconfig.read_text()

        cluster.plane.down()
        assert cluster.processes() == {}
        assert cluster.plane.status().state == "stopped"
        cluster.up()

        assert cluster.kubectl("get", "configmap", "kept-over-down", "--output=jsonpath={.data.key}") == "value"
        assert cluster.paths.kubeconfig.read_text() == kubeconfig

    @pytest.mark.parametrize(
        "killed",
        [{"kube-apiserver"}, {"etcd", "kwok-controller"}, {"kube-controller-manager", "kube-scheduler"}, ALL],
        ids=lambda killed: "+".join(sorted(killed)),
    )
    def test_survives_killed_processes(self, cluster: "Cluster", killed: set[str]) -> None:
        cluster.up()
        name = f"kept-{len(killed)}-{min(killed)}"
        cluster.kubectl("create", "configmap", name)
        for component, process in cluster.processes().items():
            if component in killed:
                process.send_signal(signal.SIGKILL)
        wait_for(lambda: not killed & cluster.processes().keys(), f"{killed} to end")
        assert cluster.plane.status().state == ("stopped" if killed == ALL else "degraded")

        cluster.up()

        assert cluster.processes().keys() == ALL
        assert cluster.kubectl("get", "configmap", name, "--output=name").strip() == f"configmap/{name}"

    def test_up_after_a_reboot_takes_no_strangers_process_for_a_component(
        self, cluster: "Cluster", sleeper: psutil.Process
    ) -> None:
        cluster.up()
        cluster.plane.down()
        for component in ALL:  # what is on disk after a reboot, when the numbers belong to others
            pid_file = cluster.paths.kwok / "clusters" / "anf-sandbox" / "pids" / f"{component}.pid"
            pid_file.write_text(str(sleeper.pid))

        assert cluster.plane.status().state == "stopped"
        cluster.up()
        assert cluster.processes().keys() == ALL
        assert sleeper.is_running()

    def test_down_ends_no_strangers_process_and_finds_its_own_without_pid_files(
        self, cluster: "Cluster", sleeper: psutil.Process
    ) -> None:
        cluster.up()
        pids = cluster.paths.kwok / "clusters" / "anf-sandbox" / "pids"
        (pids / "etcd.pid").write_text(str(sleeper.pid))
        (pids / "kube-scheduler.pid").unlink()
        cluster.plane.down()
        assert sleeper.is_running()
        assert cluster.processes() == {}

    def test_down_needs_no_tools(self, cluster: "Cluster") -> None:
        cluster.up()
        tools = cluster.paths.kwok / "tools"
        for link in tools.iterdir():
            link.unlink()
        ControlPlane(cluster.paths).down()
        assert cluster.processes() == {}
        cluster.up()
        assert cluster.processes().keys() == ALL


class TestTrouble:
    def test_a_taken_port_is_named_with_whoever_holds_it(self, cluster: "Cluster") -> None:
        cluster.up()
        server = cluster.plane.status().server
        assert server is not None
        cluster.plane.down()
        port = int(server.rpartition(":")[2])
        wait_for(lambda: is_free(port), "the port of an API server that was just ended is free")
        with socket.create_server(("127.0.0.1", port)), pytest.raises(ControlPlaneError) as caught:
            cluster.up()
        message = str(caught.value)
        assert f"Port {port}" in message
        assert "kube-apiserver" in message
        assert re.search(r"taken by .+ \(pid \d+\)", message)
        assert cluster.processes() == {}

    def test_a_new_one_takes_other_ports_where_one_was_taken_meanwhile(
        self, toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        chosen = Ports.choose()
        ports = iter([chosen, Ports.choose()])
        monkeypatch.setattr(Ports, "choose", lambda: next(ports))
        plane = ControlPlane(SandboxPaths(tmp_path / "sandbox"), toolchain)
        try:
            with socket.create_server(("127.0.0.1", chosen.etcd)):
                plane.up()
            assert plane.status().state == "running"
            assert next(ports, None) is None
        finally:
            plane.delete()

    def test_a_component_that_cannot_run_is_named_with_its_log(self, toolchain: Toolchain, tmp_path: Path) -> None:
        broken = tmp_path / "kube-scheduler"
        broken.write_text(
            '#!/bin/sh\n[ "$1" = --version ] && echo "Kubernetes v1.37.2" && exit\necho out of luck\nexit 3\n'
        )
        broken.chmod(0o755)
        tools = {**toolchain.tools, "kube-scheduler": ResolvedTool(broken, "1.37.2", "PATH")}
        plane = ControlPlane(SandboxPaths(tmp_path / "sandbox"), Toolchain(tools))
        try:
            with pytest.raises(ControlPlaneError) as caught:
                plane.up()
            assert "kube-scheduler ended just after it was started" in str(caught.value)
            assert "out of luck" in str(caught.value)
            assert str(tmp_path / "sandbox/kwok/clusters/anf-sandbox/logs/kube-scheduler.log") in str(caught.value)
        finally:
            plane.delete()

    def test_a_missing_tool_is_named_before_anything_is_started(self, toolchain: Toolchain, tmp_path: Path) -> None:
        tools = {name: tool for name, tool in toolchain.tools.items() if name != "etcd"}
        plane = ControlPlane(SandboxPaths(tmp_path), Toolchain(tools))
        with pytest.raises(ToolchainError, match="etcd is not among the tools"):
            plane.up()
        assert plane.status().state == "absent"

    def test_a_moved_sandbox_is_refused_and_kept(self, cluster: "Cluster", tmp_path: Path) -> None:
        cluster.up()
        cluster.plane.down()
        moved = SandboxPaths(tmp_path / "moved")
        moved.kwok.mkdir(parents=True)
        (moved.kwok / "control-plane.json").write_text((cluster.paths.kwok / "control-plane.json").read_text())
        with pytest.raises(ControlPlaneError, match=f"was made in {re.escape(str(cluster.paths.kwok))}"):
            ControlPlane(moved, cluster.toolchain).up()
        assert json.loads((moved.kwok / "control-plane.json").read_text())["complete"] is True

    def test_a_creation_that_was_killed_is_made_good_by_the_next_up(
        self,
        cluster: "Cluster",
        toolchain: Toolchain,
        tmp_path: Path,
        up_in_background: "Callable[[Path], subprocess.Popen[bytes]]",
    ) -> None:
        cluster.plane.down()
        half_made = type(cluster)(tmp_path / "sandbox", toolchain)
        child = up_in_background(half_made.paths.root)
        wait_for(lambda: "etcd" in half_made.processes(), "etcd to start")
        child.send_signal(signal.SIGKILL)
        child.wait()
        try:
            record = json.loads((half_made.paths.kwok / "control-plane.json").read_text())
            assert record["complete"] is False
            half_made.up()
            assert half_made.kubectl("get", "--raw", "/readyz") == "ok"
            assert half_made.processes().keys() == ALL
            assert "stages.kwok.x-k8s.io" in half_made.kubectl("get", "crd", "--output=name")
        finally:
            half_made.plane.delete()

    def test_two_commands_at_once_make_one_control_plane(
        self, cluster: "Cluster", up_in_background: "Callable[[Path], subprocess.Popen[bytes]]"
    ) -> None:
        cluster.plane.down()
        both = [up_in_background(cluster.paths.root), up_in_background(cluster.paths.root)]
        assert [child.wait(WAIT_SECONDS) for child in both] == [0, 0]
        assert cluster.processes().keys() == ALL

    def test_without_tools_a_stopped_control_plane_is_not_started(self, tmp_path: Path) -> None:
        with pytest.raises(ControlPlaneError, match="without its tools"):
            ControlPlane(SandboxPaths(tmp_path)).up()


class TestDelete:
    def test_leaves_nothing_running_and_no_files(self, cluster: "Cluster") -> None:
        cluster.up()
        cluster.plane.delete()
        assert cluster.processes() == {}
        assert not cluster.paths.kwok.exists()
        assert not cluster.paths.kubeconfig.exists()
        assert cluster.plane.status().state == "absent"

    def test_down_and_delete_of_what_never_was_are_no_errors(self, tmp_path: Path) -> None:
        plane = ControlPlane(SandboxPaths(tmp_path))
        plane.down()
        plane.delete()
        assert plane.status().state == "absent"
