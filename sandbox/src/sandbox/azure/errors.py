"""Errors as Azure words them: those of Azure Resource Manager, and those of Microsoft Entra's endpoints."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
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
        body: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.details:
            body["details"] = [detail.body() for detail in self.details]
        return body

    def stored(self) -> dict[str, Any]:
        return {"status": self.status, **self.body()}

    @classmethod
    def restored(cls, stored: dict[str, Any]) -> "ArmError":
        details = [cls(stored["status"], each["code"], each["message"]) for each in stored.get("details", [])]
        return cls(stored["status"], stored["code"], stored["message"], details=details)


class AadError(Exception):
    """A refusal by the token endpoint: OAuth's error word, Entra's number and text."""

    def __init__(self, error: str, code: int, message: str) -> None:
        super().__init__(f"AADSTS{code}: {message}")
        self.status = 401 if error == "invalid_client" else 400
        self.error = error
        self.code = code

    def body(self) -> dict[str, Any]:
        trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
        timestamp = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        return {
            "error": self.error,
            "error_description": f"{self} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}",
            "error_codes": [self.code],
            "timestamp": timestamp,
            "trace_id": trace,
            "correlation_id": correlation,
        }


def group_not_found(group: str) -> ArmError:
    return ArmError(404, "ResourceGroupNotFound", f"Resource group '{group}' could not be found.")


def group_being_deleted(group: str) -> ArmError:
    text = f"The resource group '{group}' is in deprovisioning state and cannot perform this operation."
    return ArmError(409, "ResourceGroupBeingDeleted", text)


def parent_not_found(parent: str) -> ArmError:
    text = f"Can not perform requested operation on nested resource. Parent resource '{parent}' not found."
    return ArmError(404, "ParentResourceNotFound", text)


def invalid_content(why: str) -> ArmError:
    text = f"The request content was invalid and could not be deserialized: '{why}'."
    return ArmError(400, "InvalidRequestContent", text)


def method_not_supported(method: str) -> ArmError:
    return ArmError(405, "HttpMethodNotSupported", f"The requested resource does not support http method '{method}'.")
