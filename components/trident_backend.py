"""Trident's backend for SMB volumes in one capacity pool and one subnet, and its StorageClass."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as kubernetes

from components import rules
from components.capacity_pool import POOL_REF_RULES, PoolRef
from components.rules import network as network_rules
from components.rules import trident as trident_rules
from components.support.failure_status import failure_status
from components.support.options import Limits, child_options
from components.support.references import fields
from components.support.transient_errors import TYPE_MISSING, wait_out
from components.trident import API_VERSION, DEFAULT_NAMESPACE

BACKEND_CONFIG_NAME: Final = "backend-tbc-anf-smb"
BACKEND_NAME: Final = "anf-smb"
SECRET_NAME: Final = "backend-tbc-anf-secret"  # noqa: S105 (a name)
STORAGE_CLASS_NAME: Final = "anf-sc-smb"
PROVISIONER: Final = "csi.trident.netapp.io"

_READY: Final = json.dumps(["jsonpath={.status.phase}=Bound", "jsonpath={.status.lastOperationStatus}=Success"])


class ClientSecretArgs(TypedDict):
    """The app registration that Trident signs in as."""

    client_id: pulumi.Input[str]
    """The application (client) id."""
    client_secret: pulumi.Input[str]
    """The client secret. It is always kept secret."""


class TridentSmbBackendArgs(TypedDict):
    """Arguments of `TridentSmbBackend`."""

    subscription_id: pulumi.Input[str]
    """The subscription of pool and subnet."""
    tenant_id: pulumi.Input[str]
    """The Entra ID tenant of the identity that signs in."""
    location: pulumi.Input[str]
    """The region of pool and subnet."""
    pool: pulumi.Input[PoolRef]
    """The pool of the volumes, of QoS type Auto; its account must have an Active Directory connection."""
    subnet_id: pulumi.Input[str]
    """The subnet of the volumes, delegated to Azure NetApp Files."""
    client_secret: NotRequired[ClientSecretArgs | None]
    """The app registration to sign in as, for authentication clientSecret. Default: none."""
    namespace: NotRequired[pulumi.Input[str]]
    """Trident's namespace. Default: trident."""
    credentials_namespace: pulumi.Input[str]
    """The namespace of the Secret that nodes mount with."""
    credentials_secret: NotRequired[pulumi.Input[str]]
    """The Secret's name; it holds username (DOMAIN\\user) and password. Default: smbcreds."""
    reclaim_policy: NotRequired[pulumi.Input[str]]
    """The fate of a volume when its claim is deleted: Retain or Delete. Default: Retain."""


