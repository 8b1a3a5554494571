"""The Azure resources, shares and claims of one stack file, written by hand: one resource after the other.

It reads the same stack file as the program that it is compared with, and has nothing else of it: no components, no
checks, no look-ups.
"""

from typing import Any

import pulumi
import pulumi_kubernetes as k8s
from pod import pod
from pulumi_azure_native import netapp, network, resources
from trident import trident_path

from cluster import cluster

GIB = 1024**3
config = pulumi.Config("anf-smb")


def read(key: str) -> Any:
    """Return a section of the stack file."""
    return config.get_object(key)


def server_of(volume: netapp.CapacityPoolVolume) -> pulumi.Output[str]:
    """Return the SMB server of a volume."""
    return volume.mount_targets.apply(lambda targets: str(targets[0].smb_server_fqdn))


directory, user, net = read("activeDirectory"), read("smbUser"), read("network")
pool_settings, protect = read("pools")[0], bool(read("protect"))
kept = pulumi.ResourceOptions(protect=protect, retain_on_delete=protect)

group = resources.ResourceGroup("group", resource_group_name=read("resourceGroup")["name"], opts=kept)
account = netapp.Account(
    "account",
    resource_group_name=group.name,
    account_name=read("account")["name"],
    active_directories=[
        {
            "domain": directory["domain"],
            "dns": ",".join(directory["dnsServers"]),
            "site": directory["site"],
            "smb_server_name": directory["smbServerName"],
            "username": directory["username"],
            "password": config.require_secret("activeDirectoryPassword"),
            "aes_encryption": True,
        }
    ],
    opts=kept,
)
segments = net["virtualNetworkId"].split("/")
subnet = network.Subnet(
    "subnet",
    resource_group_name=segments[4],
    virtual_network_name=segments[8],
    subnet_name=net["subnet"],
    address_prefix=net["subnetPrefix"],
    delegations=[{"name": "netapp", "service_name": "Microsoft.NetApp/volumes"}],
    opts=kept,
)
pool = netapp.CapacityPool(
    "pool",
    resource_group_name=group.name,
    account_name=account.name,
    pool_name=pool_settings["name"],
    service_level=pool_settings["serviceLevel"],
    size=pool_settings["sizeTiB"] * 1024 * GIB,
    opts=kept,
)
volumes: list[netapp.CapacityPoolVolume] = []
for volume in read("volumes"):
    volumes.append(
        netapp.CapacityPoolVolume(
            f"{volume['name']}-volume",
            resource_group_name=group.name,
            account_name=account.name,
            pool_name=pool_settings["name"],
            volume_name=volume["name"],
            creation_token=volume["name"],
            subnet_id=subnet.id,
            usage_threshold=float(volume["sizeGiB"] * GIB),
            security_style="ntfs",
            protocol_types=["CIFS"],
            network_features="Standard",
            service_level=pool_settings["serviceLevel"],
            # Azure creates one volume of an account at a time: each waits for the one before.
            opts=pulumi.ResourceOptions.merge(kept, pulumi.ResourceOptions(depends_on=volumes[-1:] or [pool])),
        )
    )

provider = cluster(read("cluster")["aks"])
on_cluster = pulumi.ResourceOptions(provider=provider)
kept_there = pulumi.ResourceOptions.merge(kept, on_cluster)
driver: list[pulumi.Resource] = []
if (read("smbDriver") or {}).get("version"):
    driver.append(
        k8s.helm.v3.Release(
            "csi-driver-smb",
            name="csi-driver-smb",
            namespace="kube-system",
            chart="csi-driver-smb",
            version=read("smbDriver")["version"],
            repository_opts={"repo": "https://raw.githubusercontent.com/kubernetes-csi/csi-driver-smb/master/charts"},
            values={"windows": {"enabled": True}},
            opts=on_cluster,
        )
    )
namespace = k8s.core.v1.Namespace("smb-static", metadata={"name": "smb-static"}, opts=kept_there)
secret = k8s.core.v1.Secret(
    "smbcreds",
    metadata={"name": "smbcreds", "namespace": namespace.metadata["name"]},
    type="Opaque",
    string_data={**user, "password": config.require_secret("smbPassword")},
    opts=on_cluster,
)
for volume, made in zip(read("volumes"), volumes, strict=True):
    name, server = volume["name"], server_of(made)
    persistent_volume = k8s.core.v1.PersistentVolume(
        f"{name}-persistent-volume",
        metadata={"name": f"anf-pv-{name}"},
        spec={
            "capacity": {"storage": f"{volume['sizeGiB']}Gi"},
            "access_modes": ["ReadWriteMany"],
            "persistent_volume_reclaim_policy": "Retain",
            "mount_options": ["dir_mode=0777", "file_mode=0777", "vers=3.0", "noserverino"],
            "claim_ref": {"namespace": namespace.metadata["name"], "name": f"anf-pvc-{name}"},
            "csi": {
                "driver": "smb.csi.k8s.io",
                "volume_handle": pulumi.Output.concat(server, "#", made.creation_token, "#", made.file_system_id),
                "volume_attributes": {"source": pulumi.Output.concat(r"\\", server, "\\", made.creation_token)},
                "node_stage_secret_ref": {
                    "namespace": namespace.metadata["name"],
                    "name": secret.metadata["name"],
                },
            },
        },
        opts=pulumi.ResourceOptions.merge(kept_there, pulumi.ResourceOptions(depends_on=driver)),
    )
    claim = k8s.core.v1.PersistentVolumeClaim(
        f"{name}-claim",
        metadata={
            "name": f"anf-pvc-{name}",
            "namespace": namespace.metadata["name"],
            "annotations": {"pulumi.com/waitFor": "jsonpath={.status.phase}=Bound"},
        },
        spec={
            "access_modes": ["ReadWriteMany"],
            "storage_class_name": "",
            "volume_name": persistent_volume.metadata["name"],
            "resources": {"requests": {"storage": "50Gi"}},
        },
        opts=kept_there,
    )
    if read("sampleWorkload"):
        pod_name = "iis-pod" if made is volumes[0] else f"iis-pod-{name}"
        pod(name, pod_name, namespace.metadata["name"], claim.metadata["name"], on_cluster)
if read("trident"):
    trident_path(config, group, account, pool, subnet, volumes, on_cluster)

pulumi.export("server", server_of(volumes[0]))
pulumi.export("share", volumes[0].creation_token)
