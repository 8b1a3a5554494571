"""The mount of a claim in a Pod, and commands in it with cmd.exe."""

import re
from dataclasses import dataclass
from typing import Final

from verify.clients.cluster import ApiError, Cluster, Json
from verify.links import nodes
from verify.links.pods import NOT_ON_WINDOWS
from verify.trouble import BrokenError, Trouble

EXEC_FAILED: Final = Trouble(
    "exec-failed",
    "`kubectl exec` into the Pod fails",
    "the node's kubelet does not answer, the container has no cmd.exe, or the user who runs verify may not exec",
    "`kubectl exec {pod} -n {namespace} -- cmd /c ver`; the user needs create on pods/exec",
)
COMMAND_FAILED: Final = Trouble(
    "share-not-usable",
    "in the Pod: `The system cannot find the path specified`, `Access is denied`",
    "the share of the mount was deleted, or its NTFS permissions deny access to the user",
    "check the NTFS permissions of the share's user (icacls); otherwise recreate the Pod: "
    "`kubectl delete pod {pod} -n {namespace}`, `pulumi up --refresh --stack {stack}`",
)
TROUBLES: Final = (EXEC_FAILED, COMMAND_FAILED)


@dataclass(frozen=True)
class MountPoint:
    """The mount of a claim in a container."""

    namespace: str
    pod: str
    container: str
    folder: str
    r"""Such as `C:\inetpub\wwwroot`."""
    node: str
    writable: bool
    whole: bool
    """True for the share itself, False for a folder in it."""

    def run(self, cluster: Cluster, command: str) -> str:
        """Return the output of `cmd /c COMMAND`.

        Raises:
            BrokenError: the command does not run, or its exit code is not 0.

        """
        if nodes.system_of(cluster, self.node) != "windows":
            raise BrokenError(NOT_ON_WINDOWS, f"{self.pod} is on {self.node}, which is not a Windows node")
        values = {"pod": self.pod, "namespace": self.namespace}
        try:
            code, printed = cluster.execute(self.namespace, self.pod, self.container, ["cmd", "/c", command])
        except ApiError as error:
            raise BrokenError(EXEC_FAILED, f"{self.pod}: {error}", **values) from error
        if code != 0:
            output = " ".join(printed.split()[-20:])
            raise BrokenError(COMMAND_FAILED, f"{self.pod}: `{command}` exits with {code}: {output}", **values)
        return printed


def mount_point(pod: Json, claim: str) -> MountPoint | None:
    """Return the mount of a claim in a Pod, preferably a writable one, or None."""
    volumes: list[Json] = pod["spec"].get("volumes") or []
    of_claim = {each["name"]: each for each in volumes if _claim(each) == claim}
    found = [
        MountPoint(
            namespace=str(pod["metadata"]["namespace"]),
            pod=str(pod["metadata"]["name"]),
            container=str(container["name"]),
            folder=_windows_path(str(mount["mountPath"])),
            node=str(pod["spec"].get("nodeName") or ""),
            writable=not (mount.get("readOnly") or of_claim[mount["name"]]["persistentVolumeClaim"].get("readOnly")),
            whole=not (mount.get("subPath") or mount.get("subPathExpr")),
        )
        for container in pod["spec"]["containers"]
        for mount in container.get("volumeMounts") or []
        if mount["name"] in of_claim
    ]
    return next((point for point in found if point.writable), found[0] if found else None)


def _claim(volume: Json) -> str:
    return str((volume.get("persistentVolumeClaim") or {}).get("claimName", ""))


def _windows_path(path: str) -> str:
    r"""Return a mount path for cmd: `/inetpub/wwwroot` is `C:\inetpub\wwwroot`."""
    path = path.replace("/", "\\")
    return path if re.match(r"[A-Za-z]:", path) else f"C:{path}"
