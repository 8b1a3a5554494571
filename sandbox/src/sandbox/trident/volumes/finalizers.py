"""Finalizers of the sidecars, on objects that nobody has changed meanwhile."""

from sandbox.kube.api import KubeApi
from sandbox.kube.objects import Json


def add_finalizer(api: KubeApi, path: str, item: Json, name: str) -> None:
    present: list[str] = item["metadata"].get("finalizers") or []
    if name not in present:
        _set(api, path, item, [*present, name])


def remove_finalizer(api: KubeApi, path: str, item: Json, name: str) -> None:
    present: list[str] = item["metadata"].get("finalizers") or []
    if name in present:
        _set(api, path, item, [each for each in present if each != name])


def _set(api: KubeApi, path: str, item: Json, names: list[str]) -> None:
    version = item["metadata"]["resourceVersion"]
    api.merge(path, {"metadata": {"finalizers": names or None, "resourceVersion": version}})
