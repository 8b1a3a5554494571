"""SMB shares on Azure NetApp Files for Windows workloads on AKS: settings in, components, outputs out."""

import gc

# The SDKs are some hundred thousand objects, none of them garbage: looking through them was a fifth of the start.
gc.disable()

import pulumi

from components.capacity_alerts import CapacityAlerts
from components.capacity_pool import CapacityPool
from components.delegated_subnet import DelegatedSubnet
from components.netapp_account import NetAppAccount
from components.resource_group import ResourceGroup
from components.rules import name_arguments
from components.share_namespace import ShareNamespace
from components.smb_volume import SmbVolume, created_before
from components.snapshot_policy import SnapshotPolicy
from components.static_path import StaticPath
from components.support.cluster_provider import cluster_kubeconfig, cluster_provider
from components.support.options import renamed
from components.trident_path import TridentPath
from configuration.keys import KEYS
from existing import Adoption
from interruption import end_quietly_when_cancelled, end_with_its_event_loop, end_without_traceback
from large_stacks import prepare_for_many_resources
from live_cluster.api import Connection
from live_cluster.existing_objects import ExistingObjects
from live_cluster.unready_objects import UnreadyObjects
from live_cluster.windows_nodes import WindowsNodes
from outputs import stack_outputs
from settings import Settings

end_without_traceback()
if __name__ == "__main__":  # the process is the program's alone
    gc.freeze()  # nor later
    end_with_its_event_loop()
    end_quietly_when_cancelled()
    prepare_for_many_resources()
gc.enable()
name_arguments(KEYS)
settings = Settings.load()  # every error of the stack at once
adoption = Adoption(settings.adopt)

limited = pulumi.ResourceOptions(custom_timeouts=settings.timeouts.azure)
azure = pulumi.ResourceOptions(custom_timeouts=settings.timeouts.azure, protect=settings.protect)
group = ResourceGroup("anf", settings.resource_group.args, azure)
account = NetAppAccount("anf", {"resource_group": group.ref, **settings.account_args}, azure)
network = DelegatedSubnet(
    "anf",
    {"resource_group": group.ref, "directory_dns_servers": account.directory_dns_servers, **settings.network_args},
    azure,
)
pools: dict[str, CapacityPool] = {}
for pool in settings.pools:
    options = azure if pools else renamed(azure, "anf")  # the name when a stack had one pool
    pools[pool.name] = CapacityPool(pool.name, {"account": account.ref, **pool.args}, options)
policies = {
    p.name: SnapshotPolicy(p.name, {"account": account.ref, **p.args}, limited) for p in settings.snapshot_policies
}
volumes: dict[str, SmbVolume] = {}
last: SmbVolume | None = None
for volume in settings.volumes:
    volumes[volume.name] = last = SmbVolume(
        volume.name,
        {
            "pool": pools[settings.pool_of(volume)].ref,
            "subnet_id": network.subnet_id,
            "snapshot_policy_id": policies[volume.snapshot_policy].policy_id if volume.snapshot_policy else None,
            **volume.args,
        },
        # Azure creates one volume of an account at a time.
        pulumi.ResourceOptions.merge(azure, pulumi.ResourceOptions(depends_on=created_before(last))),
    )

kubeconfig = cluster_kubeconfig(settings.cluster.args)
connection = Connection(kubeconfig, settings.cluster.context)
on_cluster = pulumi.ResourceOptions(
    provider=cluster_provider("aks", settings.cluster.args, kubeconfig),
    custom_timeouts=settings.timeouts.kubernetes,
    protect=settings.protect,
    transformations=[
        ExistingObjects(connection).check_creations,
        UnreadyObjects(connection).explain_failures,
        WindowsNodes(connection, settings.windows_pods.spec).warn_before,
    ],
)
namespaces = {name: ShareNamespace(name, args, on_cluster) for name, args in settings.namespaces.items()}
static = StaticPath(
    "static",
    {
        "driver": settings.smb_driver.args if settings.installs_smb_driver else None,
        "shares": {
            volume.name: {
                **volume.share_args,
                "size_gib": volumes[volume.name].size_gib,
                "unc_path": volumes[volume.name].unc_path,
                "volume_handle": volume.volume_handle or volumes[volume.name].volume_handle,
                "namespace": namespaces[volume.namespace].namespace,
                "secret_name": namespaces[volume.namespace].secret_name,
            }
            for volume in settings.volumes
        },
        "pods": settings.sample_pods,
        "windows_pods": settings.windows_pods.args,
    },
    on_cluster,
)
dynamic = TridentPath(
    "dynamic",
    {
        **settings.trident_path_args,
        "resource_group": group.ref,
        "pools": settings.backend_pools({name: pool.ref for name, pool in pools.items()}),
        "backend": {
            **settings.backend_args,
            "location": account.location,
            "subnet_id": network.subnet_id,
            "credentials_namespace": namespaces[settings.trident.credentials_namespace].namespace,
            "credentials_secret": namespaces[settings.trident.credentials_namespace].secret_name,
        }
        if settings.has_backend
        else None,
        "claims": {
            claim.name: {
                **claim.args,
                "pool": settings.pool_of(claim),
                "namespace": namespaces[claim.namespace].namespace,
            }
            for claim in settings.dynamic_claims
        },
        "claims_after": last.volume_id if last else None,  # Azure creates one volume of an account at a time
        "pods": settings.dynamic_pods,
        "windows_pods": settings.windows_pods.args,
    },
    on_cluster,
)
if settings.alerts:
    CapacityAlerts(
        "anf",
        {
            "resource_group": group.ref,
            "name": settings.alerts_name,
            "location": account.location,
            "volume_scopes": settings.alerted_scopes(
                group.resource_group_id, [volume.volume_id for volume in volumes.values()]
            ),
            "pools": {
                name: {"pool_id": pools[name].pool_id, "size_tib": pools[name].size_tib}
                for name in settings.alerted_pools
            },
            **settings.alerts.args,
        },
        # Azure creates no alert on a group without a volume.
        pulumi.ResourceOptions.merge(limited, pulumi.ResourceOptions(depends_on=[*volumes.values()] or [dynamic])),
    )

for name, value in stack_outputs(
    settings, group, network, account, pools, volumes, namespaces, static, dynamic
).items():
    pulumi.export(name, value)
# The SDK ends with a wait that looks at all open outputs each time that one is done. After this one few are open.
pulumi.run(adoption.end().future)
