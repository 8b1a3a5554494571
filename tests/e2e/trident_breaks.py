"""Changes that break one link of the dynamic way, and fix it."""

from contextlib import contextmanager

from sandbox.testing import AzureClients, Json, ResourceId
from tests.e2e.live_stack import BACKEND_CONFIG, DYNAMIC, DYNAMIC_CLAIM, TRIDENT, LiveStack, claim_path, eventually
from tests.e2e.stack_breaks import Break, Broken

_ORCHESTRATOR = f"{TRIDENT}/tridentorchestrators/trident"
_STORAGE_CLASS = "/apis/storage.k8s.io/v1/storageclasses/anf-sc-smb"
_FEDERATION = "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials"
_TRIGGER: Json = {"spec": {"labels": {"looked-at": "anew"}}}


def changed_config(**spec: object) -> Break:
    """Change the TridentBackendConfig so that Trident rejects it."""

    @contextmanager
    def broken(live: LiveStack) -> Broken:
        # `up` takes back the fields that kubectl has set, and is refused those of any other manager.
        live.api.merge(f"{BACKEND_CONFIG}?fieldManager=kubectl-edit", {"spec": spec})
        yield
        await_bound(live)

    return broken


@contextmanager
def orchestrator_failed(live: LiveStack) -> Broken:
    fix = live.merge(_ORCHESTRATOR, {"spec": {"namespace": "elsewhere"}})
    yield
    fix()
    await_installed(live)


def await_installed(live: LiveStack) -> None:
    def installed() -> bool:
        return ((live.find(_ORCHESTRATOR) or {}).get("status") or {}).get("status") == "Installed"

    eventually(installed, "the TridentOrchestrator is Installed")
    await_bound(live)


@contextmanager
def config_terminating(live: LiveStack) -> Broken:
    """Delete the TridentBackendConfig while its backend has a volume."""
    live.api.delete(BACKEND_CONFIG)
    yield
    await_bound(live)


@contextmanager
def config_recreated(live: LiveStack) -> Broken:
    """Replace the TridentBackendConfig by force, and leave Trident's backend as it is."""
    live.remember(BACKEND_CONFIG)
    live.api.delete(BACKEND_CONFIG)
    live.api.merge(BACKEND_CONFIG, {"metadata": {"finalizers": None}})
    eventually(lambda: live.find(BACKEND_CONFIG) is None, "the config is gone")
    live.create(BACKEND_CONFIG)
    yield
    await_bound(live)


def await_bound(live: LiveStack) -> None:
    def bound() -> bool:
        status = (live.find(BACKEND_CONFIG) or {}).get("status") or {}
        return (status.get("phase"), status.get("lastOperationStatus")) == ("Bound", "Success")

    eventually(bound, "the TridentBackendConfig is Bound, Success")


@contextmanager
def roles_missing(live: LiveStack) -> Broken:
    """Remove the roles of Trident's identity in the resource group, and restart its controller."""
    azure = AzureClients(live.paths).http
    group = live.outputs.pool_id.partition("/providers/")[0]
    version = {"api-version": "2022-04-01"}
    listed = azure.get(f"{group}/providers/Microsoft.Authorization/roleAssignments", params=version).json()["value"]
    taken = [each for each in listed if each["properties"]["scope"] == group]
    assert taken
    for each in taken:
        azure.delete(each["id"], params=version).raise_for_status()
    revert = live.merge(BACKEND_CONFIG, _TRIGGER)
    yield
    await_bound(live)
    revert()


@contextmanager
def trust_missing(live: LiveStack) -> Broken:
    """Remove the federated credential of Trident's ServiceAccount."""
    taken = live.store.of_type(_FEDERATION)
    assert taken
    for each in taken:
        live.store.remove(each.id.key)
    revert = live.merge(BACKEND_CONFIG, _TRIGGER)
    yield
    await_bound(live)
    revert()


@contextmanager
def orchestrator_missing(live: LiveStack) -> Broken:
    live.delete(_ORCHESTRATOR)
    yield
    await_installed(live)


@contextmanager
def storage_class_wrong(live: LiveStack) -> Broken:
    """Replace the StorageClass by one whose claims cannot grow."""
    live.delete(_STORAGE_CLASS)
    live.create(_STORAGE_CLASS, lambda body: body.update(allowVolumeExpansion=False))
    yield


@contextmanager
def backend_deleted(live: LiveStack) -> Broken:
    """Delete the TridentBackend by force, and let its config be looked at."""
    backends = f"{TRIDENT}/namespaces/trident/tridentbackends"
    for backend in live.api.get(backends)["items"]:
        path = f"{backends}/{backend['metadata']['name']}"
        live.api.merge(path, {"metadata": {"finalizers": None}})
        live.api.delete(path)
    live.merge(BACKEND_CONFIG, _TRIGGER)
    yield
    await_bound(live)
    # The volumes still name the deleted backend, so that Trident attaches them to no further node.
    (backend,) = live.api.get(backends)["items"]
    volumes = f"{TRIDENT}/namespaces/trident/tridentvolumes"
    for volume in live.api.get(volumes)["items"]:
        live.api.merge(f"{volumes}/{volume['metadata']['name']}", {"backendUUID": backend["backendUUID"]})


@contextmanager
def claims_volume_deleted(live: LiveStack) -> Broken:
    """Remove the volume of the claim from Azure, as somebody with rights there can."""
    claim = live.api.get(claim_path(DYNAMIC, DYNAMIC_CLAIM))
    volume = live.api.get(f"/api/v1/persistentvolumes/{claim['spec']['volumeName']}")
    live.store.remove(ResourceId.parse(volume["spec"]["csi"]["volumeAttributes"]["internalID"]).key)
    yield
    live.await_pod(DYNAMIC)
