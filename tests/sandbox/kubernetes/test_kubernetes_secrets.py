"""What is secret stays secret."""

import base64
from typing import Any

import pytest

from sandbox.providers.values import Properties, read
from tests.sandbox.kubernetes.kubernetes_plugin import ProviderError

SECRET = "kubernetes:core/v1:Secret"
POD = "kubernetes:core/v1:Pod"
PASSWORD = "correct-horse-battery"
ENCODED = base64.b64encode(PASSWORD.encode()).decode()


def secret(namespace: str, **members: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "creds", "namespace": namespace}, **members}


def plain(properties: Properties) -> str:
    """What would be readable in a state file."""
    texts: list[str] = []

    def walk(value: Any, path: tuple[Any, ...]) -> None:
        if path in properties.secrets:
            return
        if isinstance(value, dict):
            for key, item in value.items():
                walk(item, (*path, key))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                walk(item, (*path, index))
        else:
            texts.append(str(value))

    walk(properties.values, ())
    return " ".join(texts)


def test_a_secret_s_data_are_secret_in_inputs_and_outputs(plugin: Any, namespace: str) -> None:
    made = plugin.create(SECRET, secret(namespace, stringData={"password": PASSWORD}))

    for properties in (
        made.inputs,
        made.outputs,
        read(plugin.refresh(made).properties),
        read(plugin.refresh(made).inputs),
    ):
        assert ENCODED in str(properties.values)
        assert PASSWORD not in plain(properties)
        assert ENCODED not in plain(properties)


def test_a_preview_of_a_secret_keeps_it(plugin: Any, namespace: str) -> None:
    foretold = plugin.preview(
        SECRET, secret(namespace, stringData={"password": PASSWORD}), secrets=[("stringData", "password")]
    )

    assert ENCODED not in plain(foretold)


def test_an_imported_secret_is_secret(plugin: Any, namespace: str, core: Any) -> None:
    applied = {"kubectl.kubernetes.io/last-applied-configuration": f'{{"stringData":{{"password":"{PASSWORD}"}}}}'}
    body = secret(namespace, stringData={"password": PASSWORD})
    body["metadata"]["annotations"] = applied
    core.create_namespaced_secret(namespace, body)

    found = plugin.import_(SECRET, f"{namespace}/creds")

    for properties in (read(found.inputs), read(found.properties)):
        assert PASSWORD not in plain(properties)
        assert ENCODED not in plain(properties)


def test_a_secret_value_anywhere_stays_secret(plugin: Any, namespace: str) -> None:
    inputs = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p", "namespace": namespace, "annotations": {"pulumi.com/skipAwait": "true"}},
        "spec": {"containers": [{"name": "c", "image": "i", "env": [{"name": "A", "value": PASSWORD}]}]},
    }

    made = plugin.create(POD, inputs, secrets=[("spec", "containers", 0, "env", 0, "value")])

    assert PASSWORD not in plain(made.inputs)
    assert PASSWORD not in plain(made.outputs)


def test_no_last_applied_annotation_is_written(plugin: Any, namespace: str, core: Any) -> None:
    plugin.create(SECRET, secret(namespace, stringData={"password": PASSWORD}))

    annotations = core.read_namespaced_secret("creds", namespace).metadata.annotations

    assert not annotations


def test_a_refusal_that_quotes_a_secret_is_shown_without_it(plugin: Any, namespace: str) -> None:
    metadata = {"name": "c", "namespace": namespace, "labels": {"a": f"{PASSWORD} is no label"}}
    inputs = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}

    with pytest.raises(ProviderError, match=r'Invalid value: "\[secret\]"') as failure:
        plugin.create("kubernetes:core/v1:ConfigMap", inputs, secrets=[("metadata", "labels", "a")])

    assert PASSWORD not in str(failure.value)


def test_a_refused_update_shows_no_secret(mutable_plugin: Any, namespace: str) -> None:
    made = mutable_plugin.create(SECRET, secret(namespace, stringData={"password": "first-password"}))

    with pytest.raises(ProviderError, match="fully initialize") as failure:
        mutable_plugin.update(made, secret(namespace, data={"password": f"{PASSWORD}!"}))

    assert PASSWORD not in f"{failure.value} {failure.value.reasons}"
    assert PASSWORD not in plain(read(failure.value.state.properties))


def test_neither_the_log_nor_the_error_stream_shows_a_secret(plugin: Any, namespace: str) -> None:
    inputs = secret("no-such-namespace", stringData={"password": PASSWORD})

    with pytest.raises(ProviderError, match="not found"):
        plugin.create(SECRET, inputs)

    assert all(PASSWORD not in line[2] and ENCODED not in line[2] for line in plugin.engine.lines)
    assert PASSWORD not in plugin.output.read_text()
