"""Every trouble of the checks in the order of the runbook, by the broken link of the chain."""

from typing import Final

from verify import not_created, runner
from verify.links import (
    anf,
    claims,
    containers,
    credentials,
    csi_driver,
    directory,
    dynamic_volume,
    helm_release,
    inline_volumes,
    mount_point,
    network,
    nodes,
    old_logons,
    pods,
    shared_file,
    storage_classes,
    trident,
    trident_troubles,
    volume_handles,
)
from verify.links.mounting import logon, node
from verify.links.mounting import network as mount_network
from verify.trouble import Trouble

CATALOGUE: Final[dict[str, tuple[Trouble, ...]]] = {
    "Stacks": not_created.TROUBLES,
    "Pods and nodes": (*pods.TROUBLES, *nodes.TROUBLES),
    "Mounts: the user is refused": logon.TROUBLES,
    "Mounts: the share is not reached": mount_network.TROUBLES,
    "Mounts: on the node": node.TROUBLES,
    "Containers": containers.TROUBLES,
    "Claims and PersistentVolumes": (*claims.TROUBLES, *volume_handles.TROUBLES),
    "Credentials": (*credentials.TROUBLES, *old_logons.TROUBLES),
    "CSI drivers and Helm releases": (*csi_driver.TROUBLES, *inline_volumes.TROUBLES, *helm_release.TROUBLES),
    "Azure NetApp Files": (*anf.TROUBLES, *dynamic_volume.TROUBLES),
    "Networks": network.TROUBLES,
    "Trident": (*trident.TROUBLES, *storage_classes.TROUBLES, *trident_troubles.TROUBLES),
    "In the Pod": (*mount_point.TROUBLES, *directory.TROUBLES, *shared_file.TROUBLES),
    "Whoever runs verify": runner.TROUBLES,
}
