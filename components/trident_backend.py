"""Where Trident makes SMB volumes: a backend that knows one capacity pool and one subnet, and its StorageClass."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as kubernetes

from components import rules, trident_rules
from components.child_options import child_options
from components.last_words import last_words
from components.passing_errors import TYPE_MISSING, wait_out
from components.trident import API_VERSION, DEFAULT_NAMESPACE

BACKEND_CONFIG_NAME: Final = "backend-tbc-anf-smb"
BACKEND_NAME: Final = "anf-smb"
SECRET_NAME: Final = "backend-tbc-anf-secret"  # noqa: S105 (a name)
STORAGE_CLASS_NAME: Final = "anf-sc-smb"
PROVISIONER: Final = "csi.trident.netapp.io"

_READY: Final = json.dumps(["jsonpath={.status.phase}=Bound", "jsonpath={.status.lastOperationStatus}=Success"])


class ClientSecretArgs(TypedDict):
    """An app registration that Trident signs in as."""

    client_id: pulumi.Input[str]
    """Its application (client) id."""
    client_secret: pulumi.Input[str]
    """Its secret. It is kept secret whether or not it comes as a secret."""


class TridentSmbBackendArgs(TypedDict):
    """Arguments of `TridentSmbBackend`."""

    subscription_id: pulumi.Input[str]
    """The subscription of pool and subnet."""
    tenant_id: pulumi.Input[str]
    """The Entra ID tenant of whoever signs in."""
    location: pulumi.Input[str]
    """The region of pool and subnet."""
    resource_group_name: pulumi.Input[str]
    """The resource group of the account."""
    account_name: pulumi.Input[str]
    """The account of the pool; it must be joined to an Active Directory."""
    pool_name: pulumi.Input[str]
    """The pool of the volumes: the plain name, not account/pool."""
    service_level: pulumi.Input[str]
    """The pool's service level: Standard, Premium or Ultra. With another one Trident would find no pool."""
    qos_type: NotRequired[pulumi.Input[str | None]]
    """The pool's QoS type. Trident makes volumes in pools of type Auto only. Default: Auto."""
    subnet_id: pulumi.Input[str]
    """The subnet of the volumes, delegated to Azure NetApp Files."""
    nas_type: NotRequired[pulumi.Input[str]]
    """What the volumes are mounted by. Default and only choice: smb."""
    client_secret: NotRequired[ClientSecretArgs | None]
    """What to sign in with, where Trident has no identity of its own (see `Trident`, authentication)."""
    namespace: NotRequired[pulumi.Input[str]]
    """Trident's namespace. Default: trident."""
    credentials_namespace: pulumi.Input[str]
    """The namespace of the Secret that nodes mount with."""
    credentials_secret: NotRequired[pulumi.Input[str]]
    """That Secret's name; it holds username (DOMAIN\\user) and password. Default: smbcreds."""
    reclaim_policy: NotRequired[pulumi.Input[str]]
    """What becomes of a volume when its claim is deleted: Retain or Delete. Default: Retain."""
    timeout_minutes: NotRequired[int]
    """How long the backend may take to be bound and online. Default: 15."""
    delete_timeout_minutes: NotRequired[int]
    """How long it may take to go: as long as its last volumes take. Default: 30."""


