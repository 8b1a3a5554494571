"""Creation and update over ARM's protocol, with its asynchronous ways and its failures."""

import threading
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2

from sandbox.plugins.azure_native.values import read, write
from tests.plugins.azure_native.arm_resources import (
    ACCOUNT,
    ACCOUNT_PATH,
    GROUP,
    GROUP_PATH,
    INPUTS,
    LIVE,
    MISSING,
    OPERATION_PATH,
    VNET,
    VNET_PATH,
    VOLUME,
    VOLUME_PATH,
    failed,
    operation_at,
    partial_failure,
)
from tests.plugins.azure_native.fake_azure import SOON, Answer, FakeAzure, refusal
from tests.plugins.azure_native.plugin_process import SUBSCRIPTION, Plugin, StartPlugin, urn

A_GROUP = {"resourceGroupName": "rg", "location": "koreacentral"}


def test_creation_asks_first_writes_waits_and_reads_again(plugin: Plugin, azure: FakeAzure) -> None:
    headers = operation_at(azure, "Creating", "Succeeded")
    azure.on("PUT", VOLUME_PATH, Answer(201, {"properties": {"provisioningState": "Creating"}}, headers))
    azure.on("GET", VOLUME_PATH, MISSING, Answer(200, LIVE))
    resource_id, outputs = plugin.create(VOLUME, INPUTS)
    assert resource_id == VOLUME_PATH
    own = {name: LIVE[name] for name in ("id", "name", "type", "location")}
    known = {name: value for name, value in LIVE["properties"].items() if value is not None}
    assert outputs == {**own, **known, "azureApiVersion": "2024-09-01"}
    assert [(request.method, request.path) for request in azure.requests] == [
        ("GET", VOLUME_PATH),
        ("PUT", VOLUME_PATH),
        ("GET", OPERATION_PATH),
        ("GET", OPERATION_PATH),
        ("GET", VOLUME_PATH),
        ("GET", VOLUME_PATH),
    ]
    (put,) = azure.sent("PUT")
    assert put.query == {"api-version": "2024-09-01"}
    assert put.headers["Authorization"].startswith("Bearer ")
    assert put.body == {
        "location": "koreacentral",
        "properties": {
            "creationToken": "smb",
            "subnetId": "/subnets/anf",
            "usageThreshold": 107374182400,
            "protocolTypes": ["CIFS"],
        },
    }


def test_what_exists_is_not_created(plugin: Plugin, azure: FakeAzure) -> None:
    azure.on("GET", VOLUME_PATH, Answer(200, LIVE))
    message = failed(lambda: plugin.create(VOLUME, INPUTS))
    assert message == f"cannot create already existing resource '{VOLUME_PATH}'"
    assert azure.sent("PUT") == []


def test_a_check_for_existence_that_is_refused_says_so(plugin: Plugin, azure: FakeAzure) -> None:
    azure.on("GET", VOLUME_PATH, Answer(403, "no"))
    message = failed(lambda: plugin.create(VOLUME, INPUTS))
    assert message == f"cannot check existence of resource '{VOLUME_PATH}': status code 403, no"


@pytest.mark.parametrize(
    ("refused", "reason"),
    [
        (refusal(400, "PoolSizeTooSmall", "too small"), 'Status=400 Code="PoolSizeTooSmall" Message="too small"'),
        (
            Answer(400, "<html>of a proxy</html>"),
            f"RESPONSE 400: 400 Bad Request\nERROR CODE UNAVAILABLE\n{'-' * 80}\n<html>of a proxy</html>\n",
        ),
    ],
)
def test_a_refused_write_says_why_and_leaves_the_state(
    plugin: Plugin, azure: FakeAzure, refused: Answer, reason: str
) -> None:
    azure.on("PUT", VOLUME_PATH, refused)
    for write_it in (lambda: plugin.create(VOLUME, INPUTS), lambda: plugin.update(VOLUME, VOLUME_PATH, {}, INPUTS)):
        with pytest.raises(grpc.RpcError) as error:
            write_it()
        assert reason in (error.value.details() or "")
        metadata: Any = error.value.trailing_metadata()
        assert "grpc-status-details-bin" not in dict(metadata)


