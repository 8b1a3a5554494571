"""Between the SDK's flat properties and ARM's JSON, guided by a type's properties."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.plugins.azure_native.schema import Property, writable
from sandbox.plugins.azure_native.values import UNKNOWN, Unknown

Json = dict[str, Any]
Fields = Mapping[str, Property]


def _converted(
    prop: Property,
    value: Any,
    of_object: Callable[[Property, Json], Any],
    of_leaf: Callable[[Property, Any], Any] = lambda _, value: value,
) -> Any:
    """Convert each object and each leaf within a value."""
    match prop.kind, value:
        case "object", dict():
            return of_object(prop, value)
        case "array", list() if prop.items is not None:
            return [_converted(prop.items, item, of_object, of_leaf) for item in value]
        case "map", dict() if prop.items is not None:
            return {key: _converted(prop.items, item, of_object, of_leaf) for key, item in value.items()}
        case _:
            return of_leaf(prop, value)


def without_nulls(value: Any) -> Any:
    """The value without the absent properties of its objects: the engine writes them as nulls."""
    match value:
        case dict():
            return {name: without_nulls(item) for name, item in value.items() if item is not None}
        case list():
            return [without_nulls(item) for item in value]
        case _:
            return value


def request_body(fields: Fields, inputs: Mapping[str, Any], resource_id: str) -> Json:
    """Inputs as ARM's JSON. `$self/` at the start of an `id` stands for the resource that is being written."""

    def of_object(prop: Property, value: Json) -> Json:
        converted = request_body(prop.fields, value, resource_id)
        if set(prop.fields) == {"id"} and str(converted.get("id", "")).startswith("$self/"):
            converted["id"] = converted["id"].replace("$self", resource_id, 1)
        return converted

    def of_leaf(prop: Property, value: Any) -> Any:
        return {item: dict[str, Any]() for item in value} if prop.kind == "set" and isinstance(value, list) else value

    body: Json = {}
    for name, prop in writable(fields).items():
        if name not in inputs or prop.query:
            continue
        target = body
        for step in prop.container:
            target = target.setdefault(step, {})
        target[prop.wire_name(name)] = _converted(prop, inputs[name], of_object, of_leaf)
    return body


def request_query(fields: Fields, inputs: Mapping[str, Any]) -> dict[str, str]:
    """The inputs that go into the query of a PUT."""
    return {prop.wire_name(name): str(inputs[name]) for name, prop in fields.items() if prop.query and name in inputs}


def outputs(fields: Fields, response: Mapping[str, Any]) -> Json:
    """ARM's JSON as outputs. What the type does not know, the SDK does not have."""

    def of_leaf(prop: Property, value: Any) -> Any:
        return [*value] if prop.kind == "set" and isinstance(value, dict) else value

    result: Json = {}
    for name, prop in fields.items():
        source = response
        for step in prop.container:
            inner = source.get(step)
            if isinstance(inner, dict):
                source = inner
        value = source.get(prop.wire_name(name))
        if value is not None:
            result[name] = _converted(prop, value, lambda prop, value: outputs(prop.fields, value), of_leaf)
    return result


def preview(fields: Fields, inputs: Mapping[str, Any]) -> Json:
    """The outputs before Azure answers: inputs that come back as outputs are known, all else is unknown."""
    return {
        name: _converted(
            prop, inputs.get(name, UNKNOWN), lambda prop, value: preview(prop.fields, value), _preview_leaf
        )
        for name, prop in fields.items()
        if not prop.query
    }


def _preview_leaf(prop: Property, value: Any) -> Any:
    match prop.kind, value:
        case _, Unknown():
            return UNKNOWN
        case ("any", _) | ("string", str()) | ("boolean", bool()):
            return value
        case (("integer" | "number"), (int() | float())) if not isinstance(value, bool):
            return value
        case _:
            return UNKNOWN


def _inputs_among(fields: Fields, known: Mapping[str, Any]) -> Json:
    return {
        name: _converted(prop, known[name], lambda prop, value: _inputs_among(prop.fields, value))
        for name, prop in writable(fields).items()
        if name in known
    }


def imported_inputs(fields: Fields, found: Mapping[str, Any]) -> Json:
    """Inputs that would produce these outputs: for an import. Empty objects and lists say nothing and are left out.

    An `id` that the specification forgot to mark as Azure's own would make every import fail on a difference.
    """
    kept = {name: _without_empty(value) for name, value in _inputs_among(fields, found).items() if name != "id"}
    return {name: value for name, value in kept.items() if value is not None}


def _without_empty(value: Any) -> Any:
    match value:
        case dict():
            kept = {key: _without_empty(item) for key, item in value.items()}
            return {key: item for key, item in kept.items() if item is not None} or None
        case list():
            return [item for item in map(_without_empty, value) if item is not None] or None
        case _:
            return value


def maintained_paths(fields: Fields, inputs: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Properties that are resources of their own and that these inputs leave alone: name -> path in ARM's JSON."""
    return {
        name: (*prop.container, prop.wire_name(name))
        for name, prop in fields.items()
        if prop.maintained and name not in inputs
    }


def refreshed_inputs(fields: Fields, inputs: Json, old: Mapping[str, Any], new: Mapping[str, Any]) -> Json:
    """`inputs` after a refresh, given the outputs of before and of now.

    Inputs cannot be read, and most of what Azure answers is its own defaults. So only what differs between the outputs
    is carried over, as far as it can be an input, and is no resource of its own.
    """
    foreign = maintained_paths(fields, inputs)
    now = {name: value for name, value in new.items() if name not in foreign}
    return _carried_over(inputs, _inputs_among(fields, old), _inputs_among(fields, now))


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
