"""Configure and the functions: credentials, endpoints, and one clear error for each that is wrong."""

import base64
from typing import Any

import jwt
import pytest
from pulumi.runtime.proto import provider_pb2

from sandbox.plugins.azure_native.values import UNKNOWN
from tests.plugins.azure_native.arm_resources import GROUP, GROUP_PATH, failed
from tests.plugins.azure_native.fake_azure import OBJECT_ID, Answer, FakeAzure
from tests.plugins.azure_native.plugin_process import CLIENT, CLIENT_SECRET, SUBSCRIPTION, TENANT, Plugin, StartPlugin

CLUSTER_PATH = f"{GROUP_PATH}/providers/Microsoft.ContainerService/managedClusters/aks"


def test_the_plugin_previews_and_is_not_given_secrets_as_the_genuine_one(another_plugin: Plugin) -> None:
    answer = another_plugin.configure()
    assert answer.supportsPreview
    assert answer.supports_autonaming_configuration
    assert not answer.acceptSecrets


def test_inputs_of_the_provider_come_before_the_environment(another_plugin: Plugin, azure: FakeAzure) -> None:
    another_plugin.configure(subscriptionId="another")
    path = "/subscriptions/another/resourceGroups/rg"
    azure.on("PUT", path, Answer(201, {"id": path}))
    resource_id, _ = another_plugin.create(GROUP, {"resourceGroupName": "rg"})
    assert resource_id == path


@pytest.mark.parametrize(
    ("wrong", "reasons"),
    [
        *(
            ({name: ""}, [f"A {named} must be configured when authenticating as a Service Principal using a Client"])
            for name, named in (
                ("subscriptionId", "Subscription ID"),
                ("tenantId", "Tenant ID"),
                ("clientId", "Client ID"),
            )
        ),
        ({"clientSecret": ""}, ["Azure CLI not found on path", "ARM_CLIENT_SECRET"]),
        ({"metadataHost": ""}, ["ARM_METADATA_HOSTNAME", "genuine plugin"]),
        (
            {"metadataHost": "127.0.0.1:1"},
            ["failed to get Azure environment metadata from https://127.0.0.1:1: performing request: ", "refused"],
        ),
    ],
)
def test_what_is_wrong_in_the_configuration_is_named(
    another_plugin: Plugin, azure: FakeAzure, wrong: dict[str, str], reasons: list[str]
) -> None:
    message = failed(lambda: another_plugin.configure(**wrong))
    for reason in reasons:
        assert reason in message


@pytest.mark.parametrize(
    ("trusted", "reason"),
    [({}, "CERTIFICATE_VERIFY_FAILED"), ({"REQUESTS_CA_BUNDLE": "absent.pem"}, "REQUESTS_CA_BUNDLE")],
)
def test_a_certificate_that_nobody_trusts(
    start_plugin: StartPlugin, azure_environment: dict[str, str], trusted: dict[str, str], reason: str
) -> None:
    trusting = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
    environment = {key: value for key, value in azure_environment.items() if key not in trusting}
    plugin = start_plugin({**environment, **trusted})
    message = failed(lambda: plugin.check(GROUP, "rg", {}))
    assert message == "azure-native was called before it was configured"
    assert reason in failed(plugin.configure)


def test_an_engine_that_is_too_old(another_plugin: Plugin) -> None:
    def configure() -> None:
        another_plugin.stub.Configure(provider_pb2.ConfigureRequest())

    assert failed(configure) == "Azure Native provider requires Pulumi CLI v3.74.0 or later"


def test_the_client_config_comes_from_the_token(plugin: Plugin, azure: FakeAzure) -> None:
    assert plugin.invoke("azure-native:authorization:getClientConfig", {}) == {
        "clientId": CLIENT,
        "objectId": OBJECT_ID,
        "subscriptionId": SUBSCRIPTION,
        "tenantId": TENANT,
    }


def test_the_client_token_is_for_the_resource_manager(plugin: Plugin, azure: FakeAzure) -> None:
    token = plugin.invoke("azure-native:authorization:getClientToken", {})["token"]
    assert jwt.decode(token, options={"verify_signature": False})["oid"] == OBJECT_ID


@pytest.mark.parametrize(
    ("function", "action"),
    [
        ("listManagedClusterUserCredentials", "listClusterUserCredential"),
        ("listManagedClusterAdminCredentials", "listClusterAdminCredential"),
    ],
)
def test_the_credentials_of_a_cluster(plugin: Plugin, azure: FakeAzure, function: str, action: str) -> None:
    kubeconfig = base64.b64encode(b"apiVersion: v1").decode()
    path = f"{CLUSTER_PATH}/{action}"
    azure.on("POST", path, Answer(200, {"kubeconfigs": [{"name": "clusterUser", "value": kubeconfig}]}))
    result = plugin.invoke(
        f"azure-native:containerservice:{function}",
        {"resourceGroupName": "rg", "resourceName": "aks", "serverFqdn": "public"},
    )
    assert result == {"kubeconfigs": [{"name": "clusterUser", "value": kubeconfig}]}
    (post,) = azure.sent("POST")
    assert post.query == {"api-version": "2025-09-01", "server-fqdn": "public"}


def test_a_resource_that_is_looked_up_tells_its_api_version(plugin: Plugin, azure: FakeAzure) -> None:
    azure.on("GET", GROUP_PATH, Answer(200, {"id": GROUP_PATH, "location": "koreacentral"}))
    result = plugin.invoke("azure-native:resources:getResourceGroup", {"resourceGroupName": "rg"})
    assert result == {"id": GROUP_PATH, "location": "koreacentral", "azureApiVersion": "2024-03-01"}


@pytest.mark.parametrize(
    ("name", "arguments", "reason"),
    [
        ("azure-native:compute:getImage", {}, "Invoke type azure-native:compute:getImage not found"),
        ("azure-native:resources:getResourceGroup", {}, "expected string value for path parameter 'resourceGroupName'"),
        ("azure-native:resources:getResourceGroup", {"resourceGroupName": UNKNOWN}, "not known yet"),
        (
            "azure-native:resources:getResourceGroup",
            {"resourceGroupName": "rg"},
            f'request failed {GROUP_PATH}: Status=404 Code="ResourceNotFound"',
        ),
    ],
)
def test_a_call_that_cannot_be_answered(
    plugin: Plugin, azure: FakeAzure, name: str, arguments: dict[str, Any], reason: str
) -> None:
    assert reason in failed(lambda: plugin.invoke(name, arguments))


def test_no_secret_of_the_provider_is_written_anywhere(another_plugin: Plugin, azure: FakeAzure) -> None:
    another_plugin.configure(tenantId="no tenant at all")
    message = failed(lambda: another_plugin.create(GROUP, {"resourceGroupName": "rg"}))
    assert message.startswith("could not acquire an access token from")
    assert CLIENT_SECRET not in message
    assert CLIENT_SECRET not in another_plugin.log.read_text()
