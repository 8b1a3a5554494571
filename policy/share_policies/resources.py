"""Helpers for rules: Azure types, inputs that a preview may not know, and lists of names."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from pulumi_policy import PolicyConfigSchema, ResourceValidationArgs
from pulumi_policy.proxy import UnknownValueError

_AZURE: Final = re.compile(r"^azure-native:(?P<module>\w+)(?:/v\w+)?:(?P<name>\w+)$")


def azure_type(args: ResourceValidationArgs) -> str:
    """Return the type without API version, such as `netapp:CapacityPool`; empty outside azure-native."""
    match = _AZURE.match(args.resource_type)
    return f"{match['module']}:{match['name']}" if match else ""


def stack_name(args: ResourceValidationArgs) -> str:
    """Return the resource's stack from its URN: `urn:pulumi:STACK::PROJECT::…`."""
    return args.urn.removeprefix("urn:pulumi:").partition("::")[0]


def known(holder: Any, *path: str) -> Any:
    """Return the value at a path of keys; None if it is absent, or unknown in a preview."""
    value = holder
    for key in path:
        if not isinstance(value, Mapping):
            return None
        try:
            value = cast("Mapping[str, Any]", value).get(key)
        except UnknownValueError:
            return None
    return value


def items(holder: Any) -> Sequence[Any]:
    """Return the known items of a list; an empty list for any other value."""
    if isinstance(holder, str) or not isinstance(holder, Sequence):
        return []
    listed = cast("Sequence[Any]", holder)
    found: list[Any] = []
    for index in range(len(listed)):
        try:
            found.append(listed[index])
        except UnknownValueError:
            continue
    return found


def names(key: str) -> PolicyConfigSchema:
    """Return the configuration schema of a rule with one list of names, empty by default."""
    return PolicyConfigSchema(properties={key: {"type": "array", "items": {"type": "string"}, "default": []}})
