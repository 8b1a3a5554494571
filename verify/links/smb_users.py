"""The check that each Windows node mounts all shares of a server as one user (System Error 1219)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from verify.clients.cluster import ApiError, Cluster
from verify.links.credentials import user_of
from verify.links.mounting.logon import ANOTHER_USER
from verify.links.smb_mounts import Name, SmbMount, SmbVolume, claimed_volumes, smb_mounts
from verify.trouble import BrokenError, WarningError

_SHOWN: Final = 3

Users = Mapping[str, list[SmbMount]]
"""The mounts of one server on one node, by user in one case."""


class Logons:
    """The users that Secrets name. Passwords are not kept."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self.unreadable: set[str] = set()
        """The Secrets that the user who runs verify may not read."""

    def of(self, volume: SmbVolume) -> str:
        r"""Return `DOMAIN\user`, empty for a Secret without one or that may not be read."""
        try:
            return user_of(self._cluster, volume.driver, *volume.secret)
        except ApiError as error:
            if error.status != 403:
                raise
            self.unreadable.add("/".join(volume.secret))
            return ""


def one_user(cluster: Cluster, ours: Collection[Name]) -> str:
    """Check that no Windows node has or awaits mounts of one server as two users; `ours` are the stack's claims.

    Two users on one node are a failure where one of them is the stack's, otherwise a warning. Two users on different
    nodes are a warning: the next Pod may come to the other one's node.
    """
    logons, mounts = Logons(cluster), [each for each in smb_mounts(cluster) if each.system == "windows"]
    secrets = {volume.secret for claim, volume in claimed_volumes(cluster).items() if claim in ours}
    by_node, by_server = (_by_user(logons, mounts, node=node) for node in (True, False))
    found = [each for each in by_node.items() if len(each[1]) > 1]
    found.sort(key=lambda each: not _has_one_of(each[1], secrets))
    for (server, node), users in found:
        broken = BrokenError if _has_one_of(users, secrets) else WarningError
        raise broken(ANOTHER_USER, f"{node}, {server}: {_shown(logons, users)}", node=node)
    for (server, _), users in by_server.items():
        if len(users) > 1 and _has_one_of(users, secrets):
            seen = f"on different nodes, {server}: {_shown(logons, users)}"
            raise WarningError(ANOTHER_USER, seen, node=next(iter(users.values()))[0].node)
    seen = [
        f"{server}: {logons.of(of_user[0].volume)}"
        for (server, _), users in by_server.items()
        for of_user in users.values()
    ]
    return f"{', '.join(seen) or 'no Pod has a share'}{_note(logons)}"


def user_on_node(cluster: Cluster, pod: Name, *, ready: bool) -> str:
    """Check that no other user mounts the servers of a Pod's shares on its node. A Pod that is Ready is only warned."""
    logons, mounts = Logons(cluster), [each for each in smb_mounts(cluster) if each.system == "windows"]
    own = {(each.volume.path.server.casefold(), each.node) for each in mounts if each.pod == pod and each.volume.path}
    found = {place: users for place, users in _by_user(logons, mounts, node=True).items() if place in own}
    for (server, node), users in found.items():
        if len(users) > 1:
            broken = WarningError if ready else BrokenError
            raise broken(ANOTHER_USER, f"{node}, {server}: {_shown(logons, users)}", node=node)
    names = [logons.of(mounts[0].volume) for users in found.values() for mounts in users.values()]
    return f"{', '.join(names) or 'not known'}{_note(logons)}"


def _by_user(logons: Logons, mounts: Iterable[SmbMount], *, node: bool) -> dict[tuple[str, str], Users]:
    """Return the mounts by server (and node), and by user."""
    found: defaultdict[tuple[str, str], defaultdict[str, list[SmbMount]]] = defaultdict(lambda: defaultdict(list))
    for mount in mounts:
        if mount.volume.path and (user := logons.of(mount.volume)):
            place = (mount.volume.path.server.casefold(), mount.node if node else "")
            found[place][user.casefold()].append(mount)
    return dict(found)


def _has_one_of(users: Users, secrets: Collection[Name]) -> bool:
    return any(mount.volume.secret in secrets for mounts in users.values() for mount in mounts)


def _shown(logons: Logons, users: Users) -> str:
    return "; ".join(
        f"{logons.of(mounts[0].volume)} (Secret {_joined(mount.volume.secret for mount in mounts)}: "
        f"Pod {_joined(mount.pod for mount in mounts)})"
        for mounts in users.values()
    ) + _note(logons)


def _joined(names: Iterable[Name]) -> str:
    found = sorted({"/".join(name) for name in names})
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return ", ".join(found[:_SHOWN]) + more


def _note(logons: Logons) -> str:
    unreadable = sorted(logons.unreadable)
    return f"; may not be read: Secret {', '.join(unreadable)}" if unreadable else ""
