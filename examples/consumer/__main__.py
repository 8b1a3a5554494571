"""Windows workloads on the shares of another stack: a website on its volume, and uploads on a claim of our own."""

import pulumi
import pulumi_anf_smb as anf_smb  # pyright: ignore[reportMissingImports]  # `pulumi install` generates it in sdks/
import pulumi_kubernetes as kubernetes

from cluster import cluster_provider
from share_stack import share_stack
from windows_deployment import WindowsDeployment

config = pulumi.Config()
shares = share_stack(
    config.require("shareStack"), "cluster", "uncPath", "staticNamespace", "staticClaimName", "storageClassName"
)
cluster = cluster_provider(shares["cluster"], config)
in_cluster = pulumi.ResourceOptions(provider=cluster)

# In the namespace of the volume's claim: a Pod mounts no claim of another namespace.
website = WindowsDeployment(
    "website",
    {
        "namespace": shares["staticNamespace"],
        "claim_name": shares["staticClaimName"],
        "share": shares["uncPath"],
        "mount_path": "/inetpub/wwwroot",
        "replicas": config.require_int("replicas"),
    },
    in_cluster,
)

# A claim may live in any namespace: its StorageClass names the Secret that nodes mount with.
namespace = kubernetes.core.v1.Namespace("uploads-namespace", metadata={"name": "uploads"}, opts=in_cluster)
claim = anf_smb.DynamicShare(
    "uploads",
    storage_class_name=shares["storageClassName"],
    size_gib=100,
    namespace=namespace.metadata["name"],
    claim_name="uploads",
    # Protected, the claim keeps its volume; with false it takes the volume with it.
    opts=pulumi.ResourceOptions(providers=[cluster], protect=config.require_bool("protect")),
)
uploads = WindowsDeployment(
    "uploads",
    {
        "namespace": namespace.metadata["name"],
        "claim_name": claim.claim_name,
        "mount_path": "/uploads",
        "replicas": 1,
    },
    in_cluster,
)

pulumi.export("websiteNamespace", shares["staticNamespace"])
pulumi.export("websiteDeployment", website.deployment_name)
pulumi.export("uploadsNamespace", namespace.metadata["name"])
pulumi.export("uploadsDeployment", uploads.deployment_name)
pulumi.export("uploadsClaim", claim.claim_name)
pulumi.export("uploadsPersistentVolume", claim.persistent_volume_name)
