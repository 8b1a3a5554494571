"""Making a volume: which backend, which pool, which answer when none can.

Sources: addVolumeInitial and addVolumeRetry in core/orchestrator_core.go; Create, waitForVolumeCreate and
CreateFollowup in storage_drivers/azure/azure_anf.go (NetApp/trident).
"""

import json
import logging
import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from sandbox.kube.objects import Json
from sandbox.trident.backends.backends import DRIVER, Backend, BackendError, Backends, StoragePool, TridentVolume
from sandbox.trident.backends.sizes import parse_size
from sandbox.trident.operator.releases import release
from sandbox.trident.volumes.anf import (
    AVAILABLE,
    CREATING,
    DELETING,
    FAILED,
    Anf,
    AnfError,
    AnfVolume,
    VolumeRequest,
)
from sandbox.trident.volumes.sizes import whole_gib
from sandbox.trident.volumes.transactions import Transaction, Transactions

logger = logging.getLogger(__name__)

_SAYS_WHY_SINCE: Final = (24, 6)
"""Before, waitForVolumeCreate gave no error for a volume that failed, and CreateFollowup found it on its way out."""


class CreationError(Exception):
    """No volume; the text is Trident's, the code that of the answer to the sidecar."""

    def __init__(self, text: str, code: str = "Unknown") -> None:
        super().__init__(text)
        self.code = code


class StillCreatingError(CreationError):
    """Azure has begun and is not done."""

    def __init__(self, text: str) -> None:
        super().__init__(text, "DeadlineExceeded")


class Creation:
    """Makes volumes for one installation of Trident."""

    def __init__(self, backends: Backends, transactions: Transactions, poll: float, labels: Mapping[str, str]) -> None:
        self._backends = backends
        self._transactions = transactions
        self._poll = poll
        self._labels = labels
        self._operations: dict[str, str] = {}
        """Where a creation can be followed, by the volume's name; lost with the process, as Trident's pollers are."""

    def create(self, config: Json, parameters: Mapping[str, str]) -> TridentVolume:
        """Make a volume, or go on with one that is being made.

        Raises:
            CreationError: there is none, or not yet.

        """
        name = str(config["name"])
        begun = self._transactions.find(name)
        try:
            volume = self._go_on(begun) if begun else self._begin(config, parameters)
        except StillCreatingError:
            raise
        except CreationError:
            if self._backends.installation() is not None:  # a controller that has ended forgets nothing
                self._transactions.remove(name)
            raise
        self._backends.record(volume)
        self._transactions.remove(name)
        self._operations.pop(name, None)
        return volume

    def _go_on(self, begun: Transaction) -> TridentVolume:
        backend = self._backends.find(begun.backend_uuid)
        name = begun.config["name"]
        if backend is None:  # when it is back, the volume is found by its share's name
            raise CreationError(f"backend {begun.backend_uuid} for volume {name} not found", "NotFound")
        pool = next((pool for pool in backend.storage_pools if pool.name == begun.pool), None)
        if pool is None:
            raise CreationError(f"pool {begun.pool} for backend {begun.backend_uuid} not found", "NotFound")
        return self._on_pool(dict(begun.config), backend, pool)

    def _begin(self, config: Json, parameters: Mapping[str, str]) -> TridentVolume:
        class_name = config["storageClass"]
        pools = self._backends.fitting(parameters)
        if not pools or config["volumeMode"] == "Block":  # a file server has no block devices
            raise CreationError(f"no available backends for storage class {class_name}")
        random.shuffle(pools)
        problems: list[CreationError] = []
        for backend, pool in pools:
            try:
                return self._on_pool(dict(config), backend, pool)
            except StillCreatingError:
                raise
            except CreationError as error:
                text = (
                    f"[Failed to create volume {config['name']} on storage pool {pool.name} from backend "
                    f"{backend.name}: {error}]"
                )
                problems.append(CreationError(text, error.code))
        coded = next((problem.code for problem in problems if problem.code != "Unknown"), "Unknown")
        listed = "; ".join(str(problem) for problem in problems)
        raise CreationError(f"encountered error(s) in creating the volume: {listed}", coded)

    def _on_pool(self, config: Json, backend: Backend, pool: StoragePool) -> TridentVolume:
        """The volume, made and ready in one pool of a backend. Changes `config` to what was made."""
        try:
            backend = self._backends.refreshed(backend)
        except BackendError as error:
            raise CreationError(f"could not update ANF resource cache; {error}") from error
        pool = next((each for each in backend.storage_pools if each.name == pool.name), pool)
        anf = Anf(backend.netapp, backend.subscription_id, self._poll)
        name = str(config["name"])
        try:
            present = self._find(anf, config, pool)
        except AnfError as error:
            raise CreationError(f"error checking for existing volume {name}; {error}") from error
        if present is None:
            self._start(anf, config, backend, pool)
            present = self._looked_up(anf, config)
            said = ""
        else:
            said = "still "
        if present is not None and present.state in CREATING:
            self._transactions.keep(Transaction(backend.uuid, pool.name, config))
            raise StillCreatingError(f"volume state is {said}{present.state}, not {AVAILABLE}")
        self._check_made(anf, name, present)
        return self._made(config, backend, pool, present)

    def _find(self, anf: Anf, config: Json, pool: StoragePool) -> AnfVolume | None:
        known = str(config.get("internalID", ""))
        return anf.find(known) if known else anf.find_share(str(config["name"]), pool.capacity_pools)

    def _looked_up(self, anf: Anf, config: Json) -> AnfVolume | None:
        try:
            return anf.find(str(config["internalID"]))
        except AnfError as error:
            raise CreationError(f"could not get volume status; {error}") from error

    def _start(self, anf: Anf, config: Json, backend: Backend, pool: StoragePool) -> None:
        """Ask Azure for the volume, in one capacity pool after the other until one takes it."""
        if pool.nas_type != "smb":
            raise CreationError("the sandbox's Trident makes no NFS volumes: set the backend's nasType to smb")
        request = _request(config, backend, pool, self._labels)
        config |= {
            "size": str(request.size),
            "serviceLevel": request.service_level,
            "snapshotDirectory": str(request.snapshot_directory).lower(),
        }
        if not pool.subnets:
            raise CreationError(f"no subnets found for storage pool {pool.name}")
        if not pool.capacity_pools:
            raise CreationError(f"no capacity pools found for storage pool {pool.name}")
        subnet = random.choice(pool.subnets)  # noqa: S311  Trident's own choice is as random
        problems: list[str] = []
        for capacity_pool in random.sample(pool.capacity_pools, len(pool.capacity_pools)):
            try:
                # The level is the capacity pool's own, whatever the backend's says.
                fitting = replace(request, service_level=capacity_pool.service_level)
                volume_id, operation = anf.create(fitting, capacity_pool, subnet)
            except AnfError as error:
                problems.append(f"ANF pool {capacity_pool.name}; error creating volume {config['name']}: {error}")
                continue
            config["internalID"] = volume_id
            self._operations[str(config["name"])] = operation
            return
        raise CreationError("; ".join(problems))

    def _check_made(self, anf: Anf, name: str, volume: AnfVolume | None) -> None:
        """Whether a volume serves; one that failed is deleted, so that another attempt may succeed."""
        if volume is None:
            raise CreationError("could not get volume status; volume not found")
        if volume.state == AVAILABLE:
            return
        text = f"volume state is {volume.state}, not {AVAILABLE}"
        if volume.state == FAILED:
            operation = self._operations.pop(name, "")
            text = (anf.failure(operation) if operation else "") or text
            try:
                anf.delete(volume.id)
            except AnfError as error:
                raise CreationError(f"{text}; {error}") from error
            if release(self._labels["version"]) < _SAYS_WHY_SINCE:
                text = f"volume {name} is in {DELETING} state, not {AVAILABLE}"
        elif volume.state != DELETING:
            logger.error("unexpected volume state %s found for volume %s", volume.state, name)
        raise CreationError(text)

    @staticmethod
    def _made(config: Json, backend: Backend, pool: StoragePool, volume: AnfVolume | None) -> TridentVolume:
        if volume is None or not volume.server:
            raise CreationError(f"volume {config['name']} has no mount targets")
        made = {
            **config,
            "internalID": volume.id,
            "size": str(volume.size),
            "protocol": "file",
            "fileSystem": "smb",
            "accessInformation": {"smbServer": volume.server, "smbPath": f"\\{volume.creation_token}"},
        }
        return TridentVolume(str(config["name"]), backend.uuid, pool.name, made)


