"""Rules that need no cluster."""

import base64
from typing import Any

import pytest

from sandbox.providers.kubernetes.comparison import compare, contains, parse_path, path_text
from sandbox.providers.kubernetes.creation import pauses
from sandbox.providers.kubernetes.handler import Change
from sandbox.providers.kubernetes.kinds import is_list, is_patch, of_token
from sandbox.providers.kubernetes.normalization import normalized
from sandbox.providers.kubernetes.quantity import canonical
from sandbox.providers.kubernetes.replacement import replacing
from sandbox.providers.kubernetes.secretness import Redactor, secret_places
from sandbox.providers.kubernetes.settings import ProviderSettings
from sandbox.providers.kubernetes.waits.wait_for import WaitForSyntaxError, parse_path_expectation
from sandbox.providers.values import UNKNOWN, Properties

METADATA = {"name": "x", "namespace": "default"}


def changes(kind: dict[str, Any], old: dict[str, Any], new: dict[str, Any], **settings: Any) -> dict[str, Change]:
    before, after = {**kind, "metadata": METADATA, **old}, {**kind, "metadata": METADATA, **new}
    found = compare(before, after, replacing(after, ProviderSettings(**settings)))
    return {path_text(path): change for path, change in found.items()}


def test_a_creation_is_tried_six_times_in_about_63_seconds() -> None:
    assert list(pauses(1.0)) == [1, 2, 4, 8, 16, 32]
    assert sum(pauses(1.0)) == 63


PV = {"apiVersion": "v1", "kind": "PersistentVolume"}
PVC = {"apiVersion": "v1", "kind": "PersistentVolumeClaim"}
POD = {"apiVersion": "v1", "kind": "Pod"}
SECRET = {"apiVersion": "v1", "kind": "Secret"}
CONFIG_MAP = {"apiVersion": "v1", "kind": "ConfigMap"}
STORAGE_CLASS = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass"}
DEPLOYMENT = {"apiVersion": "apps/v1", "kind": "Deployment"}
CUSTOM = {"apiVersion": "trident.netapp.io/v1", "kind": "TridentBackendConfig"}


def container(**members: Any) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": "c", "image": "a", **members}]}}


@pytest.mark.parametrize(
    ("kind", "old", "new", "path"),
    [
        (PV, {"spec": {"csi": {"a": "1"}}}, {"spec": {"csi": {"a": "2"}}}, "spec.csi.a"),
        (PV, {"spec": {"nfs": {}}}, {"spec": {}}, "spec.nfs"),
        (PV, {"spec": {}}, {"spec": {"azureFile": {"shareName": "s"}}}, "spec.azureFile"),
        (PVC, {"spec": {"accessModes": ["a"]}}, {"spec": {"accessModes": ["b"]}}, "spec.accessModes[0]"),
        (PVC, {"spec": {"volumeName": "a"}}, {"spec": {"volumeName": "b"}}, "spec.volumeName"),
        (PVC, {"spec": {"storageClassName": "a"}}, {"spec": {"storageClassName": "b"}}, "spec.storageClassName"),
        (STORAGE_CLASS, {"parameters": {"a": "1"}}, {"parameters": {"a": "2"}}, "parameters.a"),
        (STORAGE_CLASS, {"provisioner": "a"}, {"provisioner": "b"}, "provisioner"),
        (SECRET, {"data": {"a": "1"}}, {"data": {"a": "2"}}, "data.a"),
        (SECRET, {"type": "a"}, {"type": "b"}, "type"),
        (CONFIG_MAP, {"data": {"a": "1"}}, {"data": {"a": "2"}}, "data.a"),
        (POD, container(), container(image="b"), "spec.containers[0].image"),
        (POD, container(), container(env=[{"name": "A"}]), "spec.containers[0].env"),
        (POD, {"spec": {"nodeSelector": {"a": "b"}}}, {"spec": {}}, "spec.nodeSelector"),
        (POD, {"spec": {}}, {"spec": {"volumes": []}}, "spec.volumes"),
        (DEPLOYMENT, {"spec": {"selector": {"a": 1}}}, {"spec": {"selector": {"a": 2}}}, "spec.selector.a"),
        (CUSTOM, {"metadata": METADATA}, {"metadata": {**METADATA, "name": "y"}}, "metadata.name"),
        (CUSTOM, {"metadata": METADATA}, {"metadata": {**METADATA, "namespace": "y"}}, "metadata.namespace"),
    ],
)
def test_a_change_that_needs_a_new_object(
    kind: dict[str, Any], old: dict[str, Any], new: dict[str, Any], path: str
) -> None:
    found = changes(kind, old, new)

    assert list(found) == [path]
    assert found[path].name.endswith("_REPLACE")


