"""The StorageClasses that Trident knows: one with a parameter that it cannot read is none to it.

Sources: processStorageClass in frontend/csi/controller_helpers/kubernetes/plugin.go, and storage_attribute/, in
NetApp/trident. The genuine controller writes the parameter into its log; a claim gets `unknown storage class: NAME`.
"""

from collections.abc import Callable
from typing import Final

from sandbox.kube.objects import Json

_PREFIX: Final = "trident.netapp.io/"
_KUBERNETES: Final = "csi.storage.k8s.io/"
_CONFIGURATOR: Final = f"{_PREFIX}configuratorStatus"
"""The annotation of a class that a TridentConfigurator created: of it Trident ignores what it cannot read."""
_BOOLEAN: Final = frozenset({"1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"})
"""What Go's strconv.ParseBool reads."""


def _integer(text: str) -> bool:
    return text.removeprefix("-").removeprefix("+").isdecimal()


_READABLE: Final[dict[str, Callable[[str], bool]]] = {
    **dict.fromkeys(("snapshots", "clones", "encryption", "replication"), _BOOLEAN.__contains__),
    **dict.fromkeys(("recoveryTest", "testingAttribute", "nonexistentBool"), _BOOLEAN.__contains__),
    **dict.fromkeys(("labels", "selector"), bool),
    "IOPS": _integer,
}
"""The parameters whose values have a form."""
_ANY_VALUE: Final = frozenset(
    {
        *("provisioningType", "backendType", "media", "region", "zone", "nasType", "sanType", "uniqueOptions"),
        *("storagePools", "additionalStoragePools", "excludeStoragePools", "requiredStorage"),
    }
)
"""Trident ignores pools that it cannot read, and the class goes on without them."""


def is_known(storage_class: Json) -> bool:
    """Return whether Trident can read every parameter of a class."""
    if _CONFIGURATOR in (storage_class["metadata"].get("annotations") or {}):
        return True
    parameters: dict[str, str] = storage_class.get("parameters") or {}
    return all(
        name in _ANY_VALUE or (name in _READABLE and _READABLE[name](value))
        for name, value in (
            (parameter.removeprefix(_PREFIX), value)
            for parameter, value in parameters.items()
            if not parameter.startswith(_KUBERNETES) and parameter != "fsType"
        )
    )
