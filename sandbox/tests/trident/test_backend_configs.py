"""Backend configs on a cluster with Trident: bound, refused, updated, deleted."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.azure.entra import credentials
from sandbox.trident.crds import API, FINALIZER, delete_objects
from tests.nodes.world import eventually
from tests.trident.world import NAMESPACE, SECRET, TridentSandbox


@pytest.fixture
def backend(trident: TridentSandbox) -> Iterator[TridentSandbox]:
    """No backend before, and none after."""
    trident.secret()
    yield trident
    delete_objects(trident.api, "tridentvolumes")
    for item in trident.api.get(f"{API}/namespaces/{NAMESPACE}/tridentbackendconfigs")["items"]:
        path = trident.config_path(item["metadata"]["name"])
        trident.api.delete(path)
        trident.await_gone(path)
    delete_objects(trident.api, "tridentbackends")


def bound(trident: TridentSandbox, **changes: Any) -> dict[str, Any]:
    trident.configure(**changes)
    return trident.await_config("Bound", "Success")


def test_the_documented_config_is_bound(backend: TridentSandbox) -> None:
    status = bound(backend)
    assert status["message"] == "Backend 'anf-smb' created"
    assert status["deletionPolicy"] == "delete"
    assert status["backendInfo"]["backendName"] == "anf-smb"
    [tbe] = backend.backends()
    assert tbe["metadata"]["name"].startswith("tbe-")
    assert tbe["metadata"]["finalizers"] == [FINALIZER]
    assert (tbe["backendUUID"], tbe["state"], tbe["online"]) == (status["backendInfo"]["backendUUID"], "online", True)
    config = backend.config()
    assert config["metadata"]["finalizers"] == [FINALIZER]
    assert tbe["configRef"] == config["metadata"]["uid"]
    eventually(lambda: "Backend 'anf-smb' created" in backend.events(NAMESPACE, "Success"), "an event")
    backend.api.delete(backend.config_path())
    backend.await_gone(backend.config_path())
    assert backend.backends() == []


@pytest.mark.parametrize(
    "changes",
    [
        {
            "resourceGroups": ["rg-anf"],
            "netappAccounts": ["rg-anf/anf-dev"],
            "capacityPools": ["rg-anf/anf-dev/pool-dev"],
            "virtualNetwork": "rg-anf/vnet-anf",
            "subnet": "rg-anf/vnet-anf/anf",
        },
        # `SMB` binds, and no class that asks for smb is ever satisfied: the driver compares letters.
        {"serviceLevel": "standard", "nasType": "SMB"},
    ],
)
def test_places_in_full_and_a_level_in_any_case_are_bound(backend: TridentSandbox, changes: dict[str, Any]) -> None:
    bound(backend, **changes)


FAILED = "Failed to create backend: "
INITIALIZING = (
    f"{FAILED}problem initializing storage driver 'azure-netapp-files': error initializing "
    "azure-netapp-files SDK client. "
)
NO_POOL = f"{INITIALIZING}no capacity pools found for storage pool anf-smb_pool"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"clientID": "a"}, f"{FAILED}unsupported config error; input contains forbidden attributes: [ClientID]"),
        ({"serviceLevel": "Ultra"}, NO_POOL),
        ({"capacityPools": ["rg-anf/anf-dev/other"]}, NO_POOL),
        ({"resourceGroups": ["rg-other"]}, NO_POOL),
        ({"defaults": {"qosType": "Manual"}}, NO_POOL),
        ({"location": "eastus"}, f"{INITIALIZING}capacity pool query returned no data; no capacity pools found"),
        ({"location": None}, f"{INITIALIZING}location must be specified in the config"),
        ({"credentials": {"name": "absent"}}, f"{FAILED}backend credentials not found"),
        (
            {"networkFeatures": "Fast"},
            "error validating azure-netapp-files driver. invalid value for networkFeatures in pool anf-smb_pool",
        ),
    ],
)
def test_what_trident_refuses(backend: TridentSandbox, changes: dict[str, Any], message: str) -> None:
    backend.configure(**changes)
    status = backend.await_config("", "Failed", message)
    assert status["backendInfo"] == {"backendName": "", "backendUUID": ""}
    eventually(lambda: any(message[:200] in event for event in backend.events(NAMESPACE, "Failed")), "an event")
    assert backend.backends() == []


def test_a_config_with_an_unknown_deletion_policy_cannot_even_be_deleted(backend: TridentSandbox) -> None:
    backend.configure(deletionPolicy="keep")
    backend.await_config("", "Failed", "Failed to process backend: invalid deletion policy applied: keep")
    backend.api.delete(backend.config_path())
    assert backend.api.find(backend.config_path()) is not None
    backend.configure(deletionPolicy="delete")
    backend.await_gone(backend.config_path())


def test_a_wrong_secret_is_refused_by_the_token_endpoint_and_heals_when_it_is_right(backend: TridentSandbox) -> None:
    backend.secret(clientSecret="not-the-secret")
    backend.configure()
    status = backend.await_config("", "Failed", "ClientSecretCredential authentication failed.")
    assert "AADSTS7000215: Invalid client secret provided" in status["message"]
    assert status["message"].startswith(INITIALIZING)
    assert "no capacity pools found for storage pool anf-smb_pool" in status["message"]
    assert "RESPONSE 401: 401 Unauthorized" in status["message"]
    assert {'"error": "invalid_client"', '"error_codes": ['} <= {
        each.strip(" ,") for each in status["message"].split("\n")
    }
    assert "#client-secret; no capacity pools found" in status["message"]
    assert "not-the-secret" not in status["message"]
    backend.secret()
    backend.await_config("Bound", "Success")


def test_a_secret_without_its_fields(backend: TridentSandbox) -> None:
    backend.secret(clientSecret="")
    backend.configure()
    backend.await_config(
        "", "Failed", "could not inject backend secret; ClientSecret field missing from backend secrets"
    )


def test_a_tenant_that_can_be_none_stops_no_other_backend(backend: TridentSandbox) -> None:
    backend.configure("one", backendName="one", tenantID="not a tenant")
    backend.configure("two", backendName="two")
    status = backend.await_config("", "Failed", "error creating azure auth provider: invalid tenantID. You", name="one")
    assert status["message"].startswith(INITIALIZING)
    backend.await_config("Bound", "Success", name="two")


def test_a_secret_whose_values_are_empty_signs_nobody_in(backend: TridentSandbox) -> None:
    path = f"/api/v1/namespaces/{NAMESPACE}/secrets"
    backend.api.delete(f"{path}/{SECRET}")
    backend.api.create(path, {"metadata": {"name": SECRET}, "data": {"clientID": "", "clientSecret": ""}})
    backend.configure()
    backend.await_config("", "Failed", "Authentication failed. The 'Authorization' header is missing.")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sdkTimeout": "soon"}, 'error initializing azure-netapp-files SDK client. strconv.ParseInt: parsing "soon"'),
        ({"volumeCreateTimeout": "long"}, "problem initializing storage driver 'azure-netapp-files': strconv.ParseInt"),
        ({"userState": "asleep"}, "Failed to create backend: invalid user backend state provided: asleep, allowed"),
    ],
)
def test_settings_that_are_refused_at_their_place(backend: TridentSandbox, changes: dict[str, Any], words: str) -> None:
    backend.configure(**changes)
    backend.await_config("", "Failed", words)


def test_a_suspended_backend_stays_so_until_its_config_says_otherwise(backend: TridentSandbox) -> None:
    bound(backend, userState="suspended")
    backend.configure(userState=None, labels={"of": "another"})
    backend.await_config("Bound", "Success", "updated")
    assert [each["userState"] for each in backend.backends()] == ["suspended"]
    bound(backend, userState="NORMAL")
    eventually(lambda: [each["userState"] for each in backend.backends()] == ["normal"], "the state")


def test_a_deletion_policy_in_another_case_leaves_the_backend_behind(backend: TridentSandbox) -> None:
    bound(backend, deletionPolicy="Delete")
    backend.api.delete(backend.config_path())
    backend.await_gone(backend.config_path())
    assert [each["state"] for each in backend.backends()] == ["online"]


def test_without_credentials_azure_refuses(backend: TridentSandbox) -> None:
    backend.configure(credentials=None)
    backend.await_config("", "Failed", "Authentication failed. The 'Authorization' header is missing.")


def test_a_pool_that_comes_later_is_found(backend: TridentSandbox) -> None:
    name = f"late-{uuid.uuid4().hex[:6]}"
    backend.configure(capacityPools=[f"rg-anf/anf-dev/{name}"])
    backend.await_config("", "Failed", "no capacity pools found")
    backend.pool(name)
    backend.await_config("Bound", "Success")


def test_an_update_is_made_and_a_refused_one_keeps_the_backend(backend: TridentSandbox) -> None:
    first = bound(backend)["backendInfo"]
    backend.configure(networkFeatures="Standard")
    status = backend.await_config("Bound", "Success", "Backend 'anf-smb' updated")
    assert status["backendInfo"] == first
    backend.configure(serviceLevel="Ultra")
    message = NO_POOL.replace(FAILED, "Failed to apply the backend update; ")
    assert backend.await_config("Bound", "Failed", message)["backendInfo"] == first
    assert [tbe["state"] for tbe in backend.backends()] == ["online"]


def test_a_backend_with_volumes_stays_until_they_are_gone(backend: TridentSandbox) -> None:
    volume = f"pvc-{uuid.uuid4()}"
    body = {
        "apiVersion": "trident.netapp.io/v1",
        "kind": "TridentVolume",
        "metadata": {"name": volume, "finalizers": [FINALIZER]},
        "backendUUID": bound(backend)["backendInfo"]["backendUUID"],
    }
    backend.apply(f"{API}/namespaces/{NAMESPACE}/tridentvolumes/{volume}", body)
    backend.api.delete(backend.config_path())
    backend.await_config("Deleting", "Success")
    words = "Backend is in a deleting state, cannot proceed with the TridentBackendConfig deletion. "
    assert backend.await_config("Deleting", "Success", words)["message"] == words
    [tbe] = backend.backends()
    assert (tbe["state"], tbe["online"]) == ("deleting", False)
    delete_objects(backend.api, "tridentvolumes")
    backend.await_gone(backend.config_path())
    assert backend.backends() == []


def test_a_retained_backend_is_found_again_by_its_name(backend: TridentSandbox) -> None:
    first = bound(backend, deletionPolicy="retain")["backendInfo"]
    backend.api.delete(backend.config_path())
    backend.await_gone(backend.config_path())
    assert [tbe["configRef"] for tbe in backend.backends()] == [""]
    assert bound(backend)["backendInfo"] == first


def test_a_config_that_was_made_again_does_not_get_the_backend_of_the_first(backend: TridentSandbox) -> None:
    bound(backend)
    first = backend.config()["metadata"]["uid"]
    other = "another"
    backend.configure(other)
    message = (
        f"{FAILED}backend 'anf-smb' update initiated using an invalid configRef, it is associated "
        f"with configRef '{first}' and not '{backend.config(other)['metadata']['uid']}'"
    )
    backend.await_config("", "Failed", message, name=other)
    [tbe] = backend.backends()
    path = f"/apis/trident.netapp.io/v1/namespaces/{NAMESPACE}/tridentbackends/{tbe['metadata']['name']}"
    backend.api.merge(path, {"configRef": ""})  # the controller has it in memory
    backend.api.merge(backend.config_path(other), {"spec": {"labels": {"looked-at": "anew"}}})
    backend.await_config("", "Failed", message, name=other)
    assert backend.backends()[0]["configRef"] == ""
    [pod] = backend.pods("controller.csi.trident.netapp.io")
    backend.api.delete(f"/api/v1/namespaces/{NAMESPACE}/pods/{pod['metadata']['name']}")
    backend.await_config("Bound", "Success", "Backend 'anf-smb' created", name=other)


def test_a_backend_that_was_removed_by_hand_is_lost(backend: TridentSandbox) -> None:
    bound(backend)
    delete_objects(backend.api, "tridentbackends")
    backend.configure(networkFeatures="Standard")
    message = "Failed to apply the backend update; could not find backend during update"
    backend.await_config("Lost", "Failed", message)


def test_a_restart_keeps_the_backend(backend: TridentSandbox) -> None:
    first = bound(backend)["backendInfo"]
    backend.service.stop()
    backend.service.start()
    assert backend.await_config("Bound", "Success", "Backend 'anf-smb' updated")["backendInfo"] == first
    assert len(backend.backends()) == 1


def test_no_secret_is_shown_anywhere(backend: TridentSandbox) -> None:
    secret = credentials.ensure_trident(backend.paths).client_secret
    bound(backend)
    shown = [backend.config(), *backend.backends(), *backend.api.get(f"/api/v1/namespaces/{NAMESPACE}/events")["items"]]
    assert secret not in repr(shown)
    assert secret not in Path(backend.service.log).read_text()
