"""The walk along the chain of one mount, in which the links of its Pod's node replace those of all nodes."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from verify import chain
from verify.chain import Link, Part
from verify.check import Check
from verify.clients.cluster import Json
from verify.errors import VerifyError
from verify.links import claims, csi_driver, nodes, old_logons, pods, smb_users, volume_handles
from verify.links.csi_driver import SMB, TRIDENT, Driver
from verify.links.smb_mounts import name_of
from verify.stack.parts import DynamicMount, Mount, StaticMount, Trident
from verify.world import World

# The scheduler waits for a bound claim, so the claim precedes the node.
_ON_THE_NODE: Final = ("placed", "node", "nodes", "csidriver", "node-plugin", "registered", "release", "secret")
_NETWORKS: Final = ("subnet", "way-to-directory", "way-to-nodes")
# A reused handle and an old logon fail no mount: they are looked at after it.
_IN_THE_POD: Final = ("smb-user", "mount", "volume-handle", "old-logon", "directory")
_STATIC: Final = ("claim", *_ON_THE_NODE, *_NETWORKS, "account", "volume", "source", "size", *_IN_THE_POD)
_ELSEWHERE: Final = ("claim", *_ON_THE_NODE, *_NETWORKS, "source", *_IN_THE_POD[:-1])
"""The links of a share on a volume that is not the stack's."""
_DYNAMIC: Final = (
    *("storage-class", "orchestrator", "controller", *_NETWORKS, "account", "pool", "backend-config", "backend"),
    *("claim", *_ON_THE_NODE, "volume", *_IN_THE_POD),
)


def links_of(world: World, mount: Mount) -> list[Check]:
    """Return the links of a mount in the order of the walk; none needs another one.

    Raises:
        VerifyError: the claim belongs to neither way.

    """
    share = next((each for each in world.outputs.volumes if each.where == mount.where), None)
    claim = claims.find_claim(world.cluster, *mount.where)
    if share or (claim and not claim["spec"].get("storageClassName")):
        return _static(world, mount, share or _share_behind(world, claim))
    ours = next((each for each in world.outputs.claims if each.where == mount.where), None)
    storage_class = str(claim["spec"].get("storageClassName") or "") if claim else ""
    stack = world.outputs.trident_of(storage_class or (ours.storage_class if ours else ""))
    if stack and (storage_class or ours):
        return _dynamic(world, mount, replace(stack, storage_class=storage_class or stack.storage_class))
    raise VerifyError(
        f"Claim {mount.namespace}/{mount.claim} belongs to neither way: it has StorageClass '{storage_class}'."
    )


def _static(world: World, mount: Mount, share: StaticMount | None) -> list[Check]:
    """Return the links of a static mount, whose claim may belong to another project."""
    links = [*chain.smb_driver(world), *chain.networks(world)]
    if share:
        at = replace(share, namespace=mount.namespace, claim=mount.claim, pod=mount.pod)
        links += [chain.account(world, at.volume_id), chain.volume(world, at), *chain.static_mount(world, at)]
        return _ordered(_STATIC, [*links, *_at_node(world, mount, SMB)])
    elsewhere = StaticMount(*mount.where, mount.pod, name="", volume_id="", fqdn="", token="", unc_path="")
    source = _link("source", "source of the PersistentVolume", partial(_source_alone, world, mount))
    links += [*chain.static_mount(world, elsewhere), source]
    return _ordered(_ELSEWHERE, [*links, *_at_node(world, mount, SMB)])


def _dynamic(world: World, mount: Mount, stack: Trident) -> list[Check]:
    claim = DynamicMount(*mount.where, mount.pod, name=mount.claim, storage_class=stack.storage_class)
    links = [
        *chain.trident_itself(world, stack),
        *chain.networks(world),
        chain.account(world, stack.pool_id),
        *chain.capacity_pools(world, {stack.pool: stack.pool_id}),
        *chain.trident_backend(world, stack),
        *chain.dynamic_mount(world, claim, stack),
    ]
    return _ordered(_DYNAMIC, [*links, *_at_node(world, mount, TRIDENT)])


def _ordered(names: Sequence[str], links: Sequence[Link]) -> list[Check]:
    """Return the links with these names, of two with one name the last, as checks without a heading."""
    found = {each.link: each for each in links}
    chosen = [found[name] for name in names if name in found]
    return [Check(each.link, "", each.alone or each.title, each.look) for each in chosen]


def _at_node(world: World, mount: Mount, driver: Driver) -> list[Link]:
    """Return the links of the Pod's node; without a Pod, of the Windows nodes."""
    cluster = world.cluster

    def node() -> str:
        return str(pods.existing_pod(cluster, mount.namespace, mount.pod or "")["spec"].get("nodeName") or "")

    def here() -> Sequence[str]:
        return [node()] if mount.pod else nodes.plain_nodes(cluster, "windows")

    def plugin() -> str:
        system = nodes.system_of(cluster, node()) if mount.pod else "windows"
        return csi_driver.node_plugin(cluster, driver, system, here)

    def user() -> str:
        pod = pods.existing_pod(cluster, mount.namespace, mount.pod or "")
        return smb_users.user_on_node(cluster, name_of(pod), ready=csi_driver.ready(pod))

    found = [
        _link("node-plugin", f"node plugin of {driver.title}", plugin),
        _link("registered", "registered with the kubelet", lambda: csi_driver.registered(cluster, driver, here)),
    ]
    if driver is SMB:
        handle = partial(volume_handles.handle_of, cluster, *mount.where)
        found.append(_link("volume-handle", "its volumeHandle", handle))
    if mount.pod is None:
        return [chain.windows_nodes(world), *found]
    placed = partial(pods.pod_placed, cluster, mount.namespace, mount.pod, mount.claim)
    return [
        _link("placed", f"Pod {mount.pod} has a node", placed),
        _link("node", "its node", lambda: nodes.node_ready(cluster, node())),
        *found,
        _link("smb-user", "the node's user for the server", user),
        _link("mount", "the mount", partial(pods.pod_mounts, cluster, mount.namespace, mount.pod, mount.claim)),
        _link(
            "old-logon",
            "its password",
            partial(old_logons.old_logons, cluster, (mount.namespace, mount.pod)),
        ),
    ]


def _source_alone(world: World, mount: Mount) -> str:
    """Check the form of the source of a share that does not belong to the stack."""
    volume = claims.bound_volume(world.cluster, *mount.where)
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


_link: Final = Part("", "").link
