r"""The path of an SMB share, `//server/share` or `\\server\share`, as the mount programs read it."""

import re

from sandbox.nodes.kubelet.mounts import SharePath
from sandbox.nodes.smb.mount_errors import PARAMETER_INCORRECT, MountFailedError


def parse_windows(source: str) -> SharePath:
    """Return the path as New-SmbGlobalMapping takes it: none may end in a separator.

    Raises:
        MountFailedError: not a share's path.

    """
    # Both drivers turn slashes round before.
    return _parse(source.replace("\\", "/"))


def parse_linux(source: str) -> SharePath:
    """Return the path as mount.cifs takes it; a separator at the end does no harm there.

    Raises:
        MountFailedError: not a share's path.

    """
    return _parse(source.replace("\\", "/").rstrip("/"))


def _parse(path: str) -> SharePath:
    match = re.fullmatch(r"//([^/]+)/([^/]+)((?:/[^/]+)*)", path)
    if not match:
        raise MountFailedError(PARAMETER_INCORRECT)
    server, share, folder = match.groups()
    return SharePath(server, share, folder.strip("/"))
