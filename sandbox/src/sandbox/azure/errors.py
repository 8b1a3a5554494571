"""Errors as Azure Resource Manager words them: an HTTP status, a code and a message."""

from collections.abc import Sequence
from typing import Any


class ArmError(Exception):
    """A refusal by Azure. `code` and `message` are what clients show; `status` is the HTTP status it comes with."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        retry_after: float | None = None,
        details: Sequence["ArmError"] = (),
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after
        self.details = list(details)

    def body(self) -> dict[str, Any]:
        """The error object, as it stands in a response and in an operation's status."""
        body: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.details:
            body["details"] = [detail.body() for detail in self.details]
        return body

    def stored(self) -> dict[str, Any]:
        """The error with its status, as it is kept with an operation."""
        return {"status": self.status, **self.body()}

    @classmethod
    def restored(cls, stored: dict[str, Any]) -> "ArmError":
        """What `stored` kept."""
        details = [cls(int(stored["status"]), d["code"], d["message"]) for d in stored.get("details", [])]
        return cls(int(stored["status"]), str(stored["code"]), str(stored["message"]), details=details)


def group_not_found(group: str) -> ArmError:
    """The answer to whatever is asked inside a resource group that is not there."""
    return ArmError(404, "ResourceGroupNotFound", f"Resource group '{group}' could not be found.")


def resource_not_found(type_and_name: str, group: str) -> ArmError:
    """The answer to a GET or PATCH of what is not there."""
    return ArmError(
        404,
        "ResourceNotFound",
        f"The Resource '{type_and_name}' under resource group '{group}' was not found. For more details please go to "
        "https://aka.ms/ARMResourceNotFoundFix",
    )


def parent_not_found(parent: str) -> ArmError:
    """The answer to a nested resource whose parent is not there."""
    return ArmError(
        404,
        "ParentResourceNotFound",
        f"Can not perform requested operation on nested resource. Parent resource '{parent}' not found.",
    )
