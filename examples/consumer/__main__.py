"""Windows workloads on the shares of another stack: a website on its volume, and uploads on a claim of our own."""

import pulumi
import pulumi_kubernetes as kubernetes

from cluster import cluster_provider
from share_stack import share_stack
from windows_deployment import WindowsDeployment

config = pulumi.Config()
shares = share_stack(
    config.require("shareStack"), "cluster", "uncPath", "staticNamespace", "staticClaimName", "storageClassName"
)
in_cluster = pulumi.ResourceOptions(provider=cluster_provider(shares["cluster"], config))

# In the namespace of the volume's claim, since a Pod mounts no claim of another one. The way in a namespace of our own
# would be a PersistentVolume, a claim and the directory's password here, too; that is the share's own business.
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

# A claim may live anywhere: its StorageClass names the Secret that nodes mount with.
namespace = kubernetes.core.v1.Namespace("uploads-namespace", metadata={"name": "uploads"}, opts=in_cluster)
claim = kubernetes.core.v1.PersistentVolumeClaim(
    "uploads-claim",
    metadata={
        "name": "uploads",
        "namespace": namespace.metadata["name"],
        # Else the provider gives it five minutes, whatever its timeout; Azure may take longer to make a volume.
        "annotations": {"pulumi.com/waitFor": "jsonpath={.status.phase}=Bound"},
    },
    spec={
        "access_modes": ["ReadWriteMany"],
        "storage_class_name": shares["storageClassName"],
        "resources": {"requests": {"storage": "100Gi"}},
    },
    opts=pulumi.ResourceOptions.merge(
        in_cluster, pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="30m", delete="30m"))
    ),
)
uploads = WindowsDeployment(
    "uploads",
    {
        "namespace": namespace.metadata["name"],
        "claim_name": claim.metadata["name"],
        "mount_path": "/uploads",
        "replicas": 1,
    },
    in_cluster,
)

pulumi.export("websiteNamespace", shares["staticNamespace"])
pulumi.export("websiteDeployment", website.deployment_name)
pulumi.export("uploadsNamespace", namespace.metadata["name"])
pulumi.export("uploadsDeployment", uploads.deployment_name)
pulumi.export("uploadsClaim", claim.metadata["name"])
# What is left, with its data, when the claim is gone: the StorageClass retains it.
pulumi.export("uploadsPersistentVolume", claim.spec.apply(lambda spec: spec.volume_name))
