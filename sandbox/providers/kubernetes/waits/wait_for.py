"""`pulumi.com/waitFor`: conditions that the program states itself.

`jsonpath={.status.phase}=Bound`, `jsonpath={.status.loadBalancer}`, `condition=Ready`, `condition=Ready=False`, or a
JSON array of these.
"""

import contextlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sandbox.providers.kubernetes.waits.condition import Condition, StatusLog

Json = dict[str, Any]

_BRACKETS: Final = re.compile(r"\{\s*(.*?)\s*\}")
_JSONPATH: Final = "jsonpath="
_CONDITION: Final = "condition="


class WaitForSyntaxError(ValueError):
    """The annotation is not understood."""


@dataclass(frozen=True)
class PathExpectation:
    """A JSONPath that must select something, or a certain value."""

    path: str
    """As written, in braces."""
    value: str
    """Empty: any."""
    query: Any
    """The compiled path."""

    def __str__(self) -> str:
        return f"{self.path}={self.value}" if self.value else self.path


def parse_path_expectation(text: str) -> PathExpectation:
    """Read `jsonpath={.path}` or `jsonpath={.path}=value`, in kubectl's strict syntax."""
    from jsonpath_ng.exceptions import JSONPathError
    from jsonpath_ng.ext.parser import parse

    raw = text.removeprefix(_JSONPATH)
    path, *values = re.split(r"(?<!=)=(?!=)", raw)
    if len(values) > 1:
        raise WaitForSyntaxError(f'format should be {{.path}}=value or {{.path}}, got "{raw}"')
    if values == [""]:
        raise WaitForSyntaxError(f"{path}= requires a value")
    if path.startswith("'") and path.endswith("'"):
        raise WaitForSyntaxError(f"{path} should omit shell quotes")
    inner = _BRACKETS.search(path)
    if inner is None:
        raise WaitForSyntaxError(f"{path} should be wrapped in brackets {{ ... }}")
    query = inner.group(1) if inner.group(1).startswith("$") else f"${inner.group(1)}"
    try:
        compiled = parse(query)
    except JSONPathError as error:
        raise WaitForSyntaxError(f'parsing "{path}": {error}') from None
    return PathExpectation(path, values[0] if values else "", compiled)


class PathCondition(Condition):
    """Waits for a JSONPath."""

    def __init__(self, live: Json, status: StatusLog, expectation: PathExpectation) -> None:
        super().__init__(live, status)
        self._expected = expectation

    def met(self) -> bool:
        """Whether the path selects what it should, in a status that is about the present generation."""
        if _outdated(self.live, self.live.get("status")):
            return False
        found = [match.value for match in self._expected.query.find(self.live)]
        if not found:
            self.status("info", f"{self._expected.path} selected nothing")
            return False
        value = found[0]
        if isinstance(value, dict | list):
            if self._expected.value:
                return False
            text = ""
        else:
            text = _as_text(value)
        if self._expected.value in ("", text):
            self.status("info", f"Found {self._expected}")
            return True
        self.status("info", f'Waiting for {self._expected} (found "{text}")')
        return False

    def reasons(self) -> list[str]:
        """A value that can never be equal to a text."""
        found = [match.value for match in self._expected.query.find(self.live)]
        if self._expected.value and found and isinstance(found[0], dict | list):
            return [f'"{self._expected.path}" has a non-primitive value']
        return []


class StatusCondition(Condition):
    """Waits for a member of `.status.conditions`."""

    def __init__(self, live: Json, status: StatusLog, expression: str) -> None:
        super().__init__(live, status)
        self._type, _, wanted = expression.removeprefix(_CONDITION).partition("=")
        self._wanted = wanted or "True"

    def met(self) -> bool:
        """Whether the condition has the status, in an observation of the present generation."""
        state = self.live.get("status")
        conditions = state.get("conditions") if isinstance(state, Mapping) else None
        if not isinstance(conditions, list):
            self.status("warning", "Has no .status.conditions")
            return False
        for entry in conditions:
            if str(entry.get("type", "")).lower() != self._type.lower() or "status" not in entry:
                continue
            if _outdated(self.live, entry if "observedGeneration" in entry else state):
                return False
            if str(entry["status"]).lower() == self._wanted.lower():
                return True
            self.status("info", f"Resource has condition {self._type}={entry['status']} (want {self._wanted})")
            return False
        return False


class AllOf(Condition):
    """Waits until several conditions hold at once."""

    def __init__(self, live: Json, status: StatusLog, conditions: list[Condition]) -> None:
        super().__init__(live, status)
        self._conditions = conditions

    def seen(self, event: Any) -> None:
        """Tell each."""
        for condition in self._conditions:
            condition.observe(event)

    def met(self) -> bool:
        """Whether all hold."""
        return all(condition.met() for condition in self._conditions)

    def reasons(self) -> list[str]:
        """Theirs."""
        return [reason for condition in self._conditions for reason in condition.reasons()]


def parse_wait_for(annotation: str, live: Json, status: StatusLog) -> Condition:
    """The condition that an annotation states. Raises WaitForSyntaxError."""
    expressions: Any = None
    with contextlib.suppress(json.JSONDecodeError):
        expressions = json.loads(annotation)
    if not (isinstance(expressions, list) and all(isinstance(item, str) for item in expressions)):
        expressions = [annotation]
    if not expressions:
        raise WaitForSyntaxError("at least one condition must be specified")
    conditions = [_parse_one(expression, live, status) for expression in expressions]
    return conditions[0] if len(conditions) == 1 else AllOf(live, status, conditions)


def _parse_one(expression: str, live: Json, status: StatusLog) -> Condition:
    if expression.startswith(_JSONPATH):
        return PathCondition(live, status, parse_path_expectation(expression))
    if expression.startswith(_CONDITION):
        return StatusCondition(live, status, expression)
    raise WaitForSyntaxError(f'expected a "jsonpath=" or "condition=" prefix, got "{expression}"')


def _outdated(live: Json, observation: Any) -> bool:
    generation = live["metadata"].get("generation")
    observed = observation.get("observedGeneration") if isinstance(observation, Mapping) else None
    return isinstance(generation, int) and isinstance(observed, int) and observed < generation


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "<nil>" if value is None else str(value)
