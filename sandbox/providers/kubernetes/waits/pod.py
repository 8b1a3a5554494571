"""A Pod: scheduled, initialized, and ready or done."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.providers.kubernetes.naming import name_of, namespace_of
from sandbox.providers.kubernetes.waits.condition import READINESS, Condition

Json = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """One step on a Pod's way."""

    description: str
    reached: bool
    warning: str = ""


class PodReady(Condition):
    """Waits for a Pod of the program's own."""

    phrases = READINESS

    def met(self) -> bool:
        """Whether every step is reached."""
        steps = list(pod_steps(self.live))
        for step in steps:
            self.status("info", step.description)
        return steps[-1].reached

    def reasons(self) -> list[str]:
        """What the Pod says of the step that it is at."""
        return pod_warnings(self.live)


def pod_steps(pod: Mapping[str, Any]) -> Iterator[Step]:
    """The steps up to the first that is not reached, or all."""
    name = qualified_name(pod)
    for condition, word in (("PodScheduled", "scheduled"), ("Initialized", "initialized"), ("Ready", "ready")):
        step = _step(pod, condition, f'Waiting for Pod "{name}" to be {word}')
        yield step
        if not step.reached:
            return


def pod_warnings(pod: Mapping[str, Any]) -> list[str]:
    """Why a Pod does not get on, as far as it says."""
    return [step.warning for step in pod_steps(pod) if step.warning]


def qualified_name(value: Mapping[str, Any]) -> str:
    """`namespace/name`, or the name alone in the namespace `default`."""
    namespace = namespace_of(value)
    return name_of(value) if namespace in ("", "default") else f"{namespace}/{name_of(value)}"


def owned_by(value: Mapping[str, Any], owner: Mapping[str, Any] | None) -> bool:
    """Whether an object is a controller's own."""
    uid = owner and owner["metadata"].get("uid")
    return bool(uid) and any(each.get("uid") == uid for each in value["metadata"].get("ownerReferences") or ())


def _step(pod: Mapping[str, Any], wanted: str, description: str) -> Step:
    status: Mapping[str, Any] = pod.get("status") or {}
    condition = next((each for each in status.get("conditions") or () if each.get("type") == wanted), None)
    if condition is None:
        return Step(description, reached=False)
    if condition.get("status") == "True" or (wanted == "Ready" and status.get("phase") == "Succeeded"):
        return Step(description, reached=True)
    if wanted == "PodScheduled":
        return Step(description, reached=False)
    troubles = [text for each in status.get("containerStatuses") or () for text in _container_troubles(each)]
    said = condition.get("message") or ""
    if not troubles and not said:
        return Step(description, reached=False)
    prefix = said if condition.get("reason") else ""
    return Step(description, reached=False, warning=f"[Pod {qualified_name(pod)}]: {prefix}" + "\n".join(troubles))


def _container_troubles(container: Mapping[str, Any]) -> Iterator[str]:
    if container.get("ready"):
        return
    state: Mapping[str, Any] = container.get("state") or {}
    waiting = state.get("waiting")
    if waiting is not None and waiting.get("reason") != "ContainerCreating":
        yield f"[{waiting.get('reason', '')}] {_trimmed(waiting.get('message') or '')}"
    ended = state.get("terminated")
    if ended is not None and ended.get("reason"):
        if ended.get("message"):
            yield f"[{ended['reason']}] {_trimmed(ended['message'])}"
        else:
            yield f'container "{container["name"]}" completed with exit code {ended.get("exitCode", 0)}'
    before = (container.get("lastState") or {}).get("terminated")
    if before is not None:
        yield (
            f'container "{container["name"]}" terminated at {before.get("finishedAt")} '
            f"({before.get('reason', '')}: exit code {before.get('exitCode', 0)})"
        )
        if before.get("message"):
            yield before["message"]


def _trimmed(message: str) -> str:
    """A message of the image puller without what helps nobody."""
    message = message.removeprefix("rpc error: code = Unknown desc = Error response from daemon: ")
    return message.removesuffix(": manifest unknown")
