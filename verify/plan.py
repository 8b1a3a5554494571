"""All checks of a stack: the links of every part that it has, in the order of the report."""

from verify import chain
from verify.chain import Link
from verify.not_created import as_created
from verify.world import World


def checks_of(world: World, mount_seconds: float = chain.MOUNT_SECONDS) -> list[Link]:
    """Return the checks of a stack in the order of the report."""
    outputs = world.outputs
    found = [chain.windows_nodes(world), *chain.sessions(world)]
    if outputs.volumes or outputs.smb_driver_version:
        found += chain.smb_driver(world)
    found += [*chain.capacity_pools(world, outputs.pool_ids), chain.account(world, outputs.pool_id)]
    found += [*chain.networks(world), *(chain.volume(world, share) for share in outputs.volumes)]
    for share in outputs.volumes:
        found += chain.static_mount(world, share, mount_seconds)
    if outputs.trident:
        found += chain.trident_itself(world, outputs.trident)
        for backend in outputs.backends:
            found += chain.trident_backend(world, backend)
        for claim in outputs.claims:
            stack = outputs.trident_of(claim.storage_class) or outputs.trident
            found += chain.dynamic_mount(world, claim, stack, mount_seconds)
    return as_created(world, found)
