"""Paths of what is attached to a scope: `SCOPE/providers/Microsoft.Authorization/locks/NAME`, for instance.

A scope is a subscription, a resource group, a resource or (empty) the whole tenant.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class ExtensionPath:
    """One object at a scope, or (without a name) all of a type there. `type` is in Azure's spelling."""

    scope: str
    type: str
    name: str

    def __str__(self) -> str:
        at = f"{self.scope}/providers/{self.type}"
        return f"{at}/{self.name}" if self.name else at

    @classmethod
    def parse(cls, path: str, types: Iterable[str]) -> "ExtensionPath | None":
        """Read a path that ends with one of these types, or with a name of one; None for any other path."""
        known = {name.lower(): name for name in types}
        parts = [part for part in path.split("/") if part]
        for tail in (2, 3):
            at = len(parts) - tail - 1
            if at < 0 or parts[at].lower() != "providers":
                continue
            if (spelled := known.get("/".join(parts[at + 1 : at + 3]).lower())) is not None:
                return cls("".join(f"/{part}" for part in parts[:at]), spelled, parts[-1] if tail == 3 else "")
        return None
