r"""The C: drive of a Windows container in the sandbox: nearly empty, with SMB shares mounted in it.

Paths are Windows paths throughout. The only way to a file of this machine is through a mounted share's folder, name by
name: `..` is resolved before, symbolic links are not followed, and names that Windows does not allow do not exist.
"""

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

Parts = tuple[str, ...]
r"""A path on C: by its names: `C:\inetpub` is `("inetpub",)`."""

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')


class FileSystemError(Exception):
    """What Windows says when a file operation fails."""


FILE_NOT_FOUND = "The system cannot find the file specified."
PATH_NOT_FOUND = "The system cannot find the path specified."
ACCESS_DENIED = "Access is denied."
DISK_FULL = "There is not enough space on the disk."
BAD_NAME = "The filename, directory name, or volume label syntax is incorrect."
SHARE_GONE = "The specified network name is no longer available."


@dataclass(frozen=True)
class MountedShare:
    """A share's folder at a place on C:."""

    path: Parts
    folder: Path
    capacity: Callable[[], int | None]
    """Bytes of the share's quota, asked anew each time; None when there is no such share any more."""
    root: Path
    """The share's own root: the quota counts all of it, also where only a folder of it is mounted."""
    read_only: bool = False

    def free(self) -> int:
        """Bytes that can still be written.

        Raises:
            FileSystemError: the share is gone.

        """
        capacity = self.capacity()
        if capacity is None:
            raise FileSystemError(SHARE_GONE)
        used = sum(file.lstat().st_size for file in self.root.rglob("*") if file.is_file() and not file.is_symlink())
        return max(0, capacity - used)


@dataclass(frozen=True)
class Entry:
    """A file or folder as `dir` lists it."""

    name: str
    is_folder: bool
    size: int
    modified: float


def parse(text: str, current: Parts) -> Parts:
    r"""The names of a path that may be relative to `current`.

    Raises:
        FileSystemError: another drive than C:, or a path on the network.

    """
    path = text.strip().strip('"').replace("/", "\\")
    if path.startswith("\\\\"):
        raise FileSystemError("The network path was not found.")
    drive = re.match(r"([A-Za-z]):", path)
    if drive:
        if drive[1].upper() != "C":
            raise FileSystemError("The system cannot find the drive specified.")
        path = path[2:]
    names = [] if path.startswith("\\") else list(current)
    for name in path.split("\\"):
        if name == "..":
            del names[-1:]
        elif name not in {"", "."}:
            names.append(name.rstrip(" ."))
    return tuple(names)


def show(parts: Parts) -> str:
    r"""`C:\inetpub\wwwroot`."""
    return "C:\\" + "\\".join(parts)


