r"""The path of an SMB share or of a folder in it: `\\server\share\folder`, with either slash and in any case."""

import re
from dataclasses import dataclass
from typing import Final

from verify.clients.cluster import Json

_PATH: Final = re.compile(r"[/\\]{2}([^/\\]+)[/\\]+([^/\\]+)((?:[/\\]+[^/\\]+)*)[/\\]*")


@dataclass(frozen=True)
class SharePath:
    """A share, or a folder in it. SMB ignores the case of all three."""

    server: str
    share: str
    folder: str = ""
    """Below the share's root, with backslashes."""

    @classmethod
    def parse(cls, path: str) -> "SharePath | None":
        """Return the parts of a path; None for another kind of text."""
        found = _PATH.fullmatch(path.strip())
        if not found:
            return None
        server, share, folder = found.groups()
        return cls(server, share, "\\".join(part for part in re.split(r"[/\\]+", folder) if part))

    @property
    def folded(self) -> "SharePath":
        """Return the path for comparisons, in one case."""
        return SharePath(self.server.casefold(), self.share.casefold(), self.folder.casefold())

    def contains(self, other: "SharePath") -> bool:
        """Return whether another path is this share or a folder in it."""
        own, its = self.folded, other.folded
        return (own.server, own.share) == (its.server, its.share)

    def __str__(self) -> str:
        return "\\\\" + "\\".join(part for part in (self.server, self.share, self.folder) if part)


def attribute(csi: Json, name: str) -> str:
    """Return an attribute of a volume of csi-driver-smb. Case does not count in its name (pkg/smb/nodeserver.go)."""
    attributes: dict[str, str] = csi.get("volumeAttributes") or {}
    return next((value for key, value in attributes.items() if key.lower() == name.lower()), "")


def path_of(csi: Json) -> str:
    """Return the path that csi-driver-smb mounts: source, and subDir in it."""
    source, folder = attribute(csi, "source"), attribute(csi, "subDir")
    return f"{source.rstrip('/')}/{folder}" if folder else source
