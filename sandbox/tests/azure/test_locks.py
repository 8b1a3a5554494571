"""Locks: what they forbid, where, and in which words."""

import httpx
import pytest

from sandbox.azure.entra import credentials
from sandbox.testing.azure_cli import AzureCli
from sandbox.testing.azure_clients import AzureClients
from tests.azure.names import SUBSCRIPTION
from tests.azure.world import network_body

VERSION = {"api-version": "2016-09-01"}
ARM = {"api-version": "2024-03-01"}
NETWORK = {"api-version": "2024-05-01"}
LOCKS = "providers/Microsoft.Authorization/locks"
OTHER = "/subscriptions/00000000-0000-0000-0000-00000000dddd"


def locked(emulator: AzureClients, scope: str, level: str = "CanNotDelete", name: str = "keep") -> str:
    lock = f"{scope}/{LOCKS}/{name}"
    answer = emulator.http.put(lock, params=VERSION, json={"properties": {"level": level}})
    assert answer.status_code == 201
    assert answer.json() == {"id": lock, "name": name, "properties": {"level": level}, "type": LOCKS[10:]}
    return lock


def refused(answer: httpx.Response, verb: str, scope: str, at: str) -> bool:
    text = (
        f"The scope '{scope}' cannot perform {verb} operation because following scope(s) are locked: '{at}'. "
        "Please remove the lock and try again."
    )
    return answer.status_code == 409 and answer.json()["error"] == {"code": "ScopeLocked", "message": text}


def vnet(emulator: AzureClients, group: str) -> str:
    network = f"{group}/providers/Microsoft.Network/virtualNetworks/vnet"
    body = {**network_body(), "location": "koreacentral"}
    assert emulator.http.put(network, params=NETWORK, json=body).status_code == 201
    return network


@pytest.mark.parametrize("at", ["the resource", "its group", "its subscription"])
def test_a_locked_resource_is_not_deleted_nor_what_holds_it(emulator: AzureClients, at: str) -> None:
    group = f"{OTHER}/resourceGroups/rg-{at.replace(' ', '-')}"
    assert emulator.http.put(group, params=ARM, json={"location": "koreacentral"}).status_code == 201
    network = vnet(emulator, group)
    scope = {"the resource": network, "its group": group, "its subscription": OTHER}[at]
    lock = locked(emulator, scope)
    assert refused(emulator.http.delete(network, params=NETWORK), "delete", network, scope)
    assert refused(emulator.http.delete(group, params=ARM), "delete", group, scope)
    assert emulator.http.patch(network, params=NETWORK, json={"tags": {"a": "b"}}).status_code == 200
    assert emulator.http.delete(lock, params=VERSION).status_code == 200
    assert emulator.http.delete(lock, params=VERSION).status_code == 204
    assert emulator.http.delete(group, params=ARM).status_code == 202


def test_read_only_forbids_every_change(emulator: AzureClients) -> None:
    group = emulator.group("rg-read-only")
    network = vnet(emulator, group)
    lock = locked(emulator, group, "ReadOnly")
    role = f"{network}/providers/Microsoft.Authorization/roleAssignments/8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
    assert refused(emulator.http.patch(network, params=NETWORK, json={"tags": {}}), "write", network, group)
    assert refused(emulator.http.put(role, params={"api-version": "2022-04-01"}, json={}), "write", network, group)
    assert refused(emulator.http.delete(network, params=NETWORK), "delete", network, group)
    assert emulator.http.get(network, params=NETWORK).status_code == 200
    assert emulator.http.delete(lock, params=VERSION).status_code == 200, "a lock locks no lock"


def test_locks_are_listed_at_a_scope_and_below_or_as_they_hold_there(emulator: AzureClients) -> None:
    group = emulator.group("rg-listed-locks")
    network = vnet(emulator, group)
    above, below = locked(emulator, group, name="above"), locked(emulator, network, name="below")

    def listed(scope: str, **query: str) -> list[str]:
        answer = emulator.http.get(f"{scope}/{LOCKS}", params={**VERSION, **query})
        return [each["id"] for each in answer.json()["value"]]

    assert listed(group) == [above, below]
    assert listed(network) == [below]
    assert listed(network, **{"$filter": "atScope()"}) == [above, below]
    assert {above, below} <= set(listed(f"/subscriptions/{SUBSCRIPTION}"))


def test_a_contributor_removes_no_lock(emulator: AzureClients) -> None:
    group = emulator.group("rg-locked-for-contributors")
    lock = locked(emulator, group)
    trident = credentials.ensure_trident(emulator.paths)
    with emulator.as_principal(trident.client_id, trident.object_id) as contributor:
        assert contributor.delete(lock, params=VERSION).json()["error"]["code"] == "AuthorizationFailed"


def test_a_level_that_is_none_is_refused(emulator: AzureClients) -> None:
    lock = f"{emulator.group('rg-no-level')}/{LOCKS}/keep"
    assert emulator.http.put(lock, params=VERSION, json={"properties": {"level": "Half"}}).status_code == 400


def test_az_locks_lists_is_refused_and_unlocks(emulator: AzureClients) -> None:
    az = AzureCli(emulator.paths)
    emulator.group("rg-az-locks")
    network = ("-g", "rg-az-locks", "-n", "vnet")
    az("network", "vnet", "create", *network, "--address-prefixes", "10.9.0.0/16")
    resource = ("--resource-name", "vnet", "--resource-type", "Microsoft.Network/virtualNetworks")
    lock = ("-n", "keep", "-g", "rg-az-locks", *resource)
    assert az("lock", "create", *lock, "--lock-type", "CanNotDelete", "--notes", "ours")["notes"] == "ours"
    assert "(ScopeLocked) The scope" in az.refusal("network", "vnet", "delete", *network)
    assert "(ScopeLocked) The scope" in az.refusal("group", "delete", "-n", "rg-az-locks", "--yes")
    assert [each["name"] for each in az("lock", "list", "-g", "rg-az-locks")] == ["keep"]
    assert az("lock", "show", *lock)["level"] == "CanNotDelete"
    az("lock", "delete", *lock)
    az("group", "delete", "-n", "rg-az-locks", "--yes")
    assert az("group", "exists", "-n", "rg-az-locks") is False
