"""The creation of a volume: its configuration, its backend and pool, and the answer when none takes it.

Sources: addVolumeInitial and getProtocol in core; Create, waitForVolumeCreate and CreateFollowup in
storage_drivers/azure/azure_anf.go; GetVolumeConfig in frontend/csi/controller_helpers/kubernetes/helper.go
(NetApp/trident). A later attempt goes on with a volume that Azure is creating: it finds it by its share's name. A claim
that is deleted meanwhile leaves its volume behind.
"""

import json
import logging
import random
from collections.abc import Mapping
from typing import Any, Final

from sandbox.kube.objects import Json, key
from sandbox.trident.backends.backend import Backend
from sandbox.trident.backends.registry import Backends, TridentVolume
from sandbox.trident.backends.spec import DRIVER, BackendError
from sandbox.trident.names import PROVISIONER
from sandbox.trident.sizes import parse_quantity, parse_setting, whole_gib
from sandbox.trident.versions import release
from sandbox.trident.volumes.anf_volumes import AVAILABLE, CREATING, DELETING, FAILED, AnfError, AnfVolume, AnfVolumes

logger = logging.getLogger(__name__)

_SAYS_WHY_SINCE: Final = (24, 6)
"""Before, waitForVolumeCreate gave no error for a volume that failed, and CreateFollowup found it on its way out."""
_SECURE_SMB_SINCE: Final = (25, 6)
_STAGE_SECRET: Final = ("csi.storage.k8s.io/node-stage-secret-name", "csi.storage.k8s.io/node-stage-secret-namespace")
_PREFIX: Final = "trident.netapp.io/"
_NOT_PLAYED_ANNOTATIONS: Final = {
    "cloneFromPVC": "clones",
    "cloneFromSnapshot": "clones",
    "importOriginalName": "imports",
    "shareFromPVC": "shared volumes",
}
_EMPTY: Final = {
    **dict.fromkeys(("spaceReserve", "securityStyle", "blockSize", "encryption", "splitOnClone"), ""),
    **dict.fromkeys(("cloneSourceVolume", "cloneSourceVolumeInternal"), ""),
    **dict.fromkeys(("cloneSourceSnapshot", "cloneSourceSnapshotInternal"), ""),
    **dict.fromkeys(("shareSourceVolume", "skipRecoveryQueue"), ""),
    "readOnlyClone": False,
}
"""What a TridentVolume's config has, though this driver sets none of it (VolumeConfig in storage/volume.go)."""
_SHARED_BLOCK: Final = ("Filesystem", "ReadWriteMany", "block")
_POOLS: Final = ("selector", "additionalStoragePools", "requiredStorage", "excludeStoragePools")
"""Parameters that choose among a backend's pools: not played."""


class CreationError(Exception):
    """Why there is no volume, in Trident's words, with the code of the answer to the sidecar."""

    def __init__(self, text: str, code: str = "Unknown") -> None:
        super().__init__(text)
        self.code = code


