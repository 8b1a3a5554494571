"""Exports of a stack `dev` as `pulumi stack export` prints them, finished and unfinished, and its configuration."""

import copy
import json
from collections.abc import Mapping
from typing import Any, Final

from tests.unit.verify_objects import FQDN, POOL, SUBNET
from tests.unit.verify_world import OUTPUTS
from verify.stack.outputs import StackOutputs
from verify.stack.reading import unfinished
from verify.stack.state import State

Json = dict[str, Any]
ACCOUNT: Final = POOL.partition("/capacityPools/")[0]
GROUP: Final = POOL.partition("/providers/")[0]
VOLUME: Final = f"{POOL}/volumes/smb"
CIPHERTEXT: Final = "v1:dVpqO3UF9BDsGOJw:Gj/wEwaZspymcIpM"
SECRET: Final = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": CIPHERTEXT}
CONFIG: Final[Json] = {
    "azure-native:location": "koreacentral",
    "azure-native:subscriptionId": POOL.split("/")[2],
    "anf-smb:resourceGroup": {"name": POOL.split("/")[4]},
    "anf-smb:network": {"virtualNetwork": "vnet-anf", "addressSpace": "10.60.0.0/16", "subnet": "anf"},
    "anf-smb:account": {"name": "anf-dev"},
    "anf-smb:pools": [{"name": "pool-dev", "serviceLevel": "Standard", "sizeTiB": 1}],
    "anf-smb:volumes": [{"name": "smb", "sizeGiB": 100}],
    "anf-smb:cluster": {"aks": {"resourceGroup": "rg-aks-dev", "name": "aks-dev"}},
    "anf-smb:smbDriver": {"version": "1.20.3"},
    "anf-smb:trident": {"version": "100.2606.0"},
    "anf-smb:dynamicClaims": [{"name": "smb-dynamic", "sizeGiB": 100}],
    "anf-smb:sampleWorkload": True,
}

RELEASE, ORCHESTRATOR = "kubernetes:helm.sh/v3:Release", "kubernetes:trident.netapp.io/v1:TridentOrchestratorPatch"
BACKEND, CLASS = "kubernetes:trident.netapp.io/v1:TridentBackendConfig", "kubernetes:storage.k8s.io/v1:StorageClass"
CLAIM, POD = "kubernetes:core/v1:PersistentVolumeClaim", "kubernetes:core/v1:Pod"
ANF_VOLUME = "azure-native:netapp:CapacityPoolVolume"
STATIC_POD, STATIC_CLAIM = (POD, "smb-static/iis-pod"), (CLAIM, "smb-static/anf-pvc-smb")
DYNAMIC_POD, DYNAMIC_CLAIM = (POD, "smb-dynamic/iis-pod"), (CLAIM, "smb-dynamic/anf-pvc-smb-dynamic")
SHARE: Final = {"mountTargets": [{"smbServerFqdn": FQDN}], "creationToken": "smb"}
_RESOURCES: Final[tuple[tuple[str, str, str, Json], ...]] = (  # type, name, id, outputs
    ("pulumi:providers:kubernetes", "aks", "4f61b092", {"kubeconfig": SECRET}),
    ("pulumi:index:Stash", "aks-identity", "eb86e51b", {}),
    ("anf-smb:index:CapacityPool", "pool-dev", "", {"madeOfCapacityPool": SECRET}),
    ("anf-smb:index:SmbVolume", "smb", "", {}),
    ("anf-smb:index:DynamicShare", "smb-dynamic", "", {}),
    ("azure-native:resources:ResourceGroup", "anf-group", GROUP, {}),
    ("azure-native:network:Subnet", "anf-subnet", SUBNET, {}),
    ("azure-native:netapp:Account", "anf-account", ACCOUNT, {"activeDirectories": [{"password": SECRET}]}),
    ("azure-native:netapp:CapacityPool", "pool-dev-pool", POOL, {}),
    (ANF_VOLUME, "smb-volume", VOLUME, SHARE),
    ("kubernetes:core/v1:Secret", "smb-static-smbcreds", "smb-static/smbcreds", {"data": SECRET}),
    ("kubernetes:core/v1:Secret", "smb-dynamic-smbcreds", "smb-dynamic/smbcreds", {"data": SECRET}),
    (RELEASE, "csi-driver-smb-release", "kube-system/csi-driver-smb", {"version": "1.20.3"}),
    (*STATIC_CLAIM[:1], "smb-claim", STATIC_CLAIM[1], {}),
    (POD, "smb-pod", STATIC_POD[1], {}),
    (RELEASE, "trident-release", "trident/trident", {"version": "100.2606.0"}),
    (ORCHESTRATOR, "trident-orchestrator", "trident", {}),
    (BACKEND, "pool-dev-backend-config", "trident/backend-tbc-anf-smb", {}),
    (CLASS, "pool-dev-storage-class", "anf-sc-smb", {}),
    (*DYNAMIC_CLAIM[:1], "smb-dynamic-claim", DYNAMIC_CLAIM[1], {}),
    (POD, "dynamic-smb-dynamic-pod", DYNAMIC_POD[1], {}),
)


