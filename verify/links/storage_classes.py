"""Checks of the StorageClass of dynamic claims."""

from collections.abc import Mapping
from typing import Final

from verify.clients.cluster import Cluster, Json
from verify.links.csi_driver import TRIDENT
from verify.links.trident import API
from verify.links.trident_troubles import CLASS_UNKNOWN
from verify.trouble import BrokenError, Trouble

_BACKEND_TYPE: Final = "azure-netapp-files"
_PREFIX: Final = "trident.netapp.io/"
_KUBERNETES: Final = "csi.storage.k8s.io/"
_KNOWN: Final = frozenset(
    {
        "IOPS",
        "snapshots",
        "clones",
        "encryption",
        "replication",
        "provisioningType",
        "backendType",
        "media",
        "region",
        "zone",
        "nasType",
        "sanType",
        "labels",
        "selector",
        "storagePools",
        "additionalStoragePools",
        "excludeStoragePools",
        "requiredStorage",
        "recoveryTest",
        "uniqueOptions",
        "testingAttribute",
        "nonexistentBool",
    }
)
"""The parameters that Trident knows (storage_attribute/common_attributes.go in NetApp/trident)."""

CLASS_MISSING: Final = Trouble(
    "storage-class-missing",
    "claim Pending: `storageclass.storage.k8s.io … not found`",
    "the StorageClass was deleted",
    "`pulumi up --refresh --stack {stack}`",
    pattern=r"storageclass(es)?\.storage\.k8s\.io \"[^\"]*\" not found",
)
CLASS_WRONG: Final = Trouble(
    "storage-class-wrong",
    "claims are Pending, or volumes have another type",
    "the StorageClass has a wrong provisioner or wrong parameters for SMB on Azure NetApp Files",
    "`kubectl delete storageclass {storage_class}`, `pulumi up --refresh --stack {stack}`; existing claims remain",
)
CLASS_OPEN: Final = Trouble(
    "storage-class-of-every-backend",
    "a claim's volume is in another pool than that of its StorageClass",
    "the StorageClass names no backend (storagePools), and the cluster has several backends for SMB",
    "`kubectl delete storageclass {storage_class}`, `pulumi up --refresh --stack {stack}`; existing claims remain",
)
TROUBLES: Final = (CLASS_MISSING, CLASS_WRONG, CLASS_OPEN)


def storage_class(cluster: Cluster, name: str) -> str:
    """Check that the StorageClass is for Trident with SMB on Azure NetApp Files, and names a Secret."""
    found = cluster.find(f"/apis/storage.k8s.io/v1/storageclasses/{name}")
    if found is None:
        raise BrokenError(CLASS_MISSING, f"no StorageClass {name}")
    parameters: dict[str, str] = found.get("parameters") or {}
    if wrong := _wrong(found, parameters):
        raise BrokenError(CLASS_WRONG, f"{name}: {'; '.join(wrong)}", storage_class=name)
    if unknown := sorted(key for key in parameters if not _known(key)):
        seen = f"{name} has a parameter that Trident does not know: {', '.join(unknown)}"
        raise BrokenError(CLASS_UNKNOWN, seen, storage_class=name)
    backends = _smb_backends(cluster)
    if "storagePools" not in parameters and len(backends) > 1:
        seen = f"{name} is for any of the backends {', '.join(backends)}"
        raise BrokenError(CLASS_OPEN, seen, storage_class=name)
    return f"{name}: {TRIDENT.name}, {_BACKEND_TYPE}, smb"


def _wrong(found: Json, parameters: Mapping[str, str]) -> list[str]:
    wanted = {"backendType": _BACKEND_TYPE, f"{_PREFIX}nasType": "smb"}
    return [
        *([f"provisioner is {found['provisioner']}"] if found["provisioner"] != TRIDENT.name else []),
        *(f"{key} is {parameters.get(key, 'missing')}" for key, is_ in wanted.items() if parameters.get(key) != is_),
        *(
            f"node-stage-secret-{part} is missing"
            for part in ("name", "namespace")
            if not parameters.get(f"{_KUBERNETES}node-stage-secret-{part}")
        ),
        *(["allowVolumeExpansion is not true"] if not found.get("allowVolumeExpansion") else []),
    ]


def _known(parameter: str) -> bool:
    return parameter.startswith(_KUBERNETES) or parameter.removeprefix(_PREFIX) in {*_KNOWN, "fsType"}


def _smb_backends(cluster: Cluster) -> list[str]:
    """Return the names of all backends for SMB on Azure NetApp Files."""
    configs = {
        str(each.get("backendName")): (each.get("config") or {}).get("azure_config") or {}
        for each in cluster.select(f"{API}/tridentbackends")
    }
    return sorted(name for name, config in configs.items() if config.get("nasType") == "smb")
