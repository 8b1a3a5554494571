"""Backend configs on a cluster with Trident: bound, refused, updated, deleted."""

import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from sandbox.azure.entra import credentials
from sandbox.kube.api import NotFoundError
from sandbox.trident.crds import API, FINALIZER
from tests.nodes.world import eventually
from tests.trident.world import NAMESPACE, TridentSandbox, logs


@pytest.fixture
def backend(trident: TridentSandbox) -> Iterator[TridentSandbox]:
    """No backend before, and none after."""
    trident.secret()
    yield trident
    for item in trident.api.get(f"{API}/namespaces/{NAMESPACE}/tridentvolumes")["items"]:
        remove(trident, f"{API}/namespaces/{NAMESPACE}/tridentvolumes/{item['metadata']['name']}")
    for item in trident.api.get(f"{API}/namespaces/{NAMESPACE}/tridentbackendconfigs")["items"]:
        path = trident.config_path(item["metadata"]["name"])
        trident.api.delete(path)
        trident.await_gone(path)
    for item in trident.backends():
        remove(trident, f"{API}/namespaces/{NAMESPACE}/tridentbackends/{item['metadata']['name']}")


def remove(trident: TridentSandbox, path: str) -> None:
    with suppress(NotFoundError):
        trident.api.merge(path, {"metadata": {"finalizers": None}})
        trident.api.delete(path)


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


def test_places_given_in_full_are_found(backend: TridentSandbox) -> None:
    bound(
        backend,
        resourceGroups=["rg-anf"],
        netappAccounts=["rg-anf/account-rg-anf"],
        capacityPools=["rg-anf/account-rg-anf/pool-dev"],
        virtualNetwork="rg-anf/vnet-rg-anf",
        subnet="rg-anf/vnet-rg-anf/anf",
    )


FAILED = "Failed to create backend: "
INITIALIZING = (
    f"{FAILED}problem initializing storage driver 'azure-netapp-files': error initializing "
    "azure-netapp-files SDK client. "
)
NO_POOL = f"{INITIALIZING}no capacity pools found for storage pool anf-smb_pool"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"clientID": "a", "clientSecret": "b"},
            f"{FAILED}unsupported config error; input contains forbidden attributes: [ClientID ClientSecret]",
        ),
        ({"serviceLevel": "Ultra"}, NO_POOL),
        ({"serviceLevel": "Flexible"}, NO_POOL),
        ({"capacityPools": ["rg-anf/account-rg-anf/other"]}, NO_POOL),
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
    assert backend.find(backend.config_path()) is not None
    backend.configure(deletionPolicy="delete")
    backend.await_gone(backend.config_path())


def test_a_wrong_secret_is_refused_by_the_token_endpoint_and_heals_when_it_is_right(backend: TridentSandbox) -> None:
    backend.secret(clientSecret="not-the-secret")
    backend.configure()
    status = backend.await_config("", "Failed", "ClientSecretCredential authentication failed.")
    assert "AADSTS7000215: Invalid client secret provided" in status["message"]
    assert status["message"].startswith(INITIALIZING)
    assert "no capacity pools found for storage pool anf-smb_pool" in status["message"]
    assert "not-the-secret" not in status["message"]
    backend.secret()
    backend.await_config("Bound", "Success")


def test_a_secret_without_its_fields(backend: TridentSandbox) -> None:
    backend.secret(clientSecret="")
    backend.configure()
    backend.await_config(
        "", "Failed", "could not inject backend secret; ClientSecret field missing from backend secrets"
    )


def test_without_credentials_azure_refuses(backend: TridentSandbox) -> None:
    backend.configure(credentials=None)
    backend.await_config("", "Failed", "Authentication failed. The 'Authorization' header is missing.")


def test_a_pool_that_comes_later_is_found(backend: TridentSandbox) -> None:
    name = f"late-{uuid.uuid4().hex[:6]}"
    backend.configure(capacityPools=[f"rg-anf/account-rg-anf/{name}"])
    backend.await_config("", "Failed", "no capacity pools found")
    backend.pool("rg-anf", name)
    backend.await_config("Bound", "Success")


def test_the_level_may_be_written_in_any_case_but_the_nas_type_may_not(backend: TridentSandbox) -> None:
    """`SMB` binds, and no class that asks for smb is ever satisfied: the driver compares letters."""
    bound(backend, serviceLevel="standard", nasType="SMB")


def test_an_update_is_made_and_a_refused_one_keeps_the_backend(backend: TridentSandbox) -> None:
    first = bound(backend)["backendInfo"]
    backend.configure(networkFeatures="Standard")
    status = backend.await_config("Bound", "Success", "Backend 'anf-smb' updated")
    assert status["backendInfo"] == first
    backend.configure(serviceLevel="Ultra")
    message = (
        "Failed to apply the backend update; problem initializing storage driver 'azure-netapp-files': error "
        "initializing azure-netapp-files SDK client. no capacity pools found for storage pool anf-smb_pool"
    )
    assert backend.await_config("Bound", "Failed", message)["backendInfo"] == first
    assert [tbe["state"] for tbe in backend.backends()] == ["online"]


def test_a_config_and_its_backend_are_deleted(backend: TridentSandbox) -> None:
    bound(backend)
    backend.api.delete(backend.config_path())
    backend.await_gone(backend.config_path())
    assert backend.backends() == []


def volume(trident: TridentSandbox, backend_uuid: str) -> str:
    """A volume on a backend, as Trident remembers it."""
    name = f"pvc-{uuid.uuid4()}"
    path = f"{API}/namespaces/{NAMESPACE}/tridentvolumes/{name}"
    body = {
        "apiVersion": "trident.netapp.io/v1",
        "kind": "TridentVolume",
        "metadata": {"name": name, "finalizers": [FINALIZER]},
        "backendUUID": backend_uuid,
        "pool": "anf-smb_pool",
        "config": {"size": "107374182400"},
        "state": "online",
    }
    trident.apply(path, body)
    return path


def test_a_backend_with_volumes_stays_until_they_are_gone(backend: TridentSandbox) -> None:
    path = volume(backend, bound(backend)["backendInfo"]["backendUUID"])
    backend.api.delete(backend.config_path())
    backend.await_config("Deleting", "Success")
    words = "Backend is in a deleting state, cannot proceed with the TridentBackendConfig deletion. "
    assert backend.await_config("Deleting", "Success", words)["message"] == words
    [tbe] = backend.backends()
    assert (tbe["state"], tbe["online"]) == ("deleting", False)
    remove(backend, path)
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


def test_a_backend_that_was_removed_by_hand_is_lost(backend: TridentSandbox) -> None:
    bound(backend)
    [tbe] = backend.backends()
    remove(backend, f"{API}/namespaces/{NAMESPACE}/tridentbackends/{tbe['metadata']['name']}")
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
    assert secret not in logs(backend)
