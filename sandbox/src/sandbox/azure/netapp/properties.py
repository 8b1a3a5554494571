"""The properties of NetApp resources: names, from azure-mgmt-netapp's models, and readers that refuse as Azure does."""

import re
from collections.abc import Callable, Collection
from typing import Any

from sandbox.azure.errors import ArmError


class Properties:
    """Names of a model's properties as REST spells them: all, those that a client can set, flags, read-only ones.

    `without` are properties that the emulator does not have.
    """

    def __init__(self, model: type, without: Collection[str] = ()) -> None:
        model()  # The first instance gives a model its table of fields.
        fields: dict[str, Any] = vars(model)["_attr_to_rest_field"]
        self.names = [field._rest_name for field in fields.values() if field._rest_name not in without]
        self.settable = [field._rest_name for field in fields.values() if field._visibility != ["read"]]
        booleans = [fields[name]._rest_name for name, kind in model.__annotations__.items() if kind == bool | None]
        self.flags = [name for name in self.settable if name in booleans]
        # Clients send back the provisioningState that a GET showed, whatever it is by now.
        self.read_only = [name for name in self.names if name not in {*self.settable, "provisioningState"}]

    def check(self, wanted: dict[str, Any], current: dict[str, Any] | None = None) -> None:
        """Refuse properties that do not exist, and those that differ from the read-only ones in `current`."""
        for name, value in wanted.items():
            if name not in self.names:
                raise ArmError(400, "UnknownProperty", f"Value received for an unknown property '{name}'.")
            if current is not None and name in current and value is not None and value != current[name]:
                raise unchangeable(name)

    def check_new(self, wanted: dict[str, Any]) -> None:
        self.check(wanted)
        for name in self.read_only:
            if wanted.get(name) is not None:
                raise ArmError(400, "ReadOnlyProperty", f"Received a value for read-only property '{name}'.")


def missing(name: str) -> ArmError:
    return ArmError(400, "MissingValue", f"Missing value for '{name}'.")


def invalid(value: object, name: str, why: str) -> ArmError:
    """Return the recorded refusal of a pool's size, for any value."""
    # Guess: Azure refuses every bad value with that code; only the words for a pool that is too small are recorded.
    return ArmError(400, "InvalidValueReceivedFor", f"An invalid value '{value}' was received for {name}. {why}")


def unchangeable(name: str, text: str | None = None) -> ArmError:
    name = name[:1].upper() + name[1:]
    return ArmError(400, f"{name}CannotBeChanged", text or f"{name} cannot be changed.")


def fixed(name: str) -> ArmError:
    """Refuse another value in the words that Azure was recorded with for snapshotId."""
    why = (
        f"The volume's {name} property is not allowed to be updated. Please check that {name} is not part of the "
        "update request or isn't being changed from the current value."
    )
    return ArmError(400, "VolumeReadOnlyPropertyCanNotBeChanged", why)


def text(properties: dict[str, Any], name: str, pattern: str, why: str) -> str | None:
    return _read(properties, name, lambda v: isinstance(v, str) and re.fullmatch(pattern, v, re.DOTALL), why)


def integer(properties: dict[str, Any], name: str) -> int:
    """Return a whole number (JSON's 1.0 too, which is what Pulumi sends), which must be there."""
    value = _read(properties, name, lambda v: _is_number(v) and v == int(v), "It must be a whole number.")
    if value is None:
        raise missing(name)
    return int(value)


def number(properties: dict[str, Any], name: str) -> float | None:
    value = _read(properties, name, _is_number, "It must be a number.")
    return None if value is None else float(value)


def flag(properties: dict[str, Any], name: str, *, default: bool) -> bool:
    value = _read(properties, name, lambda value: isinstance(value, bool), "It must be true or false.")
    return default if value is None else value


def choice(properties: dict[str, Any], name: str, allowed: Collection[str], default: str) -> str:
    """Return one of a few words in Azure's spelling, whatever the case of the request, or the default."""
    spelled, why = {each.lower(): each for each in allowed}, f"It must be one of {', '.join(allowed)}."
    value = _read(properties, name, lambda value: isinstance(value, str) and value.lower() in spelled, why)
    return default if value is None else spelled[value.lower()]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _read(properties: dict[str, Any], name: str, valid: Callable[[Any], object], why: str) -> Any:
    value = properties.get(name)
    if value is not None and not valid(value):
        raise invalid(value, name, why)
    return value
