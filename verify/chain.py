"""The chain from Azure to a Pod in both ways: the links of each part, with what each needs. Both commands read it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from verify.check import LIMIT_SECONDS, Check
from verify.links import (
    anf,
    claims,
    credentials,
    csi_driver,
    directory,
    dynamic_volume,
    helm_release,
    network,
    nodes,
    old_logons,
    pods,
    shared_file,
    smb_users,
    storage_classes,
    trident,
    volume_handles,
)
from verify.links.csi_driver import SMB, TRIDENT, Driver
from verify.stack.parts import DynamicMount, StaticMount, Trident
from verify.world import World

MOUNT_SECONDS: Final = 300.0
"""The limit for the start of a temporary Pod, which may include an image pull."""


@dataclass(frozen=True)
class Link(Check):
    """A check as a link of a chain."""

    link: str = ""
    """Its name in the chain of one mount: `claim`."""
    alone: str = ""
    """Its title without the heading of its part, where it differs."""


@dataclass(frozen=True)
class Part:
    """Links under one heading, whose names have one prefix."""

    group: str
    prefix: str

    def link(
        self,
        name: str,
        title: str,
        look: Callable[[], str],
        needs: Iterable[str] = (),
        *,
        check: str = "",
        alone: str = "",
        limit: float = LIMIT_SECONDS,
        writes: bool = False,
    ) -> Link:
        """Return a link. A need without a slash is a link of this part; `check` replaces the name of the check."""
        needed = tuple(need if "/" in need else f"{self.prefix}/{need}" for need in needs)
        full = check or f"{self.prefix}/{name}"
        return Link(full, self.group, title, look, needed, limit, writes, link=name, alone=alone)


_ANF: Final = Part("Azure NetApp Files", "anf")


def windows_nodes(world: World) -> Link:
    """Return the link of the cluster's Windows nodes."""
    look = partial(nodes.windows_nodes, world.cluster)
    return Part("Nodes", "nodes").link("nodes", "Windows nodes", look, check="nodes/windows")


def sessions(world: World) -> list[Link]:
    """Return the links of the nodes' sessions with SMB servers, whoever mounts the shares."""
    link, cluster, ours = Part("Nodes", "nodes").link, world.cluster, claims_of(world)
    return [
        link("smb-users", "one user for each SMB server", partial(smb_users.one_user, cluster, ours)),
        link("old-logons", "passwords of the mounts", partial(old_logons.old_logons, cluster)),
    ]


def smb_driver(world: World) -> list[Link]:
    """Return the links of csi-driver-smb."""
    part, handles = _part_of(SMB), partial(volume_handles.volume_handles, world.cluster, claims_of(world))
    return [
        *_release(world, part, SMB, world.outputs.smb_driver_version),
        *driver_links(world, SMB),
        part.link("volume-handles", "a volumeHandle for each share", handles),
    ]


def claims_of(world: World) -> frozenset[tuple[str, str]]:
    """Return namespace and name of each claim of the stack."""
    return frozenset(mount.where for mount in world.outputs.mounts)


def trident_itself(world: World, stack: Trident) -> list[Link]:
    """Return the links of Trident without its backends."""
    part = _part_of(TRIDENT)
    look = partial(trident.orchestrator, world.cluster, stack)
    return [
        *_release(world, part, TRIDENT, stack.version),
        part.link("orchestrator", "TridentOrchestrator", look),
        *driver_links(world, TRIDENT, "orchestrator"),
    ]


def _part_of(driver: Driver) -> Part:
    return Part(driver.title, driver.prefix)


def _release(world: World, part: Part, driver: Driver, version: str | None) -> list[Link]:
    """Return the link of a driver's Helm release if the stack installs it."""
    look = partial(helm_release.helm_release, world.cluster, driver.release)
    return [part.link("release", "Helm release", look, alone=f"Helm release {driver.release}")] if version else []


def driver_links(world: World, driver: Driver, *needs: str) -> list[Link]:
    """Return the links of a CSI driver."""
    cluster, link = world.cluster, _part_of(driver).link
    linux, windows = (partial(_plugin_nodes, world, system) for system in ("linux", "windows"))
    plugin = partial(csi_driver.node_plugin, cluster, driver)
    csi_object, controller = (partial(look, cluster, driver) for look in (csi_driver.csi_driver, csi_driver.controller))
    registered = partial(csi_driver.registered, cluster, driver, lambda: [*linux(), *windows()])
    return [
        link("csidriver", "CSIDriver", csi_object, needs, alone=f"CSIDriver {driver.name}"),
        link("controller", driver.controller, controller, needs),
        link("node-linux", driver.plugins["linux"], partial(plugin, "linux", linux), needs),
        link("node-windows", driver.plugins["windows"], partial(plugin, "windows", windows), [*needs, "nodes/windows"]),
        link("registered", "registered with the kubelets", registered, ["node-linux", "node-windows"]),
    ]


def _plugin_nodes(world: World, system: str) -> Sequence[str]:
    """Return the nodes that need a node plugin: they accept any Pod, or run a Pod with a share of the stack."""
    here = [
        str(pod["spec"].get("nodeName") or "")
        for mount in world.outputs.mounts
        for pod in claims.pods_of(world.cluster, mount.namespace, mount.claim)
    ]
    busy = {node for node in here if node and nodes.system_of(world.cluster, node) == system}
    return sorted({*nodes.plain_nodes(world.cluster, system), *busy})


def capacity_pools(world: World, pool_ids: Mapping[str, str]) -> list[Link]:
    """Return the link of each pool."""
    with_class = {backend.pool_id for backend in world.outputs.backends}
    return [
        _ANF.link(
            "pool",
            f"capacity pool {name}",
            partial(anf.pool, world.azure, pool_id, has_class=pool_id in with_class),
            check=_pool_check(world, pool_id),
            alone="capacity pool",
        )
        for name, pool_id in pool_ids.items()
    ]


