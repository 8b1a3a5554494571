"""The rules behind a claim's volume that need no cluster: sizes, Secrets, configuration, retries."""

import pytest

from sandbox.kube.objects import Json
from sandbox.trident.durations import REALISTIC
from sandbox.trident.retries import Retries
from sandbox.trident.sizes import GIB, parse_quantity, parse_setting, show_quantity
from sandbox.trident.volumes.creation import CreationError, volume_config
from sandbox.trident.volumes.expansion import resize_signature
from sandbox.trident.volumes.provisioning import ParameterError, stage_secret
from tests.trident.volumes_world import PARAMETERS

CLAIM: Json = {
    "metadata": {"name": "anf-pvc-smb", "namespace": "smb-dynamic", "uid": "1"},
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
    ("text", "size"), [("107374182400", 100 * GIB), ("100Gi", 100 * GIB), ("100G", 100 * GIB), ("1TiB", 1024 * GIB)]
)
def test_sizes_in_tridents_settings_are_binary(text: str, size: int):
    assert parse_setting(text) == size


@pytest.mark.parametrize(
    ("size", "text"), [(50 * GIB, "50Gi"), (2 * 1024 * GIB, "2Ti"), (GIB // 2, "512Mi"), (1500, "1500"), (0, "0")]
)
def test_quantities_are_shown_with_the_largest_unit_that_divides_them(size: int, text: str):
    assert show_quantity(size) == text


# Secrets.

NAME, NAMESPACE = "csi.storage.k8s.io/node-stage-secret-name", "csi.storage.k8s.io/node-stage-secret-namespace"


def test_the_secret_of_the_mount():
    assert stage_secret(PARAMETERS) == {"name": "smbcreds", "namespace": "smb-dynamic"}
    assert stage_secret({}) is None


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({NAME: "creds"}, "either name and namespace for NodeStage secrets specified, Both must be specified"),
        ({NAME: "creds", NAMESPACE: ""}, "value of either namespace or name is empty"),
        ({NAME: "Creds", NAMESPACE: "a"}, '"Creds" is not a valid secret name'),
        ({NAME: "creds", NAMESPACE: "a.b"}, '"a.b" is not a valid namespace name'),
        ({NAME: "${pvc.name}", NAMESPACE: "a"}, "does not play templates"),
        ({"csi.storage.k8s.io/secret-name": "creds"}, "does not play the parameter csi.storage.k8s.io/secret-name"),
        ({"csi.storage.k8s.io/node-publish-secret-name": "creds"}, "does not play the parameter"),
        ({"csi.storage.k8s.io/node-stage-secret": "smbcreds"}, "found unknown parameter key"),
    ],
)
def test_a_reference_that_cannot_be_used_is_refused(parameters: dict[str, str], words: str):
    with pytest.raises(ParameterError) as raised:
        stage_secret(parameters)
    assert words in str(raised.value)


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
    with pytest.raises(CreationError, match="for secure SMB access control"):
        volume_config(CLAIM, without, "pvc-1", (25, 6))


@pytest.mark.parametrize(
    ("annotations", "parameters", "words"),
    [
        ({"trident.netapp.io/cloneFromPVC": "other"}, {}, "makes no clones"),
        ({}, {"selector": "tier=gold"}, "does not play the parameter selector"),
        (
            {},
            {"trident.netapp.io/excludeStoragePools": "a:.*"},
            "does not play the parameter trident.netapp.io/exclude",
        ),
    ],
)
def test_what_the_sandbox_does_not_play_is_refused_rather_than_ignored(annotations: Json, parameters: Json, words: str):
    claim = {**CLAIM, "metadata": {**CLAIM["metadata"], "annotations": annotations}}
    with pytest.raises(CreationError, match=words):
        volume_config(claim, {**CLASS, "parameters": {**PARAMETERS, **parameters}}, "pvc-1", (26, 6))


def test_the_resizers_own_notes_do_not_call_it_again():
    noted = {**CLAIM["status"], "conditions": [{"type": "Resizing"}], "allocatedResources": {"storage": "70Gi"}}
    assert resize_signature({**CLAIM, "status": noted}) == resize_signature(CLAIM)
    larger = {**CLAIM["spec"], "resources": {"requests": {"storage": "70Gi"}}}
    assert resize_signature({**CLAIM, "spec": larger}) != resize_signature(CLAIM)


# Retries.


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_waits_double_from_ten_seconds_to_five_minutes_and_begin_anew_after_a_success():
    retries = Retries[str](REALISTIC.first_retry, REALISTIC.last_retry, Clock())
    assert retries.wait("claim", "1") == 0
    assert [retries.failed("claim") for _ in range(7)] == [10, 20, 40, 80, 160, 300, 300]
    assert retries.wait("claim", "1") == 300
    retries.done("claim")
    assert retries.wait("claim", "1") is None
    assert retries.failed("claim") == 10


def test_a_change_is_handled_at_once_or_after_its_delay():
    clock = Clock()
    retries = Retries[str](10, 300, clock)
    retries.wait("claim", "1")
    retries.failed("claim")
    clock.now += 4
    assert retries.wait("claim", "1") == 6
    assert retries.wait("claim", "2") == 0
    assert retries.wait("claim", "3", delay=4) == 4
    retries.keep([])
    assert retries.wait("claim", "3") == 0
    retries.failed("claim", 60)
    assert retries.wait("claim", "3") == 60
