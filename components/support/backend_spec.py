"""The spec of a TridentBackendConfig: one pool and one subnet, both named in full."""

from collections.abc import Mapping, Sequence
from typing import Any

from components import rules


def backend_spec(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the spec of the TridentBackendConfig. Raise `InvalidArgsError` for a pool that Trident cannot use."""
    account = f"{given['group']}/{given['account']}"
    network_group, network, subnet = _network(given["subnet"])
    spec: dict[str, Any] = {
        "version": 1,
        "storageDriverName": "azure-netapp-files",
        "backendName": given["backend"],
        "subscriptionID": given["subscription"],
        "tenantID": given["tenant"],
        "location": _region(given["location"]),
        "nasType": "smb",
        # Basic would need a pool of 4 TiB.
        "networkFeatures": "Standard",
        # These filter subnets too.
        "resourceGroups": list(dict.fromkeys((given["group"], network_group))),
        "netappAccounts": [account],
        "capacityPools": [f"{account}/{given['pool']}"],
        "virtualNetwork": f"{network_group}/{network}",
        "subnet": f"{network_group}/{network}/{subnet}",
        **_of_level(given),
    }
    return spec | ({"credentials": {"name": given["credentials"]}} if given["credentials"] else {})


def _of_level(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that follow from the pool's service level and QoS type."""
    level, qos_type, throughput = given["level"], given["qos"] or "Auto", given["throughput"]
    if not rules.SERVICE_LEVEL.holds(level) and level != rules.FLEXIBLE:
        raise rules.InvalidArgsError(
            f"TridentSmbBackend: the pool {given['pool']} has service level {level}; Trident can use "
            f"{rules.SERVICE_LEVEL.allowed}, {rules.FLEXIBLE}"
        )
    if qos_type != "Auto" and not given["takes_manual"]:
        raise rules.InvalidArgsError(
            f"TridentSmbBackend: the pool {given['pool']} has QoS type {qos_type}; Trident before 25.10 can use Auto. "
            f"Fix: a later {rules.argument('Trident', 'version')}, or another "
            f"{rules.argument('TridentSmbBackend', 'pool')}"
        )
    if qos_type == "Auto" and throughput is not None:
        raise rules.InvalidArgsError(
            f"TridentSmbBackend: {rules.argument('TridentSmbBackend', 'max_throughput_mibps')} is {throughput}; the "
            f"pool {given['pool']} has QoS type Auto, where the throughput follows a volume's size. Fix: remove it"
        )
    # Trident takes no level of the name Flexible: blank is any level of the named pool.
    spec: dict[str, Any] = {} if level == rules.FLEXIBLE else {"serviceLevel": level}
    if qos_type != "Auto":
        spec["defaults"] = {"qosType": qos_type}
        if throughput is not None:
            spec["defaults"]["maxThroughput"] = str(int(throughput))
    return spec


def _network(subnet_id: str) -> Sequence[str]:
    """Return resource group, virtual network and subnet of a subnet's id."""
    segments = subnet_id.split("/")
    return segments[4], segments[8], segments[10]


def _region(location: str) -> str:
    """Return a region as Azure lists resources by it: Trident's query takes no spaces."""
    return location.replace(" ", "").lower()
