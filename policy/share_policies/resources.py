"""What rules share: a resource's type in the field's terms, inputs that a preview may not know, lists of names."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from pulumi_policy import PolicyConfigSchema, ResourceValidationArgs
from pulumi_policy.proxy import UnknownValueError

_AZURE: Final = re.compile(r"^azure-native:(?P<module>\w+)(?:/v\w+)?:(?P<name>\w+)$")


def azure_type(args: ResourceValidationArgs) -> str:
    """`netapp:CapacityPool`, whichever API version the SDK was told to use; empty for anything but azure-native."""
    match = _AZURE.match(args.resource_type)
    return f"{match['module']}:{match['name']}" if match else ""


def stack_name(args: ResourceValidationArgs) -> str:
    """The stack that the resource belongs to, from its URN: `urn:pulumi:STACK::PROJECT::…`."""
    return args.urn.removeprefix("urn:pulumi:").partition("::")[0]


def known(holder: Any, *path: str) -> Any:
    """The value at a path of keys; None where it is absent, or where a preview cannot know it yet."""
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
    """The known items of a list; none where there is no list."""
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
    """The schema of a rule whose one setting is a list of names, empty by default."""
    return PolicyConfigSchema(properties={key: {"type": "array", "items": {"type": "string"}, "default": []}})
