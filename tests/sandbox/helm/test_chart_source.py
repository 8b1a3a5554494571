"""Where charts come from, and what stands in for a repository that does not answer."""

import os
import shutil
import socket
import stat
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.providers.kubernetes.chart_source import ChartSource
from sandbox.providers.kubernetes.release import ReleaseHandler
from sandbox.toolchain import Toolchain
from tests.sandbox.helm.chart_repositories import repository
from tests.sandbox.helm.releases import CONFIG_MAP, Program, write_chart

ADVICE = "; check the chart name and repository configuration."


@pytest.fixture
def archives(tmp_path: Path) -> dict[str, Path]:
    """The chart `toy` in two versions."""
    packed: dict[str, Path] = {}
    for version in ("1.0.0", "1.1.0"):
        folder = write_chart(tmp_path / version / "toy", CONFIG_MAP, version=version)
        packed[version] = tmp_path / f"toy-{version}.tgz"
        with tarfile.open(packed[version], "w:gz") as archive:
            archive.add(folder, "toy")
    return packed


def chart_failure(program: Program, **inputs: object) -> str:
    failures = program.check(inputs).failures
    assert [name for name, _ in failures] == ["chart"]
    return failures[0][1]


def test_a_constraint_becomes_the_version_that_the_repository_has(
    offline_program: Program, archives: dict[str, Path]
) -> None:
    with repository(archives) as address:
        for constraint, version in (("", "1.1.0"), ("1.0.x", "1.0.0"), (">=1", "1.1.0"), ("1.0.0", "1.0.0")):
            release = {"chart": "toy", "version": constraint, "repositoryOpts": {"repo": address}}
            assert offline_program.checked(release).values["version"] == version
    assert offline_program.lines == [], "a repository that answers is used without a word"


def test_a_version_that_the_repository_does_not_have_is_not_found(
    offline_program: Program, archives: dict[str, Path]
) -> None:
    with repository(archives) as address:
        reason = chart_failure(offline_program, chart="toy", version="9.9.9", repositoryOpts={"repo": address})
        assert reason == f'chart "toy" version "9.9.9" not found in {address} repository{ADVICE}'


def test_a_repository_that_answers_without_the_chart_is_not_replaced(
    offline_program: Program, archives: dict[str, Path]
) -> None:
    """The sandbox has a csi-driver-smb of its own, but this repository has said that it has none."""
    with repository(archives) as address:
        reason = chart_failure(offline_program, chart="csi-driver-smb", repositoryOpts={"repo": address})
        assert reason == f'chart "csi-driver-smb" not found in {address} repository{ADVICE}'
        broken = f"{address}/elsewhere"
        reason = chart_failure(offline_program, chart="csi-driver-smb", repositoryOpts={"repo": broken})
        assert "404 Not Found" in reason


def test_for_a_repository_that_does_not_answer_the_sandbox_has_its_own_chart(
    offline_program: Program, silent_repository: str
) -> None:
    release = {"chart": "csi-driver-smb", "version": "v1.13.0", "repositoryOpts": {"repo": silent_repository}}
    inputs = offline_program.checked(release)
    assert inputs.values["version"] == "v1.13.0"
    assert inputs.values["repositoryOpts"]["repo"] == silent_repository
    ((severity, line),) = offline_program.lines
    assert severity == "info"
    assert line.startswith(f"chart repository {silent_repository} does not answer (")
    assert line.endswith("the sandbox's own chart is used: csi-driver-smb-v1.13.0")
    offline_program.checked(release)
    assert len(offline_program.lines) == 1, "said once"


@pytest.mark.parametrize(
    ("chart", "asked", "found"),
    [
        ("csi-driver-smb", "1.20.3", "1.20.3"),
        ("csi-driver-smb", "1.13.0", "v1.13.0"),
        ("csi-driver-smb", "~1.19", "1.19.1"),
        ("csi-driver-smb", "", "1.20.3"),
        ("trident-operator", "23.04.0", "23.04.0"),
        ("trident-operator", "", "100.2606.0"),
    ],
)
def test_own_charts_have_the_genuine_versions(
    offline_program: Program, silent_repository: str, chart: str, asked: str, found: str
) -> None:
    release = {"chart": chart, "version": asked, "repositoryOpts": {"repo": silent_repository}}
    assert offline_program.checked(release).values["version"] == found


