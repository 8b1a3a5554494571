"""Settings of others on Azure resources: which they are, how they go back, and which updates a preview refuses."""

import functools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.output import UNKNOWN

from components import rules
from components.capacity_alerts import metric_alert
from components.capacity_pool import CAPACITY_POOL as POOL
from components.delegated_subnet import SUBNET, VIRTUAL_NETWORK
from components.guest.azure_types import AzureType
from components.guest.azure_update import AzureUpdate, SettingsLostError, Unchangeable
from components.guest.property_paths import has_unknowns, is_same, path_in, value_at, with_value
from components.netapp_account import ACCOUNT
from components.resource_group import RESOURCE_GROUP
from components.smb_volume import VOLUME
from components.snapshot_policy import SNAPSHOT_POLICY
from components.trident_identity import IDENTITY
from tests.unit.unit_mocks import ACTION_GROUP_ID, OWN_NETWORK, Run, run_whole

TYPES = {
    "azure-native:resources:ResourceGroup": RESOURCE_GROUP,
    "azure-native:network:VirtualNetwork": VIRTUAL_NETWORK,
    "azure-native:network:Subnet": SUBNET,
    "azure-native:netapp:Account": ACCOUNT,
    "azure-native:netapp:CapacityPool": POOL,
    "azure-native:netapp:CapacityPoolVolume": VOLUME,
    "azure-native:netapp:SnapshotPolicy": SNAPSHOT_POLICY,
    "azure-native:managedidentity:UserAssignedIdentity": IDENTITY,
    "azure-native:monitor:MetricAlert": metric_alert(),
}


@functools.cache
def whole() -> Run:
    """Run stack dev with a snapshot policy, alerts and a network."""
    schedule = {"snapshotsToKeep": 2, "hour": 1, "minute": 0}
    policies = [{"name": "daily", "dailySchedule": schedule}]
    return run_whole(snapshotPolicies=policies, network=OWN_NETWORK, alerts={"actionGroupId": ACTION_GROUP_ID})


@pytest.mark.parametrize(("token", "kind"), TYPES.items())
def test_the_names_of_a_type_are_arguments_of_its_look_up_and_inputs(token: str, kind: AzureType) -> None:
    inputs = whole().all(token)[0].inputs
    assert {*kind.names} <= inputs.keys()
    assert kind.look_up == token.rpartition(":")[0] + ":get" + token.rpartition(":")[2]


@pytest.mark.parametrize(("token", "kind"), TYPES.items())
def test_what_the_sdk_adds_by_itself_is_no_setting_of_a_component(token: str, kind: AzureType) -> None:
    inputs = whole().all(token)[0].inputs
    assert {*kind.sdk_defaults} <= inputs.keys(), "the SDK adds it no longer: take it out of the type"
    assert not {path.partition(".")[0] for path in kind.settings_of(inputs)} & {*kind.sdk_defaults}


def test_an_account_shares_its_directory() -> None:
    inputs = {"activeDirectories": [{"dns": "10.0.0.4", "domain": "contoso.com"}]}
    ours = ACCOUNT.settings_of(inputs)
    assert ours == {"activeDirectories[0].dns": "10.0.0.4", "activeDirectories[0].domain": "contoso.com"}
    live = {
        "location": "koreacentral",
        "tags": {"team": "storage"},
        "provisioningState": "Succeeded",
        "activeDirectories": [
            {"dns": "10.0.0.4", "domain": "contoso.com", "status": "InUse", "activeDirectoryId": "1"}
            | {
                "aesEncryption": True,
                "ldapSigning": False,
                "administrators": ["a"],
                "organizationalUnit": "CN=Computers",
            }
        ],
        "encryption": {"keySource": "Microsoft.NetApp"},
    }
    assert ACCOUNT.settings_of_others(live, ours) == {
        "tags": {"team": "storage"},
        "activeDirectories[0].aesEncryption": True,
        "activeDirectories[0].administrators": ["a"],
    }


def test_a_setting_that_a_component_no_longer_makes_is_not_one_of_others() -> None:
    live = {"dataProtection": {"snapshot": {"snapshotPolicyId": "/p"}, "backup": {"backupVaultId": "/v"}}}
    assert VOLUME.settings_of_others(live, {"dataProtection.snapshot"}) == {
        "dataProtection.backup": {"backupVaultId": "/v"}
    }
    assert VOLUME.settings_of_others(live, ()) == {"dataProtection": live["dataProtection"]}


