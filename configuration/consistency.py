"""The rules between the keys of a stack's configuration."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Final

from pydantic.alias_generators import to_camel

from components import rules
from components.rules import smb_driver
from configuration.azure import NetworkSettings, PoolSettings, VolumeSettings
from configuration.errors import Problem, missing_key, value_problems
from configuration.kubernetes import ClusterSettings, SmbDriverSettings
from configuration.snapshots import Policies, snapshot_inconsistencies
from configuration.trident import Claims, trident_inconsistencies

Volumes = Mapping[int, VolumeSettings]
"""Volumes by their place in the list."""


def inconsistencies(
    parts: Mapping[str, Any],
    volumes: Volumes,
    claims: Claims,
    policies: Policies,
    given: Collection[str],
    subscription: str | None,
) -> Iterator[Problem]:
    """Yield each contradiction between valid sections; `given` are all keys of the stack file."""
    if network := parts.get("network"):
        yield from _network(network, subscription)
    if cluster := parts.get("cluster"):
        yield from _cluster(cluster)
    yield from _existing_parts(parts, given)
    yield from _nothing_to_create(parts, given)
    if "smb_driver" in parts or "smbDriver" not in given:
        yield from _driver(parts.get("smb_driver", SmbDriverSettings()), volumes)
    yield from _sizes(volumes)
    yield from _names(volumes)
    yield from trident_inconsistencies(parts, claims, volumes, given)
    yield from snapshot_inconsistencies(parts, policies, volumes, given)
    if pool := parts.get("pool"):
        yield from _pool(pool)
        if not pool.existing:
            yield from _volumes_of(pool, volumes)
            yield from _pool_capacity(pool, volumes, claims)


def _network(network: NetworkSettings, subscription: str | None) -> Iterator[Problem]:
    key = "anf-smb:network"
    new = {
        "virtualNetwork": (network.virtual_network, "vnet-anf"),
        "addressSpace": (network.address_space, "10.40.0.0/16"),
        "subnet": (network.subnet, "anf"),
        "subnetPrefix": (network.subnet_prefix, "10.40.1.0/26"),
    }
    given = [name for name, (value, _) in new.items() if value is not None]
    if network.subnet_id:
        if given:
            yield Problem(key, f"has subnetId and {', '.join(given)}", "subnetId alone, or the others without it")
        if subscription and network.subnet_id.split("/")[2].lower() != subscription.lower():
            yield Problem(
                f"{key}.subnetId",
                f"is in subscription {network.subnet_id.split('/')[2]}",
                f"a subnet in {subscription} (azure-native:subscriptionId)",
            )
        return
    for name, (value, example) in new.items():
        if value is None:
            yield missing_key(f"{key}.{name}", f"{example}; or use an existing subnet: subnetId")
    if network.address_space and network.subnet_prefix:
        allowed = rules.subnet_outside(network.address_space, network.subnet_prefix)
        if allowed:
            yield Problem(f"{key}.subnetPrefix", f'is "{network.subnet_prefix}"', allowed)


def _cluster(cluster: ClusterSettings) -> Iterator[Problem]:
    key = "anf-smb:cluster"
    sources = [name for name in ("aks", "stack", "kubeconfig") if getattr(cluster, name) is not None]
    if cluster.context is not None and "kubeconfig" not in sources:
        sources.append("context")
    if len(sources) != 1:
        what = f"names the cluster by {' and '.join(sources)}" if sources else "names no cluster"
        yield Problem(key, what, "one of aks, stack, kubeconfig or context (kubeconfig allows a context too)")
    if cluster.output is not None and cluster.stack is None:
        yield Problem(f"{key}.output", "is set", "an output of the stack that `stack` names, not without `stack`")
    for name in ("stack", "output", "kubeconfig", "context"):
        if getattr(cluster, name) == "":
            yield Problem(f"{key}.{name}", "is empty", "a name", "set it, or remove it")
    file = cluster.kubeconfig_file
    if file and not file.is_file():
        yield Problem(
            f"{key}.kubeconfig",
            f'is "{cluster.kubeconfig}"',
            "a readable file, relative to the project",
            "create it, for example: az aks get-credentials --file PATH",
        )


def _driver(driver: SmbDriverSettings, volumes: Volumes) -> Iterator[Problem]:
    installed = bool(volumes) if driver.enabled is None else driver.enabled
    if installed and driver.version is None:
        yield missing_key("anf-smb:smbDriver.version", "1.20.3")
    if installed:
        yield from value_problems("anf-smb:smbDriver.values", smb_driver.breaking_values(driver.values))


def _existing_parts(parts: Mapping[str, Any], given: Collection[str]) -> Iterator[Problem]:
    """Check that an existing resource has an existing parent."""
    for inner, outer in (("account", "resource_group"), ("pool", "account")):
        holder, held = parts.get(outer), parts.get(inner)
        if holder and held and held.existing and not holder.existing:
            outer_key = {"resource_group": "resourceGroup"}.get(outer, outer)
            yield Problem(
                f"anf-smb:{inner}.existing",
                "is true",
                f"true only when anf-smb:{outer_key}.existing is true",
                f"pulumi config set --path 'anf-smb:{outer_key}.existing' true, or let this stack create the {inner}",
            )
    account = parts.get("account")
    if account and not account.existing and "activeDirectory" not in given:
        yield missing_key(
            "anf-smb:activeDirectory",
            "{domain: contoso.com, dnsServers: [10.40.0.4], smbServerName: ANF, username: anf-join}",
        )
    if account and account.existing and "activeDirectory" in given:
        yield Problem(
            "anf-smb:activeDirectory",
            "is set",
            "nothing: an existing account keeps its own directory",
            "pulumi config rm anf-smb:activeDirectory, or let this stack create the account",
        )


def _nothing_to_create(parts: Mapping[str, Any], given: Collection[str]) -> Iterator[Problem]:
    """Check that a stack has volumes, claims or Trident."""
    trident = parts.get("trident")
    empty = [key for key in ("volumes", "dynamic_claims") if not parts.get(key)]
    broken = {"volumes", "dynamicClaims", "trident"} & {*given} - {to_camel(part) for part in parts}
    if len(empty) == 2 and not (trident and trident.enabled) and not broken:
        yield missing_key("anf-smb:volumes", "[{name: smb, sizeGiB: 100}], or anf-smb:dynamicClaims")


def _pool(pool: PoolSettings) -> Iterator[Problem]:
    key = "anf-smb:pool"
    settings = {"serviceLevel": pool.service_level, "sizeTiB": pool.size_tib, "qosType": pool.qos_type}
    if pool.existing:
        for name, value in settings.items():
            if value is not None:
                yield Problem(f"{key}.{name}", "is set", "nothing: an existing pool keeps its own", "remove it")
        return
    for name, example in (("serviceLevel", "Standard"), ("sizeTiB", "1")):
        if settings[name] is None:
            yield missing_key(f"{key}.{name}", example)


def _volumes_of(pool: PoolSettings, volumes: Volumes) -> Iterator[Problem]:
    """Check service levels and throughputs of the volumes in a new pool."""
    manual = pool.qos_type == "Manual"
    for index, volume in volumes.items():
        key = f"anf-smb:volumes[{index}]"
        if volume.service_level and pool.service_level:
            allowed = rules.level_above_pool(volume.service_level, pool.service_level)
            if allowed:
                yield Problem(f"{key}.serviceLevel", f'is "{volume.service_level}"', allowed)
        if manual and volume.throughput_mibps is None and not volume.existing:
            yield missing_key(f"{key}.throughputMibps", "16, since the pool's qosType is Manual")
        if not manual and volume.throughput_mibps is not None:
            yield Problem(
                f"{key}.throughputMibps",
                f"is {volume.throughput_mibps}",
                "nothing, unless anf-smb:pool.qosType is Manual: with Auto the throughput follows the size",
            )
    if manual and pool.service_level and pool.size_tib is not None:
        throughputs = [volume.throughput_mibps or 0 for volume in volumes.values()]
        allowed = rules.throughput_exceeds_pool(throughputs, pool.service_level, pool.size_tib)
        if allowed:
            yield Problem("anf-smb:volumes", "exceed the pool's throughput", allowed)


def _pool_capacity(pool: PoolSettings, volumes: Volumes, claims: Claims) -> Iterator[Problem]:
    """Check the sizes of volumes and claims against the pool's size."""
    if pool.size_tib is None:
        return
    fix = "reduce volumes and claims, or enlarge the pool: pulumi config set --path 'anf-smb:pool.sizeTiB' …"
    sizes = [volume.size_gib or 0 for volume in volumes.values()]
    for key, more in (
        ("anf-smb:volumes", []),
        ("anf-smb:dynamicClaims", [claim.size_gib for claim in claims.values()]),
    ):
        allowed = rules.sizes_exceed_pool([*sizes, *more], pool.size_tib)
        if allowed:
            what = "exceed the pool's size"
            yield Problem(key, f"together with the volumes {what}" if more else what, allowed, fix)
            return


