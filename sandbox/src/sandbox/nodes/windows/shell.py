r"""cmd.exe of the sandbox's Windows containers: `cmd /c COMMAND…`, or a session that reads commands from its input.

kwok runs it for `kubectl exec` (container_exec.py), with the container's mounts in the environment: it must start fast.
Sizes are read from the Azure emulator's database each time: a volume which has grown shows its new size at once.
"""

import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from sandbox.azure.shares import ShareFiles, share
from sandbox.azure.store import Store
from sandbox.nodes.windows.commands import NEWLINE, VERSION, Session, run
from sandbox.nodes.windows.drive import ROOT, CommandError, Drive, MountedShare, resolve
from sandbox.paths import SandboxPaths

_BANNER: Final = f"{VERSION}{NEWLINE}(c) Microsoft Corporation. All rights reserved.{NEWLINE}"
_OPERATOR: Final = re.compile(r"&&|\|\||(?<!>)&")  # not the & of 2>&1
# A digit before > names a stream only after a separator: `echo 1>f` writes an empty line, `echo a1>f` does not.
_REDIRECTION: Final = re.compile(r"(?:(?<=\s)([12]))?(>>?)(?:&[12]|\s*(\"[^\"]*\"|[^\s>]+))")


def main(arguments: Sequence[str]) -> int:
    session = open_session(os.environ)
    if not arguments:
        return _interact(session)
    if arguments[0].lower() == "/c":
        return run_line(session, command_text(arguments[1:]))
    sys.stderr.write(f"only cmd /c COMMAND and plain cmd are played here, not: cmd {' '.join(arguments)}{NEWLINE}")
    return 1


def open_session(environment: Mapping[str, str]) -> Session:
    """Return a session in the container that the environment describes (container_exec.exec_object)."""
    paths = SandboxPaths(Path(environment["ANF_SANDBOX_HOME"]))
    rows: list[dict[str, Any]] = json.loads(environment.get("ANF_SANDBOX_MOUNTS", "[]"))
    store = Store(paths.arm_database) if rows else None
    return Session(Drive([_mount(row, paths, store) for row in rows] if store else []))


def command_text(arguments: Sequence[str]) -> str:
    """Return the command line that a container runtime makes of arguments: those with spaces are quoted.

    cmd takes the quotes off again when they enclose the whole of what follows /c.
    """
    if len(arguments) == 1:
        return arguments[0]
    return " ".join(f'"{argument}"' if " " in argument else argument for argument in arguments)


def run_line(session: Session, line: str) -> int:
    code = 0
    for operator, command in split_commands(line):
        if (operator == "&&" and code != 0) or (operator == "||" and code == 0):
            continue
        try:
            _run(session, command)
            code = 0
        except CommandError as error:
            code = error.code
            _write(sys.stderr.buffer, f"{error}{NEWLINE}")
    return code


def split_commands(line: str) -> list[tuple[str, str]]:
    """Return the commands of a line, each with the operator before it (empty for the first)."""
    commands: list[tuple[str, str]] = []
    operator, start = "", 0
    for match in _OPERATOR.finditer(line):
        if line[start : match.start()].count('"') % 2 == 0:  # not within quotes
            commands.append((operator, line[start : match.start()]))
            operator, start = match[0], match.end()
    return [*commands, (operator, line[start:])]


def split_redirection(command: str) -> tuple[str, str, bool]:
    """Return a command without its redirections, the file for its output (else empty), and True to append to it.

    `2>&1` and `2>nul` are read and have no effect: errors are few here and worth seeing.
    """
    target, append, text, start = "", False, "", 0
    for match in _REDIRECTION.finditer(command):
        if command[: match.start()].count('"') % 2 == 1:
            continue
        text += command[start : match.start()]
        start = match.end()
        stream, operator, path = match.groups()
        if path and stream != "2":
            target, append = path.strip('"'), operator == ">>"
    return text + command[start:], target, append


def _run(session: Session, command: str) -> None:
    text, target, append = split_redirection(command)
    output = run(session, text)
    if not target:
        _write(sys.stdout.buffer, output)
    elif target.lower() != "nul":
        session.drive.write(resolve(target, session.current), output.encode(), append=append)


def _interact(session: Session) -> int:
    """Read commands until `exit` or the end of the input, with cmd's prompt."""
    code = 0
    _write(sys.stdout.buffer, _BANNER)
    while True:
        _write(sys.stdout.buffer, f"{NEWLINE}{session.current}>")
        line = sys.stdin.readline()
        words = line.split()
        if not line or words[:1] == ["exit"]:
            return int(words[-1]) if words[1:] and words[-1].isdigit() else code
        code = run_line(session, line.strip())


def _mount(row: dict[str, Any], paths: SandboxPaths, store: Store) -> MountedShare:
    server, name = str(row["server"]), str(row["share"])

    def capacity() -> int | None:
        found = share(store, server, name)
        return found.size_bytes if found else None

    root = ShareFiles(paths.shares).folder(server, name)
    if capacity() is not None:
        root.mkdir(parents=True, exist_ok=True)
    folder = root / str(row["folder"]).strip("/")
    return MountedShare(resolve(str(row["path"]), ROOT), folder, capacity, root, bool(row["readOnly"]))


def _write(stream: Any, text: str) -> None:
    stream.write(text.encode())
    stream.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
