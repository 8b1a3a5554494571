"""The kinds that Trident's operator creates at run time, as `kubectl get crd` shows them.

Schemas accept any field, as the genuine ones do (cli/k8s_client/yaml_factory.go in NetApp/trident): Trident checks its
objects itself. The chart brings TridentOrchestrator and TridentConfigurator. Kinds of other drivers are left out.
"""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from sandbox.kube.api import ApiError, KubeApi, NotFoundError
from sandbox.kube.objects import Json, key

GROUP: Final = "trident.netapp.io"
GROUP_VERSION: Final = f"{GROUP}/v1"
API: Final = f"/apis/{GROUP_VERSION}"
CRDS: Final = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
FINALIZER: Final = GROUP
"""On every object of these kinds: without a running Trident none of them can be deleted."""
ORCHESTRATORS: Final = f"{API}/tridentorchestrators"
CHART_KINDS: Final = ("tridentconfigurators", "tridentorchestrators")
"""The kinds of the chart. Since 25.06 a wipeout removes them too, unless `skipCRDsToObliviate` names them."""
BUSY: Final = 429
"""The API server's answer for a kind whose definition has just been changed."""


@dataclass(frozen=True)
class Kind:
    """A kind of Trident's."""

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
        return f"{self.kind.lower()}s"

    @property
    def name(self) -> str:
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
    return [kind for kind in KINDS if kind.since <= release]


def force_delete(api: KubeApi, path: str) -> None:
    """Delete an object of Trident's, whatever its finalizers say; it may be gone already."""
    with suppress(NotFoundError):
        api.merge(path, {"metadata": {"finalizers": None}})
        api.delete(path)


def obliviate(api: KubeApi, skip: Collection[str], chart_kinds: bool) -> list[str]:
    """Delete Trident's objects and then its kinds, except those to skip, as `tridentctl obliviate crd` does.

    Return the kinds that are still there: the API server deletes a kind's objects before its definition
    (cli/cmd/obliviate_crd.go in NetApp/trident).
    """
    plurals = [kind.plural for kind in KINDS] + ([*CHART_KINDS] if chart_kinds else [])
    wanted = [plural for plural in plurals if f"{plural}.{GROUP}" not in skip]
    try:
        for plural in wanted:
            delete_objects(api, plural)
    except ApiError as error:
        if error.status != BUSY:
            raise
        return wanted
    for plural in wanted:
        path = f"{CRDS}/{plural}.{GROUP}"
        with suppress(NotFoundError):
            # The API server's own finalizer stays: with it the kind's objects are deleted.
            kept = [name for name in api.get(path)["metadata"].get("finalizers", []) if name != FINALIZER]
            api.merge(path, {"metadata": {"finalizers": kept}})
        api.delete(path)
    left = {str(item["metadata"]["name"]) for item in api.get(CRDS)["items"]}
    return [plural for plural in wanted if f"{plural}.{GROUP}" in left]


def delete_objects(api: KubeApi, plural: str) -> None:
    """Delete every object of a kind, whatever its finalizers say."""
    found = api.find(f"{API}/{plural}") or {"items": []}
    for item in found["items"]:
        namespace, name = key(item)
        force_delete(api, f"{API}/namespaces/{namespace}/{plural}/{name}" if namespace else f"{API}/{plural}/{name}")
