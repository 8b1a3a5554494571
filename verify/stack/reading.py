"""A stack from its outputs; after an update that did not end, from its state and configuration."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from verify.errors import VerifyError
from verify.stack import pulumi
from verify.stack.outputs import StackOutputs
from verify.stack.parts import Part, Update
from verify.stack.plan import Plan
from verify.stack.state import State
from verify.stack.unfinished import Unfinished

_COMMANDS: Final = {"update": "up", "resource-import": "import"}
"""Commands of pulumi by the kind of their update, where they differ."""
_SHOWN: Final = 3


def read(stack: str, folder: Path | None) -> StackOutputs:
    """Return what the stack has, with masked secrets; `folder` is the project's folder, by default the current one.

    Raises:
        VerifyError: pulumi does not know the stack, or it has nothing.

    """
    at = ("--stack", stack)
    state = State.parse(_json(folder, "stack", "export", *at))
    if state.is_complete:
        return StackOutputs.parse(stack, state.outputs)
    if state.is_empty:
        raise VerifyError(_nothing(stack, state))
    history: Sequence[Mapping[str, Any]] = _json(folder, "stack", "history", "--json", "--page-size", "1", *at)
    last: Mapping[str, Any] = {} if state.was_interrupted else next(iter(history), {})
    if last.get("result") == "succeeded" and state.outputs:
        return StackOutputs.parse(stack, state.outputs)
    return unfinished(stack, state, last, last.get("config") or _json(folder, "config", "--json", *at))


def unfinished(
    stack: str, state: State, last: Mapping[str, Any], configuration: Mapping[str, Mapping[str, Any]]
) -> StackOutputs:
    """Return what a stack has after an update that did not end; `last` is that update in the history, if it is there.

    Raises:
        VerifyError: the configuration is not that of this program.

    """
    found = Unfinished(Plan.parse(stack, configuration, state), state)
    kind = str(last.get("kind") or "update")
    command = f"pulumi {_COMMANDS.get(kind, kind)}"
    following = [*(["pulumi refresh"] if state.was_interrupted else []), command]
    update = Update(stack, command, _end(state, last, found.parts), following, found.parts)
    return replace(StackOutputs.parse(stack, found.outputs), update=update)


def _end(state: State, last: Mapping[str, Any], parts: Sequence[Part]) -> str:
    """Return how the update ended, and where."""
    verb = "failed" if last.get("result") == "failed" else "was interrupted, or still runs,"
    stopped = [each.title for each in (*state.failed, *state.pending)]
    if stopped:
        more = " and others" if len(stopped) > _SHOWN else ""
        return f"{verb} at {', '.join(stopped[:_SHOWN])}{more}"
    missing = next((part.title for part in parts if not part.exists), "")
    return f"{verb} before it created {missing}" if missing else verb.removesuffix(",")


def _nothing(stack: str, state: State) -> str:
    """Return the error of a stack without anything in Azure and in the cluster."""
    if state.resources:
        return (
            f"Stack '{stack}' has nothing in Azure or in the cluster yet: its last `pulumi up` stopped before that. "
            f"Fix the error that it printed, and run it again: pulumi up --stack {stack}"
        )
    return f"Stack '{stack}' has nothing: it is not deployed, or was destroyed. Deploy it: pulumi up --stack {stack}"


def _json(folder: Path | None, *arguments: str) -> Any:
    try:
        return json.loads(pulumi.run(folder, *arguments))
    except ValueError as error:
        raise VerifyError(f"`pulumi {' '.join(arguments)}` does not print JSON: {error}") from error
