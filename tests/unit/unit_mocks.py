"""Mocks for the program and its components; they record resources, options and secrets."""

import asyncio
import base64
import contextvars
import functools
import inspect
import json
import runpy
import signal
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pulumi
import yaml
from pulumi.runtime import run_in_stack, set_all_config, set_mocks
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks
from pulumi.runtime.settings import SETTINGS, set_root_resource

from tests.unit.mock_monitor import Monitor, Registered

PROJECT: Final = Path(__file__).parents[2]
SECRET: Final = "4dabf18193072939515e22adb298388d"  # the signature of wrapped values, and below that of a secret
SECRET_VALUE: Final = "1b47061264138c4ac30d75fd1eb44270"
PASSWORDS: Final = {
    "anf-smb:activeDirectoryPassword": "join-Pa55word",
    "anf-smb:smbPassword": "mount-Pa55word",
    "anf-smb:tridentClientSecret": "trident-5ecret",
}
KUBECONFIG: Final = "apiVersion: v1\nkind: Config\n"
SUBSCRIPTION_ID: Final = "00000000-0000-0000-0000-000000000000"
SUBSCRIPTION: Final = f"/subscriptions/{SUBSCRIPTION_ID}"
TENANT_ID: Final = "11111111-1111-1111-1111-111111111111"
CLIENT_ID: Final = "22222222-2222-2222-2222-222222222222"
PRINCIPAL_ID: Final = "33333333-3333-3333-3333-333333333333"
KUBELET_ID: Final = "44444444-4444-4444-4444-444444444444"
ISSUER: Final = "https://koreacentral.oic.prod-aks.azure.com/tenant/cluster/"

GROUP: Final = "azure-native:resources:ResourceGroup"
NETWORK: Final = "azure-native:network:VirtualNetwork"
SUBNET: Final = "azure-native:network:Subnet"
PEERING: Final = "azure-native:network:VirtualNetworkPeering"
AZURE_PROVIDER: Final = "pulumi:providers:azure-native"
ACCOUNT: Final = "azure-native:netapp:Account"
POOL: Final = "azure-native:netapp:CapacityPool"
VOLUME: Final = "azure-native:netapp:CapacityPoolVolume"
SNAPSHOT_POLICY: Final = "azure-native:netapp:SnapshotPolicy"
METRIC_ALERT: Final = "azure-native:monitor:MetricAlert"
ACTION_GROUP_ID: Final = (
    f"{SUBSCRIPTION}/resourceGroups/rg-monitoring/providers/Microsoft.Insights/actionGroups/storage-team"
)
PROVIDER: Final = "pulumi:providers:kubernetes"
STASH: Final = "pulumi:index:Stash"
RELEASE: Final = "kubernetes:helm.sh/v3:Release"
NAMESPACE: Final = "kubernetes:core/v1:Namespace"
KUBERNETES_SECRET: Final = "kubernetes:core/v1:Secret"
PERSISTENT_VOLUME: Final = "kubernetes:core/v1:PersistentVolume"
CLAIM: Final = "kubernetes:core/v1:PersistentVolumeClaim"
POD: Final = "kubernetes:core/v1:Pod"
RECLAIM_POLICY: Final = "kubernetes:core/v1:PersistentVolumePatch"
STORAGE_CLASS: Final = "kubernetes:storage.k8s.io/v1:StorageClass"
ORCHESTRATOR: Final = "kubernetes:trident.netapp.io/v1:TridentOrchestratorPatch"
BACKEND_CONFIG: Final = "kubernetes:trident.netapp.io/v1:TridentBackendConfig"
IDENTITY: Final = "azure-native:managedidentity:UserAssignedIdentity"
FEDERATION: Final = "azure-native:managedidentity:FederatedIdentityCredential"
ROLE: Final = "azure-native:authorization:RoleDefinition"
ASSIGNMENT: Final = "azure-native:authorization:RoleAssignment"


def subnet_id(group: str, network: str, subnet: str) -> str:
    path = f"Microsoft.Network/virtualNetworks/{network}/subnets/{subnet}"
    return f"{SUBSCRIPTION}/resourceGroups/{group}/providers/{path}"


OWN_NETWORK: Final = {
    "virtualNetwork": "vnet-anf",
    "addressSpace": "10.60.0.0/16",
    "subnet": "anf",
    "subnetPrefix": "10.60.1.0/26",
}
"""A network of the stack's own; the committed stacks have a subnet in a hub."""


def as_it_is(answer: dict[str, Any]) -> dict[str, Any]:
    return answer


