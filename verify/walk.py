"""The walk along the chain of one mount, in which the links of its Pod's node replace those of all nodes."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from verify import chain
from verify.chain import Link
from verify.check import Check
from verify.guests.fixes import of_others
from verify.guests.shares import inline_links, share_links, trident_links
from verify.links import claims, volume_handles
from verify.links.csi_driver import SMB, TRIDENT
from verify.mounts import InlineMount, driver_of
from verify.node_links import NodeOfMount, link
from verify.not_created import NotCreated, as_created, to_do
from verify.stack.parts import DynamicMount, Mount, StaticMount, Trident
from verify.world import World

# The scheduler waits for a bound claim, so the claim precedes the node.
_ON_THE_NODE: Final = ("placed", "node", "nodes", "csidriver", "node-plugin", "registered", "release", "secret")
_NETWORKS: Final = ("subnet", "way-to-directory", "way-to-nodes")
# A reused handle and an old logon fail no mount: they are looked at after it.
_IN_THE_POD: Final = ("smb-user", "mount", "volume-handle", "old-logon", "directory")
_STATIC: Final = ("claim", *_ON_THE_NODE, *_NETWORKS, "account", "volume", "source", "size", *_IN_THE_POD)
_DYNAMIC: Final = (
    *("storage-class", "orchestrator", "controller", *_NETWORKS, "account", "pool", "backend-config", "backend"),
    *("claim", *_ON_THE_NODE, "volume", *_IN_THE_POD),
)
_THE_PODS: Final = ("placed", "directory")
"""The links that judge the Pod alone."""
_THE_CLAIMS: Final = ("claim", "volume", *_THE_PODS)
"""Those of a claim of one of the stack's StorageClasses. The Secret of its mount is the stack's."""


def links_of(world: World, mount: Mount) -> list[Check]:
    """Return the links of a mount in the order of the walk; one needs another one only if that is not created yet."""
    update = world.outputs.update
    ours = next((each for each in world.outputs.mounts if (each.where, each.pod) == (mount.where, mount.pod)), None)
    missing = [part for part in update.missing if ours and part.check == f"{ours.prefix}/pod"] if update else []
    if not update or not missing:
        return _links(world, mount)
    pod = Check("placed", "", f"Pod {mount.pod} has a node", NotCreated(update, to_do(world)))
    return [*_links(world, Mount(*mount.where, None)), pod]


def _links(world: World, mount: Mount) -> list[Check]:
    share = next((each for each in world.outputs.volumes if each.where == mount.where), None)
    if share:
        at = replace(share, pod=mount.pod)
        return _ordered(world, _STATIC, _of_pod(share, mount, _static(world, at, mount)))
    ours = next((each for each in world.outputs.claims if each.where == mount.where), None)
    if ours and (stack := world.outputs.trident_of(ours.storage_class)):
        return _ordered(world, _DYNAMIC, _of_pod(ours, mount, _dynamic(world, mount, stack)))
    if isinstance(mount, InlineMount):
        return _ordered(world, _STATIC, inline_links(world, mount))
    if driver_of(world, mount) != TRIDENT.name:
        return _ordered(world, _STATIC, share_links(world, mount))
    claim = claims.find_claim(world.cluster, *mount.where)
    storage_class = str(claim["spec"].get("storageClassName") or "") if claim else ""
    stack = next((each for each in world.outputs.backends if each.storage_class == storage_class), None)
    if stack:
        links = of_others(_dynamic(world, mount, stack), _THE_CLAIMS, ("volume", "directory"))
        return _ordered(world, _DYNAMIC, links)
    return _ordered(world, _DYNAMIC, trident_links(world, mount))


def _of_pod(ours: Mount, mount: Mount, links: list[Link]) -> list[Link]:
    """Return the links of a claim of the stack, whose Pod may be another project's."""
    return links if ours.pod == mount.pod else of_others(links, _THE_PODS, ())


def _static(world: World, share: StaticMount, mount: Mount) -> list[Link]:
    handle = partial(volume_handles.handle_of, world.cluster, *mount.where, chain.claims_of(world))
    return [
        *chain.smb_driver(world),
        *chain.networks(world),
        chain.account(world, share.volume_id),
        chain.volume(world, share),
        *chain.static_mount(world, share),
        *NodeOfMount(world, mount, SMB).links(),
        link("volume-handle", "its volumeHandle", handle, ["claim"]),
    ]


def _dynamic(world: World, mount: Mount, stack: Trident) -> list[Link]:
    ours = next((each.name for each in world.outputs.claims if each.where == mount.where), mount.claim)
    claim = DynamicMount(*mount.where, mount.pod, name=ours, storage_class=stack.storage_class)
    return [
        *chain.trident_itself(world, stack),
        *chain.networks(world),
        chain.account(world, stack.pool_id),
        *chain.capacity_pools(world, {stack.pool: stack.pool_id}),
        *chain.trident_backend(world, stack),
        *chain.dynamic_mount(world, claim, stack),
        *NodeOfMount(world, mount, TRIDENT).links(),
    ]


def _ordered(world: World, names: Sequence[str], links: Sequence[Link]) -> list[Check]:
    """Return the links with these names, of two with one name the last, as checks without a heading."""
    found = {each.link: each for each in as_created(world, links)}
    chosen = [found[name] for name in names if name in found]
    by_check = {each.name: each.link for each in chosen}

    def needs(each: Link) -> tuple[str, ...]:
        return tuple(by_check.get(need, need.rpartition("/")[2]) for need in each.needs)

    return [
        Check(each.link, "", each.alone or each.title, each.look, needs(each), finding=each.finding) for each in chosen
    ]
