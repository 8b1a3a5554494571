"""Which storage pools satisfy a StorageClass: the rules of Trident's storage_class package.

Parameters may carry the prefix `trident.netapp.io/`; those of Kubernetes' own are not Trident's business
(frontend/csi/controller_helpers/kubernetes/plugin.go, storage_class/storage_class.go in NetApp/trident).
"""

import re
from collections.abc import Mapping
from typing import Final

_PREFIX: Final = "trident.netapp.io/"
_POOL_LISTS: Final = {"storagePools", "additionalStoragePools", "requiredStorage", "excludeStoragePools"}
_BOOLEANS: Final = {"snapshots": True, "clones": True, "encryption": False, "replication": False}
"""What azure-netapp-files offers. A class that asks for `false` is content with `true`."""


def satisfies(
    parameters: Mapping[str, str], backend: str, pool: str, offers: Mapping[str, str], labels: Mapping[str, str]
) -> bool:
    """Whether a backend's pool satisfies a class's parameters; `offers` are its attributes that are text."""
    requests = {
        name.removeprefix(_PREFIX): value
        for name, value in parameters.items()
        if not name.startswith("csi.storage.k8s.io/") and name != "fsType"
    }
    if _listed(backend, pool, requests.get("excludeStoragePools", "")):
        return False
    additional = requests.get("additionalStoragePools") or requests.get("requiredStorage") or ""
    if additional:
        if _listed(backend, pool, additional):
            return True
        if not requests.keys() - {"additionalStoragePools", "requiredStorage", "excludeStoragePools"}:
            return False
    if "storagePools" in requests and not _listed(backend, pool, requests["storagePools"]):
        return False
    attributes = {name: value for name, value in requests.items() if name not in _POOL_LISTS}
    return all(_offered(name, value, offers, labels) for name, value in attributes.items())


def _offered(name: str, wanted: str, offers: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    if name == "selector":
        return _selects(labels, wanted)
    if name in _BOOLEANS:
        return _BOOLEANS[name] or wanted.lower() != "true"
    return offers.get(name) == wanted


def _selects(labels: Mapping[str, str], selector: str) -> bool:
    """`performance=gold; tier!=archive`: every term of a selector holds."""
    for term in filter(None, (term.strip() for term in selector.split(";"))):
        name, unequal, value = term.partition("!=")
        if not unequal:
            name, _, value = term.partition("=")
        if (labels.get(name.strip()) == value.strip()) == bool(unequal):
            return False
    return True


def _listed(backend: str, pool: str, text: str) -> bool:
    """Whether `backend1:pool1,pool2;backend2:.*` has a pool. Backends match whole, pools anywhere, both as patterns."""
    for entry in filter(None, (entry.strip() for entry in text.split(";"))):
        pattern, _, pools = entry.partition(":")
        try:
            if re.fullmatch(pattern.strip(), backend) and any(re.search(each, pool) for each in pools.split(",")):
                return True
        except re.error:  # such an entry matches nothing
            continue
    return False
