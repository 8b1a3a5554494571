"""References: what one component needs of another, as one value."""

from collections.abc import Mapping
from typing import Any, TypeVar, cast

import pulumi

T = TypeVar("T")


def fields(reference: pulumi.Input[T], kind: type[T]) -> T:
    """Return a reference field by field, whether it came as a TypedDict (Python) or as an output (other languages)."""
    if isinstance(reference, Mapping):
        return cast("T", reference)
    whole = pulumi.Output.from_input(reference)

    def field(name: str) -> pulumi.Output[Any]:
        return whole.apply(lambda value: cast("Mapping[str, Any]", value).get(name))

    return cast("T", {name: field(name) for name in kind.__annotations__})