class Creation:
    """Creates volumes for one installation of Trident."""

    def __init__(self, backends: Backends, poll: float, telemetry: Mapping[str, str]) -> None:
        self._backends = backends
        self._poll = poll
        self._telemetry = telemetry
        self._operations: dict[str, str] = {}
        """Where a creation can be followed, by the volume's name; lost with the process, as Trident's pollers are."""

    def create(self, config: Json, parameters: Mapping[str, str]) -> TridentVolume:
        """Create a volume, or go on with one that is being created; raise CreationError where there is none yet."""
        backends = self._backends.fitting(parameters)
        if not backends or _protocol(config) == "block":  # a file server has no block devices
            raise CreationError(f"no available backends for storage class {config['storageClass']}")
        random.shuffle(backends)
        name = str(config["name"])
        problems: list[tuple[Backend, CreationError]] = []
        empty: list[Backend] = []
        for backend in backends:
            try:
                backend, anf, present = self._look(name, backend)  # noqa: PLW2901
            except CreationError as error:
                problems.append((backend, error))
                continue
            if present is not None:
                return self._finish(config, backend, anf, present, "still ")
            empty.append(backend)
        for backend in empty:
            anf = AnfVolumes(backend, self._poll)
            try:
                return self._finish(config, backend, anf, self._begin(config, backend, anf), "")
            except CreationError as error:
                if error.code == "DeadlineExceeded":
                    raise
                problems.append((backend, error))
        listed = "; ".join(
            f"[Failed to create volume {name} on storage pool {backend.spec.pool_name} from backend {backend.name}: "
            f"{problem}]"
            for backend, problem in problems
        )
        coded = next((problem.code for _, problem in problems if problem.code != "Unknown"), "Unknown")
        raise CreationError(f"encountered error(s) in creating the volume: {listed}", coded)

    def _look(self, name: str, backend: Backend) -> tuple[Backend, AnfVolumes, AnfVolume | None]:
        """Return the backend after a discovery, and the volume that an earlier attempt has begun there."""
        if backend.user_state == "suspended":
            raise CreationError(f"volume is not created because the backend {backend.name} is suspended")
        try:
            backend = self._backends.refresh(backend)
        except BackendError as error:
            raise CreationError(f"could not update ANF resource cache; {error}") from error
        anf = AnfVolumes(backend, self._poll)
        try:
            return backend, anf, anf.find_share(name)
        except AnfError as error:
            raise CreationError(f"error checking for existing volume {name}; {error}") from error

    def _begin(self, config: Json, backend: Backend, anf: AnfVolumes) -> AnfVolume:
        """Ask Azure for the volume, in one capacity pool after the other until one takes it."""
        spec, name = backend.spec, str(config["name"])
        if spec.nas_type != "smb":
            raise CreationError("the sandbox's Trident makes no NFS volumes: set the backend's nasType to smb")
        properties = _properties(config, backend)
        if not backend.subnets:
            raise CreationError(f"no subnets found for storage pool {spec.pool_name}")
        if not backend.capacity_pools:
            raise CreationError(f"no capacity pools found for storage pool {spec.pool_name}")
        properties["subnetId"] = random.choice(backend.subnets).id  # noqa: S311  Trident's own choice is as random
        labels = {**self._telemetry, "backendUUID": backend.uuid, "platform": "kubernetes", "plugin": DRIVER}
        tags = {"trident": json.dumps({"trident": labels}, separators=(",", ":")), "provisioning": spec.labels_json}
        problems: list[str] = []
        for pool in random.sample(backend.capacity_pools, len(backend.capacity_pools)):
            try:
                self._operations[name] = anf.create(name, pool, properties, tags)
            except AnfError as error:
                problems.append(f"ANF pool {pool.name}; error creating volume {name}: {error}")
                continue
            try:
                begun = anf.find(anf.id(name, pool))
            except AnfError as error:
                raise CreationError(f"could not get volume status; {error}") from error
            if begun is None:
                raise CreationError("could not get volume status; volume not found")
            return begun
        raise CreationError("; ".join(problems))

    def _finish(self, config: Json, backend: Backend, anf: AnfVolumes, volume: AnfVolume, still: str) -> TridentVolume:
        """Record a volume that serves; delete one that failed, so that another attempt may succeed."""
        name = str(config["name"])
        if volume.state in CREATING:
            raise CreationError(f"volume state is {still}{volume.state}, not {AVAILABLE}", "DeadlineExceeded")
        if volume.state != AVAILABLE:
            raise CreationError(self._failure(name, anf, volume))
        if not volume.server:
            raise CreationError(f"volume {name} has no mount targets")
        self._operations.pop(name, None)
        made = {
            **_EMPTY,
            **config,
            "internalID": volume.id,
            "size": str(volume.size),
            "protocol": "file",
            "fileSystem": "smb",
            "accessInformation": {"smbServer": volume.server, "smbPath": f"\\{volume.creation_token}"},
        }
        recorded = TridentVolume(name, backend.uuid, backend.spec.pool_name, made)
        self._backends.record(recorded)
        return recorded

    def _failure(self, name: str, anf: AnfVolumes, volume: AnfVolume) -> str:
        text = f"volume state is {volume.state}, not {AVAILABLE}"
        if volume.state == FAILED:
            operation = self._operations.pop(name, "")
            text = (anf.failure(operation) if operation else "") or text
            try:
                anf.delete(volume.id)
            except AnfError as error:
                return f"{text}; {error}"
            if release(self._telemetry["version"]) < _SAYS_WHY_SINCE:
                return f"volume {name} is in {DELETING} state, not {AVAILABLE}"
        elif volume.state != DELETING:
            logger.error("unexpected volume state %s found for volume %s", volume.state, name)
        return text


