"""The rules behind a claim's volume that need no cluster: sizes, Secrets' templates, retries."""

import threading

import pytest

from sandbox.kube.objects import Json
from sandbox.trident.volumes.config import ConfigError, volume_config
from sandbox.trident.volumes.expansion import resize_signature
from sandbox.trident.volumes.pace import REALISTIC, Pace
from sandbox.trident.volumes.queue import Task, TryAgainError, WorkQueue
from sandbox.trident.volumes.secrets import ParameterError, check_reserved, provisioner_secret, volume_secrets
from sandbox.trident.volumes.sizes import GIB, parse_quantity, show_quantity, whole_gib
from tests.trident.volumes_world import PARAMETERS

CLAIM: Json = {
    "metadata": {"name": "anf-pvc-smb", "namespace": "smb-dynamic", "uid": "1", "annotations": {"team/secret": "web"}},
    "spec": {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "60Gi"}}},
    "status": {"phase": "Pending"},
}
CLASS: Json = {
    "metadata": {"name": "anf-sc-smb"},
    "provisioner": "csi.trident.netapp.io",
    "parameters": PARAMETERS,
}


@pytest.mark.parametrize(
    ("text", "size"),
    [("50Gi", 50 * GIB), ("107374182400", 100 * GIB), ("70G", 70 * 10**9), ("0.5Gi", GIB // 2), ("1500m", 2), ("", 0)],
)
def test_quantities_are_read_as_kubernetes_reads_them(text: str, size: int):
    assert parse_quantity(text) == size


@pytest.mark.parametrize(
    ("size", "text"), [(50 * GIB, "50Gi"), (2 * 1024 * GIB, "2Ti"), (GIB // 2, "512Mi"), (1500, "1500"), (0, "0")]
)
def test_quantities_are_shown_with_the_largest_unit_that_divides_them(size: int, text: str):
    assert show_quantity(size) == text


def test_sizes_are_whole_gib():
    assert [whole_gib(size) for size in (GIB, GIB + 1, 2 * GIB - 1)] == [GIB, 2 * GIB, 2 * GIB]


# Secrets.

NAME, NAMESPACE = "csi.storage.k8s.io/node-stage-secret-name", "csi.storage.k8s.io/node-stage-secret-namespace"


def test_each_use_of_a_secret_has_its_field():
    assert volume_secrets(PARAMETERS, "pvc-1", CLAIM) == {
        "nodeStageSecretRef": {"name": "smbcreds", "namespace": "smb-dynamic"}
    }
    assert provisioner_secret(PARAMETERS, "pvc-1", CLAIM) is None


def test_templates_are_filled_from_claim_and_volume():
    parameters = {NAME: "${pvc.annotations['team/secret']}-${pvc.name}", NAMESPACE: "${pvc.namespace}"}
    assert volume_secrets(parameters, "pvc-1", CLAIM)["nodeStageSecretRef"] == {
        "name": "web-anf-pvc-smb",
        "namespace": "smb-dynamic",
    }


def test_a_default_secret_serves_every_use():
    parameters = {"csi.storage.k8s.io/secret-name": "creds", "csi.storage.k8s.io/secret-namespace": "trident"}
    found = volume_secrets(parameters, "pvc-1", CLAIM)
    assert set(found) == {
        "controllerPublishSecretRef",
        "nodeStageSecretRef",
        "nodePublishSecretRef",
        "controllerExpandSecretRef",
        "nodeExpandSecretRef",
    }
    assert provisioner_secret(parameters, "pvc-1", CLAIM) == {"name": "creds", "namespace": "trident"}


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({NAME: "creds"}, "either name and namespace for NodeStage secrets specified, Both must be specified"),
        ({NAME: "creds", NAMESPACE: ""}, "value of either namespace or name is empty"),
        ({NAME: "${pvc.owner}", NAMESPACE: "a"}, 'error resolving value "${pvc.owner}": invalid tokens: ["pvc.owner"]'),
        ({NAME: "creds", NAMESPACE: "${pvc.name}"}, 'invalid tokens: ["pvc.name"]'),
        ({NAME: "Creds", NAMESPACE: "a"}, '"Creds" is not a valid secret name'),
        ({NAME: "creds", NAMESPACE: "a.b"}, '"a.b" is not a valid namespace name'),
    ],
)
def test_a_reference_that_cannot_be_resolved_is_refused(parameters: dict[str, str], words: str):
    with pytest.raises(ParameterError) as raised:
        volume_secrets(parameters, "pvc-1", CLAIM)
    assert words in str(raised.value)


def test_unknown_parameters_in_kubernetes_name_space_are_refused():
    check_reserved(PARAMETERS)
    with pytest.raises(ParameterError, match="found unknown parameter key"):
        check_reserved({"csi.storage.k8s.io/node-stage-secret": "smbcreds"})


# A volume's configuration.


def test_the_configuration_names_what_asked_for_the_volume():
    config = volume_config(CLAIM, CLASS, "pvc-1", (26, 6))
    wanted = {
        "name": "pvc-1",
        "internalName": "pvc-1",
        "size": str(60 * GIB),
        "accessMode": "ReadWriteMany",
        "storageClass": "anf-sc-smb",
        "namespace": "smb-dynamic",
        "requestName": "anf-pvc-smb",
    }
    assert {name: config[name] for name in wanted} == wanted


def test_older_versions_do_not_ask_a_class_for_secrets():
    without: Json = {**CLASS, "parameters": {"trident.netapp.io/nasType": "smb"}}
    assert volume_config(CLAIM, without, "pvc-1", (25, 2))
    with pytest.raises(ConfigError, match="for secure SMB access control"):
        volume_config(CLAIM, without, "pvc-1", (25, 6))


def test_what_the_sandbox_does_not_play_is_refused_rather_than_ignored():
    metadata = {**CLAIM["metadata"], "annotations": {"trident.netapp.io/cloneFromPVC": "other"}}
    with pytest.raises(ConfigError, match="makes no clones"):
        volume_config({**CLAIM, "metadata": metadata}, CLASS, "pvc-1", (26, 6))


def test_the_resizers_own_notes_do_not_call_it_again():
    noted = {**CLAIM["status"], "conditions": [{"type": "Resizing"}], "allocatedResources": {"storage": "70Gi"}}
    assert resize_signature({**CLAIM, "status": noted}) == resize_signature(CLAIM)
    larger = {**CLAIM["spec"], "resources": {"requests": {"storage": "70Gi"}}}
    assert resize_signature({**CLAIM, "spec": larger}) != resize_signature(CLAIM)


# Retries.


def test_waits_double_from_ten_seconds_to_five_minutes():
    assert [REALISTIC.delay(failures) for failures in (1, 2, 3, 6, 7, 1000)] == [10, 20, 40, 300, 300, 300]


class Work:
    """Counts how often each task was done; fails as often as told."""

    def __init__(self, failures: int = 0, seconds: float | None = None) -> None:
        self.done: list[Task] = []
        self.attempts = 0
        self.changed = threading.Condition()
        self._failures = failures
        self._seconds = seconds

    def __call__(self, task: Task) -> None:
        with self.changed:
            self.attempts += 1
            self.changed.notify_all()
            if self.attempts <= self._failures:
                raise TryAgainError("not yet", self._seconds)
            self.done.append(task)

    def await_attempts(self, times: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: self.attempts >= times, 10)


TASK: Task = ("provision", ("smb-dynamic", "anf-pvc-smb"))


def test_a_failed_task_comes_back_until_it_is_done():
    work = Work(failures=3)
    queue = WorkQueue(work, Pace(first_retry=0.01, last_retry=0.02, poll=0.01), workers=2)
    queue.start()
    queue.add(TASK)
    work.await_attempts(4)
    assert len(work.done) == 1


def test_adding_a_task_that_waits_has_it_done_at_once():
    work = Work(failures=1)
    queue = WorkQueue(work, Pace(first_retry=60, last_retry=60, poll=0.01), workers=1)
    queue.start()
    queue.add(TASK)
    work.await_attempts(1)
    queue.add(TASK)
    work.await_attempts(2)
    assert len(work.done) == 1


def test_what_is_added_while_it_is_done_is_done_once_more_afterwards():
    started, go_on, runs = threading.Event(), threading.Event(), list[Task]()

    def slowly(task: Task) -> None:
        runs.append(task)
        started.set()
        go_on.wait(10)

    queue = WorkQueue(slowly, REALISTIC, workers=4)
    queue.start()
    queue.add(TASK)
    assert started.wait(10)
    queue.add(TASK)
    queue.add(TASK)
    assert len(runs) == 1
    started.clear()
    go_on.set()
    assert started.wait(10)
    assert len(runs) == 2
