r"""The commands of cmd.exe that checks of a share use: dir, cd, type, echo, copy, del, mkdir, rmdir.

Output and error texts, and which of them count as failure, are those of Windows Server.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from sandbox.nodes.windows.drive import (
    FILE_NOT_FOUND,
    PATH_NOT_FOUND,
    Drive,
    Entry,
    FileSystemError,
    Parts,
    parse,
    show,
)

NEWLINE = "\r\n"
_IMAGE_DATE = datetime(2025, 10, 7, 1, 42, tzinfo=UTC).timestamp()
_CONTAINER_BYTES_FREE = 21_212_954_624  # of the 20 GiB that a Windows container's C: has


class CommandError(Exception):
    """A command failed; its text goes to standard error."""

    def __init__(self, text: str, code: int = 1) -> None:
        super().__init__(text)
        self.code = code


@dataclass
class Session:
    """What lasts from one command to the next."""

    drive: Drive
    hostname: str
    current: Parts = field(default_factory=tuple)


def run(session: Session, line: str) -> str:
    """Run one command without redirection; its output.

    Raises:
        CommandError: it failed, or there is no such command.

    """
    name, arguments = _split(line)
    if not name:
        return ""
    command = _COMMANDS.get(name.lower())
    if command is None:
        raise CommandError(
            f"'{name}' is not recognized as an internal or external command,{NEWLINE}operable program or batch file."
        )
    try:
        return command(session, arguments)
    except FileSystemError as error:
        raise CommandError(str(error)) from error


def _split(line: str) -> tuple[str, str]:
    r"""A command's name and the rest; `cd\x`, `cd..` and `echo.` need no space between."""
    line = line.lstrip()
    for name in ("echo", "chdir", "cd", "dir"):
        if line[: len(name)].lower() == name and line[len(name) : len(name) + 1] in {".", "\\", "/"}:
            return name, line[len(name) :]
    name, _, rest = line.partition(" ")
    return name.rstrip(), rest


def _words(arguments: str) -> tuple[list[str], set[str]]:
    """Paths and switches of a command."""
    words: list[str] = []
    switches: set[str] = set()
    word, quoted = "", False
    for character in f"{arguments} ":
        if character == '"':
            quoted = not quoted
        elif character == " " and not quoted:
            if word.startswith("/"):
                # A mount path may be written with slashes; switches are one letter (with options after a colon).
                (switches.add if len(word.partition(":")[0]) == 2 else words.append)(word)
            elif word:
                words.append(word)
            word = ""
        else:
            word += character
    return words, {switch.lower() for switch in switches}


def _dir(session: Session, arguments: str) -> str:
    words, switches = _words(arguments)
    folder = parse(words[0], session.current) if words else session.current
    pattern = "*"
    if not session.drive.is_folder(folder):
        folder, pattern = folder[:-1], folder[-1]
        if not session.drive.is_folder(folder):
            raise FileSystemError(PATH_NOT_FOUND)
    entries = [entry for entry in session.drive.entries(folder) if _matches(entry.name, pattern)]
    mount = session.drive.mount_at(folder)
    free = mount.free() if mount else _CONTAINER_BYTES_FREE
    if "/b" in switches:
        if not entries and pattern != "*":
            raise FileSystemError("File Not Found")
        return "".join(f"{entry.name}{NEWLINE}" for entry in entries)
    head = [
        " Volume in drive C has no label.",
        " Volume Serial Number is 8C4F-6E0D",
        "",
        f" Directory of {show(folder)}",
        "",
    ]
    if not entries and pattern != "*":
        raise CommandError(NEWLINE.join([*head, "File Not Found"]))
    dots: list[Entry] = []
    if folder and pattern == "*":
        modified = session.drive.modified(folder)
        dots = [Entry(name, True, 0, modified) for name in (".", "..")]
    listed = [*dots, *entries]
    files = [entry for entry in listed if not entry.is_folder]
    rows = [_row(entry) for entry in listed]
    size = sum(entry.size for entry in files)
    foot = [
        f"{len(files):16} File(s) {size:>14,} bytes",
        f"{len(listed) - len(files):16} Dir(s)  {free:>14,} bytes free",
    ]
    return NEWLINE.join([*head, *rows, *foot, ""])


