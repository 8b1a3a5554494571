"""The command lines for `az` that users are told: in the pages, in verify's fixes, in the errors of the program."""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.project import PROJECT

_PAGES = [
    PROJECT / "README.md",
    *(page for page in sorted((PROJECT / "docs").glob("*.md")) if page.name != "fidelity.md"),
]
"""What judges the sandbox names groups of commands; it tells nobody to run one."""
_FOLDERS = ("components", "configuration", "live_cluster", "policy", "verify")
_SOURCES = [*PROJECT.glob("*.py"), *(file for name in _FOLDERS for file in (PROJECT / name).rglob("*.py"))]
_VALUE = r"(?:\{[^{}]*\}|@-|[\w./=\[\]$][\w./=\[\]-]*(?<![-.=/])|\w)"
_FLAGS = (
    "--custom-role-only",
    "--enable-managed-identity",
    "--enable-oidc-issuer",
    "--enable-workload-identity",
    "--service-principal",
    "--updated",
)
_FLAG = "|".join(_FLAGS)
_LINE = re.compile(rf"\baz(?: [a-z][a-z-]*)+(?: (?:(?:{_FLAG})\b|--?[a-z][a-z-]* {_VALUE}))*")


@dataclass(frozen=True)
class Line:
    """What a command gets for its placeholders, what it must answer, and what more a person adds to it."""

    values: dict[str, str]
    answers: Callable[[Any], object]
    more: list[str] = field(default_factory=list[str])


def nothing(answer: Any) -> bool:
    return answer is None


def az_lines(group: str) -> dict[str, str]:
    """Return each line of a command group, such as `netappfiles`, with one place where it is."""
    return {line: place for line, place in every_az_line().items() if line.split()[1] == group}


@cache
def every_az_line() -> Mapping[str, str]:
    """Return each line for `az` with one place where it is."""
    found: dict[str, str] = {}
    for file in (*_PAGES, *_SOURCES):
        texts = _texts(ast.parse(file.read_text())) if file.suffix == ".py" else [file.read_text()]
        for text in texts:
            for line in _LINE.findall(text):
                found.setdefault(line, str(file.relative_to(PROJECT)))
    return found


def _texts(node: ast.AST) -> Iterator[str]:
    """Yield the texts of a module, f-strings whole, without docstrings."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.JoinedStr():
                yield "".join(_part(each) for each in child.values)
            case ast.Constant(value=str(text)):
                yield text
            case ast.Expr(value=ast.Constant()):
                pass
            case _:
                yield from _texts(child)


def _part(part: ast.expr) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    return f"{{{ast.unparse(part.value)}}}" if isinstance(part, ast.FormattedValue) else ""


def arguments(line: str, values: dict[str, str]) -> list[str]:
    """Return the arguments of a line, with values for its placeholders (`ID`, `{id}`, `@-`) by option.

    What has no value stays as it is.
    """
    typed: list[str] = []
    for part in re.findall(r"\{[^{}]*\}|\S+", line)[1:]:
        is_placeholder = re.fullmatch(r"[A-Z][A-Z_]+|\{.*\}|@-", part)
        typed.append(values.get(typed[-1], str(part)) if is_placeholder else str(part))
    return typed


def command(line: str) -> str:
    """Return the words of a line before its options."""
    return line.partition(" -")[0]