def test_a_creation_that_fails_after_it_was_accepted_stays_in_the_state(plugin: Plugin, azure: FakeAzure) -> None:
    why = "Error when creating - Could not query DNS server."
    headers = operation_at(azure, "Creating", "Failed", error={"code": "InternalServerError", "message": why})
    azure.on("PUT", VOLUME_PATH, Answer(201, {}, headers))
    dead = {**LIVE, "properties": {"creationToken": "smb", "provisioningState": "Failed"}}
    azure.on("GET", VOLUME_PATH, MISSING, Answer(200, dead))
    kept = partial_failure(lambda: plugin.create(VOLUME, INPUTS))
    assert kept.id == VOLUME_PATH
    assert list(kept.reasons) == [f'Status=200 Code="InternalServerError" Message="{why}"']
    assert read(kept.properties).values["provisioningState"] == "Failed"
    assert read(kept.inputs).values == INPUTS


def test_a_failed_creation_that_azure_took_away_says_both(plugin: Plugin, azure: FakeAzure) -> None:
    headers = operation_at(azure, "Failed", error={"code": "Broken", "message": "broken"})
    azure.on("PUT", VOLUME_PATH, Answer(201, {}, headers))
    kept = partial_failure(lambda: plugin.create(VOLUME, INPUTS))
    (reason,) = kept.reasons
    assert reason.startswith('resource created but read failed Status=404 Code="ResourceNotFound"')
    assert reason.endswith('Status=200 Code="Broken" Message="broken"')


def test_a_creation_may_be_followed_by_its_location(plugin: Plugin, azure: FakeAzure) -> None:
    azure.on("PUT", VOLUME_PATH, Answer(202, None, {"Location": OPERATION_PATH, **SOON}))
    azure.on("GET", OPERATION_PATH, Answer(202, None, {"Location": OPERATION_PATH, **SOON}), Answer(200, LIVE))
    azure.on("GET", VOLUME_PATH, MISSING, Answer(200, LIVE))
    resource_id, _ = plugin.create(VOLUME, INPUTS)
    assert resource_id == VOLUME_PATH
    polls = [request for request in azure.requests if request.path == OPERATION_PATH]
    assert [poll.query for poll in polls] == [{"api-version": "2024-09-01"}] * 2


def test_a_creation_may_be_followed_by_the_resource_itself(plugin: Plugin, azure: FakeAzure) -> None:
    creating = {**LIVE, "properties": {"provisioningState": "Creating"}}
    azure.on("PUT", VOLUME_PATH, Answer(201, creating, SOON))
    azure.on("GET", VOLUME_PATH, MISSING, Answer(200, creating, SOON), Answer(200, LIVE))
    _, outputs = plugin.create(VOLUME, INPUTS)
    assert outputs["provisioningState"] == "Succeeded"


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_busy_answers_are_asked_again_when_azure_says_three_times(
    plugin: Plugin, azure: FakeAzure, status: int
) -> None:
    busy = refusal(status, "Busy", "try again", **SOON)
    azure.on("PUT", GROUP_PATH, *[busy] * 3, Answer(201, {"id": GROUP_PATH}))
    plugin.create(GROUP, A_GROUP)
    assert len(azure.sent("PUT")) == 4
    azure.on("PUT", GROUP_PATH, busy)
    assert failed(lambda: plugin.create(GROUP, A_GROUP)) == f'Status={status} Code="Busy" Message="try again"'
    assert len(azure.sent("PUT")) == 8


