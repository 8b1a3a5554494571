"""Diff: what counts as a change, what replaces, and what is shown (facts: azure-native 3.29.0)."""

from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from sandbox.plugins.azure_native.values import UNKNOWN
from tests.plugins.azure_native.arm_resources import ACCOUNT, GROUP, POOL, VNET, VOLUME
from tests.plugins.azure_native.plugin_process import Plugin

KINDS = provider_pb2.PropertyDiff.Kind
A_POOL: dict[str, Any] = {
    "resourceGroupName": "rg",
    "accountName": "acct",
    "poolName": "pool",
    "location": "koreacentral",
    "size": 1024**4,
    "serviceLevel": "Standard",
    "azureApiVersion": "2024-09-01",
}
A_VOLUME: dict[str, Any] = {
    **A_POOL,
    "volumeName": "smb",
    "creationToken": "smb",
    "subnetId": "/subscriptions/s/subnets/anf",
    "protocolTypes": ["CIFS"],
    "networkFeatures": "Standard",
    "securityStyle": "ntfs",
    "usageThreshold": 100 * 1024**3,
}
AN_ACCOUNT: dict[str, Any] = {
    "resourceGroupName": "rg",
    "accountName": "acct",
    "location": "koreacentral",
    "activeDirectories": [{"domain": "contoso.com", "password": "old", "dns": "10.0.0.4"}],
    "azureApiVersion": "2024-09-01",
}
ROTATED = {**AN_ACCOUNT["activeDirectories"][0], "password": "new"}


def shown(answer: provider_pb2.DiffResponse) -> dict[str, str]:
    return {path: KINDS.Name(entry.kind) for path, entry in answer.detailedDiff.items()}


@pytest.mark.parametrize(
    "same",
    [
        {},
        {"location": "Korea Central"},
        {"location": "KOREACENTRAL"},
        {"resourceGroupName": "RG"},
        {"smbEncryption": False},  # its default
    ],
)
def test_what_means_the_same_is_no_change(plugin: Plugin, same: dict[str, Any]) -> None:
    answer = plugin.diff(VOLUME, A_VOLUME, {**A_VOLUME, **same})
    assert answer.changes == provider_pb2.DiffResponse.DIFF_NONE
    assert not answer.diffs


@pytest.mark.parametrize(
    ("token", "inputs", "name"),
    [
        *((ACCOUNT, AN_ACCOUNT, name) for name in ("resourceGroupName", "accountName", "location")),
        *((POOL, A_POOL, name) for name in ("accountName", "poolName", "location")),
        *((VOLUME, A_VOLUME, name) for name in ("poolName", "volumeName", "location")),
        (GROUP, {"resourceGroupName": "rg", "location": "koreacentral"}, "location"),
        (VNET, {"resourceGroupName": "rg", "virtualNetworkName": "v", "location": "koreacentral"}, "location"),
    ],
)
def test_what_azure_cannot_change_replaces_and_deletes_first(
    plugin: Plugin, token: str, inputs: dict[str, Any], name: str
) -> None:
    answer = plugin.diff(token, inputs, {**inputs, name: "another"})
    assert shown(answer) == {name: "UPDATE_REPLACE"}
    assert list(answer.replaces) == [name]
    assert answer.deleteBeforeReplace


@pytest.mark.parametrize(
    ("token", "inputs", "name", "value"),
    [
        (POOL, A_POOL, "encryptionType", "Double"),
        (VOLUME, A_VOLUME, "zones", ["1"]),
        (VOLUME, A_VOLUME, "snapshotId", "/s"),
        (VOLUME, A_VOLUME, "backupId", "/b"),
        (VOLUME, A_VOLUME, "kerberosEnabled", True),
    ],
)
def test_what_is_only_set_on_creation_replaces_when_it_comes_or_goes(
    plugin: Plugin, token: str, inputs: dict[str, Any], name: str, value: Any
) -> None:
    came = plugin.diff(token, inputs, {**inputs, name: value})
    assert shown(came) == {name: "ADD_REPLACE"}
    went = plugin.diff(token, {**inputs, name: value}, inputs)
    assert shown(went) == {name: "DELETE_REPLACE"}
    assert list(went.replaces) == [name]


def test_setting_what_azure_already_reports_replaces_nothing(plugin: Plugin) -> None:
    answer = plugin.diff(POOL, A_POOL, {**A_POOL, "encryptionType": "Double"}, {"encryptionType": "Double"})
    assert shown(answer) == {"encryptionType": "ADD"}
    assert list(answer.replaces) == []


