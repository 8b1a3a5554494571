"""An object's end."""

from typing import Any

from sandbox.providers.kubernetes.cluster import Cluster
from sandbox.providers.kubernetes.errors import ApiError
from sandbox.providers.kubernetes.waits.condition import Condition, StatusLog
from sandbox.providers.kubernetes.waits.watching import Event


class Deleted(Condition):
    """Waits until an object is gone, or another one has taken its name."""

    def __init__(self, live: dict[str, Any], status: StatusLog, cluster: Cluster) -> None:
        super().__init__(live, status)
        self._cluster = cluster
        self._gone = False
        self._generation = 0
        # An object that is gone before the watch begins sends no event.
        self._look()

    def seen(self, event: Event) -> None:
        """Notice the end."""
        self._gone = event.type == "DELETED" or event.object["metadata"].get("uid") != self._uid

    def met(self) -> bool:
        """Whether it is gone."""
        if not self._gone and self.live["metadata"].get("deletionTimestamp"):
            self.status("info", "Resource scheduled for deletion")
        return self._gone

    @property
    def finalizers(self) -> list[str]:
        """What may keep it."""
        return list(self.live["metadata"].get("finalizers") or [])

    def _look(self) -> None:
        try:
            self.live = self._cluster.api.get(self.kind, self.namespace, self.name)
        except ApiError as error:
            if not error.not_found:
                raise
            self._gone = True
        self._uid = self.live["metadata"].get("uid")
