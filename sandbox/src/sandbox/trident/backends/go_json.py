"""Reading JSON as Go's encoding/json reads it into a struct: keys in any case, values of the field's type only."""

from collections.abc import Mapping
from typing import Any


class GoJsonError(Exception):
    """What encoding/json says of a value of the wrong type."""


class GoStruct:
    """The fields of one JSON object. `struct` names the Go type in errors."""

    def __init__(self, values: Mapping[str, Any], struct: str, path: str = "") -> None:
        self._values = {name.lower(): value for name, value in values.items() if value is not None}
        self._struct = struct
        self._path = path

    def has(self, name: str) -> bool:
        """Whether the field is there, and not null."""
        return name.lower() in self._values

    def text(self, name: str) -> str:
        """A string field; empty where it is absent."""
        return self._typed(name, str, "string") or ""

    def number(self, name: str) -> int:
        """An int field; 0 where it is absent."""
        value = self._values.get(name.lower())
        if isinstance(value, float) and value.is_integer():
            return int(value)
        return self._typed(name, int, "int") or 0

    def texts(self, name: str) -> tuple[str, ...] | None:
        """A []string field; None where it is absent."""
        values = self._typed(name, list, "[]string")
        for value in values or []:
            if not isinstance(value, str):
                raise self._wrong(name, value, "string")
        return None if values is None else tuple(values)

    def mapping(self, name: str) -> dict[str, str] | None:
        """A map[string]string field; None where it is absent."""
        values = self._typed(name, dict, "map[string]string")
        for value in (values or {}).values():
            if not isinstance(value, str):
                raise self._wrong(name, value, "string")
        return None if values is None else {str(key): str(value) for key, value in values.items()}

    def struct(self, name: str, struct: str) -> "GoStruct":
        """An object field, read as a struct of its own; empty where it is absent."""
        return GoStruct(self._typed(name, dict, struct) or {}, self._struct, f"{self._path}{name}.")

    def objects(self, name: str, struct: str) -> list[Mapping[str, Any]]:
        """A field with a list of objects."""
        values = self._typed(name, list, f"[]{struct}")
        for value in values or []:
            if not isinstance(value, dict):
                raise self._wrong(name, value, struct)
        return list(values or [])

    def _typed(self, name: str, kind: type, go_type: str) -> Any:
        value = self._values.get(name.lower())
        if value is None or (isinstance(value, kind) and not (kind is int and isinstance(value, bool))):
            return value
        raise self._wrong(name, value, go_type)

    def _wrong(self, name: str, value: object, go_type: str) -> GoJsonError:
        kinds: dict[type, str] = {bool: "bool", str: "string", list: "array", dict: "object"}
        kind = kinds.get(type(value), "number")
        return GoJsonError(
            f"json: cannot unmarshal {kind} into Go struct field {self._struct}.{self._path}{name} of type {go_type}"
        )
