"""What `up` says of genuine parts that the machine has, and what `status` lists."""

import json
import os
import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from sandbox import helm, parts
from sandbox.charts import ChartServer, chart_hosts, helm_cache
from sandbox.charts.own_chart import answer
from sandbox.charts.parts import charts
from sandbox.parts import Part
from sandbox.paths import SandboxPaths

SMB = "https://kubernetes-csi.github.io/csi-driver-smb"


@pytest.fixture
def paths(tmp_path: Path) -> SandboxPaths:
    paths = SandboxPaths(tmp_path / "sandbox")
    paths.root.mkdir()
    return paths


def test_parts_are_kept_for_later_commands(paths: SandboxPaths) -> None:
    assert parts.kept(paths) == []
    present = [Part("helm", genuine=True, version="3.18.6", where="/bin/helm", found=True), Part("x", genuine=False)]
    parts.keep(paths, present)
    assert parts.kept(paths) == present
    assert [str(part) for part in present] == ["helm: genuine 3.18.6, /bin/helm", "x: played"]


@pytest.mark.parametrize(("hosts", "played"), [(chart_hosts(), {True}), (frozenset[str](), {False})])
def test_charts_are_genuine_where_their_repositories_answer(
    paths: SandboxPaths, hosts: frozenset[str], played: set[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELM_REPOSITORY_CACHE", str(paths.root / "none"))
    assert charts(paths) == [], "while no chart server runs, nobody knows"
    server = ChartServer(paths.charts, hosts)
    server.start()
    found = charts(paths)
    server.stop()
    assert {part.name for part in found} == {"chart csi-driver-smb", "chart trident-operator"}
    assert {not part.genuine for part in found} == played


def test_a_chart_in_helms_cache_is_served_in_place_of_ours(
    paths: SandboxPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache" / "repository"
    cache.mkdir(parents=True)
    monkeypatch.delenv("HELM_REPOSITORY_CACHE", raising=False)
    monkeypatch.setenv("HELM_CACHE_HOME", str(tmp_path / "cache"))
    file = cache / "csi-driver-smb-v1.13.0.tgz"
    content = b"name: csi-driver-smb\nversion: v1.13.0\n"
    with tarfile.open(file, "w:gz") as packed:
        entry = tarfile.TarInfo("csi-driver-smb/Chart.yaml")
        entry.size = len(content)
        packed.addfile(entry, BytesIO(content))
    address = f"{SMB}/csi-driver-smb-v1.13.0.tgz"
    assert answer(address) == file.read_bytes()
    server = ChartServer(paths.charts, chart_hosts())
    server.start()
    genuine = [part for part in charts(paths) if part.genuine]
    server.stop()
    assert [str(part) for part in genuine] == [f"chart csi-driver-smb: genuine 1.13.0, {file}"]
    file.write_bytes(file.read_bytes()[:40])
    assert answer(address) != file.read_bytes(), "a download that was killed is none"
    file.write_bytes(answer(address) or b"")
    assert helm_cache.archive("csi-driver-smb", "v1.13.0") is None, "Helm keeps our own charts there, too"


def test_helm_of_the_machine_is_led_to_the_charts(
    paths: SandboxPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = tmp_path / "path" / "helm"
    genuine.parent.mkdir()
    genuine.write_text('#!/bin/sh\n[ "$1" = version ] && echo v3.99.1+g123 && exit\necho "${HTTPS_PROXY-none}"\n')
    genuine.chmod(0o755)
    monkeypatch.delenv("HTTPS_PROXY", raising=False)
    monkeypatch.setenv("PATH", os.pathsep.join([str(paths.tools), str(genuine.parent), os.environ["PATH"]]))
    for _ in range(2):  # also where the launcher comes first on PATH
        assert [str(part) for part in helm.install(paths)] == [f"helm: genuine 3.99.1, {genuine}"]
    server = ChartServer(paths.charts, chart_hosts())
    server.start()
    assert subprocess.check_output([paths.tools / "helm"], text=True).startswith("http://127.0.0.1:")
    server.stop()
    assert subprocess.check_output([paths.tools / "helm"], text=True) == "none\n"


def test_the_json_of_a_sandbox_says_what_is_genuine(paths: SandboxPaths) -> None:
    parts.keep(paths, [Part("pulumi", genuine=True, version="3.274.1", where="/bin/pulumi")])
    environment = {**os.environ, "ANF_SANDBOX_HOME": str(paths.root)}
    said = subprocess.run(
        [sys.executable, "-m", "sandbox", "status", "--json"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    found = {part["name"]: part for part in json.loads(said.stdout)}
    assert said.returncode == 1, "nothing runs"
    assert found["pulumi"] == {
        "name": "pulumi",
        "running": None,
        "detail": "/bin/pulumi",
        "genuine": True,
        "version": "3.274.1",
    }
    assert (found["Azure Resource Manager"]["running"], found["Azure Resource Manager"]["genuine"]) == (False, False)
    assert found["Kubernetes control plane"]["genuine"]