@pytest.mark.parametrize(
    ("name", "value", "path"),
    [
        ("creationToken", "other", "creationToken"),
        ("subnetId", "/subscriptions/s/subnets/other", "subnetId"),
        ("protocolTypes", ["NFSv3"], "protocolTypes[0]"),
        ("networkFeatures", "Basic", "networkFeatures"),
        ("securityStyle", "unix", "securityStyle"),
    ],
)
def test_what_azure_will_refuse_is_still_an_update(plugin: Plugin, name: str, value: Any, path: str) -> None:
    answer = plugin.diff(VOLUME, A_VOLUME, {**A_VOLUME, name: value})
    assert shown(answer) == {path: "UPDATE"}
    assert list(answer.replaces) == []


def test_a_random_name_lets_the_new_resource_come_first(plugin: Plugin) -> None:
    old = {**AN_ACCOUNT, "__createBeforeDelete": True}
    answer = plugin.diff(ACCOUNT, old, {**old, "location": "koreasouth"})
    assert list(answer.replaces) == ["location"]
    assert not answer.deleteBeforeReplace


@pytest.mark.parametrize(
    ("token", "old", "name", "value", "entry"),
    [
        (VOLUME, A_VOLUME, "usageThreshold", 200 * 1024**3, ("usageThreshold", "UPDATE")),
        (VOLUME, A_VOLUME, "smbEncryption", True, ("smbEncryption", "ADD")),  # False is its default
        (ACCOUNT, AN_ACCOUNT, "activeDirectories", [ROTATED], ("activeDirectories[0].password", "UPDATE")),
    ],
)
def test_a_change_in_place(
    plugin: Plugin, token: str, old: dict[str, Any], name: str, value: Any, entry: tuple[str, str]
) -> None:
    answer = plugin.diff(token, old, {**old, name: value})
    assert answer.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert shown(answer) == dict([entry])
    assert answer.detailedDiff[entry[0]].inputDiff
    assert list(answer.diffs) == [name]
    assert list(answer.replaces) == []
    assert not answer.deleteBeforeReplace


def test_items_that_have_an_identity_may_change_places(plugin: Plugin) -> None:
    rules = [{"ruleIndex": 1, "cifs": True}, {"ruleIndex": 2, "cifs": True}]
    old = {**A_VOLUME, "exportPolicy": {"rules": rules}}
    moved = plugin.diff(VOLUME, old, {**old, "exportPolicy": {"rules": rules[::-1]}})
    assert moved.changes == provider_pb2.DiffResponse.DIFF_NONE
    gone = plugin.diff(VOLUME, old, {**old, "exportPolicy": {"rules": rules[1:]}})
    assert shown(gone) == {"exportPolicy.rules[0]": "DELETE"}


def test_nested_additions_and_deletions_are_shown_each(plugin: Plugin) -> None:
    old = {**A_VOLUME, "tags": {"a": "1", "b.c": "2"}}
    new = {**A_VOLUME, "tags": {"a": "1", "d": "3"}, "protocolTypes": ["CIFS", "NFSv3"]}
    answer = plugin.diff(VOLUME, old, new)
    assert shown(answer) == {'tags["b.c"]': "DELETE", "tags.d": "ADD", "protocolTypes[1]": "ADD"}


def test_an_unknown_value_is_a_change_and_replaces_where_a_known_one_would(plugin: Plugin) -> None:
    answer = plugin.diff(VOLUME, A_VOLUME, {**A_VOLUME, "poolName": UNKNOWN, "subnetId": UNKNOWN})
    assert shown(answer) == {"poolName": "UPDATE_REPLACE", "subnetId": "UPDATE"}


def test_the_api_version_of_an_older_state_is_taken_from_its_outputs(plugin: Plugin) -> None:
    old = {name: value for name, value in A_POOL.items() if name != "azureApiVersion"}
    same = plugin.diff(POOL, old, A_POOL, {"azureApiVersion": "2024-09-01"})
    assert same.changes == provider_pb2.DiffResponse.DIFF_NONE
    newer = plugin.diff(POOL, old, A_POOL, {"azureApiVersion": "2022-11-01"})
    assert shown(newer) == {"azureApiVersion": "UPDATE"}
    assert not newer.detailedDiff["azureApiVersion"].inputDiff