def test_tags_belong_to_those_who_set_them_name_by_name() -> None:
    ours = POOL.settings_of({"tags": {"costCenter": "4711", "cost.center": "1", 'a"b': "2"}})
    assert ours == {"tags.costCenter": "4711", 'tags["cost.center"]': "1", 'tags["a\\"b"]': "2"}
    live = {"tags": {"COSTCENTER": "4711", "cost.center": "1", 'a"b': "2", "backup": "Disabled", "x.y": ""}}
    assert POOL.settings_of_others(live, ours) == {"tags.backup": "Disabled", 'tags["x.y"]': ""}
    assert POOL.settings_of_others({"tags": {"backup": "Disabled"}}, ()) == {"tags": {"backup": "Disabled"}}
    assert POOL.settings_of_others({"tags": None}, ours) == POOL.settings_of_others({"tags": {}}, ()) == {}


@pytest.mark.parametrize(
    ("made", "in_azure", "ignored"),
    [
        ({}, {"team": "a"}, ["tags"]),
        ({"cost": "1"}, {"cost": "1", "team": "a"}, ["tags"]),
        ({"cost": "1"}, {"cost": "2", "team": "a"}, ["tags.team"]),
        ({"cost": "1"}, {"team": "a"}, ["tags.team"]),
        ({"cost": "1"}, None, []),
    ],
)
def test_a_tag_of_the_stack_that_azure_has_otherwise_is_drift(
    made: dict[str, str], in_azure: dict[str, str] | None, ignored: list[str]
) -> None:
    inputs = {"tags": made} if made else {}
    places = POOL.places_of_others(inputs, {"tags": in_azure}, POOL.settings_of(inputs))
    assert [place for place in places if place.startswith("tags")] == ignored


def test_what_can_only_be_read_does_not_go_back() -> None:
    live = {
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {"/id": {"principalId": "p"}}, "tenantId": "t"},
        "encryption": {"keySource": "Microsoft.KeyVault", "keyVaultProperties": {"keyName": "k", "status": "InUse"}},
    }
    assert ACCOUNT.settings_of_others(live, ()) == {
        "identity": {"type": "UserAssigned", "userAssignedIdentities": ["/id"]},
        "encryption": {"keySource": "Microsoft.KeyVault", "keyVaultProperties": {"keyName": "k"}},
    }
    endpoints = {"serviceEndpoints": [{"service": "Microsoft.Storage", "provisioningState": "Succeeded"}]}
    assert SUBNET.settings_of_others(endpoints, ()) == {"serviceEndpoints": [{"service": "Microsoft.Storage"}]}


def test_a_volume_as_azure_makes_it_has_no_setting_of_others() -> None:
    live = {
        "snapshotId": "", "coolAccess": False, "avsDataStore": "Disabled", "encryptionKeySource": "Microsoft.NetApp",
        "exportPolicy": {"rules": []}, "defaultUserQuotaInKiBs": 0, "throughputMibps": 1.5, "zones": None,
    }  # fmt: skip
    assert VOLUME.settings_of_others(live, VOLUME.settings_of({"usageThreshold": 1.0})) == {}


# Paths


@given(st.dictionaries(st.sampled_from(["a", "b"]), st.integers()), st.integers())
def test_a_value_that_was_put_is_found_and_the_rest_stays(holder: dict[str, int], value: int) -> None:
    before = dict(holder)
    put = with_value(holder, "x.y", value)
    assert value_at(put, "x.y") == value
    assert {name: put[name] for name in before} == before == holder


@given(st.text(st.characters(exclude_characters="\\"), min_size=1), st.dictionaries(st.text(), st.text()))
def test_an_entry_of_any_name_has_a_path(name: str, holder: dict[str, str]) -> None:
    put = with_value({"tags": holder}, path_in("tags", name), "x")
    assert put == {"tags": {**holder, name: "x"}}
    assert value_at(put, path_in("tags", name)) == "x"


def test_a_value_goes_into_a_list() -> None:
    assert with_value({"l": [{"a": 1}]}, "l[0].b", 2) == {"l": [{"a": 1, "b": 2}]}
    assert value_at({"l": []}, "l[0].b") is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("/A/b", "/a/B", True),
        ({"x": ["A"]}, {"x": ["a"]}, True),
        ({"x": 1}, {"x": 1, "y": 2}, False),
        ([1], [1, 2], False),
        (100.0, 100, True),
    ],
)
def test_case_does_not_count(one: Any, other: Any, same: bool) -> None:
    assert is_same(one, other) is same


def test_unknown_parts_are_found() -> None:
    assert has_unknowns({"a": [{"b": UNKNOWN}]})
    assert not has_unknowns({"a": [{"b": None}]})


# What a preview refuses


def update(kind: AzureType = VOLUME, **parts: Any) -> AzureUpdate:
    """Return an update that loses nothing, but for `parts`."""
    sent = {"usageThreshold": 100.0, "smbEncryption": False}
    given: dict[str, Any] = {
        "live": {**sent, "tags": {"team": "a"}},
        "old": sent,
        "new": sent,
        "of_others": {},
        **parts,
    }
    ours = [*kind.settings_of(given["new"], given.pop("given", ()))]
    return AzureUpdate(kind=kind, name="smb-volume", ours=ours, **given)


