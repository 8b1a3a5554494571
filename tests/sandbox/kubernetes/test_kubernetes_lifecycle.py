"""An object's life: checked, previewed, made, changed, read, deleted."""

from typing import Any

import pytest

from sandbox.providers.values import UNKNOWN, Properties, read
from tests.sandbox.kubernetes.kubernetes_objects import config_map
from tests.sandbox.kubernetes.kubernetes_plugin import ProviderError

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
CUSTOM = "kubernetes:example.com/v1:Widget"
CRD = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"


def definition(plural: str, kind: str) -> dict[str, Any]:
    schema = {"type": "object", "x_kubernetes_preserve_unknown_fields": True}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.example.com"},
        "spec": {
            "group": "example.com",
            "names": {"kind": kind, "plural": plural},
            "scope": "Namespaced",
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}],
        },
    }


def test_an_object_without_a_name_gets_one_that_it_keeps(plugin: Any, namespace: str) -> None:
    inputs = config_map(namespace, {"a": "1"}, name=None)
    made = plugin.create(CONFIG_MAP, inputs, name="settings")

    name = made.inputs.values["metadata"]["name"]
    assert name.startswith("settings-")
    assert len(name) == len("settings-") + 8
    assert made.inputs.values["metadata"]["annotations"] == {"pulumi.com/autonamed": "true"}
    assert made.id == f"{namespace}/{name}"
    assert plugin.check(made.urn, inputs, old=made.inputs).values["metadata"]["name"] == name


def test_the_same_seed_gives_the_same_name(plugin: Any) -> None:
    urn, inputs = plugin.urn(CONFIG_MAP, "same"), config_map("default", {}, name=None)

    assert plugin.check(urn, inputs) == plugin.check(urn, inputs)


def test_the_stack_s_autonaming_is_followed(plugin: Any) -> None:
    from pulumi.runtime.proto import provider_pb2

    options = provider_pb2.CheckRequest.AutonamingOptions
    inputs = config_map("default", {}, name=None)
    proposed = options(mode=options.Mode.PROPOSE, proposed_name="proposed")

    assert plugin.check(plugin.urn(CONFIG_MAP), inputs, autonaming=proposed).values["metadata"]["name"] == "proposed"
    with pytest.raises(ProviderError, match="autonaming is disabled"):
        plugin.check(plugin.urn(CONFIG_MAP), inputs, autonaming=options(mode=options.Mode.DISABLE))


def test_inputs_that_name_no_type_are_refused(plugin: Any) -> None:
    from pulumi.runtime.proto import provider_pb2

    request = provider_pb2.CheckRequest(urn=plugin.urn(CONFIG_MAP), news=Properties({"kind": "ConfigMap"}).struct())

    assert [failure.property for failure in plugin.call("Check", request).failures] == ["apiVersion"]


@pytest.mark.parametrize(
    ("token", "inputs", "complaint"),
    [
        ("kubernetes:core/v1:PodList", {"apiVersion": "v1", "kind": "PodList"}, "list resources exist"),
        (CONFIG_MAP, config_map("x", {}, name=None, generateName="a-"), "generateName` field is not supported"),
        ("kubernetes:core:Pod", {"apiVersion": "v1", "kind": "Pod"}, "both a group and a version"),
    ],
)
def test_inputs_that_cannot_be_made_are_refused(
    plugin: Any, token: str, inputs: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ProviderError, match=complaint):
        plugin.check(plugin.urn(token), inputs)


def test_a_preview_asks_the_server_and_makes_nothing(plugin: Any, namespace: str, core: Any) -> None:
    foretold = plugin.preview(CONFIG_MAP, config_map(namespace, {"a": "1"}))

    assert foretold.values["metadata"]["uid"]
    assert core.list_namespaced_config_map(namespace, field_selector="metadata.name=settings").items == []


def test_a_preview_shows_what_the_server_would_refuse(plugin: Any, namespace: str) -> None:
    with pytest.raises(ProviderError, match=r"was not successfully created by .* API server: .*Invalid value"):
        plugin.preview(CONFIG_MAP, config_map(namespace, {"not a key!": "1"}))


