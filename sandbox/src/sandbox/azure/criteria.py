"""Criteria by which the store finds resources of a type, so that what does not meet them need not be read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final


@dataclass(frozen=True)
class Criteria:
    """What a resource must be to be found; None and empty: anything. Texts are compared without regard to case."""

    subscription: str | None = None
    below: str | None = None
    """The key of a resource or resource group in which it lies, at any depth."""
    location: str | None = None
    state: str | None = None
    texts: Mapping[str, str] = field(default_factory=dict[str, str])
    """Properties by their name, or path (`mountTargets[0].smbServerFqdn`), each with its text."""

    present: Mapping[str, bool] = field(default_factory=dict[str, bool])
    """Properties that it has, or has not, by their path."""

    def condition(self, type_name: str) -> tuple[str, list[Any]]:
        """Return the condition in SQL for resources of a type, and its values."""
        parts, values = ["type = ?"], [type_name.lower()]
        if self.subscription is not None and self.below is None:  # a key begins with its subscription
            parts.append("subscription = ?")
            values.append(self.subscription.lower())
        if self.below is not None:
            # The character after the slash ends the range of the keys that begin with the slash.
            parts.append("key > ? AND key < ?")
            values += [f"{self.below}/", f"{self.below}0"]
        for column, value in (("location", self.location), ("state", self.state)):
            if value is not None:
                parts.append(f"{column} = ?")
                values.append(value)
        for name, value in self.texts.items():
            parts.append(f"{property_text(name)} = lower(?)")
            values.append(value)
        for name, there in self.present.items():
            parts.append(f"{property_text(name)} IS {'NOT ' if there else ''}NULL")
        return " AND ".join(parts), values


EVERYTHING: Final = Criteria()


def property_value(name: str) -> str:
    """Return SQL for a property's value, which is a number or a text."""
    return f"json_extract(document, '$.properties.{name}')"


def property_text(name: str) -> str:
    """Return SQL for a property's text in lower case."""
    return f"lower({property_value(name)})"
