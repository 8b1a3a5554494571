r"""cmd.exe of the sandbox's Windows containers: `cmd /c COMMAND…`, or a session that reads commands from its input.

Run by kwok for `kubectl exec` (see container_exec.py), with the container's mounts in the environment. Sizes are read
from the Azure emulator's database each time, so that a volume which has grown shows its new size at once.
"""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sandbox.azure.shares import ShareFiles, find
from sandbox.azure.store import Store
from sandbox.nodes.windows.command_line import Redirection, split_commands, split_redirection
from sandbox.nodes.windows.commands import NEWLINE, CommandError, Session, run
from sandbox.nodes.windows.drive import Drive, FileSystemError, MountedShare, parse
from sandbox.paths import SandboxPaths

_BANNER = "Microsoft Windows [Version 10.0.20348.4294]\r\n(c) Microsoft Corporation. All rights reserved.\r\n"
_IIS_FOLDERS = [("inetpub", "wwwroot"), ("Users",), ("Windows", "System32")]


def main(arguments: Sequence[str]) -> int:
    """Run what `kubectl exec` asks for; the exit code."""
    session = open_session(dict(os.environ))
    switches = [argument.lower() for argument in arguments[:1]]
    if switches in (["/c"], ["/k"], ["/s"]):
        return run_line(session, command_text(arguments[1:]))
    if arguments:
        sys.stderr.write(f"only cmd /c COMMAND and plain cmd are played here, not: cmd {' '.join(arguments)}{NEWLINE}")
        return 1
    return _interact(session)


def open_session(environment: dict[str, str]) -> Session:
    """The container that the environment describes (container_exec.exec_object)."""
    paths = SandboxPaths(Path(environment["ANF_SANDBOX_HOME"]))
    rows: list[dict[str, Any]] = json.loads(environment.get("ANF_SANDBOX_MOUNTS", "[]"))
    store = Store(paths.arm_database) if rows else None
    mounts = [_mount(row, paths, store) for row in rows] if store else []
    return Session(Drive(mounts, _IIS_FOLDERS), environment.get("ANF_SANDBOX_HOSTNAME", ""))


def command_text(arguments: Sequence[str]) -> str:
    """The command line that a container runtime makes of an argument list: arguments with spaces are quoted.

    cmd takes the quotes off again when they enclose the whole of what follows /c.
    """
    if len(arguments) == 1:
        return arguments[0]
    return " ".join(f'"{argument}"' if " " in argument else argument for argument in arguments)


def run_line(session: Session, line: str) -> int:
    """Run the commands of one line; the last one's exit code."""
    code = 0
    for operator, command in split_commands(line):
        if (operator == "&&" and code != 0) or (operator == "||" and code == 0):
            continue
        code = _run_one(session, command)
    return code


def _run_one(session: Session, command: str) -> int:
    try:
        text, redirection = split_redirection(command)
        output = run(session, text)
        code = 0
    except CommandError as error:
        _write(sys.stderr.buffer, str(error) + NEWLINE)
        return error.code
    try:
        if redirection is None:
            _write(sys.stdout.buffer, output)
        else:
            _redirect(session, output, redirection)
    except FileSystemError as error:
        _write(sys.stderr.buffer, str(error) + NEWLINE)
        return 1
    return code


def _redirect(session: Session, output: str, redirection: Redirection) -> None:
    if redirection.target.lower() != "nul":
        session.drive.write(parse(redirection.target, session.current), output.encode(), append=redirection.append)


def _interact(session: Session) -> int:
    """Read commands until `exit` or the end of the input, with cmd's prompt."""
    code = 0
    _write(sys.stdout.buffer, _BANNER)
    while True:
        prompt = "C:\\" + "\\".join(session.current)
        _write(sys.stdout.buffer, f"{NEWLINE}{prompt}>")
        line = sys.stdin.readline()
        words = line.split()
        if not line or words[:1] == ["exit"]:
            return int(words[-1]) if words[1:] and words[-1].isdigit() else code
        code = run_line(session, line.strip())


def _mount(row: dict[str, Any], paths: SandboxPaths, store: Store) -> MountedShare:
    server, name = str(row["server"]), str(row["share"])

    def capacity() -> int | None:
        return next((share.size_bytes for share in find(store, server) if share.name == name), None)

    root = ShareFiles(paths.shares).folder(server, name)
    if capacity() is not None:
        root.mkdir(parents=True, exist_ok=True)
    return MountedShare(
        path=parse(str(row["path"]), ()),
        folder=root.joinpath(*filter(None, str(row["folder"]).split("/"))),
        capacity=capacity,
        root=root,
        read_only=bool(row["readOnly"]),
    )


def _write(stream: Any, text: str) -> None:
    stream.write(text.encode())
    stream.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
