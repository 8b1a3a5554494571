"""The check that no Pod mounts its share with an earlier content of its Secret, after a rotation."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from verify.clients.cluster import ApiError, Cluster, Json
from verify.links.smb_mounts import Name, SmbMount, smb_mounts
from verify.trouble import Trouble, WarningError

OLD_LOGON: Final = Trouble(
    "mount-older-than-secret",
    "the password was changed, and Pods go on with the old one, until the server ends their session",
    "a mount keeps the user and password with which it was made; the node logs in anew only when the last Pod with a "
    "share of that server has left it",
    "on {node} delete all Pods with a share of {server} at once, so that the node logs in anew: "
    "`kubectl cordon {node}`, `kubectl delete pod {pods}`, `kubectl uncordon {node}`, "
    "`pulumi up --refresh --stack {stack}`, which creates the stack's own Pods again",
)
TROUBLES: Final = (OLD_LOGON,)
_SHOWN: Final = 5


def old_logons(cluster: Cluster, pod: Name | None = None) -> str:
    """Check that no Pod, or not this one, is older than the Secret with which it mounted its share."""
    mounts = smb_mounts(cluster)
    changes = {secret: _changed(cluster, secret) for secret in {each.volume.secret for each in mounts}}
    old = [each for each in mounts if each.since and _is_before(each.since, changes[each.volume.secret])]
    old = [each for each in old if pod in {None, each.pod}]
    if not old:
        return "every mount is younger than its Secret" if any(changes.values()) else "no change is known"
    by_node: defaultdict[str, set[Name]] = defaultdict(set)
    for each in old:
        by_node[each.node].add(each.pod)
    seen = "; ".join(f"{node}: {_joined(pods)}" for node, pods in sorted(by_node.items()))
    first = min(old, key=lambda each: each.node)
    secret = "/".join(first.volume.secret)
    raise WarningError(
        OLD_LOGON,
        f"older than Secret {secret} of {changes[first.volume.secret]}: {seen}",
        node=first.node,
        server=first.volume.path.server if first.volume.path else "the server",
        pods=_typed(each.pod for each in mounts if _shares_session(each, first)),
    )


def _shares_session(mount: SmbMount, first: SmbMount) -> bool:
    """Return whether a mount holds the session of another one: the same server on the same node."""
    servers = {each.volume.path.server.casefold() if each.volume.path else "" for each in (mount, first)}
    return mount.node == first.node and (len(servers) == 1 or mount.pod == first.pod)


def _changed(cluster: Cluster, secret: Name) -> str:
    """Return when a Secret's data changed last, empty if unknown or if the Secret may not be read."""
    try:
        found = cluster.find(f"/api/v1/namespaces/{secret[0]}/secrets/{secret[1]}") if secret[1] else None
    except ApiError as error:
        if error.status != 403:
            raise
        return ""
    fields: list[Json] = found["metadata"].get("managedFields") or [] if found else []
    return max((str(each.get("time") or "") for each in fields if "f:data" in (each.get("fieldsV1") or {})), default="")


def _is_before(one: str, other: str) -> bool:
    return bool(other) and _time(one) < _time(other)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _typed(pods: Iterable[Name]) -> str:
    """Return Pods of several namespaces as arguments of `kubectl delete pod`."""
    by_namespace: defaultdict[str, set[str]] = defaultdict(set)
    for namespace, name in pods:
        by_namespace[namespace].add(name)
    typed = (f"{' '.join(sorted(names))} -n {namespace}" for namespace, names in sorted(by_namespace.items()))
    return " && kubectl delete pod ".join(typed)


def _joined(pods: Iterable[Name]) -> str:
    names = sorted({"/".join(pod) for pod in pods})
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
