"""Creations that Azure has begun, kept as TridentTransactions: a later attempt goes on with them, also after a restart.

Trident itself removes one only when its volume is made or has failed, or after a day (core/transaction_monitor.go): a
claim that is deleted while its volume is being made leaves the volume behind. So it is here, without the day's end.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sandbox.kube.api import KubeApi, NotFoundError
from sandbox.kube.objects import Json
from sandbox.trident.backends.backends import MANAGER
from sandbox.trident.crds import API, FINALIZER, GROUP_VERSION

_CREATING: Final = "volumeCreating"


@dataclass(frozen=True)
class Transaction:
    """Where a volume is being made; `config` is the volume's, with its internalID."""

    backend_uuid: str
    pool: str
    config: Json


class Transactions:
    """Those of one Trident."""

    def __init__(self, api: KubeApi, namespace: str) -> None:
        self._api = api
        self._path = f"{API}/namespaces/{namespace}/tridenttransactions"
        self._namespace = namespace

    def find(self, name: str) -> Transaction | None:
        """The creation of a volume."""
        try:
            transaction: Json = self._api.get(f"{self._path}/{name}").get("transaction") or {}
        except NotFoundError:
            return None
        if transaction.get("Op") != _CREATING:
            return None
        creating: Json = dict(transaction["VolumeCreatingConfig"])
        creating.pop("startTime", None)
        return Transaction(str(creating.pop("backendUUID")), str(creating.pop("pool")), creating)

    def keep(self, transaction: Transaction) -> None:
        """Remember a creation; one that is known keeps its start."""
        name = str(transaction.config["name"])
        if self.find(name):
            return
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        creating = {
            **transaction.config,
            "startTime": now,
            "backendUUID": transaction.backend_uuid,
            "pool": transaction.pool,
        }
        body: Json = {
            "apiVersion": GROUP_VERSION,
            "kind": "TridentTransaction",
            "metadata": {"name": name, "namespace": self._namespace, "finalizers": [FINALIZER]},
            "transaction": {"Config": None, "VolumeCreatingConfig": creating, "Op": _CREATING},
        }
        self._api.apply(f"{self._path}/{name}", body, MANAGER)

    def remove(self, name: str) -> None:
        """It is over."""
        try:
            self._api.merge(f"{self._path}/{name}", {"metadata": {"finalizers": None}})
            self._api.delete(f"{self._path}/{name}")
        except NotFoundError:
            return
