"""What the tests of Trident's volumes act on: a real API server, the emulator with the genuine clients, a backend."""

import threading
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox.azure.store import Store
from sandbox.control_plane import ControlPlane
from sandbox.faults import VOLUMES, Fault, clear_faults, set_fault
from sandbox.kube.api import KubeApi
from sandbox.kube.controller import Watches
from sandbox.kube.objects import Json, uid
from sandbox.nodes.lifecycle import apply_nodes
from sandbox.paths import SandboxPaths
from sandbox.services import AZURE, Services
from sandbox.testing.azure_clients import AzureClients
from sandbox.tools import ensure
from sandbox.trident.backends.backend import Backend, CapacityPool, Installation, Subnet
from sandbox.trident.backends.registry import Backends
from sandbox.trident.backends.spec import parse
from sandbox.trident.crds import API, CRDS, kinds
from sandbox.trident.durations import INSTANT
from sandbox.trident.volumes.volume_controller import COLLECTIONS, VolumeController
from tests.azure.names import SUBNET, SUBSCRIPTION
from tests.nodes.world import eventually
from tests.trident.world import ACCOUNT, GROUP, POOL, prepare_azure, served

UUID = "0b3a2c4e-6f0e-4d7c-9d36-0f3c1f0a8b55"
PARAMETERS = {
    "backendType": "azure-netapp-files",
    "trident.netapp.io/nasType": "smb",
    "csi.storage.k8s.io/node-stage-secret-name": "smbcreds",
    "csi.storage.k8s.io/node-stage-secret-namespace": "smb-dynamic",
}


class Claims:
    """StorageClasses of Trident's and claims of them, in one cluster."""

    def __init__(self, api: KubeApi) -> None:
        self.api = api

    def namespace(self, name: str = "") -> str:
        name = name or f"claims-{uuid.uuid4().hex[:8]}"
        self.api.create("/api/v1/namespaces", {"metadata": {"name": name}})
        return name

    def storage_class(self, **fields: Any) -> str:
        name = f"anf-sc-smb-{uuid.uuid4().hex[:8]}"
        body: Json = {
            "metadata": {"name": name},
            "provisioner": "csi.trident.netapp.io",
            "parameters": PARAMETERS,
            "reclaimPolicy": "Retain",
            "allowVolumeExpansion": True,
            **fields,
        }
        self.api.create("/apis/storage.k8s.io/v1/storageclasses", body)
        return name

    def claim(self, storage_class: str, size: str = "60Gi", namespace: str = "", **spec: Any) -> "ClaimOf":
        namespace = namespace or self.namespace()
        body: Json = {
            "accessModes": ["ReadWriteMany"],
            "storageClassName": storage_class,
            "resources": {"requests": {"storage": size}},
            **spec,
        }
        path = f"/api/v1/namespaces/{namespace}/persistentvolumeclaims"
        self.api.create(path, {"metadata": {"name": "anf-pvc-smb"}, "spec": body})
        return ClaimOf(self.api, namespace)


class VolumesWorld(Claims):
    """One cluster with Trident's kinds, one Azure with a pool, and a provisioner between them."""

    def __init__(self, paths: SandboxPaths, azure: AzureClients, api: KubeApi) -> None:
        super().__init__(api)
        self.paths = paths
        self.azure = azure
        self.store = Store(paths.arm_database)
        self.backends = Backends(api)
        self._watches = Watches(api, COLLECTIONS)
        self._controller = VolumeController(api, self._watches, self.backends, INSTANT)
        self._ends = threading.Event()

    # Trident itself.

    def backend(self, version: str = "26.06.0", **changes: Any) -> Backend:
        installation = Installation("trident", version)
        spec = {
            "version": 1,
            "storageDriverName": "azure-netapp-files",
            "backendName": "anf-smb",
            "subscriptionID": SUBSCRIPTION,
            "location": "koreacentral",
            "serviceLevel": "Standard",
            "nasType": "smb",
            "networkFeatures": "Standard",
            "credentials": {"name": "unused"},
            **changes,
        }
        return Backend(
            uuid=UUID,
            spec=parse(spec, "anf-smb", installation.release),
            minimum_volume_size=installation.minimum_volume_size,
            capacity_pools=(CapacityPool(GROUP, ACCOUNT, POOL, "Standard", "Auto", "koreacentral"),),
            subnets=(Subnet(SUBNET, GROUP, "vnet-anf", "anf"),),
            netapp=self.azure.netapp,
        )

    def start(self, version: str = "26.06.0", **changes: Any) -> None:
        """Trident's controller begins, its backend bound."""
        self.backends.installation = Installation("trident", version)
        self.backends.put(self.backend(version, **changes))
        eventually(lambda: self._controller.serving == self.backends.installation, "the controller serves")

    def stop(self) -> None:
        """Trident's controller ends: what it has in memory is lost."""
        self.backends.installation = None
        eventually(lambda: self._controller.serving is None, "the controller serves nobody")

    def run(self) -> None:
        ready = threading.Event()
        self._watches.start()
        threading.Thread(target=self._controller.run, args=(self._ends, ready), daemon=True).start()
        assert ready.wait(60)

    def end(self) -> None:
        self._ends.set()
        self._controller.interrupt()
        self.store.close()

    # Azure.

    def anf_volume(self, name: str) -> Any:
        """The volume in Azure; None where there is none."""
        listed = self.azure.netapp.volumes.list(GROUP, ACCOUNT, POOL)
        return next((volume for volume in listed if volume.creation_token == name), None)

    def slow(self, operation: Any, seconds: float) -> None:
        set_fault(self.store, Fault(VOLUMES, operation, "operation", code=None, delay=seconds))

    def fail(self, operation: Any, phase: Any, code: str, message: str, times: int = 1) -> None:
        status = 500 if phase == "operation" else 409
        set_fault(self.store, Fault(VOLUMES, operation, phase, status, code, message, times))