@dataclass
class Cloud(Mocks):
    """Mocks of Azure and Kubernetes: they return the inputs as outputs, with computed properties."""

    volume: Callable[[dict[str, Any]], dict[str, Any]] = as_it_is
    """A change to the result of a volume lookup."""
    account: Callable[[dict[str, Any]], dict[str, Any]] = as_it_is
    pool: Callable[[dict[str, Any]], dict[str, Any]] = as_it_is
    cluster: Callable[[dict[str, Any]], dict[str, Any]] = as_it_is
    subnet: Callable[[dict[str, Any]], dict[str, Any]] = as_it_is
    network: Callable[[dict[str, Any]], dict[str, Any]] = as_it_is
    """A change to an existing virtual network, which has the directory's DNS servers in it."""
    missing: str = ""
    """The type token of a lookup that returns 404."""
    exists: bool = False
    """Whether all resources already exist, so that previews know their ids."""
    prior: Sequence[Mapping[str, Any]] = ()
    """What the state has from the last run: children of components in checkpoint format."""
    calls: list[str] = field(default_factory=list)
    providers: dict[str, str] = field(default_factory=dict)
    """The provider of the last call of each token; empty for the default one."""
    made: list[str] = field(default_factory=list)

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        inputs: dict[str, Any] = dict(args.inputs)
        self.made.append(args.typ)
        if args.typ.startswith("azure-native:"):
            inputs.setdefault("location", "koreacentral")
        if args.typ == "pulumi:pulumi:StackReference":
            inputs |= {"outputs": {"kubeconfig": KUBECONFIG}, "secretOutputNames": []}
        if args.typ == RELEASE:
            inputs["status"] = {"status": "deployed"}
        if args.typ == IDENTITY and not _first_preview(self):
            inputs |= {"clientId": CLIENT_ID, "principalId": PRINCIPAL_ID}
        if args.typ == CLAIM and inputs["spec"].get("storageClassName") and not _first_preview(self):
            inputs["spec"] = {**inputs["spec"], "volumeName": f"pvc-uid-of-{args.name}"}
        made = f"{SUBSCRIPTION}/{args.name}"
        if args.typ == SUBNET and not args.resource_id:  # with an id it is read
            made = subnet_id(*(str(inputs[key]) for key in ("resourceGroupName", "virtualNetworkName", "subnetName")))
        return made if args.custom and not _first_preview(self) else None, inputs

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        self.providers[args.token] = args.provider or ""
        if args.token == self.missing:
            return {}, [("name", "Status=404")]
        return self._answer(args), []

    def _answer(self, args: MockCallArgs) -> dict[str, Any]:
        given: dict[str, Any] = dict(args.args)
        self.calls.append(args.token)
        match args.token:
            case "azure-native:containerservice:listManagedClusterUserCredentials":
                value = base64.b64encode(KUBECONFIG.encode()).decode()
                return {"kubeconfigs": [{"name": "clusterUser", "value": value}]}
            case "azure-native:containerservice:getManagedCluster":
                name = given["resourceName"]
                return self.cluster(
                    {
                        "id": f"{SUBSCRIPTION}/resourceGroups/{given['resourceGroupName']}/x/y/z/{name}",
                        "name": name,
                        "currentKubernetesVersion": "1.33.2",
                        "kubernetesVersion": "1.33",
                        "oidcIssuerProfile": {"enabled": True, "issuerURL": ISSUER},
                        "securityProfile": {"workloadIdentity": {"enabled": True}},
                        "identityProfile": {"kubeletidentity": {"objectId": KUBELET_ID}},
                    }
                )
            case "azure-native:authorization:getClientConfig":
                return {
                    "subscriptionId": SUBSCRIPTION_ID,
                    "tenantId": TENANT_ID,
                    "clientId": "whoever",
                    "objectId": "whoever",
                }
            case "azure-native:netapp:getCapacityPoolVolume":
                name = str(given["volumeName"])
                target = {
                    "smbServerFqdn": "anf-64d9.contoso.com",
                    "ipAddress": "10.40.1.4",
                    "fileSystemId": f"fs-{name}",
                }
                return self.volume(
                    {
                        "id": f"{SUBSCRIPTION}/volumes/{name}",
                        "provisioningState": "Succeeded",
                        "protocolTypes": ["CIFS"],
                        "usageThreshold": 300 * 1024**3,
                        "creationToken": name,
                        "fileSystemId": f"fs-{name}",
                        "mountTargets": [target],
                    }
                )
            case "azure-native:netapp:getAccount":
                return self.account(
                    {
                        "name": given["accountName"],
                        "location": "koreacentral",
                        "activeDirectories": [{"domain": "contoso.com"}],
                    }
                )
            case "azure-native:netapp:getCapacityPool":
                name = f"{given['accountName']}/{given['poolName']}"
                made = {
                    "id": f"{SUBSCRIPTION}/pools/{name}",
                    "name": name,
                    "serviceLevel": "Ultra",
                    "size": 2 * 1024**4,
                }
                return self.pool(made)
            case "azure-native:netapp:getSnapshotPolicy":
                name = f"{given['accountName']}/{given['snapshotPolicyName']}"
                return {"id": f"{SUBSCRIPTION}/snapshotPolicies/{name}", "name": name, "location": "koreacentral"}
            case "azure-native:resources:getResourceGroup":
                name = given["resourceGroupName"]
                return {"name": name, "id": f"{SUBSCRIPTION}/resourceGroups/{name}"}
            case "azure-native:network:getSubnet":
                return self.subnet({"id": "x", "delegations": [{"serviceName": "Microsoft.NetApp/volumes"}]})
            case "azure-native:network:getVirtualNetwork":
                path = "Microsoft.Network/virtualNetworks"
                network_id = f"{SUBSCRIPTION}/resourceGroups/{given['resourceGroupName']}/providers/{path}"
                return self.network(
                    {
                        "id": f"{network_id}/{given['virtualNetworkName']}",
                        "name": given["virtualNetworkName"],
                        "addressSpace": {"addressPrefixes": ["10.40.0.0/16"]},
                        "subnets": [{"id": "dc", "name": "domain-controllers", "addressPrefix": "10.40.0.0/24"}],
                    }
                )
            case other:
                raise AssertionError(f"{other} is not looked up by this program")


