"""What Trident decides without asking anybody."""

from typing import Any, cast

import pytest

from sandbox.kube.merging import replacing
from sandbox.kube.objects import Json
from sandbox.trident.backends.backend import Backend, Installation
from sandbox.trident.backends.spec import BackendError, parse
from sandbox.trident.backends.spec_checks import check, check_client, check_user_state
from sandbox.trident.crds import kinds
from sandbox.trident.durations import INSTANT, REALISTIC
from sandbox.trident.operator.installation import InstallationError, plan
from sandbox.trident.operator.workloads import NODE_LINUX, NODE_WINDOWS, objects
from sandbox.trident.retries import Retries
from sandbox.trident.versions import image_version, kubernetes_warning, release

UNREAD = "input failed validation: could not parse JSON configuration: json: cannot unmarshal "
SPEC: Json = {
    "version": 1,
    "storageDriverName": "azure-netapp-files",
    "subscriptionID": "s",
    "location": "koreacentral",
    "nasType": "smb",
    "credentials": {"name": "creds"},
}


def torc(**spec: Any) -> Json:
    return {
        "apiVersion": "trident.netapp.io/v1",
        "kind": "TridentOrchestrator",
        "metadata": {"name": "trident", "uid": "u"},
        "spec": {"namespace": "trident", **spec},
    }


@pytest.mark.parametrize(
    ("version", "expected"), [("23.04.0", (23, 4)), ("100.2606.0", (26, 6)), ("v26.02.1", (26, 2))]
)
def test_releases(version: str, expected: tuple[int, int]) -> None:
    assert release(version) == expected


@pytest.mark.parametrize(("version", "gib"), [("23.04.0", 100), ("24.06.1", 100), ("24.10.0", 50), ("26.06.0", 50)])
def test_the_smallest_volume_by_version(version: str, gib: int) -> None:
    assert Installation("trident", version).minimum_volume_size == gib * 1024**3


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("docker.io/netapp/trident-operator:26.06.0", "26.06.0"),
        ("127.0.0.1:5000/trident:24.02.0-custom.1", "24.02.0"),
        ("docker.io/netapp/trident:26.06.0@sha256:00", "26.06.0"),
        ("docker.io/netapp/trident:latest", None),
        ("127.0.0.1:5000/trident", None),
    ],
)
def test_the_version_of_an_image(image: str, expected: str | None) -> None:
    assert image_version(image) == expected


@pytest.mark.parametrize(
    ("trident", "kubernetes", "warned"),
    [
        ((23, 4), "v1.27.9", False),
        ((23, 4), "v1.28.0", True),
        ((23, 4), "v1.20.15", True),
        ((26, 6), "v1.36.1", False),
        ((26, 6), "v1.37.2", True),
        ((26, 6), "v1.26.0", True),
    ],
)
def test_supported_versions_of_kubernetes(trident: tuple[int, int], kubernetes: str, warned: bool) -> None:
    warning = kubernetes_warning(trident, kubernetes)
    assert bool(warning) == warned
    assert not warned or f"unsupported version of Kubernetes; {kubernetes}. NetApp" in warning


@pytest.mark.parametrize(
    ("version", "spec", "identity", "managed"),
    [
        ("26.06.0", {"cloudProvider": "Azure"}, "", True),
        ("26.06.0", {"cloudProvider": "azure", "cloudIdentity": "azure.workload.identity/client-id: 1-2"}, True, False),
        ("26.06.0", {}, "", False),
        # The first version with a cloud provider, and the first with an identity.
        ("23.07.0", {"cloudProvider": "Azure"}, "", False),
        ("23.10.0", {"cloudProvider": "Azure", "cloudIdentity": "azure.workload.identity/client-id: 1-2"}, "", True),
    ],
)
def test_cloud_identities(version: str, spec: Json, identity: Any, managed: bool) -> None:
    made = plan(torc(**spec), version)
    assert made.workload_identity == (spec["cloudIdentity"] if identity is True else identity)
    assert made.managed_identity == managed


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"cloudIdentity": "azure.workload.identity/client-id: 1"}, "cloud provider must be specified for the cloud"),
        (
            {"cloudProvider": "Azure", "cloudIdentity": "some.other/key: one"},
            "'some.other/key: one' is not a valid cloud identity for the cloud provider 'Azure'",
        ),
        ({"cloudProvider": "Nowhere"}, "'Nowhere' is not a valid cloud provider"),
        ({"cloudProvider": "AWS"}, "the sandbox's Trident runs on Azure only: cloud provider 'AWS' is not played"),
        ({"logFormat": "xml"}, "'xml' is not a valid log format"),
        ({"imagePullPolicy": "Sometimes"}, "'Sometimes' is not a valid trident image pull policy format"),
        ({"fsGroupPolicy": "Some"}, "'Some' is not a valid fsGroupPolicy"),
    ],
)
def test_specs_that_the_operator_refuses(spec: Json, words: str) -> None:
    with pytest.raises(InstallationError, match=words):
        plan(torc(**spec), "26.06.0")


