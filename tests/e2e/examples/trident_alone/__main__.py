"""Trident and its backend alone, by the project's components, with limits of seconds: for what goes wrong with them."""

import pulumi

from components.support.cluster_provider import ClusterArgs, cluster_kubeconfig, cluster_provider
from components.trident import Trident
from components.trident_backend import TridentSmbBackend

config = pulumi.Config()
install = pulumi.CustomTimeouts(create=f"{config.require_int('installSeconds')}s")
bind = pulumi.CustomTimeouts(create=f"{config.require_int('bindSeconds')}s")
subscription = "00000000-0000-0000-0000-000000000000"
group = f"/subscriptions/{subscription}/resourceGroups/rg-anf"

aks: ClusterArgs = {"aks": {"resource_group": "rg-aks-dev", "name": "aks-dev"}}
cluster = cluster_provider("aks", aks, cluster_kubeconfig(aks))
authentication, client_id = config.require("authentication"), config.get("clientId")
trident = Trident(
    "trident",
    {"version": "100.2606.0", "authentication": authentication, "client_id": client_id},
    pulumi.ResourceOptions(provider=cluster, custom_timeouts=install),
)
TridentSmbBackend(
    "anf-smb",
    {
        "subscription_id": subscription,
        "tenant_id": "11111111-1111-1111-1111-111111111111",
        "location": "koreacentral",
        "pool": {
            "resource_group_name": "rg-anf",
            "account_name": "account-rg-anf",
            "name": "pool-dev",
            "service_level": "Standard",
        },
        "subnet_id": f"{group}/providers/Microsoft.Network/virtualNetworks/vnet-rg-anf/subnets/anf",
        "client_secret": {
            "client_id": "33333333-3333-3333-3333-333333333333",
            "client_secret": config.require_secret("clientSecret"),
        }
        if authentication == "clientSecret"
        else None,
        "namespace": trident.namespace,
        "credentials_namespace": "default",
    },
    pulumi.ResourceOptions(provider=cluster, depends_on=[trident], custom_timeouts=bind),
)