def _first_preview(cloud: Cloud) -> bool:
    return pulumi.runtime.is_dry_run() and not cloud.exists


@dataclass(frozen=True)
class Run:
    """The requests of a program to the engine."""

    monitor: Monitor
    cloud: Cloud

    def all(self, token: str) -> list[Registered]:
        return [resource for resource in self.monitor.registered if resource.type == token]

    def one(self, token: str, name: str | None = None) -> Registered:
        found = [resource for resource in self.all(token) if name in {None, resource.name}]
        assert len(found) == 1, f"{token} {name}: {[(resource.type, resource.name) for resource in found]}"
        return found[0]

    @property
    def outputs(self) -> dict[str, Any]:
        """Return the outputs of the stack."""
        return next(outputs for urn, outputs in self.monitor.outputs.items() if "pulumi:pulumi:Stack" in urn)


def is_secret(value: object) -> bool:
    return isinstance(value, dict) and value.get(SECRET) == SECRET_VALUE


def unheard(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Suppress errors of outputs that are never awaited: all outputs of a failed program have the same error."""


@contextmanager
def own_loop() -> Generator[asyncio.AbstractEventLoop]:
    """Yield an event loop for one program; cancel the remaining tasks of a failed program at the end."""
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(unheard)
    of_threads: list[asyncio.AbstractEventLoop] = []

    def of_thread() -> None:
        """Return a loop for a thread of the SDK's mocks; the SDK never closes a loop that it creates itself."""
        of_threads.append(asyncio.new_event_loop())
        asyncio.set_event_loop(of_threads[-1])

    asyncio.set_event_loop(loop)
    threads = ThreadPoolExecutor(initializer=of_thread)
    loop.set_default_executor(threads)
    try:
        yield loop
    finally:
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        SETTINGS.outputs.clear()  # pyright: ignore[reportAttributeAccessIssue]
        asyncio.set_event_loop(None)
        threads.shutdown()
        for each in (loop, *of_threads):
            each.close()


def run(
    program: Callable[[], object],
    *,
    cloud: Cloud | None = None,
    config: Mapping[str, str] | None = None,
    preview: bool = False,
) -> Run:
    """Run a program like the language host, isolated from other runs."""

    def isolated() -> Run:
        mocks = cloud or Cloud()
        monitor = Monitor(mocks, mocks.prior)
        with own_loop() as loop:
            set_mocks(mocks, project="anf-smb", stack="dev", preview=preview, monitor=monitor)
            set_root_resource(None)  # pyright: ignore[reportArgumentType] # the program brings its own
            set_all_config(dict(config or {}), list(PASSWORDS))

            async def body() -> None:
                made = program()
                if inspect.isawaitable(made):
                    await made

            on_interrupt = signal.getsignal(signal.SIGINT)  # the program has its own way, and this is not its process
            try:
                loop.run_until_complete(run_in_stack(body))
            finally:
                signal.signal(signal.SIGINT, on_interrupt)
        return Run(monitor, mocks)

    return contextvars.copy_context().run(isolated)


def committed(stack: str) -> dict[str, Any]:
    """Return the configuration in a stack file by full key."""
    return yaml.safe_load((PROJECT / f"Pulumi.{stack}.yaml").read_text())["config"]


def stack_file(stack: str = "dev", **changes: Any) -> dict[str, str]:
    """Return a stack's configuration in the engine's form; `changes` sets keys, None removes one."""
    wanted = committed(stack) | {f"anf-smb:{key}": value for key, value in changes.items()}
    plain = {key: value for key, value in wanted.items() if value is not None}
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in plain.items()} | {
        key: value for key, value in PASSWORDS.items() if wanted.get(key, value) is not None
    }


def run_whole(*, stack: str = "dev", cloud: Cloud | None = None, preview: bool = False, **changes: Any) -> Run:
    """Run the whole program with changes to a stack's configuration."""
    main = str(PROJECT / "__main__.py")
    return run(lambda: runpy.run_path(main), cloud=cloud, config=stack_file(stack, **changes), preview=preview)


@functools.cache
def dev() -> Run:
    """Run the committed stack dev."""
    return run_whole()


def run_static(*, cloud: Cloud | None = None, preview: bool = False, **changes: Any) -> Run:
    """Run the program without the dynamic way."""
    wanted: dict[str, Any] = {"trident": None, "dynamicClaims": None, **changes}
    return run_whole(cloud=cloud, preview=preview, **wanted)


@functools.cache
def static() -> Run:
    """Run the committed stack dev without the dynamic way."""
    return run_static()
