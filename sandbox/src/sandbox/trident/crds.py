"""The kinds that Trident's operator makes at run time, as `kubectl get crd` shows them.

Schemas are structural and take any field, as the genuine ones do (cli/k8s_client/yaml_factory.go in NetApp/trident);
what is checked in them is Trident's code, not the API server. TridentOrchestrator and TridentConfigurator come with the
chart. Not listed: kinds that belong to drivers and features that the sandbox does not play.
"""

from dataclasses import dataclass
from typing import Final

from sandbox.kube.objects import Json

GROUP: Final = "trident.netapp.io"
GROUP_VERSION: Final = f"{GROUP}/v1"
API: Final = f"/apis/{GROUP_VERSION}"
CRDS: Final = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
FINALIZER: Final = "trident.netapp.io"
"""On every object of these kinds: without a running Trident none of them can be deleted."""

ORCHESTRATORS: Final = f"{API}/tridentorchestrators"


@dataclass(frozen=True)
class Column:
    """What `kubectl get` prints; with `wide` only under -o wide."""

    name: str
    path: str
    type: str = "string"
    wide: bool = False


@dataclass(frozen=True)
class Kind:
    """One kind of Trident's."""

    kind: str
    short_names: tuple[str, ...]
    columns: tuple[Column, ...] = ()
    status: bool = False
    """Whether its status is a subresource."""
    user_facing: bool = False
    since: tuple[int, int] = (23, 4)
    """The first version that has it."""

    @property
    def plural(self) -> str:
        """As in paths."""
        return f"{self.kind.lower()}s"

    @property
    def name(self) -> str:
        """The definition's name."""
        return f"{self.plural}.{GROUP}"

    def definition(self) -> Json:
        """The CustomResourceDefinition, with a finalizer so that its objects do not go by accident."""
        version: Json = {
            "name": "v1",
            "served": True,
            "storage": True,
            "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
        }
        if self.status:
            version["subresources"] = {"status": {}}
        if self.columns:
            version["additionalPrinterColumns"] = [
                {"name": column.name, "type": column.type, "jsonPath": column.path, "priority": int(column.wide)}
                for column in self.columns
            ]
        return {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": self.name, "finalizers": [FINALIZER]},
            "spec": {
                "group": GROUP,
                "scope": "Namespaced",
                "names": {
                    "kind": self.kind,
                    "listKind": f"{self.kind}List",
                    "plural": self.plural,
                    "singular": self.kind.lower(),
                    "shortNames": list(self.short_names),
                    "categories": ["trident", "trident-internal", *(["trident-external"] if self.user_facing else [])],
                },
                "versions": [version],
            },
        }


_AGE: Final = Column("Age", ".metadata.creationTimestamp", "date")

KINDS: Final = (
    Kind("TridentVersion", ("tver", "tversion"), (Column("Version", ".trident_version"),)),
    Kind(
        "TridentBackend",
        ("tbe", "tbackend"),
        (Column("Backend", ".backendName"), Column("Backend UUID", ".backendUUID")),
    ),
    Kind(
        "TridentBackendConfig",
        ("tbc", "tbconfig", "tbackendconfig"),
        (
            Column("Backend Name", ".status.backendInfo.backendName"),
            Column("Backend UUID", ".status.backendInfo.backendUUID"),
            Column("Phase", ".status.phase"),
            Column("Status", ".status.lastOperationStatus"),
            Column("Storage Driver", ".spec.storageDriverName", wide=True),
            Column("Deletion Policy", ".status.deletionPolicy", wide=True),
        ),
        status=True,
        user_facing=True,
    ),
    Kind("TridentMirrorRelationship", ("tmr",), status=True, user_facing=True),
    Kind("TridentActionMirrorUpdate", ("tamu",), status=True, user_facing=True),
    Kind("TridentSnapshotInfo", ("tsi", "tsnapinfo", "tsnapshotinfo"), status=True, user_facing=True),
    Kind("TridentStorageClass", ("tsc", "tstorageclass")),
    Kind(
        "TridentVolume",
        ("tvol", "tvolume"),
        (
            _AGE,
            Column("Size", ".config.size", wide=True),
            Column("Storage Class", ".config.storageClass", wide=True),
            Column("State", ".state", wide=True),
            Column("Protocol", ".config.protocol", wide=True),
            Column("Backend UUID", ".backendUUID", wide=True),
            Column("Pool", ".pool", wide=True),
        ),
    ),
    Kind(
        "TridentVolumePublication",
        ("tvp", "tvpub", "tvpublication"),
        (Column("Volume", ".volumeID"), Column("Node", ".nodeID")),
    ),
    Kind("TridentNode", ("tnode",)),
    Kind("TridentTransaction", ("ttx", "ttransaction")),
    Kind("TridentSnapshot", ("tss", "tsnap", "tsnapshot"), (Column("State", ".state", wide=True),)),
    Kind("TridentVolumeReference", ("tvr", "tvref"), (_AGE,), user_facing=True),
    Kind("TridentActionSnapshotRestore", ("tasr",), (Column("State", ".status.state"),), True, True, since=(23, 7)),
    Kind("TridentGroupSnapshot", ("tgs", "tgsnap", "tgroupsnapshot"), since=(25, 6)),
)
"""In the order in which they are made."""


def kinds(release: tuple[int, int]) -> list[Kind]:
    """The kinds of a version."""
    return [kind for kind in KINDS if kind.since <= release]
