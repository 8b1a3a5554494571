"""An Azure type and a function as data: all that the plugin knows of them. `types` creates it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    query: bool = False
    """It goes into the query of a request, not into its body, and no answer has it."""
    identifiers: tuple[str, ...] = ()
    """Of an array: the properties that identify an item wherever it stands (`x-ms-identifiers`)."""
    default: Any = None
    """The value that Azure takes when it is absent: adding it with this value is no change."""
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
        return self.wire or name


@dataclass(frozen=True)
class ResourceType:
    """All that the plugin knows of one type of resource."""

    path: str
    """ARM's path; `{subscriptionId}` and the parameters' names in braces."""
    api_version: str
    parameters: Mapping[str, Property]
    """The inputs that are part of the path; changing one replaces the resource."""
    properties: Mapping[str, Property]
    autoname: AutoName
    """The way the last parameter gets its name when the program gives none."""
    put_async: bool = True
    """Creation and update go on after Azure accepted them (`x-ms-long-running-operation`)."""
    delete_async: bool = True

    @property
    def name_parameter(self) -> str:
        return [*self.parameters][-1]

    @property
    def inputs(self) -> Mapping[str, Property]:
        return writable(self.properties)

    @property
    def replacing(self) -> frozenset[str]:
        return frozenset({*self.parameters, *(name for name, prop in self.inputs.items() if prop.replaces)})


@dataclass(frozen=True)
class Function:
    """All that the plugin knows of one function that answers with ARM's response."""

    method: Method
    path: str
    api_version: str
    properties: Mapping[str, Property]
    query: Mapping[str, str]
    """Arguments that go into the query, with ARM's names for them."""


def writable(fields: Mapping[str, Property]) -> Mapping[str, Property]:
    return {name: prop for name, prop in fields.items() if not prop.read_only}