def test_without_windows_there_is_no_windows_plugin() -> None:
    for windows, wanted in ((True, {NODE_LINUX, NODE_WINDOWS}), (False, {NODE_LINUX})):
        made = objects(plan(torc(windows=windows), "26.06.0"), "v1.36.1", identity_label=False).values()
        assert {body["metadata"]["name"] for body in made if body["kind"] == "DaemonSet"} == wanted


def test_the_documented_version_has_fewer_kinds() -> None:
    assert {kind.plural for kind in kinds((26, 6))} - {kind.plural for kind in kinds((23, 4))} == {
        "tridentactionsnapshotrestores",
        "tridentgroupsnapshots",
    }


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"storageDriverName": None}, "missing storage driver name in configuration file"),
        ({"version": 2}, "input failed validation: unexpected config file version; found 2, expected 1"),
        ({"storageDriverName": "nfs"}, "unsupported config error; unknown storage driver: nfs"),
        ({"version": "1"}, f"{UNREAD}string into Go struct field CommonStorageDriverConfig.version of type int"),
        ({"version": True}, f"{UNREAD}bool into Go struct field CommonStorageDriverConfig.version of type int"),
        ({"version": 1.5}, f"{UNREAD}number 1.5 into Go struct field CommonStorageDriverConfig.version of type int"),
        ({"debug": "yes"}, f"{UNREAD}string into Go struct field CommonStorageDriverConfig.debug of type bool"),
        ({"credentials": {"name": 1}}, f"{UNREAD}number into Go struct field CommonStorageDriverConfig.credentials of"),
        ({"limitVolumeSize": "much"}, "invalid value for limitVolumeSize: much"),
        ({"credentials": {"secret": "x"}}, r"credentials field contains invalid fields '\[secret\]' attribute"),
        ({"credentials": {"name": "x", "type": "vault"}}, "credentials field does not support type 'vault'"),
        ({"credentials": {"name": ""}}, "credentials `name` field cannot be empty"),
        ({"clientID": "me", "clientSecret": "x"}, r"forbidden attributes: \[ClientID ClientSecret\]"),
        ({"CLIENTSECRET": "x"}, r"input contains forbidden attributes: \[ClientSecret\]"),
        (
            {"resourceGroups": "rg"},
            r"unsupported config error; json: .*AzureNASStorageDriverPool\.resourceGroups of type \[\]string",
        ),
        (
            {"defaults": {"size": 1}},
            "AzureNASStorageDriverPool.defaults.CommonStorageDriverConfigDefaults.size of type string",
        ),
        ({"sdkTimeout": 5}, "number into Go struct field AzureNASStorageDriverConfig.sdkTimeout of type string"),
        ({"storage": [{"serviceLevel": "Ultra"}]}, "the sandbox's Trident does not play storage: leave it out"),
        ({"supportedTopologies": [{"zone": "1"}]}, "does not play supportedTopologies: leave it out"),
        ({"customerEncryptionKeys": {"account": "key"}}, "does not play customerEncryptionKeys: leave it out"),
    ],
)
def test_specs_that_trident_refuses(changes: Json, words: str) -> None:
    with pytest.raises(BackendError, match=words):
        parse({**SPEC, **changes}, "tbc", (26, 6))


def test_before_identities_credentials_were_needed() -> None:
    spec = {name: value for name, value in SPEC.items() if name != "credentials"}
    with pytest.raises(BackendError, match="input is missing the credentials field"):
        parse(spec, "tbc", (23, 4))
    assert parse(spec, "tbc", (24, 2)).secret_name == ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"serviceLevel": "FLEXIBLE"}, "invalid service level in pool tbc_pool: Flexible"),
        ({"storagePrefix": "1st"}, "storage prefix may only contain letters and hyphens"),
        ({"defaults": {"qosType": "Both"}}, "invalid value for qosType in pool tbc_pool"),
        ({"defaults": {"size": "huge"}}, "invalid value for default volume size in pool tbc_pool"),
        ({"labels": {"cloud": "x" * 240}}, "label length 269 exceeds the character limit of 256 characters"),
        ({"defaults": {"exportRule": "everyone"}}, "invalid address/CIDR for exportRule in pool tbc_pool: everyone"),
    ],
)
def test_values_that_are_checked_last(changes: Json, words: str) -> None:
    settings = parse({**SPEC, **changes}, "tbc", (26, 6))
    with pytest.raises(BackendError, match=words):
        check(settings)