def _pool_check(world: World, pool_id: str) -> str:
    """Return the name of the check of a pool: anf/pool for the first, anf/pool/NAME for another."""
    return "anf/pool" if pool_id == world.outputs.pool_id else f"anf/pool/{pool_id.rpartition('/')[2]}"


def account(world: World, resource_id: str) -> Link:
    """Return the link of the account of a pool or a volume."""
    return _ANF.link("account", "account", partial(anf.account, world.azure, anf.account_of(resource_id)))


def networks(world: World) -> list[Link]:
    """Return the links of the delegated subnet and its ways."""
    subnet = partial(anf.subnet, world.azure, world.outputs.subnet_id)
    ways = network.ways(world.azure, world.outputs)
    return [_ANF.link("subnet", "delegated subnet", subnet), *(_ANF.link(*way) for way in ways)]


def volume(world: World, share: StaticMount) -> Link:
    """Return the link of a volume of the stack."""
    title, pool = f"volume {share.name}", _pool_check(world, share.volume_id.partition("/volumes/")[0])
    look = partial(anf.stack_volume, world.azure, share)
    return _ANF.link("volume", title, look, [pool], check=f"volume/{share.name}", alone=f"{title} in Azure")


def static_mount(world: World, share: StaticMount, mount_seconds: float = MOUNT_SECONDS) -> list[Link]:
    """Return the links of a share's claim and Pod."""
    cluster, azure, where = world.cluster, world.azure, share.where
    part = Part(f"Share {share.name} ({share.namespace})", share.prefix)
    link, behind = part.link, ["claim", f"volume/{share.name}"]
    size = partial(claims.sizes, cluster, azure, *where, share.volume_id)
    links = ["source", "secret", "smb-driver/csidriver", "smb-driver/registered", "nodes/windows", behind[1]]
    return [
        link("claim", f"claim {share.claim}", partial(claims.claim_bound, cluster, *where)),
        link("source", "source of the PersistentVolume", partial(claims.source, cluster, azure, share), behind),
        link("size", "size", size, behind),
        link("secret", "Secret of the mount", partial(credentials.of_static_claim, cluster, *where), ["claim"]),
        *_pod(world, part, share, links, lambda: share.volume_id, mount_seconds),
    ]


def trident_backend(world: World, stack: Trident) -> list[Link]:
    """Return the links of a backend and its StorageClass."""
    cluster, prefix, name = world.cluster, _of_backend(world, stack), stack.storage_class
    link = Part("Trident" if prefix == "trident" else f"Trident, pool {stack.pool}", prefix).link
    config, backend = (partial(look, cluster, stack) for look in (trident.backend_config, trident.backend))
    storage_class = partial(storage_classes.storage_class, cluster, name)
    needs = ["trident/controller", _pool_check(world, stack.pool_id), "anf/subnet"]
    return [
        link("backend-config", "TridentBackendConfig", config, needs),
        link("backend", "TridentBackend", backend, ["backend-config"]),
        link("storage-class", "StorageClass", storage_class, alone=f"StorageClass {name}"),
        link("secret", "Secret of the mount", partial(credentials.of_storage_class, cluster, name), ["storage-class"]),
    ]


def _of_backend(world: World, stack: Trident) -> str:
    """Return the prefix of a backend's checks: trident for the first, trident/POOL for another."""
    first = world.outputs.trident
    return "trident" if first and stack.pool == first.pool else f"trident/{stack.pool}"


def dynamic_mount(
    world: World, claim: DynamicMount, stack: Trident, mount_seconds: float = MOUNT_SECONDS
) -> list[Link]:
    """Return the links of a claim, its volume and its Pod."""
    cluster, azure, where, backend = world.cluster, world.azure, claim.where, _of_backend(world, stack)
    part = Part(f"Claim {claim.name} ({claim.namespace}, {stack.storage_class})", claim.prefix)
    link, volume_id = part.link, partial(dynamic_volume.volume_id, cluster, *where)
    created = partial(dynamic_volume.dynamic_volume, cluster, azure, *where, stack.pool_id)
    bound = [f"{backend}/storage-class", f"{backend}/backend"]
    links = ["volume", f"{backend}/secret", "trident/csidriver", "trident/registered", "nodes/windows"]
    return [
        link("claim", f"claim {claim.claim}", partial(claims.claim_bound, cluster, *where), bound),
        link("volume", "volume that Trident created", created, ["claim"]),
        link("size", "size", lambda: claims.sizes(cluster, azure, *where, volume_id()), ["volume"]),
        *_pod(world, part, claim, links, volume_id, mount_seconds),
    ]


def _pod(
    world: World,
    part: Part,
    mount: StaticMount | DynamicMount,
    links: Sequence[str],
    volume_id: Callable[[], str],
    mount_seconds: float,
) -> list[Link]:
    """Return the links of the Pod, its directory listing, and a file through two Pods; without a Pod only the last."""
    cluster, link, pod = world.cluster, part.link, (mount.namespace, mount.pod or "", mount.claim)
    look = partial(directory.directory, cluster, world.azure, *pod, volume_id)
    found = [
        link("pod", f"Pod {mount.pod}", partial(pods.pod_runs, cluster, *pod), links),
        link("directory", "directory listing", look, ["pod"]),
    ]
    shared = link(
        "shared-file",
        "file through two Pods",
        partial(shared_file.shared_file, cluster, world.pods, *mount.where, mount_seconds),
        ["directory"] if mount.pod else links,
        limit=2 * mount_seconds + 60,
        writes=True,
    )
    return [*found, shared] if mount.pod else [shared]
