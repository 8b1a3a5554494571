"""The provider resource, and a cluster that cannot be reached."""

import socket
from typing import Any

import pytest
import yaml
from pulumi.runtime.proto import provider_pb2

from sandbox.providers.values import UNKNOWN, Properties, read
from tests.sandbox.kubernetes.kubernetes_plugin import ProviderError

URN = "urn:pulumi:test::anf-smb::pulumi:providers:kubernetes::cluster"
NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}}


@pytest.fixture(scope="module")
def unconfigured(start_plugin: Any) -> Any:
    return start_plugin()


@pytest.fixture(scope="module")
def dead_kubeconfig(kubeconfig: str) -> str:
    """The credentials of a cluster that is gone."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    document = yaml.safe_load(kubeconfig)
    document["clusters"][0]["cluster"]["server"] = f"https://127.0.0.1:{port}"
    return yaml.safe_dump(document)


def other_cluster(kubeconfig: str) -> str:
    document = yaml.safe_load(kubeconfig)
    document["clusters"][0]["cluster"]["server"] = "https://other.example"
    return yaml.safe_dump(document)


def check_config(plugin: Any, **settings: Any) -> list[str]:
    response = plugin.call("CheckConfig", provider_pb2.CheckRequest(urn=URN, news=Properties(settings).struct()))
    return [failure.reason for failure in response.failures]


def diff_config(plugin: Any, old: dict[str, Any], new: dict[str, Any]) -> Any:
    request = provider_pb2.DiffRequest(urn=URN, olds=Properties(old).struct(), news=Properties(new).struct())
    return plugin.call("DiffConfig", request)


def test_the_plugin_says_the_version_of_the_sdk(unconfigured: Any) -> None:
    from importlib.metadata import version

    from google.protobuf import empty_pb2

    assert unconfigured.call("GetPluginInfo", empty_pb2.Empty()).version == version("pulumi-kubernetes")


def test_configure_keeps_secrets_and_previews(start_plugin: Any, kubeconfig: str) -> None:
    response = start_plugin().call(
        "Configure",
        provider_pb2.ConfigureRequest(
            variables={"kubernetes:config:kubeconfig": kubeconfig, "kubernetes:config:enableSecretMutable": "true"}
        ),
    )

    assert response.acceptSecrets
    assert response.supportsPreview


def test_settings_that_a_stand_in_cannot_honour_are_refused(unconfigured: Any) -> None:
    assert check_config(unconfigured, kubeconfig="{}") == []
    assert "client-side apply" in check_config(unconfigured, enableServerSideApply=False)[0]
    assert "rendering YAML" in check_config(unconfigured, renderYamlToDirectory="out")[0]


def test_strict_mode_wants_the_cluster_to_be_named(unconfigured: Any) -> None:
    assert check_config(unconfigured, strictMode="true") == [
        'strict mode requires Provider "kubeconfig" argument',
        'strict mode requires Provider "context" argument',
    ]


def test_another_cluster_needs_other_resources(unconfigured: Any, kubeconfig: str) -> None:
    other = other_cluster(kubeconfig)

    assert diff_config(unconfigured, {"kubeconfig": kubeconfig}, {"kubeconfig": kubeconfig}).diffs == []
    assert diff_config(unconfigured, {"kubeconfig": kubeconfig}, {"kubeconfig": other}).replaces == ["kubeconfig"]


def test_new_credentials_for_the_same_cluster_change_nothing_else(unconfigured: Any, kubeconfig: str) -> None:
    document = yaml.safe_load(kubeconfig)
    document["users"][0]["user"] = {"token": "another"}

    response = diff_config(unconfigured, {"kubeconfig": kubeconfig}, {"kubeconfig": yaml.safe_dump(document)})

    assert response.diffs == ["kubeconfig"]
    assert response.replaces == []


def test_a_cluster_that_is_not_known_yet_counts_as_another(unconfigured: Any, kubeconfig: str) -> None:
    assert diff_config(unconfigured, {"kubeconfig": kubeconfig}, {"kubeconfig": UNKNOWN}).replaces == ["kubeconfig"]


def test_a_cluster_identifier_decides_alone(unconfigured: Any, kubeconfig: str) -> None:
    old = {"kubeconfig": kubeconfig, "clusterIdentifier": "a"}
    other = other_cluster(kubeconfig)

    assert diff_config(unconfigured, old, {**old, "kubeconfig": other}).replaces == []
    assert diff_config(unconfigured, old, {**old, "clusterIdentifier": "b"}).replaces == ["clusterIdentifier"]


def test_a_kubeconfig_may_be_a_path(start_plugin: Any, control_plane: Any) -> None:
    plugin = start_plugin({"kubeconfig": str(control_plane.kubeconfig)})

    assert plugin.preview("kubernetes:core/v1:Namespace", NAMESPACE).values["metadata"]["uid"]


def test_objects_without_a_namespace_go_to_the_provider_s(start_plugin: Any, kubeconfig: str, plugin: Any) -> None:
    other = start_plugin({"kubeconfig": kubeconfig, "namespace": "elsewhere"})
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {"containers": []}}

    assert other.check(other.urn("kubernetes:core/v1:Pod"), pod).values["metadata"]["namespace"] == "elsewhere"
    assert plugin.check(plugin.urn("kubernetes:core/v1:Pod"), pod).values["metadata"]["namespace"] == "default"


def test_a_kubeconfig_that_is_none_makes_the_cluster_unreachable(start_plugin: Any) -> None:
    plugin = start_plugin({"kubeconfig": "not a kubeconfig"})

    with pytest.raises(
        Exception, match="configured Kubernetes cluster is unreachable: failed to parse kubeconfig data"
    ):
        plugin.create("kubernetes:core/v1:Namespace", NAMESPACE)


def test_an_unreachable_cluster_lets_previews_pass_and_nothing_else(start_plugin: Any, dead_kubeconfig: str) -> None:
    plugin = start_plugin({"kubeconfig": dead_kubeconfig})
    token = "kubernetes:core/v1:Namespace"

    assert plugin.preview(token, NAMESPACE).values == NAMESPACE
    with pytest.raises(
        Exception, match="cluster is unreachable: unable to load schema information from the API server"
    ):
        plugin.create(token, NAMESPACE)
    with pytest.raises(ProviderError, match="failed to read resource state due to unreachable cluster"):
        plugin.import_(token, "x")


def test_resources_of_a_lost_cluster_can_be_given_up(start_plugin: Any, dead_kubeconfig: str, plugin: Any) -> None:
    made = plugin.create("kubernetes:core/v1:Namespace", {**NAMESPACE, "metadata": {}})
    gone = start_plugin({"kubeconfig": dead_kubeconfig})
    given_up = start_plugin({"kubeconfig": dead_kubeconfig, "deleteUnreachable": "true"})

    with pytest.raises(ProviderError, match="PULUMI_K8S_DELETE_UNREACHABLE"):
        gone.delete(made)
    given_up.delete(made)

    assert given_up.refresh(made).id == ""
    assert any("deleteUnreachable" in line for line in given_up.engine.of(made.urn))
    plugin.delete(made)


def test_updates_to_a_lost_cluster_can_be_skipped(start_plugin: Any, dead_kubeconfig: str, plugin: Any) -> None:
    made = plugin.create("kubernetes:core/v1:ConfigMap", {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "1"}})
    skipping = start_plugin({"kubeconfig": dead_kubeconfig, "skipUpdateUnreachable": True})

    changed = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "2"}}
    assert skipping.check(made.urn, changed, old=made.inputs).values == made.inputs.values
    assert read(skipping.refresh(made).properties).values == made.outputs.values
    plugin.delete(made)


def test_credentials_stay_out_of_command_lines_logs_and_temporary_files(
    start_process: Any, kubeconfig: str, tmp_path: Any
) -> None:
    plugin = start_process({"kubeconfig": kubeconfig}, TMPDIR=str(tmp_path))
    plugin.preview("kubernetes:core/v1:Namespace", NAMESPACE)

    assert list(tmp_path.rglob("*")) == []
    key = yaml.safe_load(kubeconfig)["users"][0]["user"]["client-key-data"]
    assert key not in plugin.output.read_text()
    assert key not in " ".join(plugin.process.args)


def test_the_plugin_ends_when_the_engine_asks_it_to(start_process: Any, kubeconfig: str) -> None:
    plugin = start_process({"kubeconfig": kubeconfig})

    plugin.process.terminate()

    assert plugin.process.wait(timeout=10) == 0


def test_an_unknown_function_is_refused(plugin: Any) -> None:
    with pytest.raises(ProviderError, match='unknown Invoke type "kubernetes:no:such"'):
        plugin.call("Invoke", provider_pb2.InvokeRequest(tok="kubernetes:no:such"))


def test_manifests_are_decoded(plugin: Any) -> None:
    text = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\n"
        "kind: Namespace\napiVersion: v1\nmetadata: {name: b}\n---\nmetadata: {name: of-no-kind}\n---\n"
        "kind: List\napiVersion: v1\nitems:\n- {kind: Pod, apiVersion: v1, metadata: {name: c}}\n"
    )
    arguments = Properties({"text": text, "defaultNamespace": "x"}).struct()

    answer = plugin.call("Invoke", provider_pb2.InvokeRequest(tok="kubernetes:yaml:decode", args=arguments))

    pod, namespace, pods = read(getattr(answer, "return")).values["result"]
    assert pod["metadata"] == {"name": "a", "namespace": "x"}
    assert namespace["metadata"] == {"name": "b"}
    assert pods["items"][0]["metadata"] == {"name": "c"}, "a list is not taken apart"


def test_a_wait_ends_when_the_engine_cancels(start_plugin: Any, kubeconfig: str, namespace: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from google.protobuf import empty_pb2

    plugin = start_plugin({"kubeconfig": kubeconfig}, {"operation": 600.0})
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "waiting", "namespace": namespace},
        "spec": {"containers": [{"name": "c", "image": "i"}]},
    }
    urn = plugin.urn("kubernetes:core/v1:Pod", "waiting")
    with ThreadPoolExecutor() as pool:
        creation = pool.submit(plugin.create, "kubernetes:core/v1:Pod", pod, name="waiting")
        plugin.engine.wait_for(urn, "to be scheduled")
        plugin.call("Cancel", empty_pb2.Empty())
        with pytest.raises(ProviderError, match='Resource operation was cancelled for "waiting"') as failure:
            creation.result(timeout=30)

    assert failure.value.state.id == f"{namespace}/waiting"
