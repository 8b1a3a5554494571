"""What a release does not survive, and what is left of it."""

import json
import os
import signal
import subprocess
import textwrap
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from sandbox.providers.kubernetes.cluster import Cluster
from sandbox.providers.kubernetes.handler import PartialFailure, ResourceError
from sandbox.providers.kubernetes.settings import ProviderSettings
from tests.sandbox.helm.releases import CONFIG_MAP, DEPLOYMENT_WITHOUT_A_NODE, HelmByHand, Program


@pytest.fixture
def unready(chart: Callable[..., str]) -> dict[str, Any]:
    """A release whose workload fits no node."""
    return {
        "chart": chart(DEPLOYMENT_WITHOUT_A_NODE),
        "name": "unready",
        "namespace": "default",
        "timeout": 5,  # helm looks every two seconds
        "values": {},
    }


@pytest.fixture(autouse=True)
def nothing_left(by_hand: HelmByHand) -> Iterator[None]:
    yield
    for release in by_hand.helm("list", "-n", "default", "--all", "--short").split():
        by_hand.helm("uninstall", release, "-n", "default")


def test_an_installation_that_does_not_get_ready_is_kept(program: Program, unready: dict[str, Any]) -> None:
    """The genuine plugin does not say what it waited for, neither on the way nor at the end."""
    inputs = program.checked(unready)
    with pytest.raises(PartialFailure) as failure:
        program.handler.create(program.resource, inputs, None, False)
    message = str(failure.value)
    assert message == (
        'Helm release "default/unready" was created, but failed to initialize completely. Use Helm CLI to investigate: '
        "failed to become available within allocated timeout. Error: Helm Release default/unready: "
        "context deadline exceeded"
    )
    state = failure.value.state
    assert state.id == "default/unready"
    assert state.outputs.values["status"]["status"] == "failed"
    assert failure.value.reasons == (message,)
    assert program.statuses == []
    assert any(
        severity == "warning" and 'Helm release "unready" was created but has a failed status.' in line
        for severity, line in program.lines
    )


def test_an_atomic_installation_leaves_nothing(program: Program, unready: dict[str, Any], by_hand: HelmByHand) -> None:
    inputs = program.checked({**unready, "atomic": True})
    with pytest.raises(ResourceError, match="has been uninstalled due to atomic being set") as failure:
        program.handler.create(program.resource, inputs, None, False)
    assert not isinstance(failure.value, PartialFailure)
    assert by_hand.helm("list", "-n", "default", "--all", "--short") == ""


def test_what_is_not_awaited_need_not_be_ready(program: Program, unready: dict[str, Any]) -> None:
    _, made = program.install({**unready, "skipAwait": True})
    assert made.outputs.values["status"]["status"] == "deployed"


def test_a_name_that_is_taken_is_not_taken_over(
    program: Program, chart: Callable[..., str], by_hand: HelmByHand
) -> None:
    path = chart(CONFIG_MAP)
    by_hand.helm("install", "taken", path, "-n", "default")
    inputs = program.checked({"chart": path, "name": "taken", "namespace": "default"})
    with pytest.raises(ResourceError, match=r"^cannot re-use a name that is still in use$") as failure:
        program.handler.create(program.resource, inputs, None, False)
    assert not isinstance(failure.value, PartialFailure), "it is not ours to keep in state"


def test_an_upgrade_that_does_not_get_ready_is_kept_with_its_own_revision(
    program: Program, unready: dict[str, Any]
) -> None:
    inputs, made = program.install({**unready, "skipAwait": True})
    wanted = program.checked({**unready, "values": {"more": 1}}, inputs)
    with pytest.raises(PartialFailure, match=r'^Helm release "default/unready" failed to initialize') as failure:
        program.upgrade(inputs, made, wanted)
    status = failure.value.state.outputs.values["status"]
    assert (status["revision"], status["status"]) == (2, "failed")


def test_an_atomic_upgrade_goes_back(program: Program, chart: Callable[..., str], by_hand: HelmByHand) -> None:
    growing = chart(CONFIG_MAP, "{{ if .Values.grows }}\n" + textwrap.dedent(DEPLOYMENT_WITHOUT_A_NODE) + "{{ end }}")
    release = {"chart": growing, "name": "growing", "namespace": "default", "atomic": True, "timeout": 5}
    inputs, made = program.install(release)
    wanted = program.checked({**release, "values": {"grows": True}}, inputs)
    with pytest.raises(PartialFailure, match="has been rolled back due to atomic being set") as failure:
        program.upgrade(inputs, made, wanted)
    status = failure.value.state.outputs.values["status"]
    assert (status["revision"], status["status"]) == (2, "failed")
    history = json.loads(by_hand.helm("history", "growing", "-n", "default", "-o", "json"))
    assert [entry["status"] for entry in history] == ["superseded", "failed", "deployed"]


