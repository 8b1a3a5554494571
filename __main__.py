"""SMB shares on Azure NetApp Files for Windows workloads on AKS: settings in, components, outputs out."""

import pulumi

from components.aks import aks_provider, on_cluster
from components.capacity_pool import CapacityPool
from components.delegated_subnet import DelegatedSubnet
from components.netapp_account import NetAppAccount
from components.resource_group import ResourceGroup
from components.share_namespace import ShareNamespace
from components.smb_volume import SmbVolume, in_turn
from components.snapshot_policy import SnapshotPolicy
from configuration.interruption import end_without_traceback
from dynamic_path import DynamicPath
from outputs import stack_outputs
from settings import Settings
from static_path import StaticPath

end_without_traceback()
settings = Settings.load()  # every error of the stack at once
azure_minutes = settings.timeouts.azure_minutes

group = ResourceGroup(
    "anf",
    {
        "resource_group_name": settings.resource_group.name,
        "existing": settings.resource_group.existing,
        "protect": settings.protect,
    },
)
network = DelegatedSubnet(
    "anf",
    {
        "resource_group_name": group.name,
        "virtual_network_name": settings.network.virtual_network,
        "address_space": settings.network.address_space,
        "subnet_name": settings.network.subnet,
        "subnet_prefix": settings.network.subnet_prefix,
        "subnet_id": settings.network.subnet_id,
        "protect": settings.protect,
        "delete_timeout_minutes": azure_minutes,
    },
)
account = NetAppAccount(
    "anf",
    {
        "resource_group_name": group.name,
        "account_name": settings.account.name,
        "active_directory": settings.directory,
        "existing": settings.account.existing,
        "protect": settings.protect,
        "timeout_minutes": azure_minutes,
    },
)
pool = CapacityPool(
    "anf",
    {
        "resource_group_name": group.name,
        "account_name": account.name,
        "pool_name": settings.pool.name,
        "service_level": settings.pool.service_level,
        "size_tib": settings.pool.size_tib,
        "qos_type": settings.pool.qos_type,
        "existing": settings.pool.existing,
        "protect": settings.protect,
        "timeout_minutes": azure_minutes,
    },
)
policies = {
    policy.name: SnapshotPolicy(
        policy.name,
        {
            "resource_group_name": group.name,
            "account_name": account.name,
            "policy_name": policy.name,
            "hourly_schedule": policy.hourly_schedule and policy.hourly_schedule.args,
            "daily_schedule": policy.daily_schedule and policy.daily_schedule.args,
            "weekly_schedule": policy.weekly_schedule and policy.weekly_schedule.args,
            "monthly_schedule": policy.monthly_schedule and policy.monthly_schedule.args,
            "enabled": policy.enabled,
            "existing": policy.existing,
            "timeout_minutes": azure_minutes,
        },
    )
    for policy in settings.snapshot_policies
}
volumes: dict[str, SmbVolume] = {}
for volume in settings.volumes:
    volumes[volume.name] = SmbVolume(
        volume.name,
        {
            "resource_group_name": group.name,
            "account_name": account.name,
            "pool_name": pool.name,
            "volume_name": volume.name,
            "creation_token": volume.share,
            "subnet_id": network.subnet_id,
            "size_gib": volume.size_gib,
            "service_level": volume.service_level or pool.service_level,
            "throughput_mibps": volume.throughput_mibps,
            "smb_encryption": volume.smb_encryption,
            "access_based_enumeration": volume.access_based_enumeration,
            "browsable": volume.browsable,
            "snapshot_directory_visible": volume.snapshot_directory_visible,
            "snapshot_policy_id": policies[volume.snapshot_policy].policy_id if volume.snapshot_policy else None,
            "protect": settings.protect,
            "timeout_minutes": azure_minutes,
        },
        pulumi.ResourceOptions(depends_on=in_turn([*volumes.values()], settings.volume_concurrency)),
    )

cluster = aks_provider("aks", settings.cluster.args)
namespaces = {name: ShareNamespace(name, args, on_cluster(cluster)) for name, args in settings.namespaces.items()}
static = StaticPath(settings, cluster, namespaces, volumes)
dynamic = DynamicPath(
    settings, cluster, namespaces, group=group, network=network, account=account, pool=pool, volumes=volumes
)

for name, value in stack_outputs(settings, group, network, account, pool, volumes, namespaces, static, dynamic).items():
    pulumi.export(name, value)
