"""All checks of a stack for both ways, and the checks that each needs."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from verify import (
    anf,
    claims,
    credentials,
    csi_driver,
    directory,
    dynamic_volume,
    helm_release,
    network,
    nodes,
    pods,
    shared_file,
    storage_classes,
    trident,
)
from verify.check import Check
from verify.csi_driver import Driver
from verify.stack_outputs import DynamicMount, StackOutputs, StaticMount, Trident
from verify.world import World

MOUNT_SECONDS: Final = 300.0
"""The limit for the start of a temporary Pod, which may include an image pull."""


def checks_of(world: World, mount_seconds: float = MOUNT_SECONDS) -> list[Check]:
    """Return the checks of a stack in the order of the report."""
    outputs = world.outputs
    found = _nodes(world)
    if outputs.volumes or outputs.smb_driver_version:
        found += _driver(world, csi_driver.SMB, "smb-driver", bool(outputs.smb_driver_version), ())
    found += _anf(world)
    for share in outputs.volumes:
        found += _share(world, share, mount_seconds)
    if outputs.trident:
        found += _trident(world, outputs.trident)
        for backend in outputs.backends:
            found += _backend(world, backend)
        for claim in outputs.claims:
            found += _claim(world, claim, outputs.trident_of(claim.storage_class) or outputs.trident, mount_seconds)
    return found


def _nodes(world: World) -> list[Check]:
    return [
        Check("nodes/windows", "Nodes", "Windows nodes", partial(nodes.windows_nodes, world.cluster)),
    ]


def _driver(world: World, driver: Driver, prefix: str, installed: bool, needs: tuple[str, ...]) -> list[Check]:
    cluster, group = world.cluster, driver.title
    linux, windows = (partial(_plugin_nodes, world, system) for system in ("linux", "windows"))
    plugins = driver.plugins
    release = Check(
        f"{prefix}/release", group, "Helm release", partial(helm_release.helm_release, cluster, driver.release)
    )
    return [
        *([release] if installed else []),
        Check(f"{prefix}/csidriver", group, "CSIDriver", partial(csi_driver.csi_driver, cluster, driver), needs),
        Check(f"{prefix}/controller", group, driver.controller, partial(csi_driver.controller, cluster, driver), needs),
        Check(
            f"{prefix}/node-linux",
            group,
            plugins["linux"],
            partial(csi_driver.node_plugin, cluster, driver, "linux", linux),
            needs,
        ),
        Check(
            f"{prefix}/node-windows",
            group,
            plugins["windows"],
            partial(csi_driver.node_plugin, cluster, driver, "windows", windows),
            (*needs, "nodes/windows"),
        ),
        Check(
            f"{prefix}/registered",
            group,
            "registered with the kubelets",
            partial(csi_driver.registered, cluster, driver, lambda: [*linux(), *windows()]),
            (f"{prefix}/node-linux", f"{prefix}/node-windows"),
        ),
    ]


def _plugin_nodes(world: World, system: str) -> Sequence[str]:
    """Return the nodes that need a node plugin: they accept any Pod, or run a Pod with a share of the stack."""
    mounts = (*world.outputs.volumes, *world.outputs.claims)
    here = [
        str(pod["spec"].get("nodeName") or "")
        for mount in mounts
        for pod in claims.pods_of(world.cluster, mount.namespace, mount.claim)
    ]
    busy = {node for node in here if node and nodes.system_of(world.cluster, node) == system}
    return sorted({*nodes.plain_nodes(world.cluster, system), *busy})


def _anf(world: World) -> list[Check]:
    outputs, azure, group = world.outputs, world.azure, "Azure NetApp Files"
    return [
        *(
            Check(_pool_check(outputs, pool_id), group, f"capacity pool {name}", partial(anf.pool, azure, pool_id))
            for name, pool_id in outputs.pool_ids.items()
        ),
        Check(
            "anf/account",
            group,
            "account",
            partial(anf.account, azure, anf.account_of(outputs.pool_id)),
        ),
        Check("anf/subnet", group, "delegated subnet", partial(anf.subnet, azure, outputs.subnet_id)),
        *(Check(f"anf/{name}", group, title, look) for name, title, look in network.ways(azure, outputs)),
        *(
            Check(
                f"volume/{share.name}",
                group,
                f"volume {share.name}",
                partial(anf.stack_volume, azure, share),
                (_pool_check(outputs, share.volume_id.partition("/volumes/")[0]),),
            )
            for share in outputs.volumes
        ),
    ]


def _pool_check(outputs: StackOutputs, pool_id: str) -> str:
    """Return the name of the check of a pool: anf/pool for the first, anf/pool/NAME for another."""
    return "anf/pool" if pool_id == outputs.pool_id else f"anf/pool/{pool_id.rpartition('/')[2]}"


def _share(world: World, share: StaticMount, mount_seconds: float) -> list[Check]:
    cluster, azure = world.cluster, world.azure
    group, prefix, volume = f"Share {share.name} ({share.namespace})", f"share/{share.name}", f"volume/{share.name}"
    where = (share.namespace, share.claim)
    links = (f"{prefix}/source", f"{prefix}/secret", "smb-driver/csidriver", "smb-driver/registered", "nodes/windows")
    return [
        Check(f"{prefix}/claim", group, f"claim {share.claim}", partial(claims.claim_bound, cluster, *where)),
        Check(
            f"{prefix}/source",
            group,
            "source of the PersistentVolume",
            partial(claims.source, cluster, azure, share),
            (f"{prefix}/claim", volume),
        ),
        Check(
            f"{prefix}/size",
            group,
            "size",
            partial(claims.sizes, cluster, azure, *where, share.volume_id),
            (f"{prefix}/claim", volume),
        ),
        Check(
            f"{prefix}/secret",
            group,
            "Secret of the mount",
            partial(credentials.of_static_claim, cluster, *where),
            (f"{prefix}/claim",),
        ),
        *_pod(world, share, group, prefix, (*links, volume), lambda: share.volume_id, mount_seconds),
    ]


def _trident(world: World, stack: Trident) -> list[Check]:
    cluster, group = world.cluster, "Trident"
    driver = _driver(world, csi_driver.TRIDENT, "trident", bool(stack.version), ("trident/orchestrator",))
    return [
        *(check for check in driver if check.name == "trident/release"),
        Check("trident/orchestrator", group, "TridentOrchestrator", partial(trident.orchestrator, cluster, stack)),
        *(check for check in driver if check.name != "trident/release"),
    ]


def _of_backend(world: World, stack: Trident) -> str:
    """Return the beginning of the names of a backend's checks: trident for the first, trident/POOL for another."""
    first = world.outputs.trident
    return "trident" if first and stack.pool == first.pool else f"trident/{stack.pool}"