class TridentSmbBackend(pulumi.ComponentResource):
    """Trident's backend for SMB volumes in one pool and one subnet, awaited until it is online, and its StorageClass.

    Pool and subnet are named in full (group/account/pool, group/network/subnet): otherwise Trident picks any pool and
    any delegated subnet that it can see. Trident repeats a failed backend. After the custom timeouts of the options, 15
    minutes by default, `up` fails with Trident's message (`kubectl describe tbc backend-tbc-anf-smb -n trident`).

    A changed backend is not awaited: its status stays Bound and Success until Trident has judged the change, and does
    not name the generation.

    Trident deletes a backend only after the last of its volumes, which may take 30 minutes by default; retained volumes
    keep it. If the options retain it, it stays in Trident, and only its StorageClass is deleted. A pool that Trident
    cannot use is an error.
    Source: https://docs.netapp.com/us-en/trident/trident-use/anf-examples.html
    """

    backend_name: pulumi.Output[str]
    """The backend's name in Trident."""
    backend_config_name: pulumi.Output[str]
    """The name of its TridentBackendConfig."""
    storage_class_name: pulumi.Output[str]
    """The StorageClass for claims."""

    def __init__(self, name: str, args: TridentSmbBackendArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("anf-smb:index:TridentSmbBackend", name, {}, opts)
        rules.check_args(
            "TridentSmbBackend",
            args,
            {
                "subscription_id": rules.GUID,
                "tenant_id": rules.GUID,
                "subnet_id": network_rules.SUBNET_ID,
                "namespace": rules.NAMESPACE,
                "credentials_namespace": rules.NAMESPACE,
                "credentials_secret": rules.OBJECT_NAME,
                "reclaim_policy": trident_rules.RECLAIM_POLICY,
            },
        )
        rules.check_args("TridentSmbBackend.pool", fields(args["pool"], PoolRef), POOL_REF_RULES)
        namespace = args.get("namespace", DEFAULT_NAMESPACE)
        credentials = self._credentials(name, namespace, args.get("client_secret"), opts)
        limits = Limits.of(opts, 15, delete_minutes=30)
        config = kubernetes.apiextensions.CustomResource(
            f"{name}-backend-config",
            api_version=API_VERSION,
            kind="TridentBackendConfig",
            metadata={
                "name": BACKEND_CONFIG_NAME,
                "namespace": namespace,
                "annotations": {"pulumi.com/waitFor": _READY},
            },
            spec=pulumi.Output.all(**_of_azure(args), credentials=credentials).apply(_spec),
            opts=child_options(
                self,
                opts,
                limits=limits,
                hooks=pulumi.ResourceHookBinding(
                    on_error=[
                        failure_status(self, f"{name}-backend-config-status"),
                        # A Trident that somebody else installs may not be ready yet.
                        wait_out(self, f"{name}-backend-config-type", limits.create, TYPE_MISSING),
                    ]
                ),
            ),
        )
        kubernetes.storage.v1.StorageClass(
            f"{name}-storage-class",
            metadata={"name": STORAGE_CLASS_NAME},
            provisioner=PROVISIONER,
            parameters={
                "backendType": "azure-netapp-files",
                "trident.netapp.io/nasType": "smb",
                "csi.storage.k8s.io/node-stage-secret-name": args.get("credentials_secret", "smbcreds"),
                "csi.storage.k8s.io/node-stage-secret-namespace": args["credentials_namespace"],
            },
            reclaim_policy=args.get("reclaim_policy", "Retain"),
            allow_volume_expansion=True,
            # Kubernetes refuses to change it. A replaced class leaves its claims as they are.
            opts=child_options(self, _deleted(opts), fixed=("reclaimPolicy",), depends_on=[config]),
        )
        self.backend_name = pulumi.Output.from_input(BACKEND_NAME)
        self.backend_config_name = pulumi.Output.from_input(BACKEND_CONFIG_NAME)
        # The plain name, independent of the resource: a replaced class must not replace its claims.
        self.storage_class_name = pulumi.Output.from_input(STORAGE_CLASS_NAME)
        self.register_outputs(
            {
                "backendName": self.backend_name,
                "backendConfigName": self.backend_config_name,
                "storageClassName": self.storage_class_name,
            }
        )

    def _credentials(
        self,
        name: str,
        namespace: pulumi.Input[str],
        given: ClientSecretArgs | None,
        opts: pulumi.ResourceOptions | None,
    ) -> pulumi.Output[str] | None:
        """Create a Secret for the client secret and return its name: Trident refuses one in the backend itself."""
        if given is None:
            return None
        secret = kubernetes.core.v1.Secret(
            f"{name}-credentials",
            metadata={"name": SECRET_NAME, "namespace": namespace},
            type="Opaque",
            string_data={
                "clientID": given["client_id"],
                "clientSecret": pulumi.Output.secret(given["client_secret"]),
            },
            opts=child_options(self, opts),
        )
        return secret.metadata["name"]


def _deleted(opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions:
    """Return the options for what is replaced, and therefore not retained."""
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(retain_on_delete=False))


def _of_azure(args: TridentSmbBackendArgs) -> Mapping[str, pulumi.Input[Any]]:
    """Return the inputs of the backend's spec; none is a secret."""
    pool = fields(args["pool"], PoolRef)
    return {
        "subscription": args["subscription_id"],
        "tenant": args["tenant_id"],
        "location": args["location"],
        "group": pool["resource_group_name"],
        "account": pool["account_name"],
        "pool": pool["name"],
        "level": pool["service_level"],
        "qos": pool.get("qos_type"),
        "subnet": args["subnet_id"],
    }


def _spec(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the spec of the TridentBackendConfig."""
    level, qos_type = given["level"], given["qos"] or "Auto"
    if not rules.SERVICE_LEVEL.holds(level):
        raise rules.InvalidArgsError(
            f"TridentSmbBackend: the pool {given['pool']} has service level {level}; Trident can use "
            f"{rules.SERVICE_LEVEL.allowed}"
        )
    if qos_type != "Auto":
        raise rules.InvalidArgsError(
            f"TridentSmbBackend: the pool {given['pool']} has QoS type {qos_type}; Trident can use Auto. "
            f"Fix: another {rules.argument('TridentSmbBackend', 'pool')}"
        )
    account = f"{given['group']}/{given['account']}"
    network_group, network, subnet = _network(given["subnet"])
    spec: dict[str, Any] = {
        "version": 1,
        "storageDriverName": "azure-netapp-files",
        "backendName": BACKEND_NAME,
        "subscriptionID": given["subscription"],
        "tenantID": given["tenant"],
        "location": _region(given["location"]),
        "serviceLevel": level,
        "nasType": "smb",
        # Basic would need a pool of 4 TiB.
        "networkFeatures": "Standard",
        # These filter subnets too.
        "resourceGroups": list(dict.fromkeys((given["group"], network_group))),
        "netappAccounts": [account],
        "capacityPools": [f"{account}/{given['pool']}"],
        "virtualNetwork": f"{network_group}/{network}",
        "subnet": f"{network_group}/{network}/{subnet}",
    }
    return spec | ({"credentials": {"name": given["credentials"]}} if given["credentials"] else {})


def _network(subnet_id: str) -> Sequence[str]:
    """Return resource group, virtual network and subnet of a subnet's id."""
    segments = subnet_id.split("/")
    return segments[4], segments[8], segments[10]


def _region(location: str) -> str:
    """Return a region as Azure lists resources by it: Trident's query takes no spaces."""
    return location.replace(" ", "").lower()