def test_a_template_that_fails_leaves_nothing(program: Program, chart: Callable[..., str], by_hand: HelmByHand) -> None:
    """A preview does not render, and so does not hear of it."""
    inputs = program.checked({"chart": chart("{{ fail .Values.word }}"), "name": "failing", "values": {"word": "no"}})
    program.handler.create(program.resource, inputs, None, True)
    assert program.lines == []
    with pytest.raises(ResourceError, match=r"execution error at \(toy/templates/0.yaml:1:3\): no") as failure:
        program.handler.create(program.resource, inputs, None, False)
    assert not isinstance(failure.value, PartialFailure)
    assert by_hand.helm("list", "-n", "default", "--all", "--short") == ""


def test_an_error_that_quotes_a_secret_does_not_tell_it(program: Program, chart: Callable[..., str]) -> None:
    inputs = program.checked(
        {"chart": chart("{{ fail .Values.word }}"), "values": {"word": "hunter22"}}, secrets=[("values", "word")]
    )
    with pytest.raises(ResourceError, match=r"\[secret\]") as failure:
        program.handler.create(program.resource, inputs, None, False)
    assert "hunter22" not in str(failure.value)


def test_a_namespace_that_does_not_exist_is_an_error(program: Program, chart: Callable[..., str]) -> None:
    inputs = program.checked({"chart": chart(CONFIG_MAP), "name": "homeless", "namespace": "no-such"})
    with pytest.raises(ResourceError, match='namespaces "no-such" not found'):
        program.handler.create(program.resource, inputs, None, False)


def test_a_release_that_someone_else_removed_is_seen_by_a_refresh_alone(
    program: Program, chart: Callable[..., str], by_hand: HelmByHand
) -> None:
    inputs, made = program.install({"chart": chart(CONFIG_MAP), "name": "removed", "namespace": "default"})
    by_hand.helm("uninstall", "removed", "-n", "default")
    with pytest.raises(ResourceError, match=r"uninstall: Release not loaded: removed: release: not found"):
        program.uninstall(inputs, made)
    with pytest.raises(ResourceError, match='"removed" has no deployed releases'):
        program.upgrade(inputs, made, inputs)
    assert program.refresh(inputs, made) is None


def test_a_release_that_an_interrupted_helm_left_pending_blocks_the_next(
    program: Program, unready: dict[str, Any], by_hand: HelmByHand
) -> None:
    command = [by_hand.toolchain.path("helm"), "install", "unready", unready["chart"], "-n", "default", "--wait"]
    helm = subprocess.Popen(command, env={**os.environ, "KUBECONFIG": str(by_hand.kubeconfig)})
    until(lambda: "unready" in by_hand.helm("list", "-n", "default", "--pending", "--short"))
    helm.send_signal(signal.SIGKILL)
    helm.wait()
    inputs = program.checked(unready)
    with pytest.raises(ResourceError, match="cannot re-use a name"):
        program.handler.create(program.resource, inputs, None, False)
    pending = program.handler.read(program.resource, "default/unready", None, None)
    assert pending is not None
    assert pending.outputs.values["status"]["status"] == "pending-install"
    with pytest.raises(ResourceError, match=r"another operation \(install/upgrade/rollback\) is in progress"):
        program.upgrade(inputs, pending, inputs)


def test_a_cancellation_ends_helm_and_leaves_a_failed_release(
    program: Program, unready: dict[str, Any], by_hand: HelmByHand
) -> None:
    inputs = program.checked({**unready, "timeout": 120})
    with ThreadPoolExecutor(1) as pool:
        creation = pool.submit(program.handler.create, program.resource, inputs, None, False)
        until(lambda: "unready" in by_hand.helm("list", "-n", "default", "--pending", "--short"))
        program.cluster.cancellation.request()
        with pytest.raises(PartialFailure, match="context canceled") as failure:
            creation.result(timeout=30)
    assert failure.value.state.outputs.values["status"]["status"] == "failed"
    assert [child for child in psutil.Process().children() if child.name() == "helm"] == []


def test_without_its_cluster_a_release_can_only_be_previewed(
    chart: Callable[..., str], tmp_path: Path, helm_cluster: Path
) -> None:
    cluster = Cluster(ProviderSettings(kubeconfig=str(helm_cluster)))
    cluster.unreachable = "it is away"
    program = Program(cluster)
    inputs = program.checked({"chart": chart(CONFIG_MAP)})
    foretold = program.handler.create(program.resource, inputs, None, True)
    for operation, message in (
        (lambda: program.handler.create(program.resource, inputs, None, False), "can't create Helm Release with"),
        (lambda: program.upgrade(inputs, foretold, inputs), "can't update Helm Release with unreachable cluster"),
        (lambda: program.uninstall(inputs, foretold), "can't delete Helm Release with unreachable cluster"),
    ):
        with pytest.raises(ResourceError, match=f"{message}.*it is away"):
            operation()


def until(condition: Callable[[], bool]) -> None:
    """Await a condition of the world outside."""
    pause = threading.Event()
    for _ in range(300):
        if condition():
            return
        pause.wait(0.1)
    raise AssertionError("the condition did not become true within 30 s")
