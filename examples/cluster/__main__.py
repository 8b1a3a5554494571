"""The kubeconfig of an AKS cluster, as a secret output; whoever makes the cluster exports it in the same way."""

import base64

import pulumi
from pulumi_azure_native import containerservice

config = pulumi.Config()
credentials = containerservice.list_managed_cluster_user_credentials_output(
    resource_group_name=config.require("resourceGroup"), resource_name=config.require("name")
)
kubeconfig = credentials.apply(lambda found: base64.b64decode(found.kubeconfigs[0].value).decode())

# On the output itself: who reads it by a stack reference gets it as a secret, too.
pulumi.export("kubeconfig", pulumi.Output.secret(kubeconfig))
