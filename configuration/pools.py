"""The section anf-smb:pools, and the rules between a pool, its volumes and its claims."""

import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field

from components import rules
from components.capacity_pool import CapacityPoolArgs
from components.rules.trident import LEAST_THROUGHPUT_MIBPS
from configuration.errors import Problem, missing_key
from configuration.kubernetes import DynamicClaimSettings
from configuration.section import obeys
from configuration.tags import TaggedSection
from configuration.volumes import Volumes, VolumeSettings


class PoolSettings(TaggedSection):
    """One of anf-smb:pools; an existing pool keeps its service level, size and QoS type."""

    name: Annotated[str, obeys(rules.POOL_NAME)]
    service_level: Annotated[str, obeys(rules.NEW_POOL_LEVEL)] | None = None
    size_tib: Annotated[int, obeys(rules.POOL_SIZE_TIB)] | None = Field(default=None, alias="sizeTiB")
    qos_type: Annotated[str, obeys(rules.QOS_TYPE)] | None = None
    storage_class: Annotated[str, obeys(rules.OBJECT_NAME)] | None = None
    """The StorageClass of claims in the pool, unique in the cluster; it gives Trident a backend for the pool. Default:
    anf-sc-smb for the first pool, with the stack's name behind it if trident.enabled is false; none for others."""
    max_throughput_mibps: Annotated[int, obeys(rules.THROUGHPUT_MIBPS)] | None = None
    """The throughput of each claim's volume in a pool of QoS type Manual. Default: 4, Trident's."""
    existing: bool = False
    cool_access: bool | None = None

    @property
    def args(self) -> CapacityPoolArgs:
        """Return the arguments of the component."""
        return self.arguments_of(CapacityPoolArgs)


Pools = Mapping[int, PoolSettings]
"""Pools by their place in the list."""

Claims = Mapping[int, DynamicClaimSettings]
"""Claims by their place in the list."""


def single_pool(value: Any) -> Problem:
    """Return the problem of the key anf-smb:pool, which anf-smb:pools has replaced."""
    pool: dict[str, Any] = value if isinstance(value, dict) else {}
    known = [field.alias or name for name, field in PoolSettings.model_fields.items()]
    shown = {name: pool[name] for name in known if name in pool} or {"name": "…"}
    listed = ", ".join(f"{name}: {json.dumps(each).strip(chr(34))}" for name, each in shown.items())
    steps = [f"pulumi config set --path 'anf-smb:pools[0].{name}' {json.dumps(each)}" for name, each in shown.items()]
    return Problem(
        "anf-smb:pool",
        "is not a key any more: a stack has a list of pools",
        f"anf-smb:pools: [{{{listed}}}]",
        "; ".join([*steps, "pulumi config rm anf-smb:pool"]) + "; nothing changes in Azure",
    )


def pool_inconsistencies(
    parts: Mapping[str, Any], pools: Pools, volumes: Volumes, claims: Mapping[int, Claims]
) -> Iterator[Problem]:
    """Yield each contradiction in pools, and between a pool, its volumes and its claims, by the pool's place."""
    yield from _names(pools)
    if "pools" in parts:
        yield from _unknown_pools(pools, volumes)
    for index, pool in pools.items():
        key = f"anf-smb:pools[{index}]"
        inside = {place: volume for place, volume in volumes.items() if _is_in(pool, index, volume)}
        yield from _pool(key, pool)
        yield from _number(key, inside)
        if not pool.existing:
            yield from _volumes_of(key, pool, inside, claims.get(index, {}))
            yield from _capacity(key, pool, inside, claims.get(index, {}))


def _is_in(pool: PoolSettings, index: int, volume: VolumeSettings) -> bool:
    return index == 0 if volume.pool_name is None else pool.name == volume.pool_name


def _names(pools: Pools) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, pool in pools.items():
        other = first.setdefault(pool.name.lower(), index)
        if other != index:
            yield Problem(
                f"anf-smb:pools[{index}].name",
                f"is the same as that of anf-smb:pools[{other}]",
                "a name that no other pool has",
            )


