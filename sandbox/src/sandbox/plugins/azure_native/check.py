"""Check: names, location and API version where a program leaves them out, then the validation of all inputs."""

import hashlib
import math
import re
import secrets
import uuid
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from pulumi.runtime.proto import provider_pb2

from sandbox.plugins.azure_native.schema import Property, ResourceType, writable
from sandbox.plugins.azure_native.values import UNKNOWN, Unknown

if TYPE_CHECKING:
    from sandbox.plugins.azure_native.azure import Azure

CREATE_BEFORE_DELETE: Final = "__createBeforeDelete"
"""Marks inputs whose name is random: only these can be replaced by creating the new resource first."""

_LOCATION_ADVICE: Final = (
    ". Either set it explicitly or configure it with 'pulumi config set azure-native:location <value>'."
)


def apply_defaults(
    row: ResourceType, request: provider_pb2.CheckRequest, old: Mapping[str, Any], new: dict[str, Any], at: "Azure"
) -> None:
    """Add to `new` what the program left out. What was chosen once stays: `old` comes first."""
    name = row.name_parameter
    if name not in new:
        chosen = _default_name(row, request, old)
        if chosen is not None:
            new[name], is_random = chosen
            if is_random:
                new[CREATE_BEFORE_DELETE] = True
    if "location" in row.inputs and "location" not in new:
        location = _default_location(old, new, at)
        if location is not None:
            new["location"] = location
    new.setdefault("azureApiVersion", row.api_version)


def _default_name(
    row: ResourceType, request: provider_pb2.CheckRequest, old: Mapping[str, Any]
) -> tuple[Any, bool] | None:
    if row.name_parameter in old:
        return old[row.name_parameter], old.get(CREATE_BEFORE_DELETE) is True
    if request.HasField("autonaming"):
        mode, proposed = request.autonaming.mode, request.autonaming.proposed_name
        options = provider_pb2.CheckRequest.AutonamingOptions
        if mode == options.DISABLE:
            return None
        if mode == options.ENFORCE or row.autoname != "uuid":
            return proposed, True
    logical = request.urn.rpartition("::")[2]
    digits = hashlib.sha256(request.randomSeed).hexdigest() if request.randomSeed else secrets.token_hex(32)
    match row.autoname:
        case "copy":
            return logical, False
        case "uuid":
            return str(uuid.UUID(hex=digits[:32])), True
        case "random":
            return logical + digits[:8], True


def _default_location(old: Mapping[str, Any], new: Mapping[str, Any], at: "Azure") -> Any:
    if "location" in old:
        return old["location"]
    if at.location is not None:
        return at.location
    match new.get("resourceGroupName"):
        case Unknown():
            return UNKNOWN
        case str(group):
            return at.location_of_group(group)
        case _:
            return None


def failures(row: ResourceType, inputs: Mapping[str, Any]) -> list[str]:
    """Why Azure would not take these inputs, as far as its specification says. Enumerations are not checked."""
    found: list[str] = []
    for name, limits in row.parameters.items():
        if name in inputs:
            found += _value_failures(name, limits, inputs[name])
        else:
            found.append(f"missing required property '{name}'")
    return found + list(_object_failures("", row.properties, inputs))


def _object_failures(context: str, fields: Mapping[str, Property], values: Mapping[str, Any]) -> Iterator[str]:
    prefix = f"{context}." if context else ""
    for name, prop in writable(fields).items():
        if prop.required and name not in values:
            advice = _LOCATION_ADVICE if prefix + name == "location" else ""
            yield f"missing required property '{prefix}{name}'{advice}"
    for name, prop in writable(fields).items():
        if name in values:
            yield from _value_failures(prefix + name, prop, values[name])


def _value_failures(context: str, prop: Property, value: Any) -> Iterator[str]:
    if isinstance(value, Unknown | bool) or prop.kind == "any":
        return
    match value:
        case dict():
            if prop.kind == "object":
                yield from _object_failures(context, prop.fields, value)
        case list():
            if prop.json_type != "array":
                yield f"'{context}' should be of type '{prop.json_type}' but got an array"
            elif prop.items is not None:
                for index, item in enumerate(value):
                    yield from _value_failures(f"{context}[{index}]", prop.items, item)
        case str():
            yield from _text_failures(context, prop, value)
        case int() | float():
            yield from _number_failures(context, prop, value)
        case _:
            return


def _text_failures(context: str, prop: Property, value: str) -> Iterator[str]:
    if prop.kind != "string":
        yield f"'{context}' should be of type '{prop.json_type}' but got a string"
        return
    length = len(value.encode())
    if prop.min_length is not None and length < prop.min_length:
        yield f"'{context}' is too short ({length}): at least {prop.min_length} characters required"
    if prop.max_length is not None and length > prop.max_length:
        yield f"'{context}' is too long ({length}): at most {prop.max_length} characters allowed"
    if prop.pattern and not _compiled(prop.pattern).search(value):
        yield f"'{context}' does not match expression '{prop.pattern}'"


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    r"""A pattern of Azure's specification, which is Go's here: `$` is the very end, `[\p{L}]` any letter."""
    return re.compile(re.sub(r"\$$", r"\\Z", pattern.replace(r"\p{L}", r"\w")))


def _number_failures(context: str, prop: Property, value: float) -> Iterator[str]:
    if prop.kind not in ("integer", "number"):
        yield f"'{context}' should be of type '{prop.json_type}' but got a number"
        return
    if prop.kind == "integer" and 1e-9 < math.modf(abs(value))[0] < 1 - 1e-9:
        yield f"'{context}' must be an integer but got {value:f}"
    if prop.minimum is not None and value < prop.minimum:
        yield f"'{context}' is too low ({value:f} < {prop.minimum:f})"
    if prop.maximum is not None and value > prop.maximum:
        yield f"'{context}' is too high ({value:f} > {prop.maximum:f})"
