"""The kinds that Trident's operator creates at run time, as `kubectl get crd` shows them.

Schemas accept any field, as the genuine ones do (cli/k8s_client/yaml_factory.go in NetApp/trident): Trident checks its
objects itself. The chart brings TridentOrchestrator and TridentConfigurator. Kinds of other drivers are left out.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from sandbox.kube.api import KubeApi, NotFoundError
from sandbox.kube.objects import Json

GROUP: Final = "trident.netapp.io"
GROUP_VERSION: Final = f"{GROUP}/v1"
API: Final = f"/apis/{GROUP_VERSION}"
CRDS: Final = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
FINALIZER: Final = GROUP
"""On every object of these kinds: without a running Trident none of them can be deleted."""

ORCHESTRATORS: Final = f"{API}/tridentorchestrators"


@dataclass(frozen=True)
class Kind:
    """One kind of Trident's."""

    kind: str
    short_names: str
    columns: Mapping[str, str] = field(default_factory=dict[str, str])
    """What `kubectl get` prints, by title; `wide` is what it adds under `-o wide`."""
    wide: Mapping[str, str] = field(default_factory=dict[str, str])
    has_status: bool = False
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
        """Return the CustomResourceDefinition, with the finalizer that guards its objects from an accident."""
        version: Json = {
            "name": "v1",
            "served": True,
            "storage": True,
            "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
        }
        if self.has_status:
            version["subresources"] = {"status": {}}
        if columns := [(*each, 0) for each in self.columns.items()] + [(*each, 1) for each in self.wide.items()]:
            version["additionalPrinterColumns"] = [
                {"name": name, "type": "date" if name == "Age" else "string", "jsonPath": path, "priority": priority}
                for name, path, priority in columns
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
                    "shortNames": self.short_names.split(),
                    "categories": ["trident", "trident-internal", *(["trident-external"] if self.user_facing else [])],
                },
                "versions": [version],
            },
        }


_CONFIG_COLUMNS: Final = {
    "Backend Name": ".status.backendInfo.backendName",
    "Backend UUID": ".status.backendInfo.backendUUID",
    "Phase": ".status.phase",
    "Status": ".status.lastOperationStatus",
}
_CONFIG_WIDE: Final = {"Storage Driver": ".spec.storageDriverName", "Deletion Policy": ".status.deletionPolicy"}
_VOLUME_WIDE: Final = {
    "Size": ".config.size",
    "Storage Class": ".config.storageClass",
    "State": ".state",
    "Protocol": ".config.protocol",
    "Backend UUID": ".backendUUID",
    "Pool": ".pool",
}
_AGE: Final = {"Age": ".metadata.creationTimestamp"}

KINDS: Final = (
    Kind("TridentVersion", "tver tversion", {"Version": ".trident_version"}),
    Kind("TridentBackend", "tbe tbackend", {"Backend": ".backendName", "Backend UUID": ".backendUUID"}),
    Kind("TridentBackendConfig", "tbc tbconfig tbackendconfig", _CONFIG_COLUMNS, _CONFIG_WIDE, True, True),
    Kind("TridentMirrorRelationship", "tmr", has_status=True, user_facing=True),
    Kind("TridentActionMirrorUpdate", "tamu", has_status=True, user_facing=True),
    Kind("TridentSnapshotInfo", "tsi tsnapinfo tsnapshotinfo", has_status=True, user_facing=True),
    Kind("TridentStorageClass", "tsc tstorageclass"),
    Kind("TridentVolume", "tvol tvolume", _AGE, _VOLUME_WIDE),
    Kind("TridentVolumePublication", "tvp tvpub tvpublication", {"Volume": ".volumeID", "Node": ".nodeID"}),
    Kind("TridentNode", "tnode"),
    Kind("TridentTransaction", "ttx ttransaction"),
    Kind("TridentSnapshot", "tss tsnap tsnapshot", wide={"State": ".state"}),
    Kind("TridentVolumeReference", "tvr tvref", _AGE, user_facing=True),
    Kind("TridentActionSnapshotRestore", "tasr", {"State": ".status.state"}, {}, True, True, since=(23, 7)),
    Kind("TridentGroupSnapshot", "tgs tgsnap tgroupsnapshot", since=(25, 6)),
)
"""In the order in which they are created."""


def kinds(release: tuple[int, int]) -> list[Kind]:
    """Return the kinds of a version."""
    return [kind for kind in KINDS if kind.since <= release]


def force_delete(api: KubeApi, path: str) -> None:
    """Delete an object of Trident's, whatever its finalizers say; it may be gone already."""
    with suppress(NotFoundError):
        api.merge(path, {"metadata": {"finalizers": None}})
        api.delete(path)
