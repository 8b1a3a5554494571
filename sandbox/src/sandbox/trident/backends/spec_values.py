"""The JSON values of a backend's settings as Go reads them: names in any case, and Go's words for a wrong type.

The words are those of encoding/json since Go 1.24, which name embedded structs (storage_drivers/types.go in
NetApp/trident).
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar, cast

T = TypeVar("T")

COMMON: Final = "CommonStorageDriverConfig"
_AZURE: Final = "AzureNASStorageDriverConfig"
_POOL: Final = "AzureNASStorageDriverPool"
_DEFAULTS: Final = f"AzureNASStorageDriverConfigDefaults.{_POOL}.defaults"
_PLACES: Final = {
    **dict.fromkeys(
        ("subscriptionID", "tenantID", "ClientID", "ClientSecret", "location", "cloudConfiguration"), _AZURE
    ),
    **dict.fromkeys(("volumeCreateTimeout", "sdkTimeout", "maxCacheAge"), _AZURE),
    **dict.fromkeys(("size", "nameTemplate"), f"{_DEFAULTS}.CommonStorageDriverConfigDefaults"),
    **dict.fromkeys(("exportRule", "snapshotDir", "unixPermissions", "maxThroughput", "qosType"), _DEFAULTS),
    **dict.fromkeys(
        ("cloudName", "adAuthorityHost", "audience", "endpoint"), "AzureCloudConfiguration.cloudConfiguration"
    ),
}
"""The struct of a setting, by its name; of the others that of the pool."""
_GO: Final[dict[type, str]] = {
    str: "string",
    int: "int",
    bool: "bool",
    list: "[]string",
    dict: "map[string]string",
}
_WORDS: Final[dict[type, str]] = {
    str: "string",
    bool: "bool",
    int: "number",
    float: "number",
    list: "array",
    dict: "object",
}


class SpecError(Exception):
    """A value that Go cannot read, or that the driver refuses before anything else."""


class Values:
    """The fields of a JSON object, their names in any case."""

    def __init__(self, values: Mapping[str, Any], struct: str = "") -> None:
        self._values = {name.lower(): value for name, value in values.items() if value is not None}
        self._struct = struct

    def has(self, name: str) -> bool:
        return bool(self._values.get(name.lower()))

    def text(self, name: str, default: str = "") -> str:
        return self.given(name, str, "") or default

    def number(self, name: str) -> int:
        value = self._values.get(name.lower())
        if isinstance(value, float) and not value.is_integer():
            raise self._refusal(name, f"number {value}", int)
        return int(value) if isinstance(value, float) else self.given(name, int, 0)

    def flag(self, name: str) -> bool:
        return self.given(name, bool, False)

    def texts(self, name: str) -> tuple[str, ...]:
        values = self.given(name, list[str], list[str]())
        self._check_strings(name, values)
        return tuple(values)

    def mapping(self, name: str) -> dict[str, str]:
        values = self.given(name, dict[str, str], dict[str, str]())
        self._check_strings(name, values.values())
        return values

    def nested(self, name: str) -> "Values":
        """Return an object whose fields have types of their own."""
        return Values(self.given(name, dict[str, Any], dict[str, Any]()), self._struct)

    def given(self, name: str, kind: type[T], default: T) -> T:
        value = self._values.get(name.lower(), default)
        plain: type = getattr(kind, "__origin__", kind)
        if not isinstance(value, plain) or (isinstance(value, bool) and plain is not bool):
            raise self._refusal(name, _WORDS[type(value)], plain)
        return cast(T, value)

    def _check_strings(self, name: str, values: Iterable[object]) -> None:
        for value in values:
            if not isinstance(value, str):
                raise self._refusal(name, _WORDS[type(value)], str)

    def _refusal(self, name: str, value: str, kind: type) -> SpecError:
        struct = self._struct or _PLACES.get(name, f"{_AZURE}.{_POOL}")
        return SpecError(f"json: cannot unmarshal {value} into Go struct field {struct}.{name} of type {_GO[kind]}")