def test_of_conflicts_only_another_operation_is_waited_for(plugin: Plugin, azure: FakeAzure) -> None:
    waiting = refusal(409, "AnotherOperationInProgress", "wait", **SOON)
    azure.on("PUT", GROUP_PATH, waiting, Answer(200, {"id": GROUP_PATH}))
    plugin.create(GROUP, A_GROUP)
    assert len(azure.sent("PUT")) == 2
    azure.forget()
    why = "Unable to create volume 'smb'. Another volume creation is in progress. Please try again in a few minutes."
    azure.on("PUT", GROUP_PATH, refusal(409, "Conflict", why, **SOON))
    assert failed(lambda: plugin.create(GROUP, A_GROUP)) == f'Status=409 Code="Conflict" Message="{why}"'
    assert len(azure.sent("PUT")) == 1


def test_a_custom_timeout_ends_the_wait_and_says_what_was_awaited(plugin: Plugin, azure: FakeAzure) -> None:
    headers = operation_at(azure, "Creating")
    azure.on("PUT", VOLUME_PATH, Answer(201, {}, headers))
    kept = partial_failure(lambda: plugin.create(VOLUME, INPUTS, timeout=5))
    (reason,) = kept.reasons
    assert reason == (f"operation timed out: waiting for the PUT of {VOLUME_PATH} to end, which is in state Creating")
    assert kept.id == VOLUME_PATH


def test_cancelling_ends_the_wait(
    start_plugin: StartPlugin, azure_environment: dict[str, str], azure: FakeAzure
) -> None:
    plugin = start_plugin(azure_environment)
    plugin.configure()
    headers = {**operation_at(azure, "Creating"), "Retry-After-ms": "600000"}
    azure.on("PUT", VOLUME_PATH, Answer(201, {}, headers))
    found: list[provider_pb2.ErrorResourceInitFailed] = []
    waiting = threading.Thread(target=lambda: found.append(partial_failure(lambda: plugin.create(VOLUME, INPUTS))))
    waiting.start()
    azure.wait_for("PUT", VOLUME_PATH)
    plugin.cancel()
    waiting.join(timeout=60)
    assert not waiting.is_alive()
    assert found[0].reasons[0].startswith("context canceled: waiting for the PUT")


def test_an_update_writes_everything_anew(plugin: Plugin, azure: FakeAzure) -> None:
    azure.on("PUT", VOLUME_PATH, Answer(200, LIVE))
    azure.on("GET", VOLUME_PATH, Answer(200, LIVE))
    outputs = plugin.update(VOLUME, VOLUME_PATH, {}, {**INPUTS, "usageThreshold": 214748364800})
    (put,) = azure.sent("PUT")
    assert put.body["properties"]["usageThreshold"] == 214748364800
    assert put.body["properties"]["creationToken"] == "smb"
    assert outputs["azureApiVersion"] == "2024-09-01"


def test_an_update_that_fails_after_it_was_accepted_tells_the_state(plugin: Plugin, azure: FakeAzure) -> None:
    headers = operation_at(azure, "Failed", error={"code": "Broken", "message": "broken"})
    azure.on("PUT", VOLUME_PATH, Answer(202, {}, headers))
    azure.on("GET", VOLUME_PATH, Answer(200, LIVE))
    kept = partial_failure(lambda: plugin.update(VOLUME, VOLUME_PATH, {}, INPUTS))
    assert list(kept.reasons) == ['Status=200 Code="Broken" Message="broken"']
    assert read(kept.properties).values["creationToken"] == "smb"


def test_subnets_that_are_resources_of_their_own_survive_an_update_of_their_network(
    plugin: Plugin, azure: FakeAzure
) -> None:
    space = {"addressPrefixes": ["10.0.0.0/16"]}
    inputs = {"resourceGroupName": "rg", "virtualNetworkName": "vnet", "addressSpace": space}
    subnets = [{"name": "anf", "properties": {"addressPrefix": "10.0.1.0/26"}}]
    live = {"id": VNET_PATH, "properties": {"subnets": subnets, "provisioningState": "Succeeded"}}
    azure.on("GET", VNET_PATH, MISSING, Answer(200, {"id": VNET_PATH}))
    azure.on("PUT", VNET_PATH, Answer(200, {"id": VNET_PATH}))
    plugin.create(VNET, inputs)
    assert azure.sent("PUT")[0].body["properties"]["subnets"] == []
    azure.on("GET", VNET_PATH, Answer(200, live))
    state = plugin.update(VNET, VNET_PATH, {}, {**inputs, "tags": {"a": "b"}})
    assert azure.sent("PUT")[1].body["properties"]["subnets"] == subnets
    _, outputs, refreshed = plugin.read(VNET, VNET_PATH, {**state, "subnets": []}, inputs)
    assert outputs["subnets"] == [{"name": "anf", "addressPrefix": "10.0.1.0/26"}]
    assert refreshed == inputs


