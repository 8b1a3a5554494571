"""A dynamic share: a claim, for which Trident creates a volume."""

from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi.output import UNKNOWN

from components import rules
from components.guest.prior_state import CLAIM, PriorState, claim_moved
from components.rules import trident as trident_rules
from components.support.options import Limits, child_options, protection, unprotected
from components.support.wait_for import wait_for


class DynamicShareArgs(TypedDict):
    """Arguments of `DynamicShare`."""

    storage_class_name: pulumi.Input[str]
    """The StorageClass of the claim. It cannot be changed while the claim is protected."""
    size_gib: pulumi.Input[int]
    """The size in whole GiB, 50 to 102400 (from 100 with Trident before 24.10). It can grow and not shrink."""
    namespace: pulumi.Input[str]
    """The namespace of the claim and of its Pods. It cannot be changed while the claim is protected."""
    claim_name: NotRequired[pulumi.Input[str] | None]
    """The claim's name. Default: anf-pvc-NAME."""


class DynamicShare(pulumi.ComponentResource):
    """A claim, awaited until Trident has created its volume or has enlarged it to the requested size.

    The claim is protected unless the options say `protect: false`. A protected claim's volume is retained, an
    unprotected one's is deleted with the claim, whatever the StorageClass says: the two documented steps of a destroy
    leave nothing in the pool. The custom timeouts of the options count, each 30 minutes by default. Names and sizes
    that Kubernetes or Azure would refuse are an error.
    Source: https://docs.netapp.com/us-en/trident/trident-use/anf-examples.html
    """

    claim_name: pulumi.Output[str]
    """The claim's name, for the Pods that mount it."""
    persistent_volume_name: pulumi.Output[str]
    """The PersistentVolume's name, pvc-UID; unknown in a first preview."""

    def __init__(self, name: str, args: DynamicShareArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        prior = PriorState({CLAIM}, with_inputs=True)
        super().__init__("anf-smb:index:DynamicShare", name, {}, prior.options(opts))
        named: dict[str, pulumi.Input[str]] = {"claim_name": args.get("claim_name") or f"anf-pvc-{name}"}
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
        protect = protection(opts, data=True)
        namespace = prior.unmoved(
            self,
            args["namespace"],
            lambda child: child.input("metadata", "namespace"),
            lambda was, wanted: claim_moved("DynamicShare", name, was, wanted, "deletes the volume with its files"),
            protect=protect,
        )
        storage_class = prior.unmoved(
            self,
            args["storage_class_name"],
            lambda child: child.input("spec", "storageClassName"),
            lambda was, wanted: _another_class(name, was, wanted),
            protect=protect,
        )
        size = pulumi.Output.from_input(args["size_gib"]).apply(_quantity)
        claim = kubernetes.core.v1.PersistentVolumeClaim(
            f"{name}-claim",
            metadata={
                "name": named["claim_name"],
                "namespace": namespace,
                # The provider's own wait for a claim is five minutes, whatever the timeout; this one obeys it.
                "annotations": size.apply(_bound_with),
            },
            spec={
                "access_modes": ["ReadWriteMany"],
                "storage_class_name": storage_class,
                "resources": {"requests": {"storage": size}},
            },
            # Trident's answer, which an adopted claim has from the start.
            opts=child_options(self, opts, data=True, constant=("spec.volumeName",), limits=Limits.of(opts, 30)),
        )
        self.claim_name = claim.metadata["name"]
        self.persistent_volume_name = claim.spec.apply(_bound_volume)
        kubernetes.core.v1.PersistentVolumePatch(
            f"{name}-reclaim-policy",
            metadata={
                "name": claim.spec.apply(_volume_name, run_with_unknowns=True),
                # The provisioner wrote the field when it created the volume, and does not write it again.
                "annotations": {"pulumi.com/patchForce": "true"},
            },
            spec={"persistent_volume_reclaim_policy": "Retain" if protect else "Delete"},
            # It holds no data, and changes when protection is lifted. Releasing the field would reset it to Retain just
            # before deletion.
            opts=child_options(self, unprotected(opts), retain=True),
        )
        self.register_outputs({"claimName": self.claim_name, "persistentVolumeName": self.persistent_volume_name})


def _another_class(name: str, was: object, wanted: object) -> str:
    key = rules.argument("DynamicShare", "storage_class_name")
    return (
        f"DynamicShare {name}: {key} is {wanted!r}; allowed: {was!r}, that of the claim: Kubernetes cannot change it. "
        f"Fix: {was!r}; or another claim with {wanted!r}, to which you copy the files"
    )


def _quantity(size_gib: float) -> str:
    """Return a size in Kubernetes' own notation, in which 1024 GiB are 1Ti.

    From other languages a number comes as a float: 100.0Gi would never be the capacity of a claim.
    """
    whole = int(size_gib)
    return f"{whole // 1024}Ti" if whole % 1024 == 0 else f"{whole}Gi"


def _bound_with(size: str) -> dict[str, str]:
    return wait_for("jsonpath={.status.phase}=Bound", f"jsonpath={{.status.capacity.storage}}={size}")


def _bound_volume(spec: kubernetes.core.v1.outputs.PersistentVolumeClaimSpec) -> str:
    """Return the name of the bound volume; unknown in a preview before the claim is bound."""
    return spec.volume_name or UNKNOWN  # pyright: ignore[reportReturnType]


def _volume_name(spec: Any) -> str:
    """Return the name of the bound volume, or a placeholder in a preview before the claim is bound.

    The provider takes an unknown name for none, and refuses a Patch resource without a name, in previews too
    (pulumi-kubernetes, provider.go, Check).
    """
    found = spec.get("volume_name") if isinstance(spec, dict) else getattr(spec, "volume_name", None)
    return found if isinstance(found, str) else "pvc-of-a-claim-yet-to-be-bound"
