"""Check: what the plugin fills in, and what it refuses in which words (facts: azure-native 3.29.0)."""

import re
from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from sandbox.plugins.azure_native.values import UNKNOWN, read, write
from tests.plugins.azure_native.arm_resources import failed
from tests.plugins.azure_native.fake_azure import Answer, FakeAzure
from tests.plugins.azure_native.plugin_process import Plugin, StartPlugin, urn

ACCOUNT = "azure-native:netapp:Account"
POOL = "azure-native:netapp:CapacityPool"
VOLUME = "azure-native:netapp:CapacityPoolVolume"
GROUP = "azure-native:resources:ResourceGroup"
SUBNET = "azure-native:network:Subnet"

TIB = 1024**4
IN_POOL: dict[str, Any] = {"resourceGroupName": "rg", "accountName": "acct", "poolName": "pool"}
A_VOLUME: dict[str, Any] = {
    **IN_POOL,
    "creationToken": "smb",
    "subnetId": "/subscriptions/s/subnets/anf",
    "usageThreshold": 100 * 1024**3,
}


def test_an_account_without_a_name_gets_eight_random_characters_that_depend_on_the_seed_alone(plugin: Plugin) -> None:
    first, failures = plugin.check(ACCOUNT, "anf", {"resourceGroupName": "rg"}, randomSeed=b"seed")
    again, _ = plugin.check(ACCOUNT, "anf", {"resourceGroupName": "rg"}, randomSeed=b"seed")
    other, _ = plugin.check(ACCOUNT, "anf", {"resourceGroupName": "rg"}, randomSeed=b"another")
    assert failures == []
    assert re.fullmatch(r"anf[0-9a-f]{8}", first["accountName"])
    assert first == again
    assert first["accountName"] != other["accountName"]
    assert first["__createBeforeDelete"] is True


@pytest.mark.parametrize(
    ("token", "given", "named"),
    [
        (POOL, {"resourceGroupName": "rg", "accountName": "a", "serviceLevel": "Standard", "size": TIB}, "poolName"),
        (VOLUME, A_VOLUME, "volumeName"),
        (SUBNET, {"resourceGroupName": "rg", "virtualNetworkName": "vnet"}, "subnetName"),
    ],
)
def test_a_nested_resource_without_a_name_gets_its_logical_name(
    plugin: Plugin, token: str, given: dict[str, Any], named: str
) -> None:
    inputs, failures = plugin.check(token, "logical", given)
    assert failures == []
    assert inputs[named] == "logical"
    assert "__createBeforeDelete" not in inputs


def test_a_role_assignment_without_a_name_gets_a_uuid_of_the_seed(plugin: Plugin) -> None:
    given = {"scope": "/subscriptions/s", "principalId": "p", "roleDefinitionId": "r"}
    inputs, failures = plugin.check("azure-native:authorization:RoleAssignment", "x", given, randomSeed=b"seed")
    again, _ = plugin.check("azure-native:authorization:RoleAssignment", "x", given, randomSeed=b"seed")
    assert failures == []
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", inputs["roleAssignmentName"])
    assert inputs == again


def test_a_name_once_chosen_stays(plugin: Plugin) -> None:
    olds = {"accountName": "anf01234567", "__createBeforeDelete": True}
    inputs, _ = plugin.check(ACCOUNT, "anf", {"resourceGroupName": "rg"}, olds, randomSeed=b"seed")
    assert inputs["accountName"] == "anf01234567"
    assert inputs["__createBeforeDelete"] is True


@pytest.mark.parametrize("mode", ["PROPOSE", "ENFORCE"])
def test_the_engines_autonaming_proposes_the_name(plugin: Plugin, mode: str) -> None:
    options = provider_pb2.CheckRequest.AutonamingOptions
    autonaming = options(proposed_name="proposed", mode=options.Mode.Value(mode))
    inputs, _ = plugin.check(ACCOUNT, "anf", {"resourceGroupName": "rg"}, autonaming=autonaming)
    assert inputs["accountName"] == "proposed"


def test_disabled_autonaming_makes_the_name_required(plugin: Plugin) -> None:
    options = provider_pb2.CheckRequest.AutonamingOptions
    _, failures = plugin.check(
        ACCOUNT, "anf", {"resourceGroupName": "rg"}, autonaming=options(mode=options.Mode.Value("DISABLE"))
    )
    assert failures == ["missing required property 'accountName'"]


def test_the_location_comes_from_the_configuration_and_the_api_version_from_the_type(plugin: Plugin) -> None:
    inputs, failures = plugin.check(VOLUME, "smb", A_VOLUME)
    assert failures == []
    assert inputs["location"] == "koreacentral"
    assert inputs["azureApiVersion"] == "2024-09-01"


def test_a_location_once_chosen_stays(plugin: Plugin) -> None:
    inputs, _ = plugin.check(VOLUME, "smb", A_VOLUME, {"location": "westeurope"})
    assert inputs["location"] == "westeurope"


def test_without_a_configured_location_that_of_the_resource_group_counts(
    start_plugin: StartPlugin, azure_environment: dict[str, str], azure: FakeAzure
) -> None:
    azure.on(
        "GET",
        f"/subscriptions/{azure_environment['ARM_SUBSCRIPTION_ID']}/resourceGroups/rg",
        Answer(200, {"location": "koreasouth"}),
    )
    plugin = start_plugin(azure_environment)
    plugin.configure()
    known, failures = plugin.check(VOLUME, "smb", A_VOLUME)
    assert failures == []
    assert known["location"] == "koreasouth"
    unknown, failures = plugin.check(VOLUME, "smb", {**A_VOLUME, "resourceGroupName": UNKNOWN})
    assert failures == []
    assert unknown["location"] is UNKNOWN
    _, failures = plugin.check(VOLUME, "smb", {**A_VOLUME, "resourceGroupName": "absent"})
    advice = "Either set it explicitly or configure it with 'pulumi config set azure-native:location <value>'."
    assert failures == [f"missing required property 'location'. {advice}"]