def _unknown_pools(pools: Pools, volumes: Volumes) -> Iterator[Problem]:
    names = [pool.name for pool in pools.values()]
    for index, volume in volumes.items():
        if volume.pool_name is not None and volume.pool_name not in names:
            key = f"anf-smb:volumes[{index}].pool"
            yield Problem(
                key,
                f'is "{volume.pool_name}"',
                f"a name of anf-smb:pools: {', '.join(names)}",
                f"pulumi config set --path '{key}' {names[0]}, or add the pool",
            )


def _pool(key: str, pool: PoolSettings) -> Iterator[Problem]:
    settings = {"serviceLevel": pool.service_level, "sizeTiB": pool.size_tib, "qosType": pool.qos_type}
    settings["coolAccess"] = pool.cool_access
    if pool.existing:
        for name, value in settings.items():
            if value is not None:
                yield Problem(f"{key}.{name}", "is set", "nothing: an existing pool keeps its own", "remove it")
        return
    for name, example in (("serviceLevel", "Standard"), ("sizeTiB", "1")):
        if settings[name] is None:
            yield missing_key(f"{key}.{name}", example)


def _number(key: str, volumes: Volumes) -> Iterator[Problem]:
    if len(volumes) > rules.MOST_VOLUMES_OF_A_POOL:
        yield Problem(
            key,
            f"has {len(volumes)} volumes",
            f"{rules.MOST_VOLUMES_OF_A_POOL}, as many as Azure has in a pool",
            "another pool, by anf-smb:volumes[].pool",
        )


def _volumes_of(key: str, pool: PoolSettings, volumes: Volumes, claims: Claims) -> Iterator[Problem]:
    """Check service levels and throughputs of the volumes in a new pool, those of claims included."""
    manual = pool.qos_type == "Manual"
    for index, volume in volumes.items():
        place = f"anf-smb:volumes[{index}]"
        if volume.service_level and pool.service_level:
            allowed = rules.level_above_pool(volume.service_level, pool.service_level)
            if allowed:
                yield Problem(f"{place}.serviceLevel", f'is "{volume.service_level}"', allowed)
        if volume.cool_access and not pool.cool_access:
            yield Problem(
                f"{place}.coolAccess",
                "is true",
                f"true only in a pool that has it: {key}.coolAccess is not true",
                f"pulumi config set --path '{key}.coolAccess' true (Azure cannot turn it off again)",
            )
        if manual and volume.throughput_mibps is None and not volume.existing:
            yield missing_key(f"{place}.throughputMibps", f"16, since {key}.qosType is Manual")
        if not manual and volume.throughput_mibps is not None:
            yield Problem(
                f"{place}.throughputMibps",
                f"is {volume.throughput_mibps}",
                f"nothing, unless {key}.qosType is Manual: with Auto the throughput follows the size",
            )
    if manual and pool.service_level and pool.size_tib is not None:
        throughputs = [volume.throughput_mibps or 0 for volume in volumes.values()]
        of_claims = [pool.max_throughput_mibps or LEAST_THROUGHPUT_MIBPS for _ in claims]
        allowed = rules.throughput_exceeds_pool([*throughputs, *of_claims], pool.service_level, pool.size_tib)
        if allowed:
            what = "volumes and claims" if claims else "volumes"
            yield Problem(key, f"has {what} that exceed its throughput", allowed)


def _capacity(key: str, pool: PoolSettings, volumes: Volumes, claims: Claims) -> Iterator[Problem]:
    """Check the sizes of volumes and claims against the pool's size."""
    if pool.size_tib is None:
        return
    sizes = [volume.size_gib or 0 for volume in volumes.values()]
    allowed = rules.sizes_exceed_pool([*sizes, *(claim.size_gib for claim in claims.values())], pool.size_tib)
    if allowed:
        inside = "volumes and claims" if claims and not rules.sizes_exceed_pool(sizes, pool.size_tib) else "volumes"
        yield Problem(
            f"{key}.sizeTiB",
            f"is {pool.size_tib}, too small for the {inside} of the pool",
            allowed,
            f"reduce them, or enlarge the pool: pulumi config set --path '{key}.sizeTiB' …",
        )
