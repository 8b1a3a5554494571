"""The rules between the sections of a stack's configuration; those inside a section are beside it."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pydantic.alias_generators import to_camel

from components.rules import smb_driver
from configuration.account import directory_inconsistencies
from configuration.backends import claims_by_pool, storage_classes
from configuration.cluster import cluster_inconsistencies
from configuration.errors import Problem, missing_key, value_problems
from configuration.kubernetes import SmbDriverSettings, TridentSettings
from configuration.network import network_inconsistencies
from configuration.pools import Claims, Pools, pool_inconsistencies
from configuration.snapshots import Policies, snapshot_inconsistencies
from configuration.tags import tag_problems
from configuration.trident import trident_inconsistencies
from configuration.volumes import Volumes, volume_inconsistencies


def inconsistencies(
    parts: Mapping[str, Any],
    pools: Pools,
    volumes: Volumes,
    claims: Claims,
    policies: Policies,
    given: Collection[str],
    subscription: str | None,
) -> Iterator[Problem]:
    """Yield each contradiction between valid sections; `given` are all keys of the stack file."""
    if network := parts.get("network"):
        yield from network_inconsistencies(network, subscription)
    if cluster := parts.get("cluster"):
        yield from cluster_inconsistencies(cluster, subscription)
    yield from _existing_parts(parts, pools)
    yield from directory_inconsistencies(parts, given)
    yield from _nothing_to_create(parts, given)
    if "smb_driver" in parts or "smbDriver" not in given:
        yield from _driver(parts.get("smb_driver", SmbDriverSettings()), volumes)
    yield from volume_inconsistencies(volumes)
    yield from trident_inconsistencies(parts, pools, claims, volumes, given)
    yield from tag_problems(parts, {"pools": pools, "volumes": volumes, "snapshotPolicies": policies})
    yield from snapshot_inconsistencies(parts, policies, volumes, given)
    classes = storage_classes(pools, parts.get("trident", TridentSettings()))
    yield from pool_inconsistencies(parts, pools, volumes, claims_by_pool(claims, classes))


def _driver(driver: SmbDriverSettings, volumes: Volumes) -> Iterator[Problem]:
    installed = bool(volumes) if driver.enabled is None else driver.enabled
    if installed and driver.version is None:
        yield missing_key("anf-smb:smbDriver.version", "1.20.3")
    if installed:
        yield from value_problems("anf-smb:smbDriver.values", smb_driver.breaking_values(driver.values))


def _existing_parts(parts: Mapping[str, Any], pools: Pools) -> Iterator[Problem]:
    """Check that an existing resource has an existing parent."""
    group, account = parts.get("resource_group"), parts.get("account")
    for key, title, held, outer, holder in (
        ("anf-smb:account", "account", account, "anf-smb:resourceGroup", group),
        *((f"anf-smb:pools[{index}]", "pool", pool, "anf-smb:account", account) for index, pool in pools.items()),
    ):
        if holder and held and held.existing and not holder.existing:
            yield Problem(
                f"{key}.existing",
                "is true",
                f"true only when {outer}.existing is true",
                f"pulumi config set --path '{outer}.existing' true, or let this stack create the {title}",
            )


def _nothing_to_create(parts: Mapping[str, Any], given: Collection[str]) -> Iterator[Problem]:
    """Check that a stack has volumes, claims or Trident."""
    trident = parts.get("trident")
    empty = [key for key in ("volumes", "dynamic_claims") if not parts.get(key)]
    broken = {"volumes", "dynamicClaims", "trident"} & {*given} - {to_camel(part) for part in parts}
    if len(empty) == 2 and not (trident and trident.enabled) and not broken:
        yield missing_key("anf-smb:volumes", "[{name: smb, sizeGiB: 100}], or anf-smb:dynamicClaims")
