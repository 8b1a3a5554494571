"""Shapes of JSON: objects and lists in bodies, and times.

A reader refuses a value of another kind, and returns an empty object or list where there is none.
"""

from datetime import UTC, datetime
from typing import Any

from sandbox.azure.errors import invalid_content


def mapping(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict | None):
        raise invalid_content(f"{name} must be an object")
    return dict(value or {})


def mappings(value: Any, name: str) -> list[dict[str, Any]]:
    if not isinstance(value, list | None):
        raise invalid_content(f"{name} must be a list of objects")
    return [mapping(each, name) for each in value or []]


def texts(value: Any, name: str) -> list[str]:
    if not isinstance(value, list | None) or not all(isinstance(each, str) for each in value or []):
        raise invalid_content(f"{name} must be a list of texts")
    return list(value or [])


def timestamp(moment: float) -> str:
    """Return `2026-01-01T00:00:00.0000000Z`, with seven digits as .NET writes them."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")