@pytest.mark.parametrize(
    ("kind", "old", "new", "settings"),
    [
        (PV, {"spec": {"capacity": {"storage": "1"}}}, {"spec": {"capacity": {"storage": "2"}}}, {}),
        (PV, {"spec": {"mountOptions": ["a"]}}, {"spec": {"mountOptions": ["b"]}}, {}),
        (PVC, {"spec": {"resources": {"requests": "1"}}}, {"spec": {"resources": {"requests": "2"}}}, {}),
        (SECRET, {"data": {"a": "1"}}, {"data": {"a": "2"}}, {"enable_secret_mutable": True}),
        (CONFIG_MAP, {"data": {"a": "1"}}, {"data": {"a": "2"}}, {"enable_config_map_mutable": True}),
        (POD, {"spec": {"tolerations": []}}, {"spec": {"tolerations": [{"key": "a"}]}}, {}),
        (POD, {"spec": {"activeDeadlineSeconds": 1}}, {"spec": {"activeDeadlineSeconds": 2}}, {}),
        (DEPLOYMENT, {"spec": {"replicas": 1}}, {"spec": {"replicas": 2}}, {}),
        (CUSTOM, {"spec": {"a": 1}}, {"spec": {"a": 2}}, {}),
    ],
)
def test_a_change_in_place(
    kind: dict[str, Any], old: dict[str, Any], new: dict[str, Any], settings: dict[str, Any]
) -> None:
    found = changes(kind, old, new, **settings)

    assert len(found) == 1
    assert all(change in (Change.ADD, Change.UPDATE, Change.DELETE) for change in found.values())


def test_a_type_of_a_secret_is_part_of_its_identity_even_where_its_data_may_change() -> None:
    found = changes(SECRET, {"type": "a"}, {"type": "b"}, enable_secret_mutable=True)

    assert found == {"type": Change.UPDATE_REPLACE}


def test_an_immutable_secret_is_replaced_even_where_secrets_may_change() -> None:
    found = changes(
        SECRET,
        {"immutable": True, "data": {"a": "1"}},
        {"immutable": True, "data": {"a": "2"}},
        enable_secret_mutable=True,
    )

    assert found == {"data.a": Change.UPDATE_REPLACE}


def test_an_unknown_value_shows_as_a_change() -> None:
    assert changes(PV, {"spec": {"a": "1"}}, {"spec": {"a": UNKNOWN, "b": UNKNOWN}}) == {
        "spec.a": Change.UPDATE,
        "spec.b": Change.ADD,
    }


def test_numbers_compare_by_value_and_truth_is_no_number() -> None:
    assert changes(CUSTOM, {"a": 1}, {"a": 1.0}) == {}
    assert changes(CUSTOM, {"a": 1}, {"a": True}) == {"a": Change.UPDATE}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("spec", "ports", 0, "port"), "spec.ports[0].port"),
        (("metadata", "annotations", "a.b/c"), 'metadata.annotations["a.b/c"]'),
        (("data", 'say "x"'), r'data["say \"x\""]'),
    ],
)
def test_property_paths_are_written_and_read_as_the_engine_does(path: Any, text: str) -> None:
    assert path_text(path) == text
    assert parse_path(text) == path


def test_an_ignored_path_covers_what_is_in_it() -> None:
    assert contains(parse_path("spec.ports[*].port"), ("spec", "ports", 3, "port"))
    assert contains(parse_path("data"), ("data", "a"))
    assert not contains(parse_path("data.a"), ("data",))


