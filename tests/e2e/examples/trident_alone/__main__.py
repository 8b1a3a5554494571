"""Trident and its backend alone, by the project's components, with limits of seconds: for what goes wrong with them."""

from typing import Any

import pulumi

from components.aks import aks_provider
from components.trident import Trident
from components.trident_backend import TridentSmbBackend

config = pulumi.Config()
install: Any = config.require_float("installSeconds") / 60
bind: Any = config.require_float("bindSeconds") / 60
subscription = "00000000-0000-0000-0000-000000000000"
group = f"/subscriptions/{subscription}/resourceGroups/rg-anf"

cluster = aks_provider("aks", {"aks": {"resource_group": "rg-aks-dev", "name": "aks-dev"}, "identity": "alone"})
trident = Trident(
    "trident",
    {"version": "100.2606.0", "authentication": "clientSecret", "timeout_minutes": install},
    pulumi.ResourceOptions(provider=cluster),
)
TridentSmbBackend(
    "anf-smb",
    {
        "subscription_id": subscription,
        "tenant_id": "11111111-1111-1111-1111-111111111111",
        "location": "koreacentral",
        "resource_group_name": "rg-anf",
        "account_name": "account-rg-anf",
        "pool_name": "pool-dev",
        "service_level": "Standard",
        "subnet_id": f"{group}/providers/Microsoft.Network/virtualNetworks/vnet-rg-anf/subnets/anf",
        "client_secret": {
            "client_id": "33333333-3333-3333-3333-333333333333",
            "client_secret": config.require_secret("clientSecret"),
        },
        "namespace": trident.namespace,
        "credentials_namespace": "default",
        "timeout_minutes": bind,
    },
    pulumi.ResourceOptions(provider=cluster, depends_on=[trident]),
)
