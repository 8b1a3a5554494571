"""What the plugin has to know of an Azure type, as data. The rows are in `types/`."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

Kind = Literal["string", "integer", "number", "boolean", "array", "object", "map", "set", "any"]
AutoName = Literal["random", "copy", "uuid"]
Method = Literal["GET", "POST"]

_JSON_TYPES: Final[Mapping[Kind, str]] = {"map": "object", "set": "array"}


@dataclass(frozen=True)
class Property:
    """One property: its type, the limits that Check knows, and where it stands in ARM's JSON.

    A `set` is an array of strings in the SDK and an object with empty values in ARM. `any` is passed on as it is.
    """

    kind: Kind
    wire: str = ""
    """The name in ARM's JSON, if it is not the SDK's."""
    container: tuple[str, ...] = ()
    """The objects around it in ARM's JSON that the SDK leaves out: usually `properties`."""
    items: "Property | None" = None
    """Of an array or a map: what each value is."""
    fields: Mapping[str, "Property"] = field(default_factory=dict[str, "Property"])
    """Of an object: its properties by their names in the SDK."""
    required: bool = False
    read_only: bool = False
    replaces: bool = False
    """Azure lets it be set only on creation."""
    maintained: bool = False
    """Also a resource of its own: left as it is in Azure when the inputs do not have it."""
    identifiers: tuple[str, ...] = ()
    """Of an array: the properties that identify an item wherever it stands (`x-ms-identifiers`)."""
    default: Any = None
    """What Azure takes when it is absent: adding it with this value is no change."""
    pattern: str = ""
    min_length: int | None = None
    max_length: int | None = None
    minimum: float | None = None
    maximum: float | None = None

    @property
    def json_type(self) -> str:
        """The name of its type in the messages of Check."""
        return _JSON_TYPES.get(self.kind, self.kind)

    def wire_name(self, name: str) -> str:
        """Its name in ARM's JSON."""
        return self.wire or name


@dataclass(frozen=True)
class PathParameter:
    """An input that is part of the resource's path; changing it replaces the resource."""

    name: str
    limits: Property = field(default_factory=lambda: Property("string"))
    subpath: bool = False
    """Holds slashes of its own (a scope)."""


@dataclass(frozen=True)
class ResourceType:
    """A row: all that the plugin knows of one type of resource."""

    name: str
    """Its token, as in the SDK."""
    path: str
    """ARM's path; `{subscriptionId}` and the parameters' names in braces."""
    api_version: str
    parameters: tuple[PathParameter, ...]
    properties: Mapping[str, Property]
    autoname: AutoName
    """How the last parameter gets its name when the program gives none."""
    put_async: bool = True
    """Creation and update go on after Azure accepted them (`x-ms-long-running-operation`)."""
    delete_async: bool = True

    @property
    def name_parameter(self) -> str:
        """The input that names the resource itself."""
        return self.parameters[-1].name

    @property
    def inputs(self) -> Mapping[str, Property]:
        """The properties of the body that a program may set."""
        return writable(self.properties)

    @property
    def replacing(self) -> frozenset[str]:
        """The inputs whose change replaces the resource; those within objects and arrays as `a.b` and `a[].b`."""
        found = {parameter.name for parameter in self.parameters}
        for name, prop in self.inputs.items():
            if prop.replaces:
                found.add(name)
            if prop.kind == "object":
                found |= {f"{name}.{inner}" for inner, p in prop.fields.items() if p.replaces}
            if prop.kind == "array" and prop.items is not None:
                found |= {f"{name}[].{inner}" for inner, p in prop.items.fields.items() if p.replaces}
        return frozenset(found)


@dataclass(frozen=True)
class Invoke:
    """A row: one function that answers with ARM's response."""

    name: str
    """Its token, as in the SDK."""
    method: Method
    path: str
    api_version: str
    properties: Mapping[str, Property]
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    """Arguments that go into the query, with ARM's names for them."""
    of_resource: bool = False
    """Reads a resource: the result then tells the API version."""


def writable(fields: Mapping[str, Property]) -> Mapping[str, Property]:
    """The properties that are not Azure's alone."""
    return {name: prop for name, prop in fields.items() if not prop.read_only}


def flattened(fields: Mapping[str, Property], *container: str) -> dict[str, Property]:
    """These properties, which ARM has within `properties` (or `container`)."""
    return {name: replace(prop, container=container or ("properties",)) for name, prop in fields.items()}


def string(**details: Any) -> Property:
    """Text. Enumerations are texts too: the genuine plugin does not check their values."""
    return Property("string", **details)


def integer(**details: Any) -> Property:
    """A whole number."""
    return Property("integer", **details)


def number(**details: Any) -> Property:
    """A number."""
    return Property("number", **details)


def boolean(**details: Any) -> Property:
    """True or false."""
    return Property("boolean", **details)


def array(items: Property, **details: Any) -> Property:
    """A list of `items`."""
    return Property("array", items=items, **details)


def strings(**details: Any) -> Property:
    """A list of texts."""
    return array(string(), **details)


def obj(fields: Mapping[str, Property], **details: Any) -> Property:
    """An object with these properties."""
    return Property("object", fields=fields, **details)


def string_map(**details: Any) -> Property:
    """Texts by name, such as tags."""
    return Property("map", items=string(), **details)


def string_set(**details: Any) -> Property:
    """A set of texts."""
    return Property("set", **details)


def anything(**details: Any) -> Property:
    """A value that is passed on as it is."""
    return Property("any", **details)
