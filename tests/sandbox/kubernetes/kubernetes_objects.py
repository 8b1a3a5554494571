"""Objects for tests, and a Pod's status set by hand."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

# The scheduler would write conditions of its own.
POD_SPEC = {"schedulerName": "nobody", "containers": [{"name": "c", "image": "i"}]}
READY = [{"type": kind, "status": "True"} for kind in ("PodScheduled", "Initialized", "Ready")]

Background = Callable[..., "Future[Any]"]
"""Calls a function meanwhile."""


def thing(
    kind: str, name: str, namespace: str, api: str = "v1", annotations: Any = None, **members: Any
) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name, "namespace": namespace}
    if annotations:
        metadata["annotations"] = annotations
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **members}


def config_map(namespace: str, data: dict[str, Any], name: str | None = "settings", **metadata: Any) -> dict[str, Any]:
    metadata = {"namespace": namespace, **({"name": name} if name else {}), **metadata}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def set_pod_status(core: Any, namespace: str, name: str, **status: Any) -> None:
    core.patch_namespaced_pod_status(name, namespace, {"status": status})
