"""Retries of requests to Azure Resource Manager, which says how long a user who asks too often must wait.

It takes 250 reads at once and 25 more each second, by subscription and user ("Understand how Azure Resource Manager
throttles requests"); a resource provider has limits of its own. Both refuse with 429 and Retry-After.
"""

from typing import Any, Final

from azure.core.pipeline.policies import RetryPolicy

from verify.check import LIMIT_SECONDS

PATIENCE_SECONDS: Final = LIMIT_SECONDS - 5
"""Seconds that one request waits in all: the check that sends it has to end within its limit."""
_PATIENCE: Final = "patience"


class PatientRetry(RetryPolicy[Any, Any]):
    """Azure's own retries, and as many more as Retry-After asks for within some seconds; then the refusal stands."""

    def configure_retries(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the settings of one request, with the seconds that it may wait."""
        return super().configure_retries(options) | {_PATIENCE: PATIENCE_SECONDS}

    def is_retry(self, settings: dict[str, Any], response: Any) -> bool:
        """Return whether to send a request again; not if the wait would last too long."""
        if not super().is_retry(settings, response):
            return False
        settings[_PATIENCE] -= self.get_retry_after(response) or 0
        return settings[_PATIENCE] >= 0

    def increment(self, settings: dict[str, Any], response: Any = None, error: Exception | None = None) -> bool:
        """Count an attempt, unless Azure has said how long to wait for the next one."""
        if error is None and self.get_retry_after(response):
            settings["total"] += 1
            settings["status"] += 1
        return super().increment(settings, response, error)