def test_a_failed_read_after_a_write_is_only_a_warning(plugin: Plugin, azure: FakeAzure) -> None:
    azure.on("PUT", GROUP_PATH, Answer(201, {"id": GROUP_PATH, "name": "rg", "location": "koreacentral"}))
    azure.on("GET", GROUP_PATH, MISSING, Answer(403, {"error": {"code": "AuthorizationFailed", "message": "no"}}))
    resource_id, outputs = plugin.create(GROUP, A_GROUP)
    assert resource_id == GROUP_PATH
    assert outputs["name"] == "rg"
    assert 'Failed to read resource after Create: Status=403 Code="AuthorizationFailed"' in plugin.log.read_text()


def test_names_are_escaped_in_the_path_and_scopes_are_not(plugin: Plugin, azure: FakeAzure) -> None:
    scope = f"/subscriptions/{SUBSCRIPTION}/"
    inputs = {"scope": scope, "roleAssignmentName": "a b", "principalId": "p", "roleDefinitionId": "r"}
    path = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleAssignments/a%20b"
    azure.on("PUT", path, Answer(201, {"id": path}))
    plugin.create("azure-native:authorization:RoleAssignment", inputs)
    assert azure.sent("PUT")[0].body == {"properties": {"principalId": "p", "roleDefinitionId": "r"}}


def test_sets_and_renamed_properties_reach_azure_in_its_own_form(plugin: Plugin, azure: FakeAzure) -> None:
    live = {"id": ACCOUNT_PATH, "identity": {"type": "UserAssigned", "userAssignedIdentities": {"/id": {}}}}
    azure.on("GET", ACCOUNT_PATH, MISSING, Answer(200, live))
    azure.on("PUT", ACCOUNT_PATH, Answer(200, live))
    identity = {"type": "UserAssigned", "userAssignedIdentities": ["/id"]}
    plugin.create(ACCOUNT, {"resourceGroupName": "rg", "accountName": "acct", "identity": identity})
    assert azure.sent("PUT")[0].body["identity"]["userAssignedIdentities"] == {"/id": {}}
    path = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/r"
    azure.on("PUT", path, Answer(201, {"id": path}))
    role = {"scope": f"/subscriptions/{SUBSCRIPTION}", "roleDefinitionId": "r", "roleType": "CustomRole"}
    plugin.create("azure-native:authorization:RoleDefinition", role)
    assert azure.sent("PUT")[1].body == {"properties": {"type": "CustomRole"}}


def test_a_wait_does_not_outlive_the_engine(
    start_plugin: StartPlugin, azure_environment: dict[str, str], azure: FakeAzure
) -> None:
    plugin = start_plugin(azure_environment, engine="127.0.0.1:1")  # nobody answers there
    plugin.configure()
    headers = {**operation_at(azure, "Creating"), "Retry-After-ms": "600000"}
    azure.on("PUT", VOLUME_PATH, Answer(201, {}, headers))
    creation: Any = plugin.stub.Create.future(
        provider_pb2.CreateRequest(urn=urn(VOLUME, "x"), properties=write(INPUTS))
    )
    azure.wait_for("PUT", VOLUME_PATH)
    assert plugin.process.stdin is not None
    plugin.process.stdin.close()
    plugin.process.wait(timeout=60)
    assert creation.code() is not grpc.StatusCode.OK
