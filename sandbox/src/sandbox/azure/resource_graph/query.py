"""Queries of Azure Resource Graph: the part of the Kusto Query Language (KQL) in which Trident asks.

`Resources`, and after it any number of `where` (comparisons of text, joined by `and`), `project`, `mv-expand` and
`limit`. Source: learn.microsoft.com/azure/governance/resource-graph/concepts/query-language, and the two queries in
storage_drivers/azure/api/azure_discovery.go of NetApp/trident.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from sandbox.azure.errors import ArmError

Row = Mapping[str, Any]
Step = Callable[[list[Row]], list[Row]]

_NAME: Final = r"[A-Za-z_][\w.]*"
_COMPARISON: Final = re.compile(rf"({_NAME})\s*(=~|==|!=|!~)\s*(?:'([^']*)'|\"([^\"]*)\")")
_COLUMN: Final = re.compile(rf"(?:(\w+)\s*=\s*)?\(?\s*({_NAME})\s*\)?")
_EXPANSION: Final = re.compile(r"mv-expand\s+(\w+)(?:\s+limit\s+(\d+))?", re.IGNORECASE)
_LIMIT: Final = re.compile(r"(?:limit|take)\s+(\d+)", re.IGNORECASE)


class Query:
    """A query that has been read; `limited` if it says itself how many rows it returns."""

    def __init__(self, text: str) -> None:
        table, *steps = (part.strip() for part in text.split("|"))
        if table.lower() != "resources":
            raise invalid_query(f"the table '{table}' is not played")
        self._steps = [_step(step) for step in steps]
        self.limited = any(_LIMIT.fullmatch(step) for step in steps)

    def run(self, resources: Iterable[Row]) -> list[Row]:
        rows = list(resources)
        for step in self._steps:
            rows = step(rows)
        return rows


def _step(text: str) -> Step:
    word, rest = (*text.split(None, 1), "")[:2]
    if word.lower() == "where":
        conditions = [_condition(each.strip()) for each in re.split(r"\s+and\s+", rest, flags=re.IGNORECASE)]
        return lambda rows: [row for row in rows if all(condition(row) for condition in conditions)]
    if word.lower() == "project":
        columns = [_column(each.strip()) for each in rest.split(",")]
        return lambda rows: [{name: _value(row, path) for name, path in columns} for row in rows]
    if found := _EXPANSION.fullmatch(text):
        column, limit = found[1], int(found[2] or 128)
        return lambda rows: [new for row in rows for new in _expanded(row, column, limit)]
    if found := _LIMIT.fullmatch(text):
        count = int(found[1])
        return lambda rows: rows[:count]
    raise invalid_query(f"the operator '{word}' is not played")


def _condition(text: str) -> Callable[[Row], bool]:
    found = _COMPARISON.fullmatch(text)
    if found is None:
        raise invalid_query(f"the condition '{text}' is not played")
    path, operator, wanted = found[1], found[2], found[3] or found[4] or ""

    def holds(row: Row) -> bool:
        value = str(_value(row, path) or "")
        equal = value.lower() == wanted.lower() if "~" in operator else value == wanted
        return equal != operator.startswith("!")

    return holds


def _column(text: str) -> tuple[str, str]:
    found = _COLUMN.fullmatch(text)
    if found is None:
        raise invalid_query(f"the column '{text}' is not played")
    return found[1] or found[2].replace(".", "_"), found[2]


def _value(row: Row, path: str) -> Any:
    value: Any = row
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _expanded(row: Row, column: str, limit: int) -> list[Row]:
    """Return a row for each of a column's values; a row whose column is empty stays one row."""
    values = row.get(column)
    return [{**row, column: value} for value in values[:limit]] if isinstance(values, list) and values else [row]


def invalid_query(why: str) -> ArmError:
    """Return Azure's refusal of a query; what is not played is refused as what is not valid."""
    # Guess: Azure says more of what its parser does not understand.
    why = f"Query is invalid. The sandbox's Azure Resource Graph: {why}."
    details = [ArmError(400, "InvalidQuery", why)]
    return ArmError(400, "BadRequest", "Please provide below info when asking for support.", details=details)