def test_unknown_settings_change_nothing() -> None:
    assert parse({**SPEC, "region": "here", "storage": []}, "tbc", (26, 6)) == parse(SPEC, "tbc", (26, 6))


CUSTOM = {"adAuthorityHost": "https://login.example", "audience": "https://arm.example"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sdkTimeout": "soon"}, 'strconv.ParseInt: parsing "soon": invalid syntax'),
        ({"maxCacheAge": "-1"}, r"value -1 is out of range \[0, 9223372036854775807\]"),
        ({"maxCacheAge": "99999999999999999999"}, 'parsing "99999999999999999999": value out of range'),
        ({"location": ""}, "location must be specified in the config"),
        ({"cloudConfiguration": {"cloudName": "Azure"}}, "invalid cloud configuration: unknown cloudName: Azure"),
        ({"cloudConfiguration": {"cloudName": "AzureChina", **CUSTOM}}, "are mutually exclusive"),
        ({"cloudConfiguration": CUSTOM}, "adAuthorityHost, audience, and endpoint are all required"),
        ({"cloudConfiguration": {"cloudName": "AzureChina"}}, "does not play other clouds"),
    ],
)
def test_values_that_are_checked_before_the_sign_in(changes: Json, words: str) -> None:
    settings = parse({**SPEC, **changes}, "tbc", (26, 6))
    with pytest.raises(BackendError, match=words):
        check_client(settings, settings.location)


def test_an_old_trident_reads_neither_clouds_nor_states() -> None:
    spec = {**SPEC, "cloudConfiguration": {"cloudName": "Azure"}, "userState": "asleep"}
    check_client(parse(spec, "tbc", (25, 10)), "koreacentral")
    check_user_state(parse(spec, "tbc", (24, 2)))
    with pytest.raises(BackendError, match="invalid user backend state provided: asleep, allowed are: `normal`"):
        check_user_state(parse(spec, "tbc", (24, 6)))


@pytest.mark.parametrize(
    ("parameters", "fits"),
    [
        ({}, True),
        ({"backendType": "azure-netapp-files", "trident.netapp.io/nasType": "smb"}, True),
        ({"csi.storage.k8s.io/node-stage-secret-name": "smbcreds"}, True),
        ({"backendType": "ontap-nas"}, False),
        ({"trident.netapp.io/nasType": "SMB"}, False),
        ({"nasType": "nfs"}, False),
        ({"nonsense": "1"}, False),
        ({"snapshots": "false"}, True),
        ({"encryption": "true"}, False),
        ({"storagePools": "tbc:.*"}, True),
        ({"storagePools": "other:.*;tbc:tbc_pool"}, True),
        ({"storagePools": "other:.*"}, False),
        ({"storagePools": "tb:.*"}, False),
        ({"storagePools": "tb.*:.*"}, True),
        ({"storagePools": "tbc:other"}, False),
        ({"storagePools": "tbc:("}, False),
        ({"storagePools": "tbc"}, True),
        ({"storagePools": "tbc:.*", "nasType": "nfs"}, False),
    ],
)
def test_which_classes_a_backend_satisfies(parameters: dict[str, str], fits: bool) -> None:
    nothing = cast(Any, None)
    backend = Backend("u", parse(SPEC, "tbc", (26, 6)), 1, capacity_pools=(), subnets=(), netapp=nothing)
    assert backend.satisfies(parameters) == fits


def test_a_patch_that_replaces() -> None:
    old = {"a": 1, "b": {"c": 1, "d": 2}}
    assert replacing(old, {"b": {"d": 3}, "e": []}) == {"a": None, "b": {"c": None, "d": 3}, "e": []}


def test_an_old_trident_knows_pools_of_qos_type_auto_alone() -> None:
    spec = {**SPEC, "defaults": {"qosType": "Manual"}}
    assert [parse(spec, "tbc", release).qos_type for release in ((25, 2), (25, 6))] == ["Auto", "Manual"]


def test_a_backend_that_failed_is_tried_again_when_the_genuine_one_tries() -> None:
    """At 5 ms, 15 ms, 35 ms and so on, after the four seconds of the first attempt."""
    now = [0.0]
    retries = Retries[str](0.005, REALISTIC.last_backend_retry, lambda: now[0])
    retries.wait("backend", "settings", REALISTIC.backend)
    now[0] = REALISTIC.backend
    tried: list[float] = []
    while len(tried) < 18:
        now[0] += retries.failed("backend")
        tried.append(now[0])
    assert [round(at) for at in tried[13:16]] == [86, 168, 332]
    assert INSTANT.last_backend_retry < 5
