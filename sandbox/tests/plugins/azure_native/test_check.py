"""Check: what the plugin fills in, and what it refuses in which words (facts: azure-native 3.29.0)."""

import re
from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from sandbox.plugins.azure_native.values import UNKNOWN, read, write
from tests.plugins.azure_native.arm_resources import ACCOUNT, GROUP, GROUP_PATH, POOL, SUBNET, VOLUME, failed
from tests.plugins.azure_native.fake_azure import Answer, FakeAzure
from tests.plugins.azure_native.plugin_process import Plugin, urn

TIB = 1024**4
IN_POOL: dict[str, Any] = {"resourceGroupName": "rg", "accountName": "acct", "poolName": "pool"}
A_VOLUME: dict[str, Any] = {
    **IN_POOL,
    "creationToken": "smb",
    "subnetId": "/subscriptions/s/subnets/anf",
    "usageThreshold": 100 * 1024**3,
}


@pytest.mark.parametrize(
    ("token", "given", "named", "form"),
    [
        (ACCOUNT, {"resourceGroupName": "rg"}, "accountName", r"anf[0-9a-f]{8}"),
        (
            "azure-native:authorization:RoleAssignment",
            {"scope": "/subscriptions/s", "principalId": "p", "roleDefinitionId": "r"},
            "roleAssignmentName",
            r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        ),
    ],
)
def test_a_random_name_depends_on_the_seed_alone(
    plugin: Plugin, token: str, given: dict[str, Any], named: str, form: str
) -> None:
    first, failures = plugin.check(token, "anf", given, randomSeed=b"seed")
    again, _ = plugin.check(token, "anf", given, randomSeed=b"seed")
    other, _ = plugin.check(token, "anf", given, randomSeed=b"another")
    assert failures == []
    assert re.fullmatch(form, first[named])
    assert first == again
    assert first[named] != other[named]
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


def test_a_name_and_a_location_once_chosen_stay(plugin: Plugin) -> None:
    olds = {"accountName": "anf01234567", "location": "westeurope", "__createBeforeDelete": True}
    inputs, _ = plugin.check(ACCOUNT, "anf", {"resourceGroupName": "rg"}, olds, randomSeed=b"seed")
    assert olds.items() <= inputs.items()


@pytest.mark.parametrize(
    ("mode", "name", "refusals"),
    [
        ("PROPOSE", "proposed", []),
        ("ENFORCE", "proposed", []),
        ("DISABLE", None, ["missing required property 'accountName'"]),
    ],
)
def test_the_engines_autonaming(plugin: Plugin, mode: str, name: str | None, refusals: list[str]) -> None:
    options = provider_pb2.CheckRequest.AutonamingOptions
    autonaming = options(proposed_name="proposed", mode=options.Mode.Value(mode))
    inputs, failures = plugin.check(ACCOUNT, "anf", {"resourceGroupName": "rg"}, autonaming=autonaming)
    assert (inputs.get("accountName"), failures) == (name, refusals)


def test_the_location_comes_from_the_configuration_and_the_api_version_from_the_type(plugin: Plugin) -> None:
    inputs, failures = plugin.check(VOLUME, "smb", A_VOLUME)
    assert failures == []
    assert inputs["location"] == "koreacentral"
    assert inputs["azureApiVersion"] == "2024-09-01"


