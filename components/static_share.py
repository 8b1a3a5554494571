"""A share as Kubernetes sees it: a PersistentVolume and the claim that Pods mount."""

from typing import Final, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as kubernetes

from components import rules
from components.child_options import child_options

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
    """What tells the volume behind the share from any other in the cluster. When it changes, so do volume and claim."""
    size_gib: pulumi.Input[int]
    """The size of the share in GiB, 50 or more. May grow and shrink in place."""
    namespace: pulumi.Input[str]
    """The namespace of the claim and of the Secret."""
    secret_name: pulumi.Input[str]
    """The Secret with username, password and domain."""
    persistent_volume_name: NotRequired[pulumi.Input[str]]
    """The PersistentVolume's name, unique in the cluster. Default: anf-pv-NAME."""
    claim_name: NotRequired[pulumi.Input[str]]
    """The claim's name. Default: anf-pvc-NAME."""
    timeout_minutes: NotRequired[int]
    """How long the claim may take to be bound. Default: 15."""


class StaticShare(pulumi.ComponentResource):
    """A PersistentVolume for an SMB share and the one claim that may have it.

    A PersistentVolume can say a new size, but a claim without a StorageClass cannot ask for another one. So the claim
    asks for the smallest size that any volume has, for ever, and shows the size of what it was bound to.

    The data outlives both: the PersistentVolume retains it, and is bound to this claim by name, so that no other takes
    it. Whoever deletes the claim by hand must replace the PersistentVolume too (`pulumi up --replace URN`).

    Raises `rules.InvalidArgsError` for names that Kubernetes would refuse.
    Source: https://github.com/kubernetes-csi/csi-driver-smb/blob/master/docs/driver-parameters.md
    """

    claim_name: pulumi.Output[str]
    """The claim's name, for the Pods that mount it."""
    persistent_volume_name: pulumi.Output[str]
    """The PersistentVolume's name."""

    def __init__(self, name: str, args: StaticShareArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("anf-smb:index:StaticShare", name, {}, opts)
        named: dict[str, pulumi.Input[str]] = {
            "claim_name": args.get("claim_name", f"anf-pvc-{name}"),
            "persistent_volume_name": args.get("persistent_volume_name", f"anf-pv-{name}"),
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
        persistent_volume = kubernetes.core.v1.PersistentVolume(
            f"{name}-persistent-volume",
            metadata={"name": named["persistent_volume_name"]},
            spec={
                "capacity": {
                    "storage": pulumi.Output.concat(pulumi.Output.from_input(args["size_gib"]).apply(str), "Gi")
                },
                "access_modes": ["ReadWriteMany"],
                "persistent_volume_reclaim_policy": "Retain",
                "mount_options": list(MOUNT_OPTIONS),
                "claim_ref": {"namespace": args["namespace"], "name": named["claim_name"]},
                "csi": {
                    # readOnly: false and storageClassName: "" go without saying: the API server drops such values of
                    # a PersistentVolume, and a refresh would take what it dropped for drift.
                    "driver": "smb.csi.k8s.io",
                    "volume_handle": args["volume_handle"],
                    "volume_attributes": {"source": args["unc_path"]},
                    "node_stage_secret_ref": {"namespace": args["namespace"], "name": args["secret_name"]},
                },
            },
            # Kubernetes keeps a volume for the very claim that had it: another claim needs another PersistentVolume.
            opts=child_options(self, fixed=("spec.claimRef",), timeout_minutes=args.get("timeout_minutes", 15)),
        )
        self.persistent_volume_name = persistent_volume.metadata["name"]
        claim = kubernetes.core.v1.PersistentVolumeClaim(
            f"{name}-claim",
            metadata={
                "name": named["claim_name"],
                "namespace": args["namespace"],
                # The provider would give a claim five minutes, whatever the timeout says; this wait heeds it.
                "annotations": {"pulumi.com/waitFor": "jsonpath={.status.phase}=Bound"},
            },
            spec={
                "access_modes": ["ReadWriteMany"],
                "storage_class_name": "",
                "volume_name": self.persistent_volume_name,
                "resources": {"requests": {"storage": f"{rules.SMALLEST_VOLUME_GIB}Gi"}},
            },
            # Kubernetes lets go of a volume only after its claim: when the one is replaced, so is the other, first.
            opts=child_options(self, fixed=("spec",), timeout_minutes=args.get("timeout_minutes", 15)),
        )
        self.claim_name = claim.metadata["name"]
        self.register_outputs({"claimName": self.claim_name, "persistentVolumeName": self.persistent_volume_name})