@pytest.mark.parametrize(
    ("token", "inputs", "reasons"),
    [
        (ACCOUNT, {}, ["missing required property 'resourceGroupName'"]),
        (
            POOL,
            {"resourceGroupName": "rg", "accountName": "a"},
            ["missing required property 'size'", "missing required property 'serviceLevel'"],
        ),
        (
            VOLUME,
            {"resourceGroupName": "rg", "accountName": "a", "poolName": "p"},
            [
                "missing required property 'creationToken'",
                "missing required property 'usageThreshold'",
                "missing required property 'subnetId'",
            ],
        ),
        (
            VOLUME,
            {**A_VOLUME, "poolName": "acct/pool"},
            ["'poolName' does not match expression '^[a-zA-Z0-9][a-zA-Z0-9\\-_]{0,63}$'"],
        ),
        (
            VOLUME,
            {**A_VOLUME, "volumeName": "1st"},
            ["'volumeName' does not match expression '^[a-zA-Z][a-zA-Z0-9\\-_]{0,63}$'"],
        ),
        (
            VOLUME,
            {**A_VOLUME, "creationToken": "a_b"},
            ["'creationToken' does not match expression '^[a-zA-Z][a-zA-Z0-9\\-]{0,79}$'"],
        ),
        (
            VOLUME,
            {**A_VOLUME, "creationToken": "trailing\n"},
            ["'creationToken' does not match expression '^[a-zA-Z][a-zA-Z0-9\\-]{0,79}$'"],
        ),
        (
            VOLUME,
            {**A_VOLUME, "usageThreshold": 1024**3},
            ["'usageThreshold' is too low (1073741824.000000 < 53687091200.000000)"],
        ),
        (
            VOLUME,
            {**A_VOLUME, "usageThreshold": 1024**6},
            ["'usageThreshold' is too high (1152921504606846976.000000 > 2638827906662400.000000)"],
        ),
        (
            VOLUME,
            {**A_VOLUME, "usageThreshold": 107374182400.5},
            ["'usageThreshold' must be an integer but got 107374182400.500000"],
        ),
        (
            VOLUME,
            {**A_VOLUME, "unixPermissions": "77"},
            ["'unixPermissions' is too short (2): at least 4 characters required"],
        ),
        (
            VOLUME,
            {**A_VOLUME, "usageThreshold": "100"},
            ["'usageThreshold' should be of type 'integer' but got a string"],
        ),
        (VOLUME, {**A_VOLUME, "creationToken": 1}, ["'creationToken' should be of type 'string' but got a number"]),
        (VOLUME, {**A_VOLUME, "subnetId": ["a"]}, ["'subnetId' should be of type 'string' but got an array"]),
        (
            VOLUME,
            {**A_VOLUME, "placementRules": [{"key": "k"}]},
            ["missing required property 'placementRules[0].value'"],
        ),
        (
            ACCOUNT,
            {"resourceGroupName": "rg", "activeDirectories": [{"password": "x" * 65}]},
            ["'activeDirectories[0].password' is too long (65): at most 64 characters allowed"],
        ),
        (
            GROUP,
            {"resourceGroupName": "r g"},
            [r"'resourceGroupName' does not match expression '^[-\p{L}\._\(\)\w]+$'"],
        ),
    ],
)
def test_refusals_in_the_genuine_words(plugin: Plugin, token: str, inputs: dict[str, Any], reasons: list[str]) -> None:
    _, failures = plugin.check(token, "x", inputs)
    assert failures == reasons


def test_a_resource_groups_name_may_have_any_letters(plugin: Plugin) -> None:
    _, failures = plugin.check(GROUP, "x", {"resourceGroupName": "rg-größe_(1).a"})
    assert failures == []


def test_enumerations_are_not_checked(plugin: Plugin) -> None:
    _, failures = plugin.check(VOLUME, "smb", {**A_VOLUME, "serviceLevel": "Flexible", "securityStyle": "odd"})
    assert failures == []


def test_unknowns_pass_unjudged(plugin: Plugin) -> None:
    inputs, failures = plugin.check(VOLUME, "smb", {**A_VOLUME, "poolName": UNKNOWN, "subnetId": UNKNOWN})
    assert failures == []
    assert inputs["poolName"] is UNKNOWN


def test_secrets_stay_secret_and_out_of_the_refusal(plugin: Plugin) -> None:
    password = "S3cret-" + "x" * 64
    news = {"resourceGroupName": "rg", "activeDirectories": [{"password": password}]}
    place = ("activeDirectories", 0, "password")
    answer = plugin.stub.Check(provider_pb2.CheckRequest(urn=urn(ACCOUNT, "anf"), news=write(news, [place])))
    assert place in read(answer.inputs).secrets
    assert answer.failures
    assert all("S3cret" not in failure.reason for failure in answer.failures)


def test_nulls_are_absent_properties(plugin: Plugin) -> None:
    inputs, failures = plugin.check(VOLUME, "smb", {**A_VOLUME, "volumeName": None, "unixPermissions": None})
    assert failures == []
    assert inputs["volumeName"] == "smb"
    assert "unixPermissions" not in inputs


def test_an_unknown_type_is_one_clear_error(plugin: Plugin) -> None:
    message = failed(lambda: plugin.check("azure-native:compute:VirtualMachine", "vm", {}))
    assert "Resource type azure-native:compute:VirtualMachine not found" in message
    assert ACCOUNT in message
