"""Configure and the functions: credentials, endpoints, and one clear error for each that is wrong."""

import base64
from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from sandbox.plugins.azure_native.values import UNKNOWN
from tests.plugins.azure_native.arm_resources import failed
from tests.plugins.azure_native.fake_azure import OBJECT_ID, Answer, FakeAzure
from tests.plugins.azure_native.plugin_process import CLIENT, CLIENT_SECRET, SUBSCRIPTION, TENANT, Plugin, StartPlugin

GROUP_PATH = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"
CLUSTER_PATH = f"{GROUP_PATH}/providers/Microsoft.ContainerService/managedClusters/aks"


def test_the_plugin_previews_and_is_not_given_secrets_as_the_genuine_one(
    start_plugin: StartPlugin, azure_environment: dict[str, str], azure: FakeAzure
) -> None:
    answer = start_plugin(azure_environment).configure()
    assert answer.supportsPreview
    assert answer.supports_autonaming_configuration
    assert not answer.acceptSecrets


def test_inputs_of_the_provider_come_before_the_environment(
    start_plugin: StartPlugin, azure_environment: dict[str, str], azure: FakeAzure
) -> None:
    plugin = start_plugin(azure_environment)
    plugin.configure(subscriptionId="another")
    path = "/subscriptions/another/resourceGroups/rg"
    azure.on("PUT", path, Answer(201, {"id": path}))
    resource_id, _ = plugin.create("azure-native:resources:ResourceGroup", {"resourceGroupName": "rg"})
    assert resource_id == path


@pytest.mark.parametrize(
    ("missing", "named"),
    [("ARM_SUBSCRIPTION_ID", "Subscription ID"), ("ARM_TENANT_ID", "Tenant ID"), ("ARM_CLIENT_ID", "Client ID")],
)
def test_an_incomplete_service_principal_is_named_as_by_the_genuine_plugin(
    start_plugin: StartPlugin, azure_environment: dict[str, str], missing: str, named: str
) -> None:
    environment = {key: value for key, value in azure_environment.items() if key != missing}
    message = failed(start_plugin(environment).configure)
    assert message == f"A {named} must be configured when authenticating as a Service Principal using a Client Secret."


def test_no_credentials_at_all(start_plugin: StartPlugin, azure_environment: dict[str, str]) -> None:
    environment = {key: value for key, value in azure_environment.items() if key != "ARM_CLIENT_SECRET"}
    message = failed(start_plugin(environment).configure)
    assert message.startswith("Azure CLI not found on path")
    assert "ARM_CLIENT_SECRET" in message


def test_no_metadata_host_means_a_real_cloud_which_is_not_for_a_stand_in(
    start_plugin: StartPlugin, azure_environment: dict[str, str]
) -> None:
    environment = {key: value for key, value in azure_environment.items() if key != "ARM_METADATA_HOSTNAME"}
    message = failed(start_plugin(environment).configure)
    assert "ARM_METADATA_HOSTNAME" in message
    assert "genuine plugin" in message


def test_an_emulator_that_does_not_answer(start_plugin: StartPlugin, azure_environment: dict[str, str]) -> None:
    environment = {**azure_environment, "ARM_METADATA_HOSTNAME": "127.0.0.1:1"}
    message = failed(start_plugin(environment).configure)
    assert message.startswith("failed to get Azure environment metadata from https://127.0.0.1:1: performing request: ")
    assert "refused" in message


def test_a_certificate_that_nobody_trusts(start_plugin: StartPlugin, azure_environment: dict[str, str]) -> None:
    trusting = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
    environment = {key: value for key, value in azure_environment.items() if key not in trusting}
    message = failed(start_plugin(environment).configure)
    assert "CERTIFICATE_VERIFY_FAILED" in message


def test_a_file_of_authorities_that_is_not_there(start_plugin: StartPlugin, azure_environment: dict[str, str]) -> None:
    message = failed(start_plugin({**azure_environment, "REQUESTS_CA_BUNDLE": "absent.pem"}).configure)
    assert "REQUESTS_CA_BUNDLE" in message


def test_an_engine_that_is_too_old(start_plugin: StartPlugin, azure_environment: dict[str, str]) -> None:
    plugin = start_plugin(azure_environment)

    def configure() -> None:
        plugin.stub.Configure(provider_pb2.ConfigureRequest())

    message = failed(configure)
    assert message == "Azure Native provider requires Pulumi CLI v3.74.0 or later"


def test_the_client_config_comes_from_the_token(plugin: Plugin, azure: FakeAzure) -> None:
    assert plugin.invoke("azure-native:authorization:getClientConfig", {}) == {
        "clientId": CLIENT,
        "objectId": OBJECT_ID,
        "subscriptionId": SUBSCRIPTION,
        "tenantId": TENANT,
    }


def test_a_token_can_be_had(plugin: Plugin, azure: FakeAzure) -> None:
    assert plugin.invoke("azure-native:authorization:getClientToken", {})["token"].startswith("header.")


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


def test_a_resource_that_is_not_there_cannot_be_looked_up(plugin: Plugin, azure: FakeAzure) -> None:
    message = failed(lambda: plugin.invoke("azure-native:resources:getResourceGroup", {"resourceGroupName": "rg"}))
    assert message.startswith(f'request failed {GROUP_PATH}: Status=404 Code="ResourceNotFound"')


@pytest.mark.parametrize(
    ("name", "arguments", "reason"),
    [
        ("azure-native:compute:getImage", {}, "Invoke type azure-native:compute:getImage not found"),
        ("azure-native:resources:getResourceGroup", {}, "expected string value for path parameter 'resourceGroupName'"),
        ("azure-native:resources:getResourceGroup", {"resourceGroupName": UNKNOWN}, "not known yet"),
    ],
)
def test_a_call_that_cannot_be_made(plugin: Plugin, name: str, arguments: dict[str, Any], reason: str) -> None:
    assert reason in failed(lambda: plugin.invoke(name, arguments))


def test_no_secret_of_the_provider_is_written_anywhere(
    start_plugin: StartPlugin, azure_environment: dict[str, str], azure: FakeAzure
) -> None:
    plugin = start_plugin({**azure_environment, "ARM_TENANT_ID": "no tenant at all"})
    plugin.configure()
    message = failed(lambda: plugin.create("azure-native:resources:ResourceGroup", {"resourceGroupName": "rg"}))
    assert message.startswith("could not acquire an access token from")
    assert CLIENT_SECRET not in message
    assert CLIENT_SECRET not in plugin.log.read_text()


def test_a_call_before_the_configuration_is_one_clear_error(
    start_plugin: StartPlugin, azure_environment: dict[str, str]
) -> None:
    plugin = start_plugin(azure_environment)
    message = failed(lambda: plugin.check("azure-native:resources:ResourceGroup", "rg", {}))
    assert message == "azure-native was called before it was configured"
