"""The refusals that Azure NetApp Files words alike for all its resources, and readers of properties that use them."""

import re
from collections.abc import Collection
from typing import Any

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import ResourceId


def missing(name: str) -> ArmError:
    """A required property is not there."""
    return ArmError(400, "MissingValue", f"Missing value for '{name}'.")


def invalid(value: object, name: str, why: str) -> ArmError:
    """A property has a value that it cannot have."""
    return ArmError(400, "InvalidValueReceived", f"An invalid value '{value}' was received for {name}. {why}")


def unchangeable(name: str, text: str | None = None) -> ArmError:
    """A property that is set once and for all."""
    return ArmError(400, f"{name}CannotBeChanged", text or f"{name} cannot be changed.")


def quota(kind: str, limit: int, per: str, count: int) -> ArmError:
    """One resource too many."""
    return ArmError(
        400,
        "QuotaExceeded",
        f"Creating the resource of type {kind} would exceed the quota of {limit} resources of type {kind} per {per}. "
        "The current "
        f"resource count is {count}, please delete some resources of this type before creating a new one.",
    )


def check_name(resource_id: ResourceId, pattern: str, reserved: Collection[str] = ()) -> None:
    """Refuse a resource name outside its pattern."""
    name = resource_id.name
    if name.lower() in reserved:
        raise ArmError(
            400, "NameReserved", f"The name '{name}' is reserved and cannot be used for {resource_id.types[-1]}."
        )
    if not re.fullmatch(pattern, name):
        raise ArmError(
            400,
            "InvalidResourceName",
            f"The name '{name}' is invalid: a name of {resource_id.types[-1]} must match {pattern}.",
        )


def check_known(properties: dict[str, Any], known: Collection[str], read_only: dict[str, Any] | None = None) -> None:
    """Refuse properties that do not exist, and read-only ones that differ from what is there (`read_only`)."""
    for name, value in properties.items():
        if name not in known:
            raise ArmError(400, "UnknownProperty", f"Value received for an unknown property '{name}'.")
        if read_only is not None and name in read_only and value is not None and value != read_only[name]:
            raise unchangeable(name[:1].upper() + name[1:])


def refuse_read_only(properties: dict[str, Any], names: Collection[str]) -> None:
    """Refuse values for read-only properties of something that does not exist yet."""
    for name in names:
        if properties.get(name) is not None:
            raise ArmError(400, "ReadOnlyProperty", f"Received a value for read-only property '{name}'.")


def text(properties: dict[str, Any], name: str, pattern: str = ".+", why: str = "It must be a text.") -> str | None:
    """A text that matches the pattern, or None where there is none."""
    value = properties.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not re.fullmatch(pattern, value, re.DOTALL):
        raise invalid(value, name, why)
    return value


def integer(properties: dict[str, Any], name: str) -> int | None:
    """A whole number (JSON's 1.0 too, which is what Pulumi sends), or None."""
    value = properties.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise invalid(value, name, "It must be a whole number.")
    return int(value)


def number(properties: dict[str, Any], name: str) -> float | None:
    """A number, or None."""
    value = properties.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise invalid(value, name, "It must be a number.")
    return float(value)


def flag(properties: dict[str, Any], name: str, *, default: bool) -> bool:
    """A boolean, or its default."""
    value = properties.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise invalid(value, name, "It must be true or false.")
    return value


def choice(properties: dict[str, Any], name: str, allowed: Collection[str], default: str) -> str:
    """One of a few words, in Azure's spelling whatever the case of the request, or the default."""
    value = properties.get(name)
    if value is None:
        return default
    spelled = {each.lower(): each for each in allowed}
    if not isinstance(value, str) or value.lower() not in spelled:
        raise invalid(value, name, f"It must be one of {', '.join(allowed)}.")
    return spelled[value.lower()]
