r"""The `source` of an SMB volume: `//server/share` or `\\server\share`, as the mount programs read it."""

import re

from sandbox.nodes.kubelet.mounts import SharePath


class SourceError(ValueError):
    """The source cannot be a share's path; the text is what the driver or the mount program says."""


class TrailingSlashError(SourceError):
    """Windows maps no path that ends in a separator."""


def join_folder(source: str, folder: str) -> str:
    """The source with the volume attribute `subDir` appended, as the driver does it."""
    return f"{source.rstrip('/')}/{folder}" if folder else source


def check_traversal(source: str) -> None:
    """What the driver refuses before it calls a mount program.

    Raises:
        SourceError: a segment is `..`.

    """
    if ".." in re.split(r"[/\\]", source):
        raise SourceError("path contains directory traversal sequence")


def parse_windows(source: str) -> SharePath:
    """The path as New-SmbGlobalMapping takes it (the driver turns slashes round before).

    Raises:
        TrailingSlashError, SourceError: "The parameter is incorrect."

    """
    path = source.replace("/", "\\")
    if path.endswith("\\") and path.strip("\\"):
        raise TrailingSlashError(source)
    return _parse(path, re.compile(r"\\\\([^\\]+)\\([^\\]+)((?:\\[^\\]+)*)"), "\\")


def parse_linux(source: str) -> SharePath:
    """The path as mount.cifs takes it; a separator at the end does no harm there.

    Raises:
        SourceError: not a share's path.

    """
    path = source.replace("\\", "/").rstrip("/")
    return _parse(path, re.compile(r"//([^/]+)/([^/]+)((?:/[^/]+)*)"), "/")


def _parse(path: str, form: re.Pattern[str], separator: str) -> SharePath:
    match = form.fullmatch(path)
    if not match:
        raise SourceError(path)
    server, share, folder = match.groups()
    return SharePath(server, share, folder.strip(separator).replace(separator, "/"))
