"""Shapes of JSON: refuse a body in which an object or a list is expected and something else stands."""

from typing import Any

from sandbox.azure.errors import ArmError


def mapping(value: Any, name: str) -> dict[str, Any]:
    """An object; none is an empty one."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _malformed(name, "an object")
    return dict(value)


def mappings(value: Any, name: str) -> list[dict[str, Any]]:
    """A list of objects; none is an empty one."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise _malformed(name, "a list of objects")
    return [mapping(each, name) for each in value]


def texts(value: Any, name: str) -> list[str]:
    """A list of texts; none is an empty one."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise _malformed(name, "a list of texts")
    return list(value)


def _malformed(name: str, shape: str) -> ArmError:
    return ArmError(
        400,
        "InvalidRequestContent",
        f"The request content was invalid and could not be deserialized: '{name} must be {shape}'.",
    )
