"""A share that nobody has to name: a claim, for which Trident makes a volume."""

import json
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi.output import UNKNOWN

from components import rules, trident_rules
from components.child_options import child_options


class DynamicShareArgs(TypedDict):
    """Arguments of `DynamicShare`."""

    storage_class_name: pulumi.Input[str]
    """The StorageClass that makes the volume."""
    size_gib: pulumi.Input[int]
    """The size in whole GiB, 50 to 102400 (from 100 with Trident before 24.10). May grow; cannot shrink."""
    namespace: pulumi.Input[str]
    """The namespace of the claim and of its Pods."""
    claim_name: NotRequired[pulumi.Input[str]]
    """The claim's name. Default: anf-pvc-NAME."""
    protect: NotRequired[bool]
    """Refuse to delete or replace the claim, and retain its volume when it is deleted all the same. Default: true."""
    timeout_minutes: NotRequired[int]
    """How long Azure may take to make the volume, or to make it larger. Default: 30."""


class DynamicShare(pulumi.ComponentResource):
    """A claim, awaited until Trident has made its volume and, later, until the volume is as large as it is to be.

    The volume is retained as long as `protect` holds, and deleted with the claim once it is lifted, whatever its
    StorageClass says: so a stack that is taken down in the two documented steps leaves nothing in the pool.

    Raises `rules.InvalidArgsError` for names and sizes that Kubernetes or Azure would refuse.
    Source: https://docs.netapp.com/us-en/trident/trident-use/anf-examples.html
    """

    claim_name: pulumi.Output[str]
    """The claim's name, for the Pods that mount it."""
    persistent_volume_name: pulumi.Output[str]
    """The PersistentVolume's name, pvc-UID; a first preview can only announce it."""

    def __init__(self, name: str, args: DynamicShareArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("anf-smb:index:DynamicShare", name, {}, opts)
        named: dict[str, pulumi.Input[str]] = {"claim_name": args.get("claim_name", f"anf-pvc-{name}")}
        rules.check_args(
            "DynamicShare",
            {**args, **named},
            {
                "claim_name": rules.OBJECT_NAME,
                "namespace": rules.NAMESPACE,
                "storage_class_name": rules.OBJECT_NAME,
                "size_gib": trident_rules.CLAIM_SIZE_GIB,
            },
        )
        protect = args.get("protect", True)
        size = pulumi.Output.from_input(args["size_gib"]).apply(_quantity)
        claim = kubernetes.core.v1.PersistentVolumeClaim(
            f"{name}-claim",
            metadata={
                "name": named["claim_name"],
                "namespace": args["namespace"],
                # The provider would give a claim five minutes, whatever the timeout says; this wait heeds it.
                "annotations": {"pulumi.com/waitFor": size.apply(_bound_with)},
            },
            spec={
                "access_modes": ["ReadWriteMany"],
                "storage_class_name": args["storage_class_name"],
                "resources": {"requests": {"storage": size}},
            },
            opts=child_options(self, protect=protect, timeout_minutes=args.get("timeout_minutes", 30)),
        )
        self.claim_name = claim.metadata["name"]
        self.persistent_volume_name = claim.spec.apply(_bound_volume)
        kubernetes.core.v1.PersistentVolumePatch(
            f"{name}-reclaim-policy",
            metadata={
                "name": claim.spec.apply(_volume_name, run_with_unknowns=True),
                # The provisioner wrote the field when it made the volume, and does not write it again.
                "annotations": {"pulumi.com/patchForce": "true"},
            },
            spec={"persistent_volume_reclaim_policy": "Retain" if protect else "Delete"},
            # Given back, the field would fall to Retain, just before the claim and its volume are to go.
            opts=child_options(self, retain=True),
        )
        self.register_outputs({"claimName": self.claim_name, "persistentVolumeName": self.persistent_volume_name})


def _quantity(size_gib: int) -> str:
    """A size as Kubernetes itself writes it, so that what is asked for reads like what there is: 1024 GiB are 1Ti."""
    return f"{size_gib // 1024}Ti" if size_gib % 1024 == 0 else f"{size_gib}Gi"


def _bound_with(size: str) -> str:
    return json.dumps(["jsonpath={.status.phase}=Bound", f"jsonpath={{.status.capacity.storage}}={size}"])


def _bound_volume(spec: kubernetes.core.v1.outputs.PersistentVolumeClaimSpec) -> str:
    """The name of the bound volume; not known in a preview of a claim that has none yet."""
    return spec.volume_name or UNKNOWN  # pyright: ignore[reportReturnType]


def _volume_name(spec: Any) -> str:
    """The name of the bound volume, or, in a preview of a claim that has none yet, words in its place.

    A Patch resource has to have a name even in a preview, where the provider takes an unknown one for none
    (pulumi-kubernetes, provider.go, Check).
    """
    found = spec.get("volume_name") if isinstance(spec, dict) else getattr(spec, "volume_name", None)
    return found if isinstance(found, str) else "pvc-of-a-claim-yet-to-be-bound"
