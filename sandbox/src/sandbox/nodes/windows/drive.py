r"""The C: drive of a Windows container in the sandbox: nearly empty, with SMB shares mounted in it.

The only way to a file of this machine is through a mounted share's folder, name by name: `..` is resolved before,
symbolic links are not followed, and names that Windows does not allow do not exist.
"""

import ntpath
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Final

ROOT: Final = PureWindowsPath("C:\\")
_IMAGE: Final = (ROOT / "inetpub" / "wwwroot", ROOT / "Users", ROOT / "Windows" / "System32")
_OWN_BYTES: Final = 344_064
"""What an empty volume has used: of 107,374,182,400 bytes the documentation's `dir` shows 107,373,838,336 as free."""
_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f]')


class CommandError(Exception):
    """A command that Windows refuses, in its words; they go to standard error."""

    def __init__(self, text: str, code: int = 1) -> None:
        super().__init__(text)
        self.code = code


FILE_NOT_FOUND: Final = "The system cannot find the file specified."
PATH_NOT_FOUND: Final = "The system cannot find the path specified."
ACCESS_DENIED: Final = "Access is denied."
DISK_FULL: Final = "There is not enough space on the disk."
BAD_NAME: Final = "The filename, directory name, or volume label syntax is incorrect."
SHARE_GONE: Final = "The specified network name is no longer available."


@dataclass(frozen=True)
class MountedShare:
    """A share's folder at a place on C:."""

    path: PureWindowsPath
    folder: Path
    capacity: Callable[[], int | None]
    """Bytes of the share's quota, asked anew each time; None when there is no such share any more."""
    root: Path
    """The share's own root: the quota counts all of it, also where only a folder of it is mounted."""
    read_only: bool = False

    def free(self) -> int:
        capacity = self.capacity()
        if capacity is None:
            raise CommandError(SHARE_GONE)
        used = sum(file.lstat().st_size for file in self.root.rglob("*") if file.is_file() and not file.is_symlink())
        return max(0, capacity - _OWN_BYTES - used)


@dataclass(frozen=True)
class Entry:
    """A file or folder as `dir` lists it."""

    name: str
    is_folder: bool
    size: int = 0
    modified: float = 0  # for what belongs to the image


def resolve(text: str, current: PureWindowsPath) -> PureWindowsPath:
    """Return the full path that a text names; raise CommandError for another drive or a network path."""
    path = text.strip().strip('"').replace("/", "\\")
    if path.startswith("\\\\"):
        raise CommandError("The network path was not found.")
    drive, names = ntpath.splitdrive(ntpath.normpath(current / path))
    if drive.upper() != "C:":
        raise CommandError("The system cannot find the drive specified.")
    return PureWindowsPath("C:\\" + "\\".join(name.rstrip(" .") for name in names.strip("\\").split("\\")))


class Drive:
    """C: with its mounts; the image's own folders are empty and not to be written to."""

    def __init__(self, mounts: Sequence[MountedShare]) -> None:
        self._mounts = sorted(mounts, key=lambda mount: len(mount.path.parts), reverse=True)
        places = [*_IMAGE, *(mount.path for mount in mounts)]
        self._image = {folder for place in places for folder in (place, *place.parents)}

    def share(self, path: PureWindowsPath) -> MountedShare | None:
        return next((mount for mount in self._mounts if path.is_relative_to(mount.path)), None)

    def find(self, path: PureWindowsPath) -> Path | None:
        """Return a share's file or folder, by names without regard to case; None outside the shares."""
        share = self.share(path)
        if share is None:
            return None
        if share.capacity() is None:
            raise CommandError(SHARE_GONE)
        found: Path | None = share.folder
        for name in path.relative_to(share.path).parts:
            found = _child(found, name) if found and found.is_dir() else None
        return found

    def is_folder(self, path: PureWindowsPath) -> bool:
        found = self.find(path)
        return found is not None and found.is_dir() if self.share(path) else path in self._image

    def entries(self, path: PureWindowsPath) -> list[Entry]:
        if not self.is_folder(path):
            raise CommandError(PATH_NOT_FOUND)
        folder = self.find(path)
        if folder:
            found = [_entry(item) for item in folder.iterdir() if not item.is_symlink()]
        else:
            found = [Entry(place.name, is_folder=True) for place in self._image if place.parent == path != place]
        return sorted(found, key=lambda entry: entry.name.casefold())

    def read(self, path: PureWindowsPath) -> bytes:
        found = self.find(path)
        if found is None or not found.is_file():
            raise CommandError(FILE_NOT_FOUND if self.is_folder(path.parent) else PATH_NOT_FOUND)
        return found.read_bytes()

    def write(self, path: PureWindowsPath, content: bytes, *, append: bool = False) -> None:
        share, target = self._writable(path)
        if target.is_dir():
            raise CommandError(ACCESS_DENIED)
        replaced = target.stat().st_size if target.exists() and not append else 0
        if len(content) - replaced > share.free():
            raise CommandError(DISK_FULL)
        with target.open("ab" if append else "wb") as file:
            file.write(content)

    def delete(self, path: PureWindowsPath) -> None:
        self._writable(path)[1].unlink()

    def _writable(self, path: PureWindowsPath) -> tuple[MountedShare, Path]:
        """Return the share, and the place on this machine of a file to create or change."""
        if not self.is_folder(path.parent):
            raise CommandError(PATH_NOT_FOUND)
        share, folder = self.share(path), self.find(path.parent)
        if share is None or folder is None or share.read_only or path == share.path:
            raise CommandError(ACCESS_DENIED)
        if _FORBIDDEN.search(path.name):
            raise CommandError(BAD_NAME)
        target = _child(folder, path.name) or folder / path.name
        if target.is_symlink():
            raise CommandError(ACCESS_DENIED)
        return share, target


def _child(folder: Path, name: str) -> Path | None:
    """Return a folder's file or folder of that name; a share's client sees no links."""
    if _FORBIDDEN.search(name):
        return None
    items = [item for item in folder.iterdir() if item.name.casefold() == name.casefold() and not item.is_symlink()]
    return next((item for item in items if item.name == name), items[0] if items else None)


def _entry(item: Path) -> Entry:
    status = item.stat()
    return Entry(item.name, item.is_dir(), 0 if item.is_dir() else status.st_size, status.st_mtime)
