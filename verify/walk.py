"""The links of one mount, from a Pod to its volume, with the same checks as verify."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
    storage_classes,
    trident,
)
from verify.check import Check
from verify.cluster import Cluster, Json
from verify.csi_driver import SMB, TRIDENT, Driver
from verify.errors import VerifyError
from verify.stack_outputs import DynamicMount, StaticMount, Trident
from verify.world import World

_PODS: Final = "/api/v1/pods"
_CLAIMS: Final = "/api/v1/persistentvolumeclaims"


@dataclass(frozen=True)
class Mount:
    """One claim, and the Pod that mounts it, if any."""

    namespace: str
    claim: str
    pod: str | None

    @property
    def title(self) -> str:
        """Return a heading."""
        return f"{f'Pod {self.pod}, ' if self.pod else ''}claim {self.claim} in namespace {self.namespace}"


def mounts_of(world: World, name: str, namespace: str | None) -> list[Mount]:
    """Return the mounts of the Pod or claim with that name.

    Raises:
        VerifyError: no namespace or several namespaces have one.

    """
    kind, _, name = name.rpartition("/")
    found = [
        *(_of_pods(world, name) if kind in {"", "pod", "pods"} else []),
        *(_of_claims(world, name) if kind in {"", "pvc", "claim", "persistentvolumeclaim"} else []),
    ]
    found = [mount for mount in dict.fromkeys(found) if namespace in {None, mount.namespace}]
    where = f" in namespace {namespace}" if namespace else ""
    if not found:
        raise VerifyError(f"No Pod or claim '{name}'{where} mounts a share. The stack has: {_known(world) or 'none'}")
    namespaces = sorted({mount.namespace for mount in found})
    if len(namespaces) > 1:
        raise VerifyError(f"'{name}' is in {' and in '.join(namespaces)}: choose one with --namespace")
    return found


def links_of(world: World, mount: Mount) -> list[Check]:
    """Return the links of a mount in their order; none needs another one.

    Raises:
        VerifyError: the claim belongs to neither way.

    """
    share = next((each for each in world.outputs.volumes if _same(each, mount)), None)
    claim = claims.find_claim(world.cluster, mount.namespace, mount.claim)
    if share or (claim and not claim["spec"].get("storageClassName")):
        return _static(world, mount, share or _share_behind(world, claim))
    ours = next((each for each in world.outputs.claims if _same(each, mount)), None)
    storage_class = str(claim["spec"].get("storageClassName") or "") if claim else ""
    stack = world.outputs.trident_of(storage_class or (ours.storage_class if ours else ""))
    if stack and (storage_class or ours):
        return _dynamic(world, mount, stack, storage_class or stack.storage_class)
    raise VerifyError(
        f"Claim {mount.namespace}/{mount.claim} belongs to neither way: it has StorageClass '{storage_class}'."
    )


def _static(world: World, mount: Mount, share: StaticMount | None) -> list[Check]:
    cluster, azure, where = world.cluster, world.azure, (mount.namespace, mount.claim)
    behind = (
        [
            _link("account", "account", partial(anf.account, azure, anf.account_of(share.volume_id))),
            _link("volume", f"volume {share.name} in Azure", partial(anf.stack_volume, azure, share)),
            _link(
                "source", "source of the PersistentVolume", partial(claims.source, cluster, azure, _at(share, mount))
            ),
            _link("size", "size", partial(claims.sizes, cluster, azure, *where, share.volume_id)),
        ]
        if share
        else [_link("source", "source of the PersistentVolume", partial(_source_alone, cluster, mount))]
    )
    return [
        _link("claim", f"claim {mount.claim}", partial(claims.claim_bound, cluster, *where)),
        *_placed(world, mount),
        *_driver(world, mount, SMB, bool(world.outputs.smb_driver_version)),
        _link("secret", "Secret of the mount", partial(credentials.of_static_claim, cluster, *where)),
        *_networks(world),
        *behind,
        *_seen(world, mount, (lambda: share.volume_id) if share else None),
    ]


def _dynamic(world: World, mount: Mount, stack: Trident, storage_class: str) -> list[Check]:
    cluster, azure, where = world.cluster, world.azure, (mount.namespace, mount.claim)
    volume_id = partial(dynamic_volume.volume_id, cluster, *where)
    return [
        _link(
            "storage-class",
            f"StorageClass {storage_class}",
            partial(storage_classes.storage_class, cluster, storage_class),
        ),
        _link("orchestrator", "TridentOrchestrator", partial(trident.orchestrator, cluster, stack)),
        _link("controller", TRIDENT.controller, partial(csi_driver.controller, cluster, TRIDENT)),
        *_networks(world),
        _link("account", "account", partial(anf.account, azure, anf.account_of(stack.pool_id))),
        _link("pool", "capacity pool", partial(anf.pool, azure, stack.pool_id)),
        _link("backend-config", "TridentBackendConfig", partial(trident.backend_config, cluster, stack)),
        _link("backend", "TridentBackend", partial(trident.backend, cluster, stack)),
        _link("claim", f"claim {mount.claim}", partial(claims.claim_bound, cluster, *where)),
        *_placed(world, mount),
        *_driver(world, mount, TRIDENT, bool(stack.version)),
        _link("secret", "Secret of the mount", partial(credentials.of_storage_class, cluster, storage_class)),
        _link(
            "volume",
            "volume that Trident created",
            partial(dynamic_volume.dynamic_volume, cluster, azure, *where, stack.pool_id),
        ),
        *_seen(world, mount, volume_id),
    ]


def _networks(world: World) -> list[Check]:
    azure, outputs = world.azure, world.outputs
    subnet = _link("subnet", "delegated subnet", partial(anf.subnet, azure, outputs.subnet_id))
    return [subnet, *(_link(name, title, look) for name, title, look in network.ways(azure, outputs))]


def _placed(world: World, mount: Mount) -> list[Check]:
    """Return the checks of the Pod's node; without a Pod, of the Windows nodes.

    They follow the claim: the scheduler waits for a bound claim.
    """
    cluster = world.cluster
    if mount.pod is None:
        return [_link("nodes", "Windows nodes", partial(nodes.windows_nodes, cluster))]
    return [
        _link(
            "placed",
            f"Pod {mount.pod} has a node",
            partial(pods.pod_placed, cluster, mount.namespace, mount.pod, mount.claim),
        ),
        _link("node", "its node", lambda: nodes.node_ready(cluster, _node(cluster, mount))),
    ]


def _driver(world: World, mount: Mount, driver: Driver, installed: bool) -> list[Check]:
    cluster = world.cluster

    def here() -> Sequence[str]:
        return [_node(cluster, mount)] if mount.pod else nodes.plain_nodes(cluster, "windows")

    def plugin() -> str:
        system = nodes.system_of(cluster, _node(cluster, mount)) if mount.pod else "windows"
        return csi_driver.node_plugin(cluster, driver, system, here)

    release = _link(
        "release", f"Helm release {driver.release}", partial(helm_release.helm_release, cluster, driver.release)
    )
    return [
        _link("csidriver", f"CSIDriver {driver.name}", partial(csi_driver.csi_driver, cluster, driver)),
        _link("node-plugin", f"node plugin of {driver.title}", plugin),
        _link("registered", "registered with the kubelet", lambda: csi_driver.registered(cluster, driver, here)),
        *([release] if installed else []),
    ]


def _seen(world: World, mount: Mount, volume_id: Callable[[], str] | None) -> list[Check]:
    """Return the checks inside the Pod, which follow all other links."""
    if mount.pod is None:
        return []
    cluster, pod = world.cluster, mount.pod
    found = [_link("mount", "the mount", partial(pods.pod_mounts, cluster, mount.namespace, pod))]
    if volume_id:
        look = partial(directory.directory, cluster, world.azure, mount.namespace, pod, mount.claim, volume_id)
        found.append(_link("directory", "directory listing", look))
    return found


def _source_alone(cluster: Cluster, mount: Mount) -> str:
    """Check the form of the source of a share that does not belong to the stack."""
    volume = claims.bound_volume(cluster, mount.namespace, mount.claim)
    path = claims.source_of(volume["spec"].get("csi") or {})
    claims.split_source(path, str(volume["metadata"]["name"]))
    return f"{path}, which is not a volume of this stack"


def _share_behind(world: World, claim: Json | None) -> StaticMount | None:
    """Return the stack's volume of another project's claim by its path, or None."""
    volume = claims.persistent_volume(world.cluster, claim) if claim else None
    if volume is None:
        return None
    path = claims.source_of(volume["spec"].get("csi") or {}).replace("/", "\\").rstrip("\\").lower()
    return next((share for share in world.outputs.volumes if share.unc_path.lower() == path), None)


def _at(share: StaticMount, mount: Mount) -> StaticMount:
    """Return the share with the claim of the mount, which may belong to another project."""
    return StaticMount(
        share.name, mount.namespace, mount.claim, mount.pod, share.volume_id, share.fqdn, share.token, share.unc_path
    )


def _of_pods(world: World, name: str) -> list[Mount]:
    listed = world.cluster.select(_PODS, fieldSelector=f"metadata.name={name}")
    found = [Mount(str(pod["metadata"]["namespace"]), claim, name) for pod in listed for claim in claims.claims_of(pod)]
    expected = [
        Mount(each.namespace, each.claim, name)
        for each in (*world.outputs.volumes, *world.outputs.claims)
        if each.pod == name
    ]
    return [*found, *(mount for mount in expected if mount.namespace not in {other.namespace for other in found})]


def _of_claims(world: World, name: str) -> list[Mount]:
    listed = world.cluster.select(_CLAIMS, fieldSelector=f"metadata.name={name}")
    places = {str(claim["metadata"]["namespace"]) for claim in listed}
    places |= {each.namespace for each in (*world.outputs.volumes, *world.outputs.claims) if each.claim == name}
    return [Mount(place, name, _pod_on(world, place, name)) for place in sorted(places)]


def _pod_on(world: World, namespace: str, claim: str) -> str | None:
    """Return a Pod that mounts the claim, preferably one that is not ready; otherwise the stack's own Pod."""
    mounting = sorted(claims.pods_of(world.cluster, namespace, claim), key=csi_driver.ready)
    if mounting:
        return str(mounting[0]["metadata"]["name"])
    mounts = (*world.outputs.volumes, *world.outputs.claims)
    return next((each.pod for each in mounts if (each.namespace, each.claim) == (namespace, claim)), None)


def _node(cluster: Cluster, mount: Mount) -> str:
    return str(pods.existing_pod(cluster, mount.namespace, mount.pod or "")["spec"].get("nodeName") or "")


def _same(each: StaticMount | DynamicMount, mount: Mount) -> bool:
    return (each.namespace, each.claim) == (mount.namespace, mount.claim)


def _known(world: World) -> str:
    mounts = (*world.outputs.volumes, *world.outputs.claims)
    return ", ".join(f"{each.namespace}/{each.pod or each.claim}" for each in mounts)


def _link(name: str, title: str, look: Callable[[], str]) -> Check:
    return Check(name, "", title, look)
