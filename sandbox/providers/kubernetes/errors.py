"""What an API server, or the way to it, answers other than success."""

from collections.abc import Mapping
from typing import Any


class ApiError(Exception):
    """A request that the API server refused, in its own words (a `Status` object)."""

    def __init__(self, code: int, status: Mapping[str, Any]) -> None:
        self.code = code
        self.reason: str = status.get("reason") or ""
        self.details: Mapping[str, Any] = status.get("details") or {}
        super().__init__(status.get("message") or f"the server responded with the status code {code}")

    @property
    def not_found(self) -> bool:
        """The object, its namespace or its type's path does not exist."""
        return self.code == 404

    @property
    def namespace_missing(self) -> bool:
        """What does not exist is the namespace that the object is to be in."""
        return self.not_found and self.details.get("kind") == "namespaces"

    @property
    def already_exists(self) -> bool:
        """There is such an object."""
        return self.code == 409 and self.reason == "AlreadyExists"

    @property
    def conflict(self) -> bool:
        """Another field manager owns a field, or the object has changed meanwhile."""
        return self.code == 409 and self.reason == "Conflict"

    @property
    def forbidden(self) -> bool:
        """These credentials, or an admission plugin, do not permit it."""
        return self.code == 403

    @property
    def invalid(self) -> bool:
        """The object breaks a rule of its type."""
        return self.code == 422

    def required_field(self) -> str | None:
        """The field whose absence is the cause, if that is it."""
        causes = self.details.get("causes") or ()
        return next((cause.get("field") for cause in causes if cause.get("reason") == "FieldValueRequired"), None)


class NoMatchError(Exception):
    """The API server knows no such type: its CRD is not there (yet)."""

    def __init__(self, api_version: str, kind: str) -> None:
        super().__init__(f'no matches for kind "{kind}" in version "{api_version}"')


class UnreachableError(Exception):
    """No answer from the API server."""