def _request(config: Json, backend: Backend, pool: StoragePool, labels: Mapping[str, str]) -> VolumeRequest:
    size = int(config["size"]) or parse_size(pool.default_size or "1G")
    size = whole_gib(max(size, backend.minimum_volume_size))
    check_limit(size, backend)
    try:
        throughput = float(pool.max_throughput) if pool.qos_type == "Manual" else None
    except ValueError as error:
        raise CreationError(
            f'invalid value for maxThroughput: strconv.ParseFloat: parsing "{pool.max_throughput}": invalid syntax'
        ) from error
    telemetry = {**labels, "backendUUID": backend.uuid, "platform": "kubernetes", "plugin": DRIVER}
    return VolumeRequest(
        name=str(config["name"]),
        size=size,
        service_level=str(config.get("serviceLevel") or pool.service_level),
        network_features=pool.network_features,
        snapshot_directory=(config.get("snapshotDirectory") or pool.snapshot_directory).lower() == "true",
        throughput=throughput,
        tags={
            "trident": json.dumps({"trident": telemetry}, separators=(",", ":")),
            "provisioning": json.dumps({"provisioning": dict(pool.labels)}) if pool.labels else "",
        },
    )


def check_limit(size: int, backend: Backend) -> None:
    """The backend's limitVolumeSize.

    Raises:
        CreationError: the size (bytes) is above it.

    """
    if not backend.limit_volume_size:
        return
    try:
        limit = parse_size(backend.limit_volume_size)
    except ValueError as error:
        raise CreationError(f"error parsing limitVolumeSize: {error}") from error
    if size > limit:
        raise CreationError(
            f"unsupported capacity range; requested size: {size} > the size limit: {limit}", "OutOfRange"
        )
