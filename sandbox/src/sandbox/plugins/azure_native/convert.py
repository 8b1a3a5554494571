"""Between the SDK's flat properties and ARM's JSON, guided by a type's row."""

from collections.abc import Mapping
from typing import Any

from sandbox.plugins.azure_native.schema import Property, writable
from sandbox.plugins.values import UNKNOWN, Unknown

Json = dict[str, Any]


def without_nulls(value: Any) -> Any:
    """The value without the absent properties of its objects: the engine writes them as nulls."""
    if isinstance(value, dict):
        entries: Mapping[str, Any] = value
        return {name: without_nulls(item) for name, item in entries.items() if item is not None}
    if isinstance(value, list):
        items: list[Any] = value
        return [without_nulls(item) for item in items]
    return value


def request_body(fields: Mapping[str, Property], inputs: Mapping[str, Any], resource_id: str) -> Json:
    """Inputs as ARM's JSON. `$self/` at the start of an `id` stands for the resource that is being written."""
    body: Json = {}
    for name, prop in writable(fields).items():
        if name not in inputs:
            continue
        target = body
        for step in prop.container:
            target = target.setdefault(step, {})
        target[prop.wire_name(name)] = _to_wire(prop, inputs[name], resource_id)
    return body


def _to_wire(prop: Property, value: Any, resource_id: str) -> Any:
    match prop.kind, value:
        case "object", dict():
            converted = request_body(prop.fields, value, resource_id)
            if set(prop.fields) == {"id"} and str(converted.get("id", "")).startswith("$self/"):
                converted["id"] = converted["id"].replace("$self", resource_id, 1)
            return converted
        case "array", list() if prop.items is not None:
            return [_to_wire(prop.items, item, resource_id) for item in value]
        case "map", dict() if prop.items is not None:
            return {key: _to_wire(prop.items, item, resource_id) for key, item in value.items()}
        case "set", list():
            return {item: dict[str, Any]() for item in value}
        case _:
            return value


def outputs(fields: Mapping[str, Property], response: Mapping[str, Any]) -> Json:
    """ARM's JSON as outputs. What the row does not know, the SDK does not have."""
    result: Json = {}
    for name, prop in fields.items():
        source = response
        for step in prop.container:
            inner = source.get(step)
            if isinstance(inner, dict):
                source = inner
        value = source.get(prop.wire_name(name))
        if value is not None:
            result[name] = _from_wire(prop, value)
    return result


def _from_wire(prop: Property, value: Any) -> Any:
    match prop.kind, value:
        case "object", dict():
            return outputs(prop.fields, value)
        case "array", list() if prop.items is not None:
            return [_from_wire(prop.items, item) for item in value]
        case "map", dict() if prop.items is not None:
            return {key: _from_wire(prop.items, item) for key, item in value.items()}
        case "set", dict():
            return list(value)
        case _:
            return value


def inputs_among(fields: Mapping[str, Property], known: Mapping[str, Any]) -> Json:
    """Of these outputs, those that are inputs as well, without what is Azure's alone."""
    return {name: _input_part(prop, known[name]) for name, prop in writable(fields).items() if name in known}


def _input_part(prop: Property, value: Any) -> Any:
    match prop.kind, value:
        case "object", dict():
            return inputs_among(prop.fields, value)
        case "array", list() if prop.items is not None:
            return [_input_part(prop.items, item) for item in value]
        case _:
            return value


def imported_inputs(fields: Mapping[str, Property], found: Mapping[str, Any]) -> Json:
    """Inputs that would produce these outputs: for an import. Empty objects and lists say nothing and are left out.

    An `id` that the specification forgot to mark as Azure's own would make every import fail on a difference.
    """
    kept = {name: _without_empty(value) for name, value in inputs_among(fields, found).items() if name != "id"}
    return {name: value for name, value in kept.items() if value is not None}


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        entries: Mapping[str, Any] = value
        kept = {key: _without_empty(item) for key, item in entries.items()}
        return {key: item for key, item in kept.items() if item is not None} or None
    if isinstance(value, list):
        elements: list[Any] = value
        items = [_without_empty(item) for item in elements]
        return [item for item in items if item is not None] or None
    return value


def preview(fields: Mapping[str, Property], inputs: Mapping[str, Any]) -> Json:
    """What is known before Azure answers: the inputs that come back as outputs. All else is unknown."""
    return {name: _preview_value(prop, inputs.get(name, UNKNOWN)) for name, prop in fields.items()}


def _preview_value(prop: Property, value: Any) -> Any:
    match prop.kind, value:
        case _, Unknown():
            return UNKNOWN
        case ("any", _) | ("string", str()) | ("boolean", bool()):
            return value
        case (("integer" | "number"), (int() | float())) if not isinstance(value, bool):
            return value
        case "object", dict():
            return preview(prop.fields, value)
        case "array", list() if prop.items is not None:
            return [_preview_value(prop.items, item) for item in value]
        case "map", dict() if prop.items is not None:
            return {key: _preview_value(prop.items, item) for key, item in value.items()}
        case _:
            return UNKNOWN


def maintained_paths(fields: Mapping[str, Property], inputs: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Properties that are resources of their own and that these inputs leave alone: name -> path in ARM's JSON."""
    return {
        name: (*prop.container, prop.wire_name(name))
        for name, prop in fields.items()
        if prop.maintained and name not in inputs
    }
