"""A share as Kubernetes sees it: a PersistentVolume and the claim that Pods mount."""

from typing import Final, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as kubernetes

from components import rules
from components.guest.prior_state import CLAIM, PERSISTENT_VOLUME, PriorState, claim_moved
from components.rules import smb_driver
from components.support.options import Limits, child_options, protection
from components.support.wait_for import wait_for

MOUNT_OPTIONS: Final = (
    "dir_mode=0777",
    "file_mode=0777",
    "vers=3.0",
    "noserverino",  # Linux nodes: "required to prevent data corruption" (csi-driver-smb)
)


class StaticShareArgs(TypedDict):
    """Arguments of `StaticShare`."""

    unc_path: pulumi.Input[str]
    r"""\\server\share, without a slash at the end."""
    volume_handle: pulumi.Input[str]
    """The identity of the volume behind the share, unique in the cluster. Another one is refused, see below."""
    size_gib: pulumi.Input[int]
    """The size of the share in GiB, 50 to 102400. It can grow and shrink in place."""
    namespace: pulumi.Input[str]
    """The namespace of the claim and of the Secret. It cannot be changed while the claim is protected."""
    secret_name: pulumi.Input[str]
    """The Secret with username, password and domain."""
    persistent_volume_name: NotRequired[pulumi.Input[str] | None]
    """The PersistentVolume's name, unique in the cluster. Default: anf-pv-NAME."""
    claim_name: NotRequired[pulumi.Input[str] | None]
    """The claim's name. Default: anf-pvc-NAME."""


class StaticShare(pulumi.ComponentResource):
    """A PersistentVolume for an SMB share, and its claim.

    Kubernetes lets no claim without a StorageClass change its size. So the claim always requests the smallest size of a
    volume, and reports the size of the PersistentVolume.

    Both are protected unless the options say `protect: false`: while they are, another namespace and another volume
    are an error, so that no Pod finds an empty share. The PersistentVolume retains the data and is
    reserved for this claim by name. After a deletion of the claim by hand, delete the PersistentVolume too (the files
    stay in the volume), and create both again: `pulumi up --refresh`. The claim may take as long to be bound as the
    custom timeouts of the options say, 15 minutes by default. Names that Kubernetes would refuse are an error.
    Source: https://github.com/kubernetes-csi/csi-driver-smb/blob/master/docs/driver-parameters.md
    """

    claim_name: pulumi.Output[str]
    """The claim's name, for the Pods that mount it."""
    persistent_volume_name: pulumi.Output[str]
    """The PersistentVolume's name."""

    def __init__(self, name: str, args: StaticShareArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        prior = PriorState({CLAIM, PERSISTENT_VOLUME}, with_inputs=True)
        super().__init__("anf-smb:index:StaticShare", name, {}, prior.options(opts))
        named: dict[str, pulumi.Input[str]] = {
            "claim_name": args.get("claim_name") or f"anf-pvc-{name}",
            "persistent_volume_name": args.get("persistent_volume_name") or f"anf-pv-{name}",
        }
        rules.check_args(
            "StaticShare",
            {**args, **named},
            {
                "claim_name": rules.OBJECT_NAME,
                "persistent_volume_name": rules.OBJECT_NAME,
                "size_gib": rules.VOLUME_SIZE_GIB,
            },
        )
        protect = protection(opts, data=True)
        namespace = prior.unmoved(
            self,
            args["namespace"],
            lambda child: child.input("metadata", "namespace") if child.type == CLAIM else None,
            lambda was, wanted: claim_moved("StaticShare", name, was, wanted, "keeps the files in the volume"),
            protect=protect,
        )
        volume_handle = prior.unmoved(
            self,
            args["volume_handle"],
            lambda child: child.input("spec", "csi", "volumeHandle"),
            lambda was, wanted: _another_volume(name, was, wanted),
            protect=protect,
            unknown="not created yet, or not ready",
        )
        persistent_volume = kubernetes.core.v1.PersistentVolume(
            f"{name}-persistent-volume",
            metadata={"name": named["persistent_volume_name"]},
            spec={
                "capacity": {
                    "storage": pulumi.Output.from_input(args["size_gib"]).apply(lambda size: f"{int(size)}Gi")
                },
                "access_modes": ["ReadWriteMany"],
                "persistent_volume_reclaim_policy": "Retain",
                "mount_options": list(MOUNT_OPTIONS),
                "claim_ref": {"namespace": namespace, "name": named["claim_name"]},
                "csi": {
                    # No readOnly: false and no storageClassName: "": the API server drops such values of a
                    # PersistentVolume, and a refresh would report them as drift.
                    "driver": smb_driver.DRIVER,
                    "volume_handle": volume_handle,
                    "volume_attributes": {"source": args["unc_path"]},
                    "node_stage_secret_ref": {"namespace": namespace, "name": args["secret_name"]},
                },
            },
            # Kubernetes reserves a volume for the claim that had it: another claim needs another PersistentVolume.
            opts=child_options(
                self,
                opts,
                data=True,
                fixed=("spec.claimRef.namespace", "spec.claimRef.name"),
                constant=("spec.mountOptions",),
                limits=Limits.of(opts, 15),
            ),
        )
        self.persistent_volume_name = persistent_volume.metadata["name"]
        claim = kubernetes.core.v1.PersistentVolumeClaim(
            f"{name}-claim",
            metadata={
                "name": named["claim_name"],
                "namespace": namespace,
                # The provider's own wait for a claim is five minutes, whatever the timeout; this one obeys it.
                "annotations": wait_for("jsonpath={.status.phase}=Bound"),
            },
            spec={
                "access_modes": ["ReadWriteMany"],
                "storage_class_name": "",
                "volume_name": self.persistent_volume_name,
                "resources": {"requests": {"storage": f"{rules.SMALLEST_VOLUME_GIB}Gi"}},
            },
            # Kubernetes releases a volume only after its claim: a new PersistentVolume needs a new claim first.
            opts=child_options(
                self,
                opts,
                data=True,
                fixed=("spec.accessModes", "spec.storageClassName", "spec.volumeName"),
                constant=("spec.resources",),
                limits=Limits.of(opts, 15),
            ),
        )
        self.claim_name = claim.metadata["name"]
        self.register_outputs({"claimName": self.claim_name, "persistentVolumeName": self.persistent_volume_name})


def _another_volume(name: str, was: object, wanted: object) -> str:
    return (
        f"StaticShare {name}: the volume is {wanted}; allowed: {was}, whose files the claim shows. Fix: "
        "bring that volume back; or, if Pods shall mount the new one, delete the Pods, the claim and the "
        "PersistentVolume with kubectl (the files stay in their volume), then `pulumi up --refresh`"
    )
