"""The section anf-smb:volumes, and the rules between volumes."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Final

from pydantic import Field

from components import rules
from components.rules import volumes as volume_rules
from components.smb_volume import SmbVolumeArgs
from components.static_share import StaticShareArgs
from configuration.errors import Problem, missing_key
from configuration.section import Namespace, Section, ServiceLevel, obeys
from configuration.tags import TaggedSection


class BackupSettings(Section):
    """The backup of a volume."""

    vault_id: Annotated[str, obeys(volume_rules.BACKUP_VAULT_ID)]
    policy_id: Annotated[str, obeys(volume_rules.BACKUP_POLICY_ID)] | None = None
    enforced: bool | None = None


class VolumeSettings(TaggedSection):
    """One of anf-smb:volumes; an existing volume keeps its settings."""

    name: Annotated[str, obeys(rules.VOLUME_NAME)]
    pool_name: str | None = Field(default=None, alias="pool")
    """The name of one of pools. It cannot be changed. Default: the first."""
    size_gib: Annotated[int, obeys(rules.VOLUME_SIZE_GIB)] | None = Field(default=None, alias="sizeGiB")
    creation_token: Annotated[str, obeys(rules.CREATION_TOKEN)] | None = None
    claim: Annotated[str, obeys(rules.OBJECT_NAME)] | None = None
    """The claim's name. Default: anf-pvc-NAME."""
    persistent_volume: Annotated[str, obeys(rules.OBJECT_NAME)] | None = None
    """The PersistentVolume's name, unique in the cluster. Default: anf-pv-NAME."""
    volume_handle: str | None = None
    """The PersistentVolume's volumeHandle, unique in the cluster. Default: server#share#fileSystemId."""
    namespace: Namespace = "smb-static"
    """The namespace of the claim, of its Pods and of the Secret smbcreds."""
    service_level: ServiceLevel | None = None
    throughput_mibps: Annotated[int, obeys(rules.THROUGHPUT_MIBPS)] | None = None
    smb_encryption: bool = False
    access_based_enumeration: bool = False
    browsable: bool = True
    snapshot_directory_visible: bool = True
    existing: bool = False
    snapshot_policy: str | None = None
    """The name of one of snapshotPolicies. Default: none."""
    backup: BackupSettings | None = None
    zone: Annotated[str, obeys(volume_rules.ZONE)] | None = None
    continuously_available: bool | None = None
    cool_access: bool | None = None
    coolness_period: Annotated[int, obeys(volume_rules.COOLNESS_PERIOD)] | None = None
    cool_access_retrieval_policy: Annotated[str, obeys(volume_rules.COOL_ACCESS_RETRIEVAL_POLICY)] | None = None
    cool_access_tiering_policy: Annotated[str, obeys(volume_rules.COOL_ACCESS_TIERING_POLICY)] | None = None

    @property
    def share(self) -> str:
        """Return the share's name: the creation token, by default the volume's name."""
        return self.creation_token or self.name

    @property
    def claim_name(self) -> str:
        """Return the claim's name, by default anf-pvc-NAME."""
        return self.claim or f"anf-pvc-{self.name}"

    @property
    def persistent_volume_name(self) -> str:
        """Return the PersistentVolume's name, by default anf-pv-NAME."""
        return self.persistent_volume or f"anf-pv-{self.name}"

    @property
    def args(self) -> SmbVolumeArgs:
        """Return the arguments of the volume."""
        return self.arguments_of(SmbVolumeArgs)

    @property
    def share_args(self) -> StaticShareArgs:
        """Return the arguments of the share in the cluster."""
        return self.arguments_of(StaticShareArgs)


Volumes = Mapping[int, VolumeSettings]
"""Volumes by their place in the list."""

_OF_THE_SHARE: Final = frozenset(
    {"name", "pool_name", "claim", "persistent_volume", "volume_handle", "namespace", "existing"}
)
"""Keys of a volume that say nothing of the volume in Azure but where it is."""


def volume_inconsistencies(volumes: Volumes) -> Iterator[Problem]:
    """Yield each contradiction in volumes and between them."""
    yield from _sizes(volumes)
    yield from _names(volumes)
    yield from _options(volumes)


def _sizes(volumes: Volumes) -> Iterator[Problem]:
    """Check that a volume has a size, and an existing one nothing that would change it."""
    for index, volume in volumes.items():
        key = f"anf-smb:volumes[{index}]"
        if volume.existing:
            for name, field in VolumeSettings.model_fields.items():
                if name in volume.model_fields_set - _OF_THE_SHARE - TaggedSection.model_fields.keys():
                    yield Problem(
                        f"{key}.{field.alias}", "is set", "nothing: an existing volume keeps its own", "remove it"
                    )
        elif volume.size_gib is None:
            yield missing_key(f"{key}.sizeGiB", "100")


def _options(volumes: Volumes) -> Iterator[Problem]:
    """Check keys that mean something only beside another one."""
    for index, volume in volumes.items():
        key = f"anf-smb:volumes[{index}]"
        for name in volume_rules.OF_COOL_ACCESS:
            if getattr(volume, name) is not None and not volume.cool_access:
                alias = VolumeSettings.model_fields[name].alias
                yield Problem(f"{key}.{alias}", "is set", "only with coolAccess: true", "remove it, or add coolAccess")
        if volume.backup and volume.backup.enforced is not None and volume.backup.policy_id is None:
            yield Problem(
                f"{key}.backup.enforced",
                "is set",
                "only with policyId: it starts or suspends the backups of a policy",
                f"pulumi config set --path '{key}.backup.policyId' …, or remove it",
            )


def _names(volumes: Volumes) -> Iterator[Problem]:
    """Check names that the volume's name decides, and names that must be unique."""
    for index, volume in volumes.items():
        key = f"anf-smb:volumes[{index}]"
        for name, chosen, derived, rule in (
            *(
                []
                if volume.existing
                else [("creationToken", volume.creation_token, volume.share, rules.CREATION_TOKEN)]
            ),
            ("claim", volume.claim, volume.claim_name, rules.OBJECT_NAME),
            ("persistentVolume", volume.persistent_volume, volume.persistent_volume_name, rules.OBJECT_NAME),
        ):
            if chosen is None and not rule.holds(derived):
                fix = f"pulumi config set --path '{key}.{name}' …, or choose another name for the volume"
                yield Problem(f"{key}.{name}", f'is "{derived}" by default, from the name', rule.allowed, fix)

    unique: dict[str, Callable[[VolumeSettings], object]] = {
        "name": lambda volume: volume.name.lower(),
        "creationToken": lambda volume: (volume.existing, volume.share.lower()),
        "claim": lambda volume: (volume.namespace, volume.claim_name),
        "persistentVolume": lambda volume: volume.persistent_volume_name,
    }
    for name, identity in unique.items():
        places: defaultdict[object, list[int]] = defaultdict(list)
        for index, volume in volumes.items():
            places[identity(volume)].append(index)
        for same in places.values():
            for index in same[1:]:
                yield Problem(
                    f"anf-smb:volumes[{index}].{name}",
                    f"is the same as that of anf-smb:volumes[{same[0]}]",
                    "a name that no other volume has" + (" in its namespace" if name == "claim" else ""),
                )