class TridentSmbBackend(pulumi.ComponentResource):
    """Trident's backend for SMB volumes in one pool and one subnet, awaited until it is online, and its StorageClass.

    Everything is named in full (group/account/pool, group/network/subnet): without that, Trident picks any pool and any
    delegated subnet that it can see. A failed backend is tried again by Trident; when the time is up, `up` fails and
    says what Trident says (`kubectl describe tbc backend-tbc-anf-smb -n trident`).

    A changed backend is not awaited: it keeps saying Bound and Success until Trident has judged the change, and does
    not say which of the two it speaks of.

    The backend goes only after the last of its volumes. Volumes that are retained keep it.

    Raises `rules.InvalidArgsError` for a pool that Trident cannot use.
    Source: https://docs.netapp.com/us-en/trident/trident-use/anf-examples.html
    """

    backend_name: pulumi.Output[str]
    """The backend's name in Trident."""
    backend_config_name: pulumi.Output[str]
    """The name of its TridentBackendConfig."""
    storage_class_name: pulumi.Output[str]
    """The StorageClass to claim volumes of."""

    def __init__(self, name: str, args: TridentSmbBackendArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("anf-smb:index:TridentSmbBackend", name, {}, opts)
        rules.check_args(
            "TridentSmbBackend",
            args,
            {
                "subscription_id": rules.GUID,
                "tenant_id": rules.GUID,
                "account_name": rules.ACCOUNT_NAME,
                "pool_name": rules.POOL_NAME,
                "service_level": rules.SERVICE_LEVEL,
                "subnet_id": rules.SUBNET_ID,
                "nas_type": trident_rules.NAS_TYPE,
                "namespace": rules.NAMESPACE,
                "credentials_namespace": rules.NAMESPACE,
                "credentials_secret": rules.OBJECT_NAME,
                "reclaim_policy": trident_rules.RECLAIM_POLICY,
            },
        )
        namespace = args.get("namespace", DEFAULT_NAMESPACE)
        credentials = self._credentials(name, namespace, args.get("client_secret"))
        timeout_minutes = args.get("timeout_minutes", 15)
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
                timeout_minutes=timeout_minutes,
                delete_minutes=args.get("delete_timeout_minutes", 30),
                hooks=pulumi.ResourceHookBinding(
                    on_error=[
                        last_words(self, f"{name}-backend-config-status"),
                        # A Trident that somebody else installs may not have got as far.
                        wait_out(f"{name}-backend-config-type", TYPE_MISSING, timeout_minutes),
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
                "trident.netapp.io/nasType": args.get("nas_type", "smb"),
                "csi.storage.k8s.io/node-stage-secret-name": args.get("credentials_secret", "smbcreds"),
                "csi.storage.k8s.io/node-stage-secret-namespace": args["credentials_namespace"],
            },
            reclaim_policy=args.get("reclaim_policy", "Retain"),
            allow_volume_expansion=True,
            # What Kubernetes refuses to change. A class made anew leaves what was claimed of it as it is.
            opts=child_options(self, fixed=("reclaimPolicy",), depends_on=[config]),
        )
        self.backend_name = pulumi.Output.from_input(BACKEND_NAME)
        self.backend_config_name = pulumi.Output.from_input(BACKEND_CONFIG_NAME)
        # The plain name, without the StorageClass behind it: claims of a class that is made anew must not be, too.
        self.storage_class_name = pulumi.Output.from_input(STORAGE_CLASS_NAME)
        self.register_outputs(
            {
                "backendName": self.backend_name,
                "backendConfigName": self.backend_config_name,
                "storageClassName": self.storage_class_name,
            }
        )

    def _credentials(
        self, name: str, namespace: pulumi.Input[str], given: ClientSecretArgs | None
    ) -> pulumi.Output[str] | None:
        """The Secret's name. Trident refuses a client secret that stands in the backend itself."""
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
            opts=child_options(self),
        )
        return secret.metadata["name"]


def _of_azure(args: TridentSmbBackendArgs) -> Mapping[str, pulumi.Input[Any]]:
    """What the backend says of Azure, and no secret."""
    return {
        "subscription": args["subscription_id"],
        "tenant": args["tenant_id"],
        "location": args["location"],
        "group": args["resource_group_name"],
        "account": args["account_name"],
        "pool": args["pool_name"],
        "level": args["service_level"],
        "qos": args.get("qos_type"),
        "subnet": args["subnet_id"],
        "nas": args.get("nas_type", "smb"),
    }


def _spec(given: Mapping[str, Any]) -> dict[str, Any]:
    """The TridentBackendConfig, in Trident's words."""
    level, qos_type = given["level"], given["qos"] or "Auto"
    if not rules.SERVICE_LEVEL.holds(level):
        raise rules.InvalidArgsError(
            f"TridentSmbBackend: the pool {given['pool']} has service level {level}; Trident can use "
            f"{rules.SERVICE_LEVEL.allowed}"
        )
    if qos_type != "Auto":
        raise rules.InvalidArgsError(
            f"TridentSmbBackend: the pool {given['pool']} has QoS type {qos_type}; Trident can use Auto. "
            "Mend: another pool for claims (anf-smb:pool)"
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
        "nasType": given["nas"],
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
    """Resource group, virtual network and subnet of a subnet's id."""
    segments = subnet_id.split("/")
    return segments[4], segments[8], segments[10]


def _region(location: str) -> str:
    """A region as Azure lists resources by it: Trident's query takes no spaces."""
    return location.replace(" ", "").lower()