def test_a_version_that_never_was_is_not_found_in_an_own_chart_either(
    offline_program: Program, silent_repository: str
) -> None:
    reason = chart_failure(
        offline_program, chart="csi-driver-smb", version="v1.13.1", repositoryOpts={"repo": silent_repository}
    )
    assert reason.startswith(f'chart "csi-driver-smb" version "v1.13.1" not found in {silent_repository} repository (')
    assert "v1.13.0 to 1.20.3" in reason


def test_a_repository_that_hangs_is_given_up(offline_program: Program) -> None:
    offline_program.handler = ReleaseHandler(offline_program.cluster, ChartSource(answer_seconds=1.0))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        release = {"chart": "csi-driver-smb", "version": "1.20.3", "repositoryOpts": {"repo": address}}
        assert offline_program.checked(release).values["version"] == "1.20.3"
    assert "(no answer within 1 s)" in offline_program.lines[0][1]


def test_other_charts_of_a_silent_repository_are_helms_own_error(
    offline_program: Program, silent_repository: str
) -> None:
    reason = chart_failure(offline_program, chart="nginx", repositoryOpts={"repo": silent_repository})
    assert reason.startswith(
        f'looks like "{silent_repository}" is not a valid chart repository or cannot be reached: Get "'
    )
    assert reason.endswith(ADVICE)


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        ({"chart": "csi-driver-smb"}, "non-absolute URLs should be in form of repo_name/path_to_chart"),
        ({"chart": "elsewhere/nginx"}, "repo elsewhere not found"),
        ({"chart": "nginx", "repositoryOpts": {"repo": "elsewhere"}}, "repo elsewhere not found"),
        ({"chart": "./no-such-chart"}, 'path "./no-such-chart" not found'),
    ],
)
def test_charts_that_are_nowhere(offline_program: Program, inputs: dict[str, object], reason: str) -> None:
    assert chart_failure(offline_program, **inputs).startswith(reason)


def test_a_chart_may_be_a_folder_or_an_archive_of_the_program(
    offline_program: Program, archives: dict[str, Path], chart: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert offline_program.checked({"chart": str(archives["1.1.0"])}).values["version"] == "1.1.0"
    path = Path(chart(CONFIG_MAP))
    monkeypatch.chdir(path.parent)
    assert offline_program.checked({"chart": f"./{path.name}"}).values["version"] == "1.2.3"
    (path / "Chart.yaml").write_text("name: toy\n")
    assert chart_failure(offline_program, chart=f"./{path.name}").startswith("validation: chart.metadata.")


def test_a_repositorys_password_and_chart_values_are_on_no_command_line(
    program: Program,
    archives: dict[str, Path],
    toolchain: Toolchain,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = tmp_path / "arguments"
    spy = tmp_path / "spy" / "helm"
    spy.parent.mkdir()
    spy.write_text(f'#!/bin/sh\necho "$@" >> {log}\nenv >> {log}\nexec {toolchain.path("helm")} "$@"\n')
    spy.chmod(spy.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{spy.parent}{os.pathsep}{os.environ['PATH']}")
    with repository(archives, login=("reader", "hunter22")) as address:
        options = {"repo": address, "username": "reader", "password": "hunter22"}
        release = {"chart": "toy", "name": "quiet", "namespace": "default", "values": {"greeting": "hunter23"}}
        inputs, made = program.install(
            {**release, "repositoryOpts": options}, secrets=[("repositoryOpts", "password"), ("values", "greeting")]
        )
        assert made.outputs.values["version"] == "1.1.0"
        assert ("repositoryOpts", "password") in made.outputs.secrets
        program.uninstall(inputs, made)
        reason = chart_failure(program, chart="toy", version="9", repositoryOpts=options)
        assert reason == f'chart "toy" version "9" not found in {address} repository{ADVICE}'
        wrong = chart_failure(program, chart="toy", repositoryOpts={**options, "password": "wrong-one"})
        assert "401 Unauthorized" in wrong
    said = log.read_text()
    assert "install quiet" in said
    for secret in ("hunter22", "hunter23", "wrong-one"):
        assert secret not in said


def test_without_helm_the_error_says_so(
    offline_program: Program, chart: Callable[..., str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("helm") is None, sys.platform
    assert "the helm binary is not on PATH" in chart_failure(offline_program, chart=chart(CONFIG_MAP))
