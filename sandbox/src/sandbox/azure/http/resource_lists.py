"""Lists of groups and of resources of every type, by the conditions of `$filter`.

Source: learn.microsoft.com/rest/api/resources/resources/list and …/resource-groups/list.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from sandbox.azure.errors import ArmError
from sandbox.azure.http.arm_request import ArmRequest
from sandbox.azure.ids import ResourceId
from sandbox.azure.regions import normalized

Shown = dict[str, Any]

_TAG_BEGINS: Final = re.compile(r"startswith\(\s*tagname\s*,\s*'([^']*)'\s*\)", re.IGNORECASE)
_CONDITIONS: Final[Mapping[str, Callable[[Shown, str], bool]]] = {
    "resourcegroup": lambda shown, value: ResourceId.parse(shown["id"]).group.lower() == value.lower(),
    "resourcetype": lambda shown, value: shown["type"].lower() == value.lower(),
    "name": lambda shown, value: shown["name"].lower() == value.lower(),
    "location": lambda shown, value: shown["location"] == normalized(value),
    "tagname": lambda shown, value: any(name.lower() == value.lower() for name in _tags(shown)),
    "tagvalue": lambda shown, value: value in _tags(shown).values(),
}
_LEFT_OUT: Final = frozenset({"properties", "etag", "systemData"})
"""What a list of resources does not show."""


def filtered(request: ArmRequest, shown: Iterable[Shown]) -> list[Shown]:
    """Return what all conditions of a request hold for.

    Raises:
        ArmError: a condition that is not known. The words are not Azure's.

    """
    text = request.filter
    begins = _TAG_BEGINS.findall(text)
    conditions = {} if begins else request.conditions()
    if unknown := sorted(conditions.keys() - _CONDITIONS.keys()):
        raise ArmError(400, "InvalidFilterInQueryString", f"Invalid $filter '{text}': unknown {', '.join(unknown)}.")
    kept = [each for each in shown if all(_CONDITIONS[name](each, value) for name, value in conditions.items())]
    if {"tagname", "tagvalue"} <= conditions.keys():
        name, value = conditions["tagname"].lower(), conditions["tagvalue"]
        kept = [each for each in kept if (name, value) in {(key.lower(), set_) for key, set_ in _tags(each).items()}]
    return [each for each in kept if all(any(n.startswith(begin) for n in _tags(each)) for begin in begins)]


def of_every_type(request: ArmRequest, shown: Iterable[Shown]) -> list[Shown]:
    """Return the resources that a list of every type shows of these."""
    expanded = request.query.get("$expand", "").lower().split(",")
    return [_brief(each, state="provisioningstate" in expanded) for each in filtered(request, shown)]


def _brief(shown: Shown, *, state: bool) -> Shown:
    brief = {name: value for name, value in shown.items() if name not in _LEFT_OUT}
    found = shown.get("properties", {}).get("provisioningState")
    return {**brief, "provisioningState": found} if state and found else brief


def _tags(shown: Shown) -> dict[str, str]:
    return shown.get("tags") or {}