def _row(entry: Entry) -> str:
    when = datetime.fromtimestamp(entry.modified or _IMAGE_DATE, UTC).strftime("%m/%d/%Y  %I:%M %p")
    return f"{when}    <DIR>          {entry.name}" if entry.is_folder else f"{when} {entry.size:>17,} {entry.name}"


def _matches(name: str, pattern: str) -> bool:
    return pattern in {"*", "*.*"} or fnmatchcase(name.casefold(), pattern.casefold().replace("[", "[[]"))


def _cd(session: Session, arguments: str) -> str:
    text = arguments.strip()
    if text.lower().startswith("/d"):
        text = text[2:].strip()
    if not text:
        return show(session.current) + NEWLINE
    target = parse(text, session.current)
    if not session.drive.is_folder(target):
        file = session.drive.is_file(target)
        raise FileSystemError("The directory name is invalid." if file else PATH_NOT_FOUND)
    session.current = target
    return ""


def _type(session: Session, arguments: str) -> str:
    words, _ = _words(arguments)
    if not words:
        raise CommandError("The syntax of the command is incorrect.")
    return "".join(session.drive.read(parse(word, session.current)).decode(errors="replace") for word in words)


def _echo(session: Session, arguments: str) -> str:
    if not arguments.strip():
        return f"ECHO is on.{NEWLINE}"
    return arguments.removeprefix(".") + NEWLINE


def _copy(session: Session, arguments: str) -> str:
    words, _ = _words(arguments)
    if len(words) not in {1, 2}:
        raise CommandError("The syntax of the command is incorrect.")
    source = parse(words[0], session.current)
    target = parse(words[1], session.current) if len(words) == 2 else session.current
    if session.drive.is_folder(target):
        target = (*target, source[-1])
    if [name.casefold() for name in source] == [name.casefold() for name in target]:
        raise CommandError(f"The file cannot be copied onto itself.{NEWLINE}        0 file(s) copied.")
    session.drive.write(target, session.drive.read(source))
    return f"        1 file(s) copied.{NEWLINE}"


def _del(session: Session, arguments: str) -> str:
    words, _ = _words(arguments)
    if not words:
        raise CommandError("The syntax of the command is incorrect.")
    missing = ""
    for word in words:
        path = parse(word, session.current)
        if session.drive.is_folder(path):
            folder, names = path, [entry.name for entry in session.drive.entries(path) if not entry.is_folder]
        else:
            folder = path[:-1]
            entries = session.drive.entries(folder)
            names = [entry.name for entry in entries if not entry.is_folder and _matches(entry.name, path[-1])]
            if not names:
                missing += f"Could Not Find {show(path)}{NEWLINE}"
        for name in names:
            session.drive.delete_file((*folder, name))
    if missing:
        raise CommandError(missing.removesuffix(NEWLINE), code=0)  # del calls that no error
    return ""


def _mkdir(session: Session, arguments: str) -> str:
    words, _ = _words(arguments)
    if not words:
        raise CommandError("The syntax of the command is incorrect.")
    for word in words:
        path = parse(word, session.current)
        if session.drive.is_folder(path) or session.drive.is_file(path):
            raise CommandError(f"A subdirectory or file {word} already exists.")
        session.drive.make_folder(path)
    return ""


def _rmdir(session: Session, arguments: str) -> str:
    words, switches = _words(arguments)
    if not words:
        raise CommandError("The syntax of the command is incorrect.")
    for word in words:
        path = parse(word, session.current)
        if session.drive.is_file(path):
            raise FileSystemError("The directory name is invalid.")
        session.drive.delete_folder(path, contents="/s" in switches)
    return ""


def _hostname(session: Session, arguments: str) -> str:
    if arguments.strip():
        raise CommandError(FILE_NOT_FOUND)
    return session.hostname + NEWLINE


_COMMANDS: dict[str, Callable[[Session, str], str]] = {
    "dir": _dir,
    "cd": _cd,
    "chdir": _cd,
    "type": _type,
    "echo": _echo,
    "copy": _copy,
    "del": _del,
    "erase": _del,
    "mkdir": _mkdir,
    "md": _mkdir,
    "rmdir": _rmdir,
    "rd": _rmdir,
    "hostname": _hostname,
}
