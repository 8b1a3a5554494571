"""The pools that have a backend in Trident, each by its StorageClass, and the rules between them and the claims."""

import re
from collections.abc import Iterable, Iterator, Mapping

import pulumi

from components.rules import trident as trident_rules
from configuration.errors import Problem
from configuration.kubernetes import DynamicClaimSettings, TridentSettings
from configuration.pools import Claims, Pools, PoolSettings


def default_storage_class(trident: TridentSettings) -> str:
    """Return the StorageClass of the first pool: the documented one, or one of this stack with another's Trident."""
    suffix = f"-{stack_in_names()}" if trident.enabled is False else ""
    return f"{trident_rules.DEFAULT_STORAGE_CLASS}{suffix}"


def stack_in_names() -> str:
    """Return the name of the stack as names in Kubernetes can have it."""
    return re.sub(r"[^a-z0-9-]+", "-", pulumi.get_stack().lower()).strip("-")


def uses_trident(trident: TridentSettings, pools: Iterable[PoolSettings], claims: Iterable[object]) -> bool:
    """Return whether the stack has anything of Trident: Trident itself, a claim, or a pool with a storageClass."""
    return bool(trident.enabled) or any(True for _ in claims) or any(pool.storage_class for pool in pools)


def storage_classes(pools: Pools, trident: TridentSettings) -> Mapping[int, str]:
    """Return the StorageClass of each pool that has one, by the pool's place."""
    default = default_storage_class(trident)
    chosen = {index: pool.storage_class or (default if index == 0 else "") for index, pool in pools.items()}
    return {index: name for index, name in chosen.items() if name}


def claims_by_pool(claims: Claims, classes: Mapping[int, str]) -> Mapping[int, Claims]:
    """Return the claims in each pool, by the pool's place; a claim of an unknown class is in none."""
    return {
        index: {place: claim for place, claim in claims.items() if _is_of(claim, index, name)}
        for index, name in classes.items()
    }


def _is_of(claim: DynamicClaimSettings, index: int, storage_class: str) -> bool:
    return index == 0 if claim.storage_class is None else claim.storage_class == storage_class


def backend_inconsistencies(
    trident: TridentSettings, pools: Pools, claims: Claims, *, all_valid: bool
) -> Iterator[Problem]:
    """Yield each contradiction between the pools' backends, Trident and the claims."""
    classes = storage_classes(pools, trident)
    yield from _same_names(classes)
    for index, pool in pools.items():
        yield from _throughput(f"anf-smb:pools[{index}]", pool, has_class=index in classes)
    for index in classes:
        yield from _manual(f"anf-smb:pools[{index}]", pools[index], trident)
    for index, claim in claims.items():
        if claim.storage_class is not None and all_valid and claim.storage_class not in classes.values():
            key, names = f"anf-smb:dynamicClaims[{index}].storageClass", ", ".join(classes.values())
            yield Problem(
                key,
                f'is "{claim.storage_class}"',
                f"a storageClass of anf-smb:pools: {names}",
                f"pulumi config set --path '{key}' {next(iter(classes.values()))}, or give a pool this storageClass",
            )


def _same_names(classes: Mapping[int, str]) -> Iterator[Problem]:
    """Check that no two StorageClasses have the same backend; anf-sc-NAME and NAME would."""
    first: dict[trident_rules.BackendNames, int] = {}
    for index, name in classes.items():
        other = first.setdefault(trident_rules.backend_names(name)._replace(secret=""), index)
        if other != index:
            yield Problem(
                f"anf-smb:pools[{index}].storageClass",
                f'is "{name}", for the same backend as "{classes[other]}" of anf-smb:pools[{other}]',
                "a name that no other pool has, with or without anf-sc- before it",
            )


def _manual(key: str, pool: PoolSettings, trident: TridentSettings) -> Iterator[Problem]:
    version = trident.version
    if pool.qos_type == "Manual" and version and not trident_rules.takes_manual_pools(version):
        yield Problem(
            f"{key}.qosType",
            f'is "Manual", with Trident {version}',
            "Auto: Trident before 25.10 creates volumes only in an Auto pool",
            "a later anf-smb:trident.version, or Auto without throughputMibps of the volumes",
        )


def _throughput(key: str, pool: PoolSettings, *, has_class: bool) -> Iterator[Problem]:
    what = f"{key}.maxThroughputMibps"
    if pool.max_throughput_mibps is None:
        return
    if not has_class:
        yield Problem(what, "is set", f"nothing without {key}.storageClass: it is of claims' volumes", "remove it")
    elif not pool.existing and pool.qos_type != "Manual":
        yield Problem(
            what,
            f"is {pool.max_throughput_mibps}",
            f"nothing, unless {key}.qosType is Manual: with Auto the throughput follows the size",
            "remove it",
        )
