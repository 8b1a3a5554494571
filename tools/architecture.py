"""The architecture diagram of a stack: its parts in Azure and in AKS, and the values that flow between them."""

from collections.abc import Mapping
from typing import Any

from tests.unit.unit_mocks import (
    ACCOUNT,
    BACKEND_CONFIG,
    CLAIM,
    GROUP,
    IDENTITY,
    KUBERNETES_SECRET,
    PERSISTENT_VOLUME,
    POD,
    POOL,
    RELEASE,
    STORAGE_CLASS,
    SUBNET,
    VOLUME,
    Run,
)

_GIB = 2**30

_PICTURE = """\
%%{{init: {{"flowchart": {{"nodeSpacing": 22, "rankSpacing": 34, "subGraphTitleMargin": {{"bottom": 22}}}}}}}}%%
flowchart TB
  directory(["Active Directory {domain}"])
  subgraph azure["Azure, {location}: resource group {group} (ResourceGroup)"]
    account["NetApp account <b>{account}</b><br/>NetAppAccount"]
    subnet["subnet <b>{subnet}</b> {subnet_prefix}<br/>in {network} of {network_group}<br/>DelegatedSubnet"]
    pool["capacity pool <b>{pool}</b><br/>{service_level}, {pool_tib} TiB<br/>CapacityPool"]
    policy["snapshot policy<br/>where a volume names one<br/>SnapshotPolicy"]
    volume["CIFS volume <b>{volume}</b><br/>{volume_gib} GiB<br/>SmbVolume"]
    alerts["alerts<br/>where the stack file has them<br/>CapacityAlerts"]
    identity["identity <b>{identity}</b><br/>and its roles<br/>TridentIdentity, TridentRole"]
  end
  subgraph static["AKS {cluster}, static (StaticPath): namespace {static_namespace}"]
    static_secret["Secret <b>{secret}</b><br/>ShareNamespace"]
    persistent_volume["PersistentVolume<br/><b>{persistent_volume}</b><br/>StaticShare"]
    driver["Helm release<br/><b>{driver}</b> {driver_version}<br/>in {driver_namespace}<br/>SmbCsiDriver"]
    static_claim["claim <b>{static_claim}</b><br/>StaticShare"]
    static_pod["Pod <b>{static_pod}</b><br/>IisPod"]
  end
  subgraph dynamic["AKS {cluster}, dynamic (TridentPath): namespace {dynamic_namespace}"]
    trident["Helm release<br/><b>{trident}</b> {trident_version}<br/>in {trident_namespace}<br/>Trident"]
    backend["TridentBackendConfig<br/><b>{backend_config}</b><br/>TridentSmbBackend"]
    dynamic_secret["Secret <b>{secret}</b><br/>ShareNamespace"]
    storage_class["StorageClass <b>{storage_class}</b><br/>TridentSmbBackend"]
    dynamic_claim["claim <b>{dynamic_claim}</b><br/>with a volume of its own in {pool}<br/>DynamicShare"]
    dynamic_pod["Pod <b>{dynamic_pod}</b><br/>IisPod"]
  end
  directory ---|"joined by {username}"| account
  account --> pool --> volume
  subnet --> volume
  policy -.-> volume
  volume & pool -.-> alerts
  volume ==>|"smbServerFqdn,<br/>creationToken"| persistent_volume
  volume ~~~ static_secret & driver & trident
  static_secret --> persistent_volume --> static_claim --> static_pod
  driver -->|"mounts"| static_pod
  pool ==>|"account, pool,<br/>subnet in full"| backend
  identity ==>|"clientId"| trident
  trident --> backend --> storage_class --> dynamic_claim --> dynamic_pod
  dynamic_secret --> storage_class
  trident ~~~ dynamic_secret
"""


def architecture(run: Run) -> str:
    """Return the Mermaid diagram of a stack with one volume and one claim, with the program's resource names."""
    return _PICTURE.format(**_facts(run))


def _facts(run: Run) -> Mapping[str, Any]:
    account, pool, volume = (run.one(token).inputs for token in (ACCOUNT, POOL, VOLUME))
    directory = account["activeDirectories"]["value"][0]  # a secret, because it contains the password
    subnet = run.one(SUBNET).inputs
    driver, trident = (run.one(RELEASE, f"{name}-release").inputs for name in ("csi-driver-smb", "trident"))
    static_pod, dynamic_pod = (run.one(POD, f"{name}-pod").inputs for name in ("smb", "dynamic-smb-dynamic"))
    return {
        "domain": directory["domain"],
        "username": directory["username"],
        "location": run.monitor.outputs[run.one(ACCOUNT).request.parent]["location"],
        "group": run.one(GROUP).inputs["resourceGroupName"],
        "network": subnet["virtualNetworkName"],
        "network_group": subnet["resourceGroupName"],
        "subnet": subnet["subnetName"],
        "subnet_prefix": subnet["addressPrefix"],
        "account": account["accountName"],
        "pool": pool["poolName"],
        "service_level": pool["serviceLevel"],
        "pool_tib": int(pool["size"] / (1024 * _GIB)),
        "volume": volume["volumeName"],
        "volume_gib": int(volume["usageThreshold"] / _GIB),
        "identity": run.one(IDENTITY).inputs["resourceName"],
        "cluster": run.outputs["cluster"]["aks"]["name"],
        "static_namespace": static_pod["metadata"]["namespace"],
        "static_pod": static_pod["metadata"]["name"],
        "static_claim": _name(run, CLAIM, "smb-claim"),
        "persistent_volume": _name(run, PERSISTENT_VOLUME),
        "secret": _name(run, KUBERNETES_SECRET, "smb-static-smbcreds"),
        "driver": driver["name"],
        "driver_namespace": driver["namespace"],
        "driver_version": driver["version"],
        "dynamic_namespace": dynamic_pod["metadata"]["namespace"],
        "dynamic_pod": dynamic_pod["metadata"]["name"],
        "dynamic_claim": _name(run, CLAIM, "smb-dynamic-claim"),
        "storage_class": _name(run, STORAGE_CLASS),
        "trident_namespace": trident["namespace"],
        "trident": trident["name"],
        "trident_version": trident["version"],
        "backend_config": _name(run, BACKEND_CONFIG),
    }


def _name(run: Run, token: str, name: str | None = None) -> str:
    return run.one(token, name).inputs["metadata"]["name"]
