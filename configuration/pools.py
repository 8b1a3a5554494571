"""The section anf-smb:pool, and the rules between the pool and its volumes."""

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field

from components import rules
from components.capacity_pool import CapacityPoolArgs
from configuration.errors import Problem, missing_key
from configuration.kubernetes import DynamicClaimSettings
from configuration.section import Section, ServiceLevel, obeys
from configuration.volumes import Volumes


class PoolSettings(Section):
    """anf-smb:pool; an existing pool keeps its service level, size and QoS type."""

    name: Annotated[str, obeys(rules.POOL_NAME)]
    service_level: ServiceLevel | None = None
    size_tib: Annotated[int, obeys(rules.POOL_SIZE_TIB)] | None = Field(default=None, alias="sizeTiB")
    qos_type: Annotated[str, obeys(rules.QOS_TYPE)] | None = None
    existing: bool = False

    @property
    def args(self) -> CapacityPoolArgs:
        """Return the arguments of the component."""
        return self.arguments_of(CapacityPoolArgs)


def pool_inconsistencies(
    pool: PoolSettings, volumes: Volumes, claims: Mapping[int, DynamicClaimSettings]
) -> Iterator[Problem]:
    """Yield each contradiction between a pool, its volumes and its claims."""
    yield from _pool(pool)
    if not pool.existing:
        yield from _volumes_of(pool, volumes)
        yield from _pool_capacity(pool, volumes, claims)


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


def _pool_capacity(
    pool: PoolSettings, volumes: Volumes, claims: Mapping[int, DynamicClaimSettings]
) -> Iterator[Problem]:
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
