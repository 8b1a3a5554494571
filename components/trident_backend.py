"""Trident's backend for SMB volumes in one capacity pool and one subnet, and its StorageClass."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as kubernetes

from components import rules
from components.capacity_pool import POOL_REF_RULES, PoolRef
from components.guest.prior_state import STORAGE_CLASS, PriorChild, PriorState
from components.rules import network as network_rules
from components.rules import trident as trident_rules
from components.support.backend_spec import backend_spec
from components.support.failure_status import failure_status
from components.support.options import Limits, child_options
from components.support.references import fields
from components.support.transient_errors import TYPE_MISSING, wait_out
from components.support.wait_for import wait_for
from components.trident import API_VERSION, DEFAULT_NAMESPACE

PROVISIONER: Final = "csi.trident.netapp.io"

_READY: Final = ("jsonpath={.status.phase}=Bound", "jsonpath={.status.lastOperationStatus}=Success")


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
    """The pool of the volumes, in an account with a directory. QoS type Manual needs Trident 25.10 or later."""
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
    storage_class_name: NotRequired[pulumi.Input[str | None]]
    """The StorageClass's name: anf-sc-NAME, or NAME, has the backend anf-NAME. Default: anf-sc-smb."""
    keep_name: NotRequired[bool]
    """Keep the name of a StorageClass that the state has, and use the given one for a new one. Default: false."""
    max_throughput_mibps: NotRequired[pulumi.Input[int | None]]
    """The throughput of each claim's volume, 1 to 4500 MiB/s, with QoS type Manual alone. Default: 4, Trident's."""
    trident_version: NotRequired[str | None]
    """The version of Trident's chart. Default: not known, and taken for one that can use the pool."""
    beside_others: NotRequired[bool]
    """The program has other backends: replace a StorageClass of earlier programs, which names none. Default: false."""


class TridentSmbBackend(pulumi.ComponentResource):
    """Trident's backend for SMB volumes in one pool and one subnet, awaited until it is online, and its StorageClass.

    Pool and subnet are named in full (group/account/pool, group/network/subnet): otherwise Trident picks any pool and
    any delegated subnet that it can see. The StorageClass names its backend (storagePools): otherwise it takes every
    backend for SMB in the cluster. The TridentBackendConfig is backend-tbc-BACKEND.

    Trident repeats a failed backend. After the custom timeouts of the options, 15 minutes by default, `up` fails with
    Trident's message (`kubectl describe tbc backend-tbc-anf-smb -n trident`).

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
        prior = PriorState({STORAGE_CLASS}, with_inputs=True)
        super().__init__("anf-smb:index:TridentSmbBackend", name, {}, prior.options(opts))
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
                "storage_class_name": rules.OBJECT_NAME,
                "max_throughput_mibps": rules.THROUGHPUT_MIBPS,
                "trident_version": trident_rules.VERSION,
            },
        )
        rules.check_args("TridentSmbBackend.pool", fields(args["pool"], PoolRef), POOL_REF_RULES)
        namespace = args.get("namespace", DEFAULT_NAMESPACE)
        given = pulumi.Output.from_input(args.get("storage_class_name")).apply(
            lambda chosen: chosen or trident_rules.DEFAULT_STORAGE_CLASS
        )
        # The plain name, independent of the resource: a replaced class must not replace its claims.
        self.storage_class_name = prior.kept(self, given, _name) if args.get("keep_name") else given
        names = self.storage_class_name.apply(trident_rules.backend_names)
        self.backend_name = names.apply(lambda names: names.backend)
        self.backend_config_name = names.apply(lambda names: names.config)
        secret_name = names.apply(lambda names: names.secret)
        credentials = self._credentials(name, namespace, secret_name, args.get("client_secret"), opts)
        limits = Limits.of(opts, 15, delete_minutes=30)
        config = kubernetes.apiextensions.CustomResource(
            f"{name}-backend-config",
            api_version=API_VERSION,
            kind="TridentBackendConfig",
            metadata={
                "name": self.backend_config_name,
                "namespace": namespace,
                "annotations": wait_for(*_READY),
            },
            spec=pulumi.Output.all(**_of_azure(args), backend=self.backend_name, credentials=credentials).apply(
                backend_spec
            ),
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
            metadata={"name": self.storage_class_name},
            provisioner=PROVISIONER,
            parameters=pulumi.Output.all(
                backend=self.backend_name,
                before=prior.inputs(self, "parameters"),
                beside_others=args.get("beside_others", False),
                secret=args.get("credentials_secret", "smbcreds"),
                namespace=args["credentials_namespace"],
            ).apply(_parameters),
            reclaim_policy=args.get("reclaim_policy", "Retain"),
            allow_volume_expansion=True,
            # Kubernetes refuses to change it. A replaced class leaves its claims as they are.
            opts=child_options(self, _deleted(opts), fixed=("reclaimPolicy",), depends_on=[config]),
        )
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
        secret_name: pulumi.Input[str],
        given: ClientSecretArgs | None,
        opts: pulumi.ResourceOptions | None,
    ) -> pulumi.Output[str] | None:
        """Create a Secret for the client secret and return its name: Trident refuses one in the backend itself."""
        if given is None:
            return None
        secret = kubernetes.core.v1.Secret(
            f"{name}-credentials",
            metadata={"name": secret_name, "namespace": namespace},
            type="Opaque",
            string_data={
                "clientID": given["client_id"],
                "clientSecret": pulumi.Output.secret(given["client_secret"]),
            },
            opts=child_options(self, opts),
        )
        return secret.metadata["name"]


def _name(child: PriorChild) -> object:
    return child.input("metadata", "name")


def _deleted(opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions:
    """Return the options for what is replaced, and therefore not retained."""
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(retain_on_delete=False))


def _of_azure(args: TridentSmbBackendArgs) -> Mapping[str, pulumi.Input[Any]]:
    """Return the inputs of the backend's spec; none is a secret."""
    pool, version = fields(args["pool"], PoolRef), args.get("trident_version")
    return {
        "subscription": args["subscription_id"],
        "tenant": args["tenant_id"],
        "location": args["location"],
        "group": pool["resource_group_name"],
        "account": pool["account_name"],
        "pool": pool["name"],
        "level": pool["service_level"],
        "qos": pool.get("qos_type"),
        "throughput": args.get("max_throughput_mibps"),
        "takes_manual": version is None or trident_rules.takes_manual_pools(version),
        "subnet": args["subnet_id"],
    }


def _parameters(given: Mapping[str, Any]) -> dict[str, str]:
    """Return the parameters of the StorageClass.

    Kubernetes cannot change them. A class of an earlier program, which names no backend, is replaced only where it
    would take another backend of the program.
    """
    before: Sequence[Mapping[str, Any]] = given["before"]
    parameters = {
        "backendType": "azure-netapp-files",
        "trident.netapp.io/nasType": "smb",
        "csi.storage.k8s.io/node-stage-secret-name": given["secret"],
        "csi.storage.k8s.io/node-stage-secret-namespace": given["namespace"],
    }
    if before and not given["beside_others"] and not any("storagePools" in each for each in before):
        return parameters
    # Regular expressions, of the backend's whole name and of its pool's.
    whole_name = str(given["backend"]).replace(".", r"\.")
    return parameters | {"storagePools": f"{whole_name}:.*"}
