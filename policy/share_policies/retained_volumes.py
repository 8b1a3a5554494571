"""Rules: the data of a claim is retained after the claim."""

from typing import Final

from pulumi_policy import (
    EnforcementLevel,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
)

from share_policies.resources import items, known, names

_URL: Final = "https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reclaiming"


def persistent_volumes_retain(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Report a PersistentVolume without reclaim policy Retain: only the stack may delete its share."""
    if args.resource_type != "kubernetes:core/v1:PersistentVolume":
        return
    policy = known(args.props, "spec", "persistentVolumeReclaimPolicy")
    if policy not in {None, "Retain"}:  # Kubernetes' default for a manually created one is Retain
        report(f"'{args.name}' has persistentVolumeReclaimPolicy '{policy}'; it must be 'Retain'.", None)


def storage_classes_retain(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Report a StorageClass without reclaim policy Retain, except in `allowDelete`."""
    if args.resource_type != "kubernetes:storage.k8s.io/v1:StorageClass":
        return
    policy = known(args.props, "reclaimPolicy") or "Delete"  # Kubernetes' default for a class
    name = known(args.props, "metadata", "name") or args.name
    if policy != "Retain" and name not in items(args.get_config().get("allowDelete")):
        report(
            f"StorageClass '{name}' has reclaimPolicy '{policy}': deleting a claim deletes its volume. Set "
            "trident.reclaimPolicy to Retain, or add it to storage-classes-retain.allowDelete in "
            "policy/configuration.json.",
            None,
        )


PERSISTENT_VOLUMES_RETAIN: Final = ResourceValidationPolicy(
    name="persistent-volumes-retain",
    description="PersistentVolumes are retained when their claim is deleted.",
    enforcement_level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    validate=persistent_volumes_retain,
    url=_URL,
)
STORAGE_CLASSES_RETAIN: Final = ResourceValidationPolicy(
    name="storage-classes-retain",
    description="StorageClasses retain the volumes of deleted claims.",
    enforcement_level=EnforcementLevel.ADVISORY,
    severity=Severity.HIGH,
    config_schema=names("allowDelete"),
    validate=storage_classes_retain,
    url=_URL,
)
