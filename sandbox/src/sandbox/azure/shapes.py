"""Shapes of JSON: refuse a body that has something else where an object or a list is expected. Null is an empty one."""

from typing import Any

from sandbox.azure.errors import ArmError


def mapping(value: Any, name: str) -> dict[str, Any]:
    """Return an object."""
    if not isinstance(value, dict | None):
        raise _malformed(name, "an object")
    return dict(value or {})


def mappings(value: Any, name: str) -> list[dict[str, Any]]:
    """Return a list of objects."""
    if not isinstance(value, list | None):
        raise _malformed(name, "a list of objects")
    return [mapping(each, name) for each in value or []]


def texts(value: Any, name: str) -> list[str]:
    """Return a list of texts."""
    if not isinstance(value, list | None) or not all(isinstance(each, str) for each in value or []):
        raise _malformed(name, "a list of texts")
    return list(value or [])


def _malformed(name: str, shape: str) -> ArmError:
    text = f"The request content was invalid and could not be deserialized: '{name} must be {shape}'."
    return ArmError(400, "InvalidRequestContent", text)
