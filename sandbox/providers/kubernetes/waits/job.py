"""A Job: complete, or failed for good."""

from typing import Any, Final

from sandbox.providers.kubernetes.waits.condition import POD, READINESS, Condition, StatusLog
from sandbox.providers.kubernetes.waits.pod import owned_by, pod_warnings, qualified_name
from sandbox.providers.kubernetes.waits.watching import Event, Watched

_USUAL: Final = "containers with unready status"  # any running Pod of a Job says so


class JobComplete(Condition):
    """Waits for a Job's success."""

    phrases = READINESS

    def __init__(self, live: dict[str, Any], status: StatusLog) -> None:
        super().__init__(live, status)
        self._troubles: dict[str, None] = {}

    def watched(self) -> list[Watched]:
        """The Job and its namespace's Pods."""
        return [self.itself, Watched(POD, self.namespace, essential=False)]

    def seen_other(self, event: Event) -> None:
        """Tell of a Pod's trouble."""
        if event.type != "DELETED" and owned_by(event.object, self.live):
            for warning in pod_warnings(event.object):
                self._troubles[warning] = None
                if _USUAL not in warning:
                    self.status("warning", warning)

    def met(self) -> bool:
        """Whether it is complete. A Job that failed never will be."""
        name = qualified_name(self.live)
        status = self.live.get("status") or {}
        self.status("info", f'Waiting for Job "{name}" to start')
        if not status.get("startTime"):
            return False
        counts = [f"{word}: {status.get(word.lower(), 0)}" for word in ("Active", "Succeeded", "Failed")]
        self.status("info", f'Waiting for Job "{name}" to succeed ({" | ".join(counts)})')
        conditions = {each["type"]: each for each in status.get("conditions") or () if each.get("status") == "True"}
        failed = conditions.get("Failed")
        if failed is not None and failed.get("reason") in ("BackoffLimitExceeded", "DeadlineExceeded"):
            self._troubles[f"[{failed['reason']}] {failed.get('message', '')}"] = None
            raise self.not_initialized()
        return "Complete" in conditions

    def reasons(self) -> list[str]:
        """What the Job and its Pods said."""
        return list(self._troubles)