class Export:
    """An export of stack `dev`: deployed whole, until a test changes it."""

    def __init__(self) -> None:
        self.outputs: Json | None = copy.deepcopy(OUTPUTS)
        self.resources = [resource(*each) for each in _RESOURCES]
        self.pending: list[Json] = []

    def without_outputs(self) -> "Export":
        """Take away the outputs, which only an `up` that ends writes."""
        self.outputs = None
        return self

    def without(self, *missing: tuple[str, str]) -> "Export":
        """Take away resources by type and id."""
        self.resources = [each for each in self.resources if (each["type"], each.get("id")) not in missing]
        return self

    def unready(self, kind: str, identity: str) -> "Export":
        """Let a resource exist that did not become ready."""
        (found,) = (each for each in self.resources if (each["type"], each.get("id")) == (kind, identity))
        found["initErrors"] = [f"'{identity}' timed out waiting to be Ready"]
        return self

    def creating(self, kind: str, identity: str) -> "Export":
        """Let an interrupted update have been creating an object of the cluster."""
        (found,) = (each for each in self.resources if (each["type"], each.get("id")) == (kind, identity))
        self.without((kind, identity))
        namespace, _, name = identity.rpartition("/")
        place = {"name": name} | ({"namespace": namespace} if namespace else {})
        inputs = place if kind == RELEASE else {"metadata": place}
        kept = {key: value for key, value in found.items() if key not in {"id", "outputs"}}
        self.pending.append({"resource": kept | {"inputs": inputs}, "type": "creating"})
        return self

    def add(self, kind: str, name: str, identity: str, outputs: Json) -> "Export":
        """Add a resource."""
        self.resources.append(resource(kind, name, identity, outputs))
        return self

    @property
    def document(self) -> Json:
        """Return the export as pulumi prints it."""
        root = resource("pulumi:pulumi:Stack", "anf-smb-dev", "", self.outputs or {})
        pending = {"pending_operations": self.pending} if self.pending else {}
        return {"version": 3, "deployment": {"resources": [root, *self.resources], **pending}}


def resource(kind: str, name: str, identity: str, outputs: Json) -> Json:
    """Return a resource of an export; a component has no id."""
    found = {"urn": f"urn:pulumi:dev::anf-smb::{kind}::{name}", "custom": bool(identity), "type": kind}
    return found | ({"id": identity} if identity else {}) | ({"outputs": copy.deepcopy(outputs)} if outputs else {})


def configuration(keys: Mapping[str, Any] = CONFIG) -> Json:
    """Return a configuration as `pulumi config --json` prints it, with a secret."""
    printed: Json = {"anf-smb:smbPassword": {"secret": True}}
    for key, value in keys.items():
        plain = isinstance(value, str)
        printed[key] = {"value": value if plain else json.dumps(value), "secret": False}
        if isinstance(value, (dict, list)):
            printed[key]["objectValue"] = value
    return printed


def history(result: str, kind: str = "update", keys: Mapping[str, Any] = CONFIG) -> Json:
    """Return an update as `pulumi stack history --json` prints it."""
    return {"version": 1, "kind": kind, "result": result, "config": configuration(keys)}


FAILED: Final = history("failed")
INTERRUPTED: Final = (
    Export()
    .without_outputs()
    .creating(BACKEND, "trident/backend-tbc-anf-smb")
    .creating(*STATIC_POD)
    .without((CLASS, "anf-sc-smb"), DYNAMIC_CLAIM, DYNAMIC_POD)
)
"""The state of an update that was killed while it waited for a backend and a Pod; it is in no history."""


def outputs_of(export: Export, last: Mapping[str, Any] = FAILED, keys: Mapping[str, Any] = CONFIG) -> StackOutputs:
    """Return what verify reads of a state; `last` is the update in the history, if it is there."""
    return unfinished("dev", State.parse(export.document), last, configuration(keys))
