"""Pulumi's property values as plain Python, and back.

The engine sends properties as a protobuf Struct in which secrets, unknowns and outputs are wrapped in signed maps
(https://www.pulumi.com/docs/iac/extending-pulumi/property-values/). A provider's rules want JSON. `read` unwraps a
Struct to JSON and remembers where the secrets were; `write` wraps them again, so that a secret stays one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from google.protobuf import struct_pb2

Path = tuple[str | int, ...]
"""Where a value stands: property names and list indexes from the top."""

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  the engine's mark of a secret, not one
_OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_UNKNOWN_TEXT: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_UNKNOWNS: Final = frozenset(
    {
        _UNKNOWN_TEXT,  # the engine types its unknowns; the SDKs use this one, a string's, for all
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # boolean
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)


class Unknown:
    """A value that is not known before `up`. There is one: `UNKNOWN`."""

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __deepcopy__(self, memo: object) -> "Unknown":
        return self


UNKNOWN: Final = Unknown()


@dataclass(frozen=True)
class Properties:
    """A resource's properties as JSON, with `UNKNOWN` for what is not known yet, and the places that are secret."""

    values: dict[str, Any]
    secrets: frozenset[Path] = field(default_factory=frozenset[Path])


def read(struct: struct_pb2.Struct) -> Properties:
    """A Struct of the engine's as JSON. Whole numbers become `int`, as Azure writes them."""
    secrets: set[Path] = set()
    values = {key: _unwrap(value, (key,), secrets) for key, value in struct.fields.items()}
    return Properties(values, frozenset(secrets))


def _unwrap(value: struct_pb2.Value, path: Path, secrets: set[Path]) -> Any:
    match value.WhichOneof("kind"):
        case "struct_value":
            fields = value.struct_value.fields
            signature = fields[_SIGNATURE].string_value if _SIGNATURE in fields else ""
            if signature == _SECRET:
                secrets.add(path)
                return _unwrap(fields["value"], path, secrets)
            if signature == _OUTPUT:
                if "secret" in fields and fields["secret"].bool_value:
                    secrets.add(path)
                return _unwrap(fields["value"], path, secrets) if "value" in fields else UNKNOWN
            return {key: _unwrap(item, (*path, key), secrets) for key, item in fields.items()}
        case "list_value":
            return [_unwrap(item, (*path, index), secrets) for index, item in enumerate(value.list_value.values)]
        case "string_value":
            return UNKNOWN if value.string_value in _UNKNOWNS else value.string_value
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "bool_value":
            return value.bool_value
        case _:
            return None


def write(values: Mapping[str, Any], secrets: Iterable[Path] = ()) -> struct_pb2.Struct:
    """JSON as a Struct of the engine's, with the values at `secrets` wrapped as secrets."""
    places = frozenset(secrets)
    return struct_pb2.Struct(fields={key: _wrap(value, (key,), places) for key, value in values.items()})


def _wrap(value: Any, path: Path, secrets: frozenset[Path]) -> struct_pb2.Value:
    wrapped = _wrap_plain(value, path, secrets)
    if path not in secrets:
        return wrapped
    signed = {_SIGNATURE: struct_pb2.Value(string_value=_SECRET), "value": wrapped}
    return struct_pb2.Value(struct_value=struct_pb2.Struct(fields=signed))


def _wrap_plain(value: Any, path: Path, secrets: frozenset[Path]) -> struct_pb2.Value:
    match value:
        case None:
            return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
        case Unknown():
            return struct_pb2.Value(string_value=_UNKNOWN_TEXT)
        case bool():
            return struct_pb2.Value(bool_value=value)
        case int() | float():
            return struct_pb2.Value(number_value=value)
        case str():
            return struct_pb2.Value(string_value=value)
        case Mapping():
            fields = {str(key): _wrap(item, (*path, str(key)), secrets) for key, item in value.items()}
            return struct_pb2.Value(struct_value=struct_pb2.Struct(fields=fields))
        case list() | tuple():
            items = [_wrap(item, (*path, index), secrets) for index, item in enumerate(value)]
            return struct_pb2.Value(list_value=struct_pb2.ListValue(values=items))
        case _:
            raise TypeError(f"{'.'.join(map(str, path))}: a {type(value).__name__} is no property value")


def contains_unknown(value: Any) -> bool:
    match value:
        case Unknown():
            return True
        case Mapping():
            return any(contains_unknown(item) for item in value.values())
        case list() | tuple():
            return any(contains_unknown(item) for item in value)
        case _:
            return False


def within(value: Any, path: Path) -> Any:
    """Return the value at a path; None where there is no such place."""
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value