def _backend(world: World, stack: Trident) -> list[Check]:
    cluster, prefix = world.cluster, _of_backend(world, stack)
    group = "Trident" if prefix == "trident" else f"Trident, pool {stack.pool}"
    return [
        Check(
            f"{prefix}/backend-config",
            group,
            "TridentBackendConfig",
            partial(trident.backend_config, cluster, stack),
            ("trident/controller", _pool_check(world.outputs, stack.pool_id), "anf/subnet"),
        ),
        Check(
            f"{prefix}/backend",
            group,
            "TridentBackend",
            partial(trident.backend, cluster, stack),
            (f"{prefix}/backend-config",),
        ),
        Check(
            f"{prefix}/storage-class",
            group,
            "StorageClass",
            partial(storage_classes.storage_class, cluster, stack.storage_class),
        ),
        Check(
            f"{prefix}/secret",
            group,
            "Secret of the mount",
            partial(credentials.of_storage_class, cluster, stack.storage_class),
            (f"{prefix}/storage-class",),
        ),
    ]


def _claim(world: World, claim: DynamicMount, stack: Trident, mount_seconds: float) -> list[Check]:
    cluster, azure = world.cluster, world.azure
    group, prefix = f"Claim {claim.name} ({claim.namespace}, {stack.storage_class})", f"claim/{claim.name}"
    where = (claim.namespace, claim.claim)
    volume_id = partial(dynamic_volume.volume_id, cluster, *where)
    backend = _of_backend(world, stack)
    links = (f"{prefix}/volume", f"{backend}/secret", "trident/csidriver", "trident/registered", "nodes/windows")
    return [
        Check(
            f"{prefix}/claim",
            group,
            f"claim {claim.claim}",
            partial(claims.claim_bound, cluster, *where),
            (f"{backend}/storage-class", f"{backend}/backend"),
        ),
        Check(
            f"{prefix}/volume",
            group,
            "volume that Trident created",
            partial(dynamic_volume.dynamic_volume, cluster, azure, *where, stack.pool_id),
            (f"{prefix}/claim",),
        ),
        Check(
            f"{prefix}/size",
            group,
            "size",
            lambda: claims.sizes(cluster, azure, *where, volume_id()),
            (f"{prefix}/volume",),
        ),
        *_pod(world, claim, group, prefix, links, volume_id, mount_seconds),
    ]


def _pod(
    world: World,
    mount: StaticMount | DynamicMount,
    group: str,
    prefix: str,
    links: tuple[str, ...],
    volume_id: Callable[[], str],
    mount_seconds: float,
) -> list[Check]:
    """Return the checks of the Pod, its directory listing, and a file through two Pods; without a Pod only the last."""
    cluster, where = world.cluster, (mount.namespace, mount.claim)
    found: list[Check] = []
    if mount.pod:
        found = [
            Check(
                f"{prefix}/pod",
                group,
                f"Pod {mount.pod}",
                partial(pods.pod_runs, cluster, mount.namespace, mount.pod, mount.claim),
                links,
            ),
            Check(
                f"{prefix}/directory",
                group,
                "directory listing",
                partial(directory.directory, cluster, world.azure, mount.namespace, mount.pod, mount.claim, volume_id),
                (f"{prefix}/pod",),
            ),
        ]
    return [
        *found,
        Check(
            f"{prefix}/shared-file",
            group,
            "file through two Pods",
            partial(shared_file.shared_file, cluster, world.pods, *where, mount_seconds),
            (f"{prefix}/directory",) if found else links,
            limit=2 * mount_seconds + 60,
            writes=True,
        ),
    ]