def test_an_update_that_sends_everything_back_passes() -> None:
    update(new={"usageThreshold": 120.0, "tags": {"team": "a"}}, of_others={"tags": {"team": "a"}}).refuse_losses()


@pytest.mark.parametrize("sent", [{}, {"tags": {"cost": "7"}}])
def test_an_update_that_loses_a_setting_of_others_is_refused(sent: dict[str, Any]) -> None:
    with pytest.raises(SettingsLostError, match=r"take away what others have set: tags\.team\. Fix: .*--refresh"):
        update(new={"usageThreshold": 100.0, **sent}, of_others={"tags.team": "a"}).refuse_losses()


def test_an_update_that_sets_back_what_no_preview_shows_is_refused() -> None:
    old = {"usageThreshold": 50.0, "smbEncryption": False}
    with pytest.raises(SettingsLostError, match=r"usageThreshold \(50\.0 in the state, 100\.0 in Azure\)"):
        update(old=old, new={**old, "usageThreshold": 60.0}).refuse_losses()
    update(old=old, new={**old, "usageThreshold": 100.0}).refuse_losses()  # what Azure has already
    update(old=old, new={**old, "usageThreshold": UNKNOWN}).refuse_losses()


def test_a_lost_setting_that_has_an_argument_is_named_with_it() -> None:
    lost = {"dataProtection.backup": {"backupVaultId": "/v"}, "dataProtection.replication": {}}
    with pytest.raises(SettingsLostError, match=r"--refresh, .*; or make it the stack's own: backup\b"):
        update(of_others=lost).refuse_losses()


def test_a_setting_made_for_the_first_time_sets_nothing_back_that_nobody_has_made() -> None:
    live = {"usageThreshold": 100.0, "smbEncryption": False, "coolAccess": False, "coolnessPeriod": 31}
    new = {"usageThreshold": 100.0, "smbEncryption": False, "coolAccess": True, "coolnessPeriod": 7}
    made = update(live=live, new=new, given=["coolAccess"])
    made.refuse_losses()
    with pytest.raises(SettingsLostError, match=r"coolnessPeriod \(null in the state, 9 in Azure\)"):
        update(live=live | {"coolnessPeriod": 9}, new=new, given=["coolAccess"]).refuse_losses()


def test_lists_of_words_count_and_lists_of_objects_do_not_as_azure_adds_to_them() -> None:
    old: dict[str, Any] = {"protocolTypes": ["CIFS"], "delegations": [{"name": "netapp"}]}
    added = {"delegations": [{"name": "netapp", "id": "/d"}]}
    update(live=old | added, old=old, new=old | {"usageThreshold": 1.0}).refuse_losses()
    with pytest.raises(SettingsLostError, match="protocolTypes"):
        update(live=old | {"protocolTypes": ["NFSv3"]}, old=old, new=old).refuse_losses()


def test_what_azure_cannot_change_is_refused_with_the_way_out() -> None:
    expected = r"smb_encryption is true and cannot be changed; allowed: false, as in Azure\. Fix: leave it"
    fixed = {"smbEncryption": Unchangeable("smb_encryption", "leave it")}
    with pytest.raises(rules.InvalidArgsError, match=expected):
        update(new={"smbEncryption": True}).refuse_unchangeable(fixed)
    update(new={"smbEncryption": UNKNOWN}).refuse_unchangeable(fixed)


def test_a_default_of_azure_is_no_change_of_what_azure_cannot_change() -> None:
    fixed = {"activeDirectories[0].organizationalUnit": Unchangeable("organizational_unit", "leave it")}

    def directory(unit: str) -> dict[str, Any]:
        return {"activeDirectories": [{"organizationalUnit": unit}]}

    none: dict[str, Any] = {"activeDirectories": [{}]}
    update(ACCOUNT, live=directory("CN=Computers"), new=none).refuse_unchangeable(fixed)
    with pytest.raises(rules.InvalidArgsError, match="organizational_unit is null and cannot be changed"):
        update(ACCOUNT, live=directory("OU=Servers"), new=none).refuse_unchangeable(fixed)


def test_a_directory_shows_its_changes_and_never_the_password() -> None:
    def directory(dns: str, password: str) -> dict[str, Any]:
        return {"activeDirectories": [{"dns": dns, "password": password, "site": "S"}]}

    changed = update(
        ACCOUNT,
        live=directory("10.0.0.4", "****************"),
        old=directory("10.0.0.4", "0ld-and-secret"),
        new=directory("10.0.0.5", "n3w-and-secret"),
    )
    changed.refuse_losses()
    assert [*changed.hidden_changes()] == [
        'activeDirectories[0].dns: "10.0.0.4" => "10.0.0.5"',
        "activeDirectories[0].password: changes",
    ]