def test_a_preview_forgives_a_namespace_that_is_not_there_yet(plugin: Any) -> None:
    inputs = config_map("not-yet", {"a": "1"})

    assert plugin.preview(CONFIG_MAP, inputs).values == inputs


def test_a_preview_forgives_a_type_that_is_not_there_yet(plugin: Any, namespace: str) -> None:
    inputs = {"apiVersion": "nowhere.com/v1", "kind": "Thing", "metadata": {"name": "x", "namespace": namespace}}

    assert plugin.preview("kubernetes:nowhere.com/v1:Thing", inputs).values == inputs


def test_a_preview_keeps_what_is_not_known_yet(plugin: Any, namespace: str) -> None:
    foretold = plugin.preview(CONFIG_MAP, config_map(namespace, {"a": UNKNOWN}))

    assert foretold.values["data"] == {"a": UNKNOWN}


def test_a_preview_of_an_object_that_exists_passes_though_its_creation_fails(plugin: Any, namespace: str) -> None:
    plugin.create(CONFIG_MAP, config_map(namespace, {"a": "1"}))

    assert plugin.preview(CONFIG_MAP, config_map(namespace, {"a": "2"})).values["data"] == {"a": "2"}
    with pytest.raises(ProviderError, match=r'"settings" already exists[\s\S]*use an alias[\s\S]*pulumi import'):
        plugin.create(CONFIG_MAP, config_map(namespace, {"a": "2"}))


def test_existing_objects_are_taken_where_the_provider_says_so(
    start_plugin: Any, kubeconfig: str, namespace: str, core: Any
) -> None:
    upserting = start_plugin({"kubeconfig": kubeconfig, "upsertExistingObjects": "true"})
    core.create_namespaced_config_map(namespace, config_map(namespace, {"theirs": "1"}))

    made = upserting.create(CONFIG_MAP, config_map(namespace, {"ours": "2"}))

    assert made.outputs.values["data"] == {"theirs": "1", "ours": "2"}


def test_state_holds_the_live_object_and_who_applies_it(plugin: Any, namespace: str) -> None:
    outputs = plugin.create(CONFIG_MAP, config_map(namespace, {"a": "1"})).outputs.values

    assert outputs["metadata"]["managedFields"][0]["manager"] == "pulumi-kubernetes"
    assert outputs["__fieldManager"].startswith("pulumi-kubernetes-")
    assert outputs["__initialApiVersion"] == "v1"
    assert outputs["__inputs"]["data"] == {"a": "1"}


def test_a_missing_namespace_is_tried_for_six_times(plugin: Any) -> None:
    urn = plugin.urn(CONFIG_MAP, "orphan")

    with pytest.raises(ProviderError, match=r'was not successfully created .* API server: namespaces "nope"'):
        plugin.create(CONFIG_MAP, config_map("nope", {}), name="orphan")

    retries = [line for line in plugin.engine.of(urn) if line.startswith("Retry #")]
    assert [line.split(";")[0] for line in retries] == [f"Retry #{number}" for number in range(6)]
    assert retries[0] == 'Retry #0; creation failed: namespaces "nope" not found'


def test_a_missing_type_is_tried_for_and_then_named(plugin: Any, namespace: str) -> None:
    inputs = {"apiVersion": "nowhere.com/v1", "kind": "Thing", "metadata": {"name": "x", "namespace": namespace}}

    with pytest.raises(
        ProviderError,
        match=r"kind nowhere.com/v1/Thing failed because the Kubernetes API server reported that the apiVersion for "
        r'this resource does not exist. Verify that any required CRDs have been created: no matches for kind "Thing"',
    ):
        plugin.create("kubernetes:nowhere.com/v1:Thing", inputs)