@pytest.mark.parametrize(
    ("quantity", "form"),
    [
        ("1024Mi", "1Gi"),
        ("0.5Gi", "512Mi"),
        ("1000m", "1"),
        (0.5, "500m"),
        ("100Gi", "100Gi"),
        ("1e3", "1e3"),
        (2, "2"),
        ("10M", "10M"),
        ("not one", "not one"),
        (True, True),
    ],
)
def test_quantities_take_the_form_that_the_server_gives_them(quantity: Any, form: Any) -> None:
    assert canonical(quantity) == form


def test_inputs_take_the_form_that_the_server_gives_them() -> None:
    secret = normalized({**SECRET, "data": {"b": "Yg=="}, "stringData": {"a": "x"}, "metadata": {"uid": "1"}})
    claim = normalized({**PVC, "spec": {"resources": {"requests": {"storage": "1024Mi"}}, "selector": None}})

    assert secret == {**SECRET, "data": {"a": "eA==", "b": "Yg=="}, "metadata": {}}
    assert claim["spec"] == {"resources": {"requests": {"storage": "1Gi"}}}


def test_custom_resources_keep_the_form_that_the_program_gives_them() -> None:
    custom = {**CUSTOM, "spec": {"limits": {"cpu": "1000m"}, "nothing": None}}

    assert normalized(custom) == custom


def test_what_a_secret_holds_is_secret_whatever_the_program_says() -> None:
    assert secret_places({**SECRET, "data": {"a": "x"}}, Properties({})) == {("data",)}


def test_secrets_keep_their_places_in_the_live_object() -> None:
    like = Properties({"spec": {"a": "x", "list": [{"b": "y"}]}}, frozenset({("spec", "a"), ("spec", "list", 0, "b")}))

    places = secret_places({**CUSTOM, "spec": {"a": "x", "list": [1, 2], "other": 3}}, like)

    assert places == {("spec", "a"), ("spec", "list")}


def test_a_last_applied_annotation_of_a_secret_is_secret() -> None:
    place = ("metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration")

    assert place in secret_places({**SECRET, "metadata": {"annotations": {place[-1]: "{…}"}}}, Properties({}))


def test_messages_lose_secrets_in_any_spelling() -> None:
    redact = Redactor(Properties({"spec": {"a": 'pass"word'}}, frozenset({("spec", "a")})))

    for spelling in ('pass"word', 'pass\\"word', base64.b64encode(b'pass"word').decode()):
        assert redact(f"Invalid value: {spelling}") == "Invalid value: [secret]"


def test_messages_lose_what_a_secret_object_decodes_to() -> None:
    redact = Redactor(Properties({**SECRET, "data": {"a": base64.b64encode(b"plain-text").decode()}}))

    assert redact("got plain-text") == "got [secret]"


def test_tokens_name_types() -> None:
    assert of_token("kubernetes:core/v1:Pod").api_version == "v1"
    assert of_token("kubernetes:trident.netapp.io/v1:TridentBackendConfig").api_version == "trident.netapp.io/v1"
    with pytest.raises(ValueError, match="both a group and a version"):
        of_token("kubernetes:core:Pod")
    assert is_patch("kubernetes:core/v1:NamespacePatch", "Namespace")
    assert not is_patch("kubernetes:example.com/v1:Patch", "Patch")
    assert is_list("kubernetes:core/v1:PodList")
    assert not is_list("kubernetes:example.com/v1:AllowList")


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [
        ("jsonpath={.status.phase}=", "requires a value"),
        ("jsonpath={.a}=b=c", "format should be"),
        ("jsonpath=.status.phase", "wrapped in brackets"),
        ("jsonpath='{.status.phase}'", "omit shell quotes"),
        ("jsonpath={.status[}", "parsing"),
    ],
)
def test_a_wait_for_that_is_not_understood(expression: str, complaint: str) -> None:
    with pytest.raises(WaitForSyntaxError, match=complaint):
        parse_path_expectation(expression)


def test_a_filter_in_a_wait_for_is_not_taken_for_its_value() -> None:
    expectation = parse_path_expectation('jsonpath={.status.conditions[?(@.type=="Ready")].status}=True')

    assert expectation.value == "True"
    assert [
        match.value
        for match in expectation.query.find(
            {
                "status": {
                    "conditions": [
                        {"type": "Other", "status": "False"},
                        {"type": "Ready", "status": "True"},
                    ]
                }
            }
        )
    ] == ["True"]