def test_without_a_configured_location_that_of_the_resource_group_counts(
    another_plugin: Plugin, azure: FakeAzure
) -> None:
    azure.on("GET", GROUP_PATH, Answer(200, {"location": "koreasouth"}))
    plugin = another_plugin
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
    ("token", "inputs", "missing"),
    [
        (ACCOUNT, {}, ["resourceGroupName"]),
        (POOL, {"resourceGroupName": "rg", "accountName": "a"}, ["serviceLevel", "size"]),
        (VOLUME, IN_POOL, ["creationToken", "subnetId", "usageThreshold"]),
        (VOLUME, {**A_VOLUME, "placementRules": [{"key": "k"}]}, ["placementRules[0].value"]),
    ],
)
def test_each_required_property_that_is_missing_is_named(
    plugin: Plugin, token: str, inputs: dict[str, Any], missing: list[str]
) -> None:
    _, failures = plugin.check(token, "x", inputs)
    assert failures == [f"missing required property '{name}'" for name in missing]


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("poolName", "acct/pool", r"does not match expression '^[a-zA-Z0-9][a-zA-Z0-9\-_]{0,63}$'"),
        ("volumeName", "1st", r"does not match expression '^[a-zA-Z][a-zA-Z0-9\-_]{0,63}$'"),
        ("creationToken", "a_b", r"does not match expression '^[a-zA-Z][a-zA-Z0-9\-]{0,79}$'"),
        ("creationToken", "trailing\n", r"does not match expression '^[a-zA-Z][a-zA-Z0-9\-]{0,79}$'"),
        ("usageThreshold", 1024**3, "is too low (1073741824.000000 < 53687091200.000000)"),
        ("usageThreshold", 1024**6, "is too high (1152921504606846976.000000 > 2638827906662400.000000)"),
        ("usageThreshold", 107374182400.5, "must be an integer but got 107374182400.500000"),
        ("usageThreshold", "100", "should be of type 'integer' but got a string"),
        ("unixPermissions", "77", "is too short (2): at least 4 characters required"),
        ("creationToken", 1, "should be of type 'string' but got a number"),
        ("subnetId", ["a"], "should be of type 'string' but got an array"),
    ],
)
def test_what_azure_would_refuse_of_a_volume_is_refused_in_the_genuine_words(
    plugin: Plugin, name: str, value: Any, reason: str
) -> None:
    _, failures = plugin.check(VOLUME, "x", {**A_VOLUME, name: value})
    assert failures == [f"'{name}' {reason}"]


def test_a_resource_groups_name_may_have_any_letters_and_no_spaces(plugin: Plugin) -> None:
    assert plugin.check(GROUP, "x", {"resourceGroupName": "rg-größe_(1).a"})[1] == []
    _, failures = plugin.check(GROUP, "x", {"resourceGroupName": "r g"})
    assert failures == [r"'resourceGroupName' does not match expression '^[-\p{L}\._\(\)\w]+$'"]


def test_enumerations_and_unknowns_pass_unjudged(plugin: Plugin) -> None:
    odd = {"serviceLevel": "Flexible", "securityStyle": "odd", "poolName": UNKNOWN, "subnetId": UNKNOWN}
    inputs, failures = plugin.check(VOLUME, "smb", {**A_VOLUME, **odd})
    assert failures == []
    assert odd.items() <= inputs.items()


def test_secrets_stay_secret_and_out_of_the_refusal(plugin: Plugin) -> None:
    password = "S3cret-" + "x" * 64
    news = {"resourceGroupName": "rg", "activeDirectories": [{"password": password}]}
    place = ("activeDirectories", 0, "password")
    answer = plugin.stub.Check(provider_pb2.CheckRequest(urn=urn(ACCOUNT, "anf"), news=write(news, [place])))
    assert place in read(answer.inputs).secrets
    reason = "'activeDirectories[0].password' is too long (71): at most 64 characters allowed"
    assert [failure.reason for failure in answer.failures] == [reason]


def test_nulls_are_absent_properties(plugin: Plugin) -> None:
    inputs, failures = plugin.check(VOLUME, "smb", {**A_VOLUME, "volumeName": None, "unixPermissions": None})
    assert failures == []
    assert inputs["volumeName"] == "smb"
    assert "unixPermissions" not in inputs


def test_an_unknown_type_is_one_clear_error(plugin: Plugin) -> None:
    message = failed(lambda: plugin.check("azure-native:compute:VirtualMachine", "vm", {}))
    assert "Resource type azure-native:compute:VirtualMachine not found" in message
    assert ACCOUNT in message