def _protocol(config: Json) -> str:
    """Return the protocol of a volume, as getProtocol in core finds it; raise CreationError for what does not fit."""
    mode, access, protocol = (str(config[name]) for name in ("volumeMode", "accessMode", "protocol"))
    if protocol not in {"", "file", "block"}:
        raise CreationError(f"invalid volume mode ({mode}), access mode ({access}) or protocol ({protocol})")
    if (mode == "Block" and protocol == "file") or (mode, access, protocol) == _SHARED_BLOCK:
        raise CreationError(f"incompatible volume mode ({mode}), access mode ({access}) and protocol ({protocol})")
    return "block" if mode == "Block" else protocol


def _properties(config: Json, backend: Backend) -> dict[str, Any]:
    spec = backend.spec
    size = whole_gib(max(int(config["size"]) or parse_setting(spec.size), backend.minimum_volume_size))
    check_limit(size, backend)
    properties: dict[str, Any] = {
        "creationToken": config["name"],
        "usageThreshold": size,
        "exportPolicy": {"rules": []},
        "protocolTypes": ["CIFS"],
        "snapshotDirectoryVisible": (config["snapshotDirectory"] or spec.snapshot_directory).lower() == "true",
        "kerberosEnabled": False,
        "networkFeatures": spec.network_features,
    }
    if spec.qos_type == "Manual":
        properties["throughputMibps"] = float(spec.max_throughput)
    return properties


def check_limit(size: int, backend: Backend) -> None:
    limit = backend.spec.limit_volume_size
    if limit and size > parse_setting(limit):
        text = f"unsupported capacity range; requested size: {size} > the size limit: {parse_setting(limit)}"
        raise CreationError(text, "OutOfRange")


def volume_config(claim: Json, storage_class: Json, name: str, release: tuple[int, int]) -> Json:
    """Return a volume's configuration, by the keys of a TridentVolume's `config`."""
    namespace, claim_name = key(claim)
    if claim.get("status", {}).get("phase") != "Pending":
        raise CreationError(f"PVC {claim_name} is not in Pending state")
    class_name = key(storage_class)[1]
    if storage_class["provisioner"] != PROVISIONER:
        raise CreationError(f"the provisioner for storage class {class_name} is not {PROVISIONER}")
    parameters: dict[str, str] = storage_class.get("parameters") or {}
    secrets = [parameters.get(parameter) for parameter in _STAGE_SECRET]
    if release >= _SECURE_SMB_SINCE and parameters.get("trident.netapp.io/nasType") == "smb" and not all(secrets):
        raise CreationError(
            f"missing required parameters {_STAGE_SECRET[0]} and {_STAGE_SECRET[1]} for secure SMB access control"
        )
    for parameter in parameters:
        if parameter.removeprefix(_PREFIX) in _POOLS:
            raise CreationError(f"the sandbox's Trident does not play the parameter {parameter}: leave it out")
    annotations: dict[str, str] = claim["metadata"].get("annotations") or {}
    for annotation, what in _NOT_PLAYED_ANNOTATIONS.items():
        if annotations.get(_PREFIX + annotation):
            raise CreationError(
                f"the sandbox's Trident makes no {what}: leave out the annotation {_PREFIX}{annotation}"
            )
    return {
        "version": "1",
        "name": name,
        "internalName": name,
        "protocol": annotations.get("trident.netapp.io/protocol", ""),
        "size": str(parse_quantity(claim["spec"]["resources"]["requests"]["storage"])),
        "snapshotDirectory": annotations.get("trident.netapp.io/snapshotDirectory", ""),
        "storageClass": class_name,
        "accessMode": claim["spec"]["accessModes"][0],
        "volumeMode": claim["spec"].get("volumeMode", "Filesystem"),
        "mountOptions": ",".join(storage_class.get("mountOptions") or []),
        "namespace": namespace,
        "requestName": claim_name,
    }
