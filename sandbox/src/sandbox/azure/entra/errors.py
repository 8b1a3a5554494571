"""Refusals by Microsoft Entra's endpoints."""

import uuid
from datetime import UTC, datetime
from typing import Any


class AadError(Exception):
    """A refusal by the token endpoint: OAuth's error word, Entra's number and text, the HTTP status."""

    def __init__(self, status: int, error: str, code: int, message: str) -> None:
        super().__init__(f"AADSTS{code}: {message}")
        self.status = status
        self.error = error
        self.code = code
        self.message = message

    def body(self) -> dict[str, Any]:
        """The answer, as Entra gives it."""
        trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
        timestamp = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        return {
            "error": self.error,
            "error_description": f"AADSTS{self.code}: {self.message} Trace ID: {trace} Correlation ID: {correlation} "
            f"Timestamp: {timestamp}",
            "error_codes": [self.code],
            "timestamp": timestamp,
            "trace_id": trace,
            "correlation_id": correlation,
        }
