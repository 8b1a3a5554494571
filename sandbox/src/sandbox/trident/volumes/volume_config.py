"""A volume's configuration, as Trident derives it from a claim and its StorageClass.

Sources: frontend/csi/controller_helpers/kubernetes/helper.go (GetVolumeConfig), frontend/common/volumes.go and
core/common.go (getProtocol) in NetApp/trident. Its keys are those of a TridentVolume's `config`.
"""

from typing import Final

from sandbox.kube.objects import Json, key
from sandbox.trident.names import PROVISIONER
from sandbox.trident.sizes import parse_quantity

_SECURE_SMB_SINCE: Final = (25, 6)
_STAGE_SECRET: Final = ("csi.storage.k8s.io/node-stage-secret-name", "csi.storage.k8s.io/node-stage-secret-namespace")
_PREFIX: Final = "trident.netapp.io/"
_NOT_PLAYED_ANNOTATIONS: Final = {
    "cloneFromPVC": "clones",
    "cloneFromSnapshot": "clones",
    "importOriginalName": "imports",
    "shareFromPVC": "shared volumes",
}
_NOT_PLAYED_PARAMETERS: Final = (
    "selector",
    "storagePools",
    "additionalStoragePools",
    "requiredStorage",
    "excludeStoragePools",
)


class ConfigError(Exception):
    """Why no volume can be created for a claim, in Trident's words."""


def block_mode(claim: Json) -> bool:
    """Return whether a claim asks for a raw block device."""
    return claim["spec"].get("volumeMode", "Filesystem") == "Block"


def access_modes(claim: Json) -> list[str]:
    """Return a claim's access modes."""
    return [str(mode) for mode in claim["spec"].get("accessModes") or []]


def volume_config(claim: Json, storage_class: Json, name: str, release: tuple[int, int]) -> Json:
    """Return the configuration of the volume `name` for a claim; raise ConfigError where that is impossible."""
    namespace, claim_name = key(claim)
    if claim.get("status", {}).get("phase") != "Pending":
        raise ConfigError(f"PVC {claim_name} is not in Pending state")
    class_name = key(storage_class)[1]
    if storage_class["provisioner"] != PROVISIONER:
        raise ConfigError(f"the provisioner for storage class {class_name} is not {PROVISIONER}")
    parameters: dict[str, str] = storage_class.get("parameters") or {}
    secrets = [parameters.get(parameter) for parameter in _STAGE_SECRET]
    if release >= _SECURE_SMB_SINCE and parameters.get("trident.netapp.io/nasType") == "smb" and not all(secrets):
        raise ConfigError(
            f"missing required parameters {_STAGE_SECRET[0]} and {_STAGE_SECRET[1]} for secure SMB access control"
        )
    for parameter in parameters:
        if parameter.removeprefix(_PREFIX) in _NOT_PLAYED_PARAMETERS:
            raise ConfigError(f"the sandbox's Trident does not play the parameter {parameter}: leave it out")
    annotations: dict[str, str] = claim["metadata"].get("annotations") or {}
    for annotation, what in _NOT_PLAYED_ANNOTATIONS.items():
        if annotations.get(_PREFIX + annotation):
            raise ConfigError(f"the sandbox's Trident makes no {what}: leave out the annotation {_PREFIX}{annotation}")
    return {
        "version": "1",
        "name": name,
        "internalName": name,
        "size": str(parse_quantity(claim["spec"]["resources"]["requests"]["storage"])),
        "snapshotDirectory": annotations.get("trident.netapp.io/snapshotDirectory", ""),
        "storageClass": class_name,
        "accessMode": access_modes(claim)[0],
        "volumeMode": claim["spec"].get("volumeMode", "Filesystem"),
        "mountOptions": ",".join(storage_class.get("mountOptions") or []),
        "namespace": namespace,
        "requestName": claim_name,
    }
