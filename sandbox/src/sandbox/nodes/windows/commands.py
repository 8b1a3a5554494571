"""The commands of cmd.exe that checks of a share use, with the output, error texts and exit codes of Windows Server."""

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import PureWindowsPath
from typing import Final

from sandbox.nodes.windows.drive import PATH_NOT_FOUND, ROOT, CommandError, Drive, Entry, resolve

NEWLINE: Final = "\r\n"
VERSION: Final = "Microsoft Windows [Version 10.0.26100.33438]"
_COMMAND: Final = re.compile(r"\A\s*((?:echo|cd|dir)(?=[.\\/])|\S*) ?(.*)\Z", re.DOTALL | re.IGNORECASE)
"""Name and rest; `cd\\x`, `cd..` and `echo.` need no space between."""
_IMAGE_DATE: Final = datetime(2026, 9, 9, 1, 42, tzinfo=UTC).timestamp()
_CONTAINER_BYTES_FREE: Final = 21_212_954_624  # of the 20 GiB that a Windows container's C: has
_HEAD: Final = " Volume in drive C has no label.\r\n Volume Serial Number is 8C4F-6E0D\r\n\r\n Directory of {}\r\n\r\n"


@dataclass
class Session:
    """State from one command to the next."""

    drive: Drive
    current: PureWindowsPath = ROOT


def run(session: Session, line: str) -> str:
    """Run one command without redirection and return its output; raise CommandError where it fails."""
    name, arguments = _COMMAND.findall(line)[0]
    if not name:
        return ""
    command = _COMMANDS.get(name.lower())
    if command is None:
        raise CommandError(
            f"'{name}' is not recognized as an internal or external command,{NEWLINE}operable program or batch file."
        )
    return command(session, arguments)


def _words(arguments: str) -> tuple[list[str], set[str]]:
    """Return a command's paths, which may have slashes, and its switches: one letter, and options after a colon."""
    words = [word.replace('"', "") for word in re.findall(r'(?:"[^"]*"?|[^\s"])+', arguments)]
    switches = {word for word in words if re.fullmatch(r"/[^:](:.*)?", word)}
    return [word for word in words if word not in switches], {switch.lower() for switch in switches}


def _paths(session: Session, arguments: str, at_most: int = sys.maxsize) -> list[PureWindowsPath]:
    words, _ = _words(arguments)
    if not 1 <= len(words) <= at_most:
        raise CommandError("The syntax of the command is incorrect.")
    return [resolve(word, session.current) for word in words]


def _dir(session: Session, arguments: str) -> str:
    words, switches = _words(arguments)
    drive = session.drive
    folder = resolve(words[0], session.current) if words else session.current
    pattern = "*"
    if not drive.is_folder(folder):
        folder, pattern = folder.parent, folder.name
        if not drive.is_folder(folder):
            raise CommandError(PATH_NOT_FOUND)
    entries = [entry for entry in drive.entries(folder) if _matches(entry.name, pattern)]
    head = "" if "/b" in switches else _HEAD.format(folder)
    if not entries and pattern != "*":
        raise CommandError(f"{head}File Not Found")
    if not head:
        return "".join(f"{entry.name}{NEWLINE}" for entry in entries)
    if folder != ROOT and pattern == "*":
        found = drive.find(folder)
        modified = found.stat().st_mtime if found else 0
        entries = [Entry(name, is_folder=True, modified=modified) for name in (".", "..")] + entries
    files = [entry for entry in entries if not entry.is_folder]
    share = drive.share(folder)
    lines = [
        *map(_row, entries),
        f"{len(files):16} File(s) {sum(file.size for file in files):>14,} bytes",
        f"{len(entries) - len(files):16} Dir(s)  {share.free() if share else _CONTAINER_BYTES_FREE:>14,} bytes free",
    ]
    return head + "".join(f"{line}{NEWLINE}" for line in lines)


def _row(entry: Entry) -> str:
    when = datetime.fromtimestamp(entry.modified or _IMAGE_DATE, UTC).strftime("%m/%d/%Y  %I:%M %p")
    return f"{when}    <DIR>          {entry.name}" if entry.is_folder else f"{when} {entry.size:>17,} {entry.name}"


def _matches(name: str, pattern: str) -> bool:
    return pattern in {"*", "*.*"} or fnmatchcase(name.casefold(), pattern.casefold().replace("[", "[[]"))


def _cd(session: Session, arguments: str) -> str:
    text = re.sub(r"^/d\s*", "", arguments.strip(), flags=re.IGNORECASE)
    if not text:
        return f"{session.current}{NEWLINE}"
    target = resolve(text, session.current)
    if not session.drive.is_folder(target):
        raise CommandError("The directory name is invalid." if session.drive.find(target) else PATH_NOT_FOUND)
    session.current = target
    return ""


def _type(session: Session, arguments: str) -> str:
    return "".join(session.drive.read(path).decode(errors="replace") for path in _paths(session, arguments))


def _echo(_session: Session, arguments: str) -> str:
    return (arguments.removeprefix(".") if arguments.strip() else "ECHO is on.") + NEWLINE


def _copy(session: Session, arguments: str) -> str:
    source, target = [*_paths(session, arguments, at_most=2), session.current][:2]
    if session.drive.is_folder(target):
        target /= source.name
    if source == target:
        raise CommandError(f"The file cannot be copied onto itself.{NEWLINE}        0 file(s) copied.")
    session.drive.write(target, session.drive.read(source))
    return f"        1 file(s) copied.{NEWLINE}"


def _del(session: Session, arguments: str) -> str:
    missing: list[str] = []
    for path in _paths(session, arguments):
        folder, pattern = (path, "*") if session.drive.is_folder(path) else (path.parent, path.name)
        entries = session.drive.entries(folder)
        files = [entry.name for entry in entries if not entry.is_folder and _matches(entry.name, pattern)]
        if not files and folder != path:
            missing.append(f"Could Not Find {path}")
        for name in files:
            session.drive.delete(folder / name)
    if missing:
        raise CommandError(NEWLINE.join(missing), code=0)  # del calls that no error
    return ""


def _ver(_session: Session, _arguments: str) -> str:
    return f"{NEWLINE}{VERSION}{NEWLINE}"


_COMMANDS: Final[dict[str, Callable[[Session, str], str]]] = {
    "dir": _dir,
    "cd": _cd,
    "type": _type,
    "echo": _echo,
    "copy": _copy,
    "del": _del,
    "ver": _ver,
}
