"""The report of a run: one line for each check with the fix of a failure, or one JSON document."""

import json
import sys
from collections.abc import Sequence
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from verify.check import Check, Result, State
from verify.stack.outputs import StackOutputs
from verify.stack.parts import Update
from verify.trouble import commands_of

_MARKS: Final = {
    State.HOLDS: ("ok", "green"),
    State.WARNS: ("warns", "bold yellow"),
    State.FAILS: ("FAILS", "bold red"),
    State.NOT_CREATED: ("none", "yellow"),
    State.NOT_CHECKED: ("-", "yellow"),
    State.LEFT_OUT: ("-", "dim"),
}
_MARK_WIDTH: Final = 5
_TITLE_WIDTH: Final = 32


class Table:
    """Prints the checks in their order, each after it and all checks before it have ended."""

    def __init__(self, checks: Sequence[Check], console: Console) -> None:
        self._checks = checks
        self._console = console
        self._done: dict[str, Result] = {}
        self._printed = 0

    def add(self, result: Result) -> None:
        """Add a result, and print every result that is due."""
        self._done[result.check.name] = result
        while self._printed < len(self._checks) and (done := self._done.get(self._checks[self._printed].name)):
            self._print(done)
            self._printed += 1

    def _print(self, result: Result) -> None:
        if self._printed == 0 or self._checks[self._printed - 1].group != result.check.group:
            self._console.print(Text(result.check.group, style="bold"))
        for line in lines(result):
            self._console.print(line, soft_wrap=True)


def lines(result: Result) -> list[Text]:
    """Return the line of a check, followed by the fix of a failure or warning; a missing part has none of its own."""
    mark, style = _MARKS[result.state]
    first = Text("  ").append(f"{mark:{_MARK_WIDTH}} ", style).append(f"{result.check.title:{_TITLE_WIDTH}} ")
    first.append(_short(result.seen))
    if not result.fix or result.state is State.NOT_CREATED:
        return [first]
    return [first, Text(" " * (_MARK_WIDTH + 3)).append(f"fix: {result.fix}", "cyan")]


def print_update(update: Update | None, console: Console) -> None:
    """Print the beginning of a report on a stack whose last update did not end."""
    if update:
        console.print(f"{update.sentence}\n", markup=False)


def verdict(results: Sequence[Result], seconds: float, to_do: str = "") -> str:
    """Return the last line of the report."""
    then = f" Continue: {to_do}" if to_do else ""
    count = {state: sum(result.state is state for result in results) for state in State}
    warned = f", {count[State.WARNS]} with a warning" if count[State.WARNS] else ""
    left = f", {count[State.LEFT_OUT]} left out: add --write" if count[State.LEFT_OUT] else ""
    missing = f"{count[State.NOT_CREATED]} not created yet, " if count[State.NOT_CREATED] else ""
    if all(result.holds for result in results):
        held = count[State.HOLDS] + count[State.WARNS]
        return f"All {held} checks hold{warned}{left} ({seconds:.0f} s).{then}"
    return (
        f"{count[State.FAILS]} of {len(results)} checks {'fails' if count[State.FAILS] == 1 else 'fail'}, "
        f"{missing}{count[State.NOT_CHECKED]} not checked{warned}{left} ({seconds:.0f} s).{then}"
    )


def paths(outputs: StackOutputs) -> list[str]:
    """Return the paths of the shares with their claims."""
    static = [f"{share.unc_path}   claim {share.namespace}/{share.claim}" for share in outputs.volumes if share.fqdn]
    dynamic = [
        f"StorageClass {claim.storage_class}   claim {claim.namespace}/{claim.claim}" for claim in outputs.claims
    ]
    return [*static, *dynamic]


def document(outputs: StackOutputs, results: Sequence[Result], seconds: float) -> dict[str, Any]:
    """Return the run as a JSON document."""
    return {
        **beginning(outputs, results),
        "seconds": round(seconds, 3),
        "checks": [row(result) for result in results],
    }


def beginning(outputs: StackOutputs, results: Sequence[Result]) -> dict[str, Any]:
    """Return the first fields of a document; those of an update only if it did not end."""
    update = outputs.update
    fields = {"stack": outputs.stack, "holds": update is None and all(result.holds for result in results)}
    if update is None:
        return fields
    missing = [{"check": part.check, "title": part.title} for part in update.missing]
    return {
        **fields,
        "update": {
            "command": update.command,
            "sentence": update.sentence,
            "parts": len(update.parts),
            "missing": missing,
        },
    }


def row(result: Result) -> dict[str, Any]:
    """Return the result of a check as a JSON object."""
    fields: dict[str, Any] = {
        "name": result.check.name,
        "group": result.check.group,
        "title": result.check.title,
        "state": result.state.value,
        "seen": result.seen,
        "seconds": round(result.seconds, 3),
    }
    commands = commands_of(result.fix)
    failure = {"trouble": result.trouble, "fix": result.fix, "commands": commands} if result.trouble else {}
    return fields | failure | ({"because": list(result.because)} if result.because else {})


def print_json(content: dict[str, Any]) -> None:
    """Print one JSON document to standard output."""
    json.dump(content, sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")


def _short(text: str, limit: int = 400) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[:limit]} …"