class Drive:
    """C: with its mounts, and `folders` that exist besides (empty, and not to be written to)."""

    def __init__(self, mounts: Sequence[MountedShare], folders: Sequence[Parts]) -> None:
        self._mounts = sorted(mounts, key=lambda mount: len(mount.path), reverse=True)
        places = [*folders, *(mount.path for mount in mounts)]
        self._virtual = {place[:depth]: None for place in places for depth in range(len(place) + 1)}

    def mount_at(self, parts: Parts) -> MountedShare | None:
        """The share that a path lies in."""
        return next((mount for mount in self._mounts if _begins(parts, mount.path)), None)

    def is_folder(self, parts: Parts) -> bool:
        """Whether there is such a folder."""
        mount = self.mount_at(parts)
        if mount is None:
            return any(_same(parts, place) for place in self._virtual)
        found = self._find(mount, parts)
        return found is not None and found.is_dir()

    def is_file(self, parts: Parts) -> bool:
        """Whether there is such a file."""
        mount = self.mount_at(parts)
        found = self._find(mount, parts) if mount else None
        return found is not None and found.is_file()

    def entries(self, parts: Parts) -> list[Entry]:
        """What a folder holds, by name.

        Raises:
            FileSystemError: there is no such folder, or the share it lay in is gone.

        """
        if not self.is_folder(parts):
            raise FileSystemError(PATH_NOT_FOUND)
        mount = self.mount_at(parts)
        if mount is None:
            below = [place for place in self._virtual if len(place) == len(parts) + 1 and _begins(place, parts)]
            return sorted((Entry(place[-1], True, 0, 0) for place in below), key=_by_name)
        folder = self._find(mount, parts)
        return sorted(_scan(folder), key=_by_name) if folder else []

    def modified(self, parts: Parts) -> float:
        """When a folder was last changed; 0 for those of the image."""
        mount = self.mount_at(parts)
        found = self._find(mount, parts) if mount else None
        return found.stat().st_mtime if found else 0

    def read(self, parts: Parts) -> bytes:
        """A file's contents.

        Raises:
            FileSystemError: there is no such file.

        """
        mount = self.mount_at(parts)
        found = self._find(mount, parts) if mount else None
        if found is None or not found.is_file():
            raise FileSystemError(FILE_NOT_FOUND if self.is_folder(parts[:-1]) else PATH_NOT_FOUND)
        return found.read_bytes()

    def write(self, parts: Parts, content: bytes, *, append: bool = False) -> None:
        """Make or replace a file, or add to it.

        Raises:
            FileSystemError: no such folder, no permission, a name that Windows does not allow, or no space.

        """
        mount, target = self._writable(parts)
        if target.is_dir():
            raise FileSystemError(ACCESS_DENIED)
        existing = target.stat().st_size if target.exists() else 0
        if len(content) - (0 if append else existing) > mount.free():
            raise FileSystemError(DISK_FULL)
        with target.open("ab" if append else "wb") as file:
            file.write(content)

    def make_folder(self, parts: Parts) -> None:
        """Make a folder and those above it, as mkdir does.

        Raises:
            FileSystemError: it exists, or must not be made.

        """
        if self.is_folder(parts) or self.is_file(parts):
            raise FileSystemError(f"A subdirectory or file {show(parts)} already exists.")
        if parts[:-1] and not self.is_folder(parts[:-1]):
            self.make_folder(parts[:-1])
        self._writable(parts)[1].mkdir()

    def delete_file(self, parts: Parts) -> None:
        """Delete a file.

        Raises:
            FileSystemError: no permission, or no such file.

        """
        if not self.is_file(parts):
            raise FileSystemError(FILE_NOT_FOUND)
        self._writable(parts)[1].unlink()

    def delete_folder(self, parts: Parts, *, contents: bool) -> None:
        """Delete a folder; one that holds anything only with its contents.

        Raises:
            FileSystemError: no permission, no such folder, or it is not empty.

        """
        if not self.is_folder(parts):
            raise FileSystemError(FILE_NOT_FOUND)
        mount = self.mount_at(parts)
        if mount is not None and len(mount.path) == len(parts):
            raise FileSystemError("The process cannot access the file because it is being used by another process.")
        _, target = self._writable(parts)
        if contents:
            shutil.rmtree(target)
        elif any(target.iterdir()):
            raise FileSystemError("The directory is not empty.")
        else:
            target.rmdir()

    def _writable(self, parts: Parts) -> tuple[MountedShare, Path]:
        """The share and the place on this machine for a file or folder to be made or changed."""
        if not self.is_folder(parts[:-1]):
            raise FileSystemError(PATH_NOT_FOUND)
        mount = self.mount_at(parts)
        if mount is None or mount.read_only or len(parts) == len(mount.path):
            raise FileSystemError(ACCESS_DENIED)
        name = parts[-1]
        if _FORBIDDEN.search(name) or not name:
            raise FileSystemError(BAD_NAME)
        folder = self._find(mount, parts[:-1])
        if folder is None:
            raise FileSystemError(PATH_NOT_FOUND)
        target = _child(folder, name) or folder / name
        if target.is_symlink():
            raise FileSystemError(ACCESS_DENIED)
        return mount, target

    @staticmethod
    def _find(mount: MountedShare, parts: Parts) -> Path | None:
        """A file or folder in a share, by names without regard to case."""
        if mount.capacity() is None:
            raise FileSystemError(SHARE_GONE)
        found: Path | None = mount.folder
        for name in parts[len(mount.path) :]:
            found = _child(found, name) if found and found.is_dir() else None
        return found


def _child(folder: Path, name: str) -> Path | None:
    """What a folder holds under a name; links are not followed: for a share's client they do not exist."""
    if _FORBIDDEN.search(name):
        return None
    exact = folder / name
    if exact.exists() and not exact.is_symlink():
        return exact
    return next(
        (item for item in folder.iterdir() if item.name.casefold() == name.casefold() and not item.is_symlink()), None
    )


def _scan(folder: Path) -> Iterator[Entry]:
    for item in folder.iterdir():
        if not item.is_symlink():
            status = item.stat()
            is_folder = item.is_dir()
            yield Entry(item.name, is_folder, 0 if is_folder else status.st_size, status.st_mtime)


def _by_name(entry: Entry) -> str:
    return entry.name.casefold()


def _same(left: Parts, right: Parts) -> bool:
    return [name.casefold() for name in left] == [name.casefold() for name in right]


def _begins(parts: Parts, start: Parts) -> bool:
    return _same(parts[: len(start)], start)
