"""Reading, importing and deleting over ARM's protocol."""

from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from tests.plugins.azure_native.arm_resources import (
    ACCOUNT,
    ACCOUNT_PATH,
    INPUTS,
    LIVE,
    OPERATION_PATH,
    VOLUME,
    VOLUME_PATH,
    failed,
    operation_at,
)
from tests.plugins.azure_native.fake_azure import SOON, Answer, FakeAzure, refusal
from tests.plugins.azure_native.plugin_process import Plugin


@pytest.mark.parametrize("status", [204, 404])
def test_deleting_what_is_gone_is_success(plugin: Plugin, azure: FakeAzure, status: int) -> None:
    azure.on("DELETE", VOLUME_PATH, Answer(status))
    plugin.delete(VOLUME, VOLUME_PATH)
    assert len(azure.sent("DELETE")) == 1
    azure.on("DELETE", VOLUME_PATH, Answer(202, None, {"Location": azure.url + OPERATION_PATH, **SOON}))
    plugin.delete(VOLUME, VOLUME_PATH)
    assert azure.requests[-1].path == OPERATION_PATH, "which is gone, too"


def test_a_deletion_is_followed_to_its_end(plugin: Plugin, azure: FakeAzure) -> None:
    azure.on("DELETE", VOLUME_PATH, Answer(202, None, operation_at(azure, "Deleting", "Succeeded")))
    plugin.delete(VOLUME, VOLUME_PATH)
    assert len(azure.sent("GET")) == 2


def test_a_refused_deletion_says_why(plugin: Plugin, azure: FakeAzure) -> None:
    why = "Can not delete resource before nested resources are deleted."
    azure.on("DELETE", ACCOUNT_PATH, refusal(409, "CannotDeleteResource", why))
    message = failed(lambda: plugin.delete(ACCOUNT, ACCOUNT_PATH))
    assert message == f'Status=409 Code="CannotDeleteResource" Message="{why}"'
    assert len(azure.sent("DELETE")) == 1


def test_reading_what_is_gone_says_so(plugin: Plugin, azure: FakeAzure) -> None:
    assert plugin.read(VOLUME, VOLUME_PATH, {}, INPUTS)[0] == ""
    azure.on("GET", VOLUME_PATH, refusal(403, "AuthorizationFailed", "no"))
    message = failed(lambda: plugin.read(VOLUME, VOLUME_PATH, {}, INPUTS))
    assert message == 'Status=403 Code="AuthorizationFailed" Message="no"'


def test_a_refresh_carries_over_what_was_changed_in_azure_and_nothing_else(plugin: Plugin, azure: FakeAzure) -> None:
    azure.on("GET", VOLUME_PATH, Answer(200, LIVE))
    _, state, same = plugin.read(VOLUME, VOLUME_PATH, {}, INPUTS)
    _, state, same = plugin.read(VOLUME, VOLUME_PATH, state, INPUTS)
    assert same == INPUTS
    grown = {**LIVE, "tags": {"by": "hand"}, "properties": {**LIVE["properties"], "usageThreshold": 214748364800}}
    azure.on("GET", VOLUME_PATH, Answer(200, grown))
    resource_id, outputs, inputs = plugin.read(VOLUME, VOLUME_PATH, state, INPUTS)
    assert resource_id == VOLUME_PATH
    assert outputs["usageThreshold"] == 214748364800
    assert inputs == {**INPUTS, "usageThreshold": 214748364800, "tags": {"by": "hand"}}


def test_a_masked_password_neither_changes_the_inputs_nor_shows_a_difference(plugin: Plugin, azure: FakeAzure) -> None:
    directory = {"domain": "contoso.com", "username": "anf-join", "password": "S3cret"}
    inputs: dict[str, Any] = {"resourceGroupName": "rg", "accountName": "acct", "activeDirectories": [directory]}
    inputs["azureApiVersion"] = "2024-09-01"
    masked = {**directory, "password": "****************", "activeDirectoryId": "1", "status": "Created"}
    azure.on("GET", ACCOUNT_PATH, Answer(200, {"id": ACCOUNT_PATH, "properties": {"activeDirectories": [masked]}}))
    _, state, _ = plugin.read(ACCOUNT, ACCOUNT_PATH, {}, None)
    _, again, refreshed = plugin.read(ACCOUNT, ACCOUNT_PATH, state, inputs)
    assert again == state
    assert refreshed == inputs
    assert plugin.diff(ACCOUNT, refreshed, inputs, again).changes == provider_pb2.DiffResponse.DIFF_NONE


def test_an_import_takes_its_inputs_from_the_id_and_the_answer(plugin: Plugin, azure: FakeAzure) -> None:
    azure.on("GET", VOLUME_PATH, Answer(200, {**LIVE, "tags": {}}))
    resource_id, outputs, inputs = plugin.read(VOLUME, VOLUME_PATH)
    assert resource_id == VOLUME_PATH
    assert outputs["provisioningState"] == "Succeeded"
    assert inputs == {name: value for name, value in INPUTS.items() if name != "azureApiVersion"}
    assert plugin.diff(VOLUME, inputs, INPUTS, outputs).changes == provider_pb2.DiffResponse.DIFF_NONE


def test_an_import_with_the_id_of_another_type_is_one_clear_error(plugin: Plugin, azure: FakeAzure) -> None:
    message = failed(lambda: plugin.read(VOLUME, ACCOUNT_PATH))
    assert message.startswith(f"failed to parse '{ACCOUNT_PATH}' against the path '/subscriptions/")
    assert azure.requests == []
