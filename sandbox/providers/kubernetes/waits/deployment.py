"""A Deployment: its newest ReplicaSet has the Pods it wants, and its claims are bound."""

from typing import Any, Final

from sandbox.providers.kubernetes.kinds import GroupVersionKind
from sandbox.providers.kubernetes.naming import name_of
from sandbox.providers.kubernetes.waits.condition import POD, READINESS, Condition, StatusLog
from sandbox.providers.kubernetes.waits.pod import owned_by, pod_warnings
from sandbox.providers.kubernetes.waits.watching import Event, Watched

Json = dict[str, Any]

_REVISION: Final = "deployment.kubernetes.io/revision"
_REPLICA_SET: Final = GroupVersionKind("apps", "v1", "ReplicaSet")
_CLAIM: Final = GroupVersionKind("", "v1", "PersistentVolumeClaim")


class DeploymentReady(Condition):
    """Waits for a Deployment's rollout."""

    phrases = READINESS

    def __init__(self, live: Json, status: StatusLog) -> None:
        super().__init__(live, status)
        self._replica_sets: dict[str, Json] = {}
        self._pods: dict[str, Json] = {}
        self._claims: dict[str, Json] = {}

    def watched(self) -> list[Watched]:
        """The Deployment, and its namespace's ReplicaSets, Pods and claims."""
        others = (_REPLICA_SET, POD, _CLAIM)
        return [self.itself, *(Watched(kind, self.namespace) for kind in others)]

    def seen(self, event: Event) -> None:
        """Tell of what the controller says goes wrong."""
        for trouble in self._troubles():
            self.status("warning", trouble)

    def seen_other(self, event: Event) -> None:
        """Keep what belongs to the Deployment."""
        store = {_REPLICA_SET: self._replica_sets, POD: self._pods, _CLAIM: self._claims}[event.watched.kind]
        if event.type == "DELETED":
            store.pop(name_of(event.object), None)
        else:
            store[name_of(event.object)] = event.object
        for pod in self._own_pods():
            for warning in pod_warnings(pod):
                self.status("warning", warning)

    def met(self) -> bool:
        """Whether the rollout of the present generation is complete."""
        status = self.live.get("status") or {}
        if status.get("observedGeneration") != self.live["metadata"].get("generation"):
            return False
        pods_ready = self._newest_ready()
        self._tell_replicas(pods_ready)
        progressed = self._revision == "1" or self._progressed
        ready = self._available and progressed and pods_ready and not self._unbound_claims()
        if ready:
            self.status("info", "Deployment initialization complete")
        return ready

    def reasons(self) -> list[str]:
        """What the controller says, what is missing, and what the Pods say."""
        reasons = self._troubles()
        if unbound := self._unbound_claims():
            reasons.append(f'Failed to bind PersistentVolumeClaim(s): "{",".join(unbound)}"')
        first = self._revision == "1"
        if not self._available:
            reasons.append("Minimum number of live Pods was not attained")
        elif (not first and not self._progressed) or (first and not self._newest_ready()):
            reasons.append("Minimum number of Pods to consider the application live was not attained")
        elif not self._newest_ready():
            reasons.append(
                "Attempted to roll forward to new ReplicaSet, but minimum number of Pods did not become live"
            )
        return reasons + [warning for pod in self._own_pods() for warning in pod_warnings(pod)]

    @property
    def _revision(self) -> str:
        return _revision_of(self.live)

    @property
    def _newest(self) -> Json | None:
        own = (each for each in self._replica_sets.values() if owned_by(each, self.live))
        return next((each for each in own if _revision_of(each) == self._revision), None)

    def _own_pods(self) -> list[Json]:
        newest = self._newest
        return [pod for pod in self._pods.values() if owned_by(pod, newest)]

    def _newest_ready(self) -> bool:
        counts = self._newest_counts()
        return counts is not None and counts[0] >= counts[1]

    def _newest_counts(self) -> tuple[int, int] | None:
        """Ready and wanted Pods of the newest ReplicaSet, which may be wanted in other numbers than the Deployment."""
        newest = self._newest
        if newest is None:
            return None
        return (newest.get("status") or {}).get("readyReplicas", 0), newest["spec"].get("replicas", 1)

    def _tell_replicas(self, ready: bool) -> None:
        counts = self._newest_counts()
        if counts is None:
            return
        if not ready:
            self.status("info", f"Waiting for app ReplicaSet to be available ({counts[0]}/{counts[1]} Pods available)")
        elif counts[1] == 0:
            self.status("warning", f'Replicas scaled to 0 for Deployment "{self.name}"')

    def _unbound_claims(self) -> list[str]:
        volumes = self.live["spec"]["template"]["spec"].get("volumes") or []
        names = {
            volume["persistentVolumeClaim"]["claimName"] for volume in volumes if "persistentVolumeClaim" in volume
        }
        unbound: list[str] = []
        for name in sorted(names & self._claims.keys()):
            phase = (self._claims[name].get("status") or {}).get("phase")
            if phase != "Bound":
                unbound.append(name)
                self.status(
                    "warning", f"PersistentVolumeClaim: [{name}] is not ready. status.phase currently at: {phase}"
                )
        return unbound

    def _condition(self, kind: str) -> Json:
        conditions = (self.live.get("status") or {}).get("conditions") or []
        return next((each for each in conditions if each.get("type") == kind), {})

    @property
    def _available(self) -> bool:
        return self._condition("Available").get("status") == "True"

    @property
    def _progressed(self) -> bool:
        progressing = self._condition("Progressing")
        return progressing.get("status") == "True" and progressing.get("reason") == "NewReplicaSetAvailable"

    def _troubles(self) -> list[str]:
        conditions = (self._condition("Progressing"), self._condition("Available"))
        return [
            f"[{each['reason']}] {each['message']}"
            for each in conditions
            if each.get("status") not in (None, "True") and "reason" in each and "message" in each
        ]


def _revision_of(value: Json) -> str:
    return str((value["metadata"].get("annotations") or {}).get(_REVISION) or "0")