def test_a_type_that_comes_between_tries_is_found(start_plugin: Any, kubeconfig: str, namespace: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    patient = start_plugin({"kubeconfig": kubeconfig}, {"first_retry": 0.3})
    widget = {
        "apiVersion": "example.com/v1",
        "kind": "Widget",
        "metadata": {
            "name": "late",
            "namespace": namespace,
            # The garbage collector takes a while to know a new type.
            "annotations": {"pulumi.com/deletionPropagationPolicy": "background"},
        },
        "spec": {"any": {"shape": [1, True]}},
    }
    with ThreadPoolExecutor() as pool:
        creation = pool.submit(patient.create, CUSTOM, widget, name="late")
        patient.engine.wait_for(patient.urn(CUSTOM, "late"), "Retry #0")
        defined = patient.create(CRD, definition("widgets", "Widget"))
        made = creation.result(timeout=60)

    assert made.outputs.values["spec"] == widget["spec"]
    schema = defined.outputs.values["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    assert schema["x_kubernetes_preserve_unknown_fields"] is True
    changed = patient.update(made, {**widget, "spec": {"any": "thing"}})
    assert changed.outputs.values["spec"] == {"any": "thing"}
    patient.delete(made)


def test_an_object_whose_type_is_gone_is_gone(plugin: Any, namespace: str) -> None:
    assert plugin.import_("kubernetes:nowhere.com/v1:Thing", f"{namespace}/x").id == ""


def test_an_update_applies_and_removes_what_is_left_out(plugin: Any, namespace: str) -> None:
    made = plugin.create(CONFIG_MAP, config_map(namespace, {"a": "1", "b": "2"}, labels={"x": "y"}))

    changed = plugin.update(made, config_map(namespace, {"b": "3"}))

    assert changed.outputs.values["data"] == {"b": "3"}
    assert "labels" not in changed.outputs.values["metadata"]
    managers = {(entry["manager"], entry["operation"]) for entry in changed.outputs.values["metadata"]["managedFields"]}
    assert managers == {(made.outputs.values["__fieldManager"], "Apply")}


def test_an_update_s_preview_changes_nothing(plugin: Any, namespace: str, core: Any) -> None:
    made = plugin.create(CONFIG_MAP, config_map(namespace, {"a": "1"}))

    foretold = plugin.update(made, config_map(namespace, {"a": "2"}), preview=True)

    assert foretold.outputs.values["data"] == {"a": "2"}
    assert core.read_namespaced_config_map("settings", namespace).data == {"a": "1"}


def test_a_field_of_another_manager_is_a_conflict_that_names_it(plugin: Any, namespace: str, core: Any) -> None:
    made = plugin.create(CONFIG_MAP, config_map(namespace, {"a": "1"}))
    core.patch_namespaced_config_map("settings", namespace, {"data": {"a": "9"}}, field_manager="someone-else")

    with pytest.raises(ProviderError, match=r"server-side apply field conflict detected") as failure:
        plugin.update(made, config_map(namespace, {"a": "2"}))

    assert 'conflict with "someone-else"' in str(failure.value)
    assert read(failure.value.state.properties).values["data"] == {"a": "9"}
    forced = config_map(namespace, {"a": "2"}, annotations={"pulumi.com/patchForce": "true"})
    assert plugin.update(made, forced).outputs.values["data"] == {"a": "2"}


def test_a_change_that_the_program_ignores_is_left_to_others(plugin: Any, namespace: str, core: Any) -> None:
    made = plugin.create(CONFIG_MAP, config_map(namespace, {"a": "1", "b": "1"}))
    core.patch_namespaced_config_map("settings", namespace, {"data": {"a": "9"}}, field_manager="someone-else")

    changed = plugin.update(made, config_map(namespace, {"a": "1", "b": "2"}), ignore=["data.a"])

    assert changed.outputs.values["data"] == {"a": "9", "b": "2"}


def test_an_update_that_the_server_refuses_keeps_the_live_object_in_state(plugin: Any, namespace: str) -> None:
    made = plugin.create(CONFIG_MAP, {**config_map(namespace, {"a": "1"}), "immutable": True})

    with pytest.raises(ProviderError, match="field is immutable when `immutable` is set") as failure:
        plugin.update(made, {**config_map(namespace, {"a": "2"}), "immutable": True})

    assert failure.value.state.id == made.id
    assert read(failure.value.state.properties).values["data"] == {"a": "1"}


def test_a_chart_s_test_hook_is_said_not_to_run(plugin: Any) -> None:
    urn = plugin.urn(CONFIG_MAP, "hooked")

    plugin.check(urn, config_map("default", {}, annotations={"helm.sh/hook": "test"}))

    assert "Helm hooks that are not currently supported" in plugin.engine.of(urn)[0]
