"""The names of a run for its fixes: the stack, its cluster, and the namespaces of the drivers."""

import shlex
from pathlib import Path

from verify.clients.cluster import ApiError, Cluster
from verify.errors import VerifyError
from verify.links.csi_driver import SMB
from verify.links.helm_release import revisions
from verify.stack.outputs import StackOutputs


def names_of(outputs: StackOutputs, cluster: Cluster, folder: Path | None) -> dict[str, str]:
    """Return the names by placeholder. A name that is not known is not in it.

    `{stack}` is the value of --stack, with --cwd where the user gave it; `{group}` is the cluster's, with
    --subscription where that is not the stack's.
    """
    place = f" --cwd {shlex.quote(str(folder))}" if folder else ""
    names = {
        "stack": f"{shlex.quote(outputs.stack)}{place}",
        "subnet": outputs.subnet_id,
        "smb_namespace": _namespace(cluster, SMB.release),
    }
    if trident := outputs.trident:
        names["trident_namespace"] = trident.namespace
    if (aks := outputs.cluster).aks_name:
        elsewhere = f" --subscription {aks.aks_subscription}" if aks.aks_subscription else ""
        names |= {"cluster": aks.aks_name, "group": f"{aks.aks_group}{elsewhere}"}
    return {name: value for name, value in names.items() if value}


def _namespace(cluster: Cluster, release: str) -> str:
    """Return the namespace of a Helm release; empty if it cannot be read."""
    try:
        return next((str(each["metadata"]["namespace"]) for each in revisions(cluster, release)), "")
    except (ApiError, VerifyError):
        return ""
