"""If-Match and If-None-Match: changes that only hold for the resource that a client believes there to be."""

from dataclasses import dataclass

from sandbox.azure.errors import ArmError
from sandbox.azure.store import Resource


@dataclass(frozen=True)
class Conditions:
    """If-Match and If-None-Match of a request."""

    if_match: str | None = None
    if_none_match: str | None = None

    def check(self, current: Resource | None) -> None:
        """Refuse a change of a resource that is not as the client believes."""
        if self.if_match is not None and (
            current is None or (self.if_match != "*" and self.if_match not in _tags(current.etag))
        ):
            raise _precondition("if-match", self.if_match)
        if self.if_none_match is not None and (
            current is not None and (self.if_none_match == "*" or self.if_none_match in _tags(current.etag))
        ):
            raise _precondition("if-none-match", self.if_none_match)


def _tags(etag: str) -> tuple[str, str]:
    return etag, etag.removeprefix("W/")


def _precondition(header: str, value: str) -> ArmError:
    return ArmError(
        412,
        "PreconditionFailed",
        f"The condition '{value}' in the {header} header was not satisfied: the resource has changed.",
    )