_OF_THE_SHARE: Final = frozenset({"name", "claim", "persistent_volume", "volume_handle", "namespace", "existing"})
"""Keys of a volume that say nothing of the volume in Azure but its name."""


def _sizes(volumes: Volumes) -> Iterator[Problem]:
    """Check that a volume has a size, and an existing one nothing that would change it."""
    for index, volume in volumes.items():
        key = f"anf-smb:volumes[{index}]"
        if volume.existing:
            for name, field in VolumeSettings.model_fields.items():
                if name in volume.model_fields_set - _OF_THE_SHARE:
                    yield Problem(
                        f"{key}.{field.alias}", "is set", "nothing: an existing volume keeps its own", "remove it"
                    )
        elif volume.size_gib is None:
            yield missing_key(f"{key}.sizeGiB", "100")


def _names(volumes: Volumes) -> Iterator[Problem]:
    """Check names that the volume's name decides, and names that must be unique."""
    for index, volume in volumes.items():
        key = f"anf-smb:volumes[{index}]"
        for name, chosen, derived, rule in (
            *(
                []
                if volume.existing
                else [("creationToken", volume.creation_token, volume.share, rules.CREATION_TOKEN)]
            ),
            ("claim", volume.claim, volume.claim_name, rules.OBJECT_NAME),
            ("persistentVolume", volume.persistent_volume, volume.persistent_volume_name, rules.OBJECT_NAME),
        ):
            if chosen is None and not rule.holds(derived):
                fix = f"pulumi config set --path '{key}.{name}' …, or choose another name for the volume"
                yield Problem(f"{key}.{name}", f'is "{derived}" by default, from the name', rule.allowed, fix)

    unique: dict[str, Callable[[VolumeSettings], object]] = {
        "name": lambda volume: volume.name.lower(),
        "creationToken": lambda volume: (volume.existing, volume.share.lower()),
        "claim": lambda volume: (volume.namespace, volume.claim_name),
        "persistentVolume": lambda volume: volume.persistent_volume_name,
    }
    for name, identity in unique.items():
        places: defaultdict[object, list[int]] = defaultdict(list)
        for index, volume in volumes.items():
            places[identity(volume)].append(index)
        for same in places.values():
            for index in same[1:]:
                yield Problem(
                    f"anf-smb:volumes[{index}].{name}",
                    f"is the same as that of anf-smb:volumes[{same[0]}]",
                    "a name that no other volume has" + (" in its namespace" if name == "claim" else ""),
                )
