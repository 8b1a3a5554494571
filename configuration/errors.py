"""Errors in a stack's configuration: each names the key, its value, what is allowed and the fix; all come at once."""

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
from pydantic_core import ErrorDetails

from components.guest.property_paths import path_in
from components.rules import BreakingValue
from configuration.unsupported import UNSUPPORTED

_LONGEST_VALUE: Final = 80

_WRONG_TYPES: Final = {
    "bool_type": "true or false, without quotes",
    "dict_type": "a mapping, such as {key: value}",
    "int_from_float": "a whole number",
    "int_type": "a whole number, without quotes",
    "list_type": "a list, such as [first, second]",
    "model_type": "a mapping, such as {key: value}",
    "string_type": "text (quote a number, true or false that is text)",
}


@dataclass(frozen=True)
class Problem:
    """One error: `key` as in the stack file, what it is, what is allowed, and the fix."""

    key: str
    what: str
    allowed: str
    fix: str = ""

    def __str__(self) -> str:
        lines = [f"{self.key} {self.what}", f"  allowed: {self.allowed}"]
        return "\n".join([*lines, f"  fix: {self.fix}"] if self.fix else lines)


class SettingsError(pulumi.RunError):
    """All errors in the configuration of a stack. `pulumi` prints them without a traceback."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = "an error" if len(problems) == 1 else f"{len(problems)} errors"
        listed = "\n".join(str(problem) for problem in problems)
        super().__init__(
            f"The configuration of stack {pulumi.get_stack()} has {count}; nothing was registered.\n{listed}"
        )


def path(key: str, location: Iterable[str | int]) -> str:
    """Return a key in Pulumi's path syntax: `anf-smb:volumes[1].sizeGiB`."""
    for step in location:
        key = f"{key}[{step}]" if isinstance(step, int) else path_in(key, step)
    return key


def unknown_key(key: str, known: Iterable[str]) -> Problem:
    """Return the problem of an unknown key, without its value: a misspelled key may hold a password."""
    *before, name = key.replace(":", ".").split(".")
    names = sorted(known)
    if name in UNSUPPORTED and name not in names:
        return Problem(key, f"is not supported: {UNSUPPORTED[name]}", "nothing", f"pulumi config rm --path '{key}'")
    close = difflib.get_close_matches(name, names, n=1)
    prefix = key[: len(key) - len(name)] if before else ""
    return Problem(
        key,
        "is not a known key",
        ", ".join(names),
        f"did you mean {prefix}{close[0]}?" if close else f"remove it: pulumi config rm --path '{key}'",
    )


def missing_key(key: str, example: str) -> Problem:
    """Return the problem of a missing key."""
    return Problem(
        key, "is missing", f"such as {key}: {example}", f"pulumi config set --path '{key}' …, or edit the stack file"
    )


def value_problems(key: str, found: Iterable[BreakingValue]) -> Iterator[Problem]:
    """Yield the problems of a chart's values; `key` has them in the stack file."""
    for each in found:
        where = f"{key}.{each.path}"
        yield Problem(where, f"is {shown(each.value)}", each.allowed, f"pulumi config rm --path '{where}'")


def shown(value: object) -> str:
    """Return a value as JSON, shortened to 80 characters."""
    written = json.dumps(value, ensure_ascii=False, default=str)
    return written if len(written) <= _LONGEST_VALUE else f"{written[:_LONGEST_VALUE]}…"


def from_pydantic(key: str, error: ErrorDetails, known: Iterable[str], examples: dict[str, str]) -> Problem:
    """Return the problem for a pydantic error in `key`; `known` are the keys of the mapping that has the error."""
    of_key = error["loc"][-1:] == ("[key]",)  # pydantic's step to the key of a mapping itself
    where = path(key, error["loc"][:-1] if of_key else error["loc"])
    value: Any = error["input"]
    context = error.get("ctx", {})
    match error["type"]:
        case "extra_forbidden":
            return unknown_key(where, known)
        case "missing":
            return missing_key(where, _example(where, examples))
        case "rule":
            return Problem(
                where, f"is {shown(value)}", context["allowed"], f"choose an allowed value ({context['source']})"
            )
        case "too_short" | "too_long" as length:
            limit = context["min_length"] if length == "too_short" else context["max_length"]
            bound = "at least" if length == "too_short" else "at most"
            return Problem(where, f"has {context['actual_length']} entries", f"{bound} {limit}")
        case wrong_type:
            scalar = isinstance(value, str | int | float | bool)
            kind = f"is {shown(value)}" if scalar else f"is {_kind(value)}"
            return Problem(where, kind, _WRONG_TYPES.get(wrong_type, error["msg"]))


def _example(where: str, examples: dict[str, str]) -> str:
    """Return the example for a key: by its whole path in the namespace, or by its name alone."""
    whole = re.sub(r"\[\d+\]", "[]", where.partition(":")[2])
    return examples.get(whole) or examples.get(whole.rpartition(".")[2], "…")


def _kind(value: object) -> str:
    match value:
        case None:
            return "empty"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case _:
            return f"of type {type(value).__name__}"
