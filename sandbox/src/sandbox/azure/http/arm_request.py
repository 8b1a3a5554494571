"""One request of Azure Resource Manager, as those that answer it read it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sandbox.azure.errors import invalid_content, method_not_supported
from sandbox.azure.roles.access import Caller

_CONDITION: Final = re.compile(r"(\w+)(?:\(\s*| eq |\s*,\s*)'([^']*)'\s*\)?", re.IGNORECASE)


@dataclass(frozen=True)
class ArmRequest:
    """One authenticated request. `base` is the address that the client used, `headers` have lower-case names."""

    method: str
    base: str
    path: str
    query: Mapping[str, str]
    version: str
    headers: Mapping[str, str]
    body: bytes
    caller: Caller

    @property
    def filter(self) -> str:
        return self.query.get("$filter", "")

    def conditions(self) -> dict[str, str]:
        """Return the equations of `$filter`, all of which must hold: names in lower case, values as they are."""
        return {name.lower(): value for name, value in _CONDITION.findall(self.filter)}

    def content(self) -> dict[str, Any]:
        """Return the body, a JSON object; without a body an empty one."""
        try:
            content = json.loads(self.body) if self.body else {}
        except ValueError as error:
            raise invalid_content(str(error)) from None
        if not isinstance(content, dict):
            raise invalid_content("The body must be a JSON object.")
        return content

    def only(self, *methods: str) -> None:
        if self.method not in methods:
            raise method_not_supported(self.method)
