"""The inputs of a resource after Azure was asked how it is: the old ones with what has changed in Azure meanwhile.

Inputs cannot be read, and most of what Azure answers is its own defaults. So only what differs between the outputs of
before and those of now, as far as it can be an input, is carried over to the inputs.
"""

from collections.abc import Mapping
from typing import Any

from sandbox.plugins.azure_native import convert
from sandbox.plugins.azure_native.convert import Json
from sandbox.plugins.azure_native.schema import ResourceType


def refreshed_inputs(row: ResourceType, inputs: Json, old: Mapping[str, Any], new: Mapping[str, Any]) -> Json:
    """`inputs`, given the outputs of before and of now."""
    # What is also a resource of its own, and was not given inline, is not this resource's to take over.
    foreign = convert.maintained_paths(row.properties, inputs)
    now = {name: value for name, value in new.items() if name not in foreign}
    return _carried_over(inputs, convert.inputs_among(row.properties, old), convert.inputs_among(row.properties, now))


def _carried_over(base: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]) -> Json:
    """`base` with the changes between `old` and `new`, both of which may have more properties than `base`."""
    result = {name: value for name, value in base.items() if name in new or name not in old}
    for name, value in new.items():
        if name not in old:
            result[name] = value
        elif value != old[name]:
            result[name] = _carried_over_value(base[name], old[name], value) if name in base else value
    return result


def _carried_over_value(base: Any, old: Any, new: Any) -> Any:
    match base, old, new:
        case dict(), dict(), dict():
            return _carried_over(base, old, new)
        case list(), list(), list():
            known = min(len(base), len(old))
            return [
                _carried_over_value(base[index], old[index], item) if index < known else item
                for index, item in enumerate(new)
            ]
        case _:
            return new
