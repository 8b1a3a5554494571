"""The links of shares that another project mounts: by a claim of its own, by Trident's other backends, or inline."""

from functools import partial

from verify import chain
from verify.chain import Link
from verify.clients.cluster import Json
from verify.guests.fixes import of_others
from verify.links import anf, claims, credentials, directory, inline_volumes, pods, volume_handles
from verify.links.csi_driver import SMB, TRIDENT
from verify.links.share_path import SharePath, path_of
from verify.mounts import InlineMount
from verify.node_links import NodeOfMount, link
from verify.stack.parts import Mount, StaticMount
from verify.world import World

_FINDINGS = ("source", "secret", "directory")


def share_links(world: World, mount: Mount) -> list[Link]:
    """Return the links of another project's claim on a share of csi-driver-smb."""
    cluster, where, node = world.cluster, mount.where, NodeOfMount(world, mount, SMB)
    claim = claims.find_claim(cluster, *where)
    volume = claims.persistent_volume(cluster, claim) if claim else None
    path = SharePath.parse(path_of(volume["spec"].get("csi") or {})) if volume else None

    def source() -> str:
        bound = claims.bound_volume(cluster, *where)
        values = claims.replacing(cluster, *where, str(bound["metadata"]["name"]))
        return _source(world, path_of(bound["spec"]["csi"]), node, **values)

    def secret() -> str:
        name = credentials.stage_secret(claims.bound_volume(cluster, *where))
        return credentials.of_smb_driver(cluster, *name, windows=node.is_windows)

    links = [
        *_behind(world, mount, path, node),
        link("claim", f"claim {mount.claim}", partial(claims.claim_bound, cluster, *where)),
        link("source", "source of the PersistentVolume", source),
        link("secret", "Secret of the mount", secret),
        link(
            "volume-handle",
            "its volumeHandle",
            partial(volume_handles.handle_of, cluster, *where, chain.claims_of(world)),
        ),
    ]
    return of_others(links, ("claim", "placed", "mount"), _FINDINGS)


def inline_links(world: World, mount: InlineMount) -> list[Link]:
    """Return the links of an inline volume of csi-driver-smb."""
    cluster, node = world.cluster, NodeOfMount(world, mount, SMB)

    def csi() -> Json:
        return inline_volumes.source_of(pods.existing_pod(cluster, mount.namespace, mount.pod or ""), mount.volume)

    def secret() -> str:
        name = inline_volumes.secret_of(csi(), mount.volume)
        return credentials.of_smb_driver(cluster, mount.namespace, name, windows=node.is_windows)

    links = [
        *_behind(world, mount, SharePath.parse(path_of(csi())), node),
        link("csidriver", f"CSIDriver {SMB.name}", lambda: inline_volumes.allowed(cluster)),
        link("source", "source of the inline volume", lambda: _source(world, path_of(csi()), node, pv=mount.volume)),
        link("secret", "Secret of the mount", secret),
    ]
    return of_others([each for each in links if each.link != "directory"], ("placed", "mount"), _FINDINGS)


def trident_links(world: World, mount: Mount) -> list[Link]:
    """Return the links of a claim on a volume of Trident's that is of none of the stack's backends."""
    cluster, where = world.cluster, mount.where

    def secret() -> str:
        return credentials.of_trident(cluster, *credentials.stage_secret(claims.bound_volume(cluster, *where)))

    links = [
        *chain.driver_links(world, TRIDENT),
        link("claim", f"claim {mount.claim}", partial(claims.claim_bound, cluster, *where)),
        link("secret", "Secret of the mount", secret),
        *NodeOfMount(world, mount, TRIDENT).links(),
    ]
    return of_others(links, ("claim", "placed", "mount"), _FINDINGS)


def _behind(world: World, mount: Mount, path: SharePath | None, node: NodeOfMount) -> list[Link]:
    """Return the links of csi-driver-smb, of the node, and of what the stack has of the share."""
    links = [*chain.smb_driver(world), *node.links()]
    servers = {share.fqdn.casefold() for share in world.outputs.volumes}
    if path and path.server.casefold() in servers:
        links += chain.networks(world)
    if share := _share_at(world, path):
        links += [chain.account(world, share.volume_id), chain.volume(world, share)]
        if not isinstance(mount, InlineMount):
            links.append(link("size", "size", partial(_sizes, world, mount, share)))
        if mount.pod:
            links.append(link("directory", "directory listing", partial(_directory, world, mount, share, node)))
    return links


def _share_at(world: World, path: SharePath | None) -> StaticMount | None:
    """Return the stack's volume whose share a path is, or is in."""
    shares = ((share, SharePath.parse(share.unc_path)) for share in world.outputs.volumes)
    return next((share for share, its in shares if path and its and its.contains(path)), None)


def _source(world: World, path: str, node: NodeOfMount, *, pv: str, **values: str) -> str:
    """Check the form of a source; name the stack's volume behind it."""
    claims.split_source(path if node.is_windows else path.rstrip("/\\"), pv, **values)
    parsed = SharePath.parse(path)
    share = _share_at(world, parsed)
    if share is None:
        return f"{path}, which is not a volume of this stack"
    return f"{path}, volume {share.name} of this stack" + (
        f", folder {parsed.folder}" if parsed and parsed.folder else ""
    )


def _sizes(world: World, mount: Mount, share: StaticMount) -> str:
    """Return the volume's size and that of the PersistentVolume, which may state any."""
    stated = claims.bound_volume(world.cluster, *mount.where)["spec"]["capacity"]["storage"]
    quota = anf.serving(world.azure, share.volume_id).size
    return f"{anf.size(quota)} in Azure; {stated} in Kubernetes, which may state any size"


def _directory(world: World, mount: Mount, share: StaticMount, node: NodeOfMount) -> str:
    if not node.is_windows:
        return "not listed: a Linux container has no cmd"
    return directory.directory(
        world.cluster, world.azure, mount.namespace, mount.pod or "", mount.claim, lambda: share.volume_id
    )
