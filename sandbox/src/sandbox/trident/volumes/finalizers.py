"""Finalizers of the sidecars, on objects that nobody has changed meanwhile."""

from sandbox.kube.api import KubeApi
from sandbox.kube.objects import Json


def add_finalizer(api: KubeApi, path: str, item: Json, name: str) -> Json:
    """Put a finalizer on an object; return the object as it is then."""
    present: list[str] = item["metadata"].get("finalizers") or []
    return item if name in present else _set(api, path, item, [*present, name])


def remove_finalizer(api: KubeApi, path: str, item: Json, name: str) -> Json:
    """Take a finalizer off an object; return the object as it is then."""
    present: list[str] = item["metadata"].get("finalizers") or []
    return _set(api, path, item, [each for each in present if each != name]) if name in present else item


def _set(api: KubeApi, path: str, item: Json, names: list[str]) -> Json:
    version = item["metadata"]["resourceVersion"]
    return api.merge(path, {"metadata": {"finalizers": names or None, "resourceVersion": version}})
