"""A volume's configuration, as Trident derives it from a claim and its StorageClass.

Sources: frontend/csi/controller_helpers/kubernetes/helper.go (GetVolumeConfig), frontend/common/volumes.go and
core/common.go (getProtocol) in NetApp/trident. Its keys are those of a TridentVolume's `config`.
"""

from collections.abc import Sequence
from typing import Final

from sandbox.kube.objects import Json, key
from sandbox.trident.backends.backends import PROVISIONER
from sandbox.trident.volumes.sizes import parse_quantity

_SECURE_SMB_SINCE: Final = (25, 6)
_STAGE_SECRET: Final = ("csi.storage.k8s.io/node-stage-secret-name", "csi.storage.k8s.io/node-stage-secret-namespace")
_NOT_PLAYED: Final = {
    "trident.netapp.io/cloneFromPVC": "clones",
    "trident.netapp.io/cloneFromSnapshot": "clones",
    "trident.netapp.io/importOriginalName": "imports",
    "trident.netapp.io/shareFromPVC": "shared volumes",
}
"""Annotations of claims by what the sandbox would have to do for them."""


class ConfigError(Exception):
    """No volume can be made for the claim; the text is Trident's."""


def block_mode(claim: Json) -> bool:
    """Whether a claim asks for a raw block device."""
    return claim["spec"].get("volumeMode", "Filesystem") == "Block"


def access_modes(claim: Json) -> list[str]:
    """A claim's access modes, as the sidecar passes them and Trident reads them."""
    return [str(mode) for mode in claim["spec"].get("accessModes") or []]


def needs_block_protocol(claim: Json) -> bool:
    """Whether only iSCSI or the like could serve: raw block devices, which no file server has."""
    return block_mode(claim)


def volume_config(claim: Json, storage_class: Json, name: str, release: tuple[int, int]) -> Json:
    """The configuration of the volume `name` for a claim.

    Raises:
        ConfigError: the claim or its class does not serve.

    """
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
    annotations: dict[str, str] = claim["metadata"].get("annotations") or {}
    for annotation, what in _NOT_PLAYED.items():
        if annotations.get(annotation):
            raise ConfigError(f"the sandbox's Trident makes no {what}: leave out the annotation {annotation}")
    return {
        "version": "1",
        "name": name,
        "internalName": name,
        "size": str(parse_quantity(claim["spec"]["resources"]["requests"]["storage"])),
        "protocol": "",
        "spaceReserve": "",
        "securityStyle": "",
        "snapshotDirectory": annotations.get("trident.netapp.io/snapshotDirectory", ""),
        "storageClass": class_name,
        "accessMode": _combined(access_modes(claim)),
        "volumeMode": claim["spec"].get("volumeMode", "Filesystem"),
        "accessInformation": {},
        "blockSize": "",
        "fileSystem": "",
        "encryption": "",
        "mountOptions": ",".join(storage_class.get("mountOptions") or []),
        "namespace": namespace,
        "requestName": claim_name,
    }


def _combined(modes: Sequence[str]) -> str:
    """One mode for several: whatever serves all of them."""
    known = {"ReadWriteOncePod": "ReadWriteOnce"}
    distinct = {known.get(mode, mode) for mode in modes} if len(modes) > 1 else set(modes)
    return distinct.pop() if len(distinct) == 1 else "ReadWriteMany" if distinct else ""
