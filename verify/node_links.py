"""The links of the node of one mount: that of its Pod, or without a Pod the Windows nodes."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from verify import chain
from verify.chain import Link, Part
from verify.links import csi_driver, nodes, old_logons, pods, smb_users
from verify.links.csi_driver import TRIDENT, Driver
from verify.stack.parts import Mount
from verify.trouble import BrokenError
from verify.world import World


class NodeOfMount:
    """The node of a mount's Pod."""

    def __init__(self, world: World, mount: Mount, driver: Driver) -> None:
        self._world = world
        self._mount = mount
        self._driver = driver

    @property
    def is_windows(self) -> bool:
        """Return whether Windows mounts the share; True without a Pod."""
        return not self._mount.pod or nodes.system_of(self._world.cluster, self._name()) != "linux"

    def links(self) -> list[Link]:
        """Return the links of the node, and of the Pod on it."""
        cluster, mount, driver = self._world.cluster, self._mount, self._driver
        registered = partial(csi_driver.registered, cluster, driver, self._names)
        of_driver = Part("", driver.prefix).link
        found = [
            of_driver("node-plugin", f"node plugin of {driver.title}", self._plugin),
            of_driver("registered", "registered with the kubelet", registered),
        ]
        if mount.pod is None:
            return [chain.windows_nodes(self._world), *found]
        pod = (mount.namespace, mount.pod)
        return [
            link("placed", f"Pod {mount.pod} has a node", partial(pods.pod_placed, cluster, *pod, mount.claim)),
            link("node", "its node", self._node),
            *found,
            link("smb-user", "the node's user for the server", self._user),
            link("mount", "the mount", partial(pods.pod_mounts, cluster, *pod, mount.claim)),
            link("old-logon", "its password", partial(old_logons.old_logons, cluster, pod)),
        ]

    def _name(self) -> str:
        pod = pods.existing_pod(self._world.cluster, self._mount.namespace, self._mount.pod or "")
        return str(pod["spec"].get("nodeName") or "")

    def _names(self) -> Sequence[str]:
        return [self._name()] if self._mount.pod else nodes.plain_nodes(self._world.cluster, "windows")

    def _node(self) -> str:
        """Check the node. Trident mounts SMB on Windows alone, and the stack's own Pods run there."""
        name = self._name()
        seen = nodes.node_ready(self._world.cluster, name)
        if self.is_windows:
            return seen
        own = {(each.namespace, each.pod) for each in self._world.outputs.mounts}
        if self._driver is TRIDENT or (self._mount.namespace, self._mount.pod) in own:
            raise BrokenError(pods.NOT_ON_WINDOWS, f"{self._mount.pod} is on {name}, which is not a Windows node")
        return f"{seen}, Linux"

    def _plugin(self) -> str:
        system = "windows" if self.is_windows else "linux"
        return csi_driver.node_plugin(self._world.cluster, self._driver, system, self._names)

    def _user(self) -> str:
        pod = pods.existing_pod(self._world.cluster, self._mount.namespace, self._mount.pod or "")
        where = (self._mount.namespace, self._mount.pod or "")
        return smb_users.user_on_node(self._world.cluster, where, ready=csi_driver.ready(pod))


link: Final = Part("", "").link
