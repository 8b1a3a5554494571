"""cmd.exe's command line: commands joined by `&`, `&&` and `||`, and the redirection of one command's output."""

import re
from dataclasses import dataclass

_OPERATOR = re.compile(r"&&|\|\||&")
# A digit that stands before > names a stream only after a separator: `echo 1>f` writes an empty line, `echo a1>f`
# does not.
_REDIRECTION = re.compile(r"(?:(?<=\s)([12]))?(>>?)(?:&([12])|\s*(\"[^\"]*\"|[^\s>]+))")


@dataclass(frozen=True)
class Redirection:
    """Where a command's standard output goes."""

    target: str
    append: bool


def split_commands(line: str) -> list[tuple[str, str]]:
    """The commands of a line, each with the operator before it (empty for the first)."""
    commands: list[tuple[str, str]] = []
    operator, start = "", 0
    for match in _OPERATOR.finditer(line):
        quoted = line[start : match.start()].count('"') % 2 == 1
        redirects = line[match.start() - 1 : match.start()] == ">"  # the & of 2>&1
        if not quoted and not redirects:
            commands.append((operator, line[start : match.start()]))
            operator, start = match[0], match.end()
    commands.append((operator, line[start:]))
    return commands


def split_redirection(command: str) -> tuple[str, Redirection | None]:
    """A command without its redirections, and where its standard output goes if not to the caller.

    `2>&1` and `2>nul` are read and have no effect on what is played here: errors are few and worth seeing.
    """
    target: Redirection | None = None
    text, start = "", 0
    for match in _REDIRECTION.finditer(command):
        if command[: match.start()].count('"') % 2 == 1:
            continue
        text += command[start : match.start()]
        start = match.end()
        stream, operator, _, path = match.groups()
        if path and stream != "2":
            target = Redirection(path.strip('"'), operator == ">>")
    return text + command[start:], target