class ClaimOf:
    """A claim and what became of it."""

    def __init__(self, api: KubeApi, namespace: str) -> None:
        self.api = api
        self.namespace = namespace
        self.path = f"/api/v1/namespaces/{namespace}/persistentvolumeclaims/anf-pvc-smb"
        self.volume_name = f"pvc-{uid(api.get(self.path))}"

    def get(self) -> Json:
        return self.api.get(self.path)

    def bound(self) -> Json:
        def look() -> Json | None:
            claim = self.get()
            return claim if claim["status"]["phase"] == "Bound" else None

        return eventually(look, f"the claim is bound; {self.events()}")

    @property
    def pv_path(self) -> str:
        return f"/api/v1/persistentvolumes/{self.volume_name}"

    def pv(self) -> Json | None:
        return self.api.find(self.pv_path)

    def ask_for(self, size: str) -> None:
        self.api.merge(self.path, {"spec": {"resources": {"requests": {"storage": size}}}})

    def await_capacity(self, size: str) -> Json:
        def look() -> Json | None:
            claim = self.get()
            return claim if claim["status"]["capacity"]["storage"] == size else None

        return eventually(look, f"the claim has {size}; {self.events()}")

    def events(self) -> list[tuple[str, str, str]]:
        items: list[Json] = self.api.get(f"/api/v1/namespaces/{self.namespace}/events")["items"]
        return [(item["type"], item["reason"], item["message"]) for item in items]

    def await_event(self, reason: str, words: str) -> str:
        def look() -> str | None:
            return next((text for _, why, text in self.events() if why == reason and words in text), None)

        return eventually(look, f"an event {reason} with {words!r}")

    def delete(self) -> None:
        self.api.delete(self.path)
        eventually(lambda: self.api.find(self.path) is None, "the claim's end")


@contextmanager
def volumes_world(folder: Path) -> Generator[VolumesWorld]:
    """A running world without a provisioner."""
    paths = SandboxPaths(folder)
    plane, arm = ControlPlane(paths, ensure()), Services(paths, [AZURE])
    try:
        arm.start()
        azure = AzureClients(paths)
        prepare_azure(azure)
        plane.up()
        apply_nodes(paths.kubeconfig)
        api = KubeApi(paths.kubeconfig)
        for kind in kinds((26, 6)):
            api.create(CRDS, kind.definition())
        api.create("/api/v1/namespaces", {"metadata": {"name": "trident"}})
        volumes = VolumesWorld(paths, azure, api)
        for kind in kinds((26, 6)):
            eventually(lambda kind=kind: served(api, f"{API}/{kind.plural}"), "Trident's kinds are served")
        volumes.run()
        yield volumes
        volumes.end()
    finally:
        arm.stop()
        plane.delete()


@contextmanager
def serving(world: VolumesWorld, version: str = "26.06.0", **changes: Any) -> Generator[VolumesWorld]:
    """The world with its provisioner, and without faults that a test has left."""
    clear_faults(world.store)
    world.start(version, **changes)
    try:
        yield world
    finally:
        world.stop()
        clear_faults(world.store)
