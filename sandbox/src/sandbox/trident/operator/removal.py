"""How the operator uninstalls Trident, and how it wipes out its kinds (`tridentctl obliviate crd`).

Source: operator/controllers/orchestrator/installer/uninstaller.go and cli/cmd/obliviate_crd.go in NetApp/trident.
"""

from collections.abc import Collection
from contextlib import suppress
from typing import Final

from sandbox.kube.api import ApiError, KubeApi, NotFoundError
from sandbox.kube.objects import Json, key
from sandbox.trident.crds import API, CRDS, KINDS
from sandbox.trident.operator.workloads import installed_paths

CHART_KINDS: Final = ("tridentconfigurators", "tridentorchestrators")
"""Kinds that come with the chart. Since 25.06 a wipeout takes them too, unless `skipCRDsToObliviate` names them."""

_GROUP: Final = "trident.netapp.io"
_BUSY: Final = 429
"""What the API server says of a kind whose definition has just been changed."""


def uninstall(api: KubeApi, namespace: str) -> None:
    """Remove what was installed; kinds and their objects stay. Absent already is as good."""
    for path in installed_paths(namespace):
        api.delete(path)


def obliviate(api: KubeApi, skip: Collection[str], chart_kinds: bool) -> list[str]:
    """Remove Trident's objects, whatever their finalizers say, and then its kinds, but for those to skip.

    Returns the kinds that are still there: the API server cleans up behind a definition before it goes.
    """
    plurals = [kind.plural for kind in KINDS] + ([*CHART_KINDS] if chart_kinds else [])
    wanted = [plural for plural in plurals if f"{plural}.{_GROUP}" not in skip]
    try:
        for plural in wanted:
            remove_objects(api, plural)
    except ApiError as error:
        if error.status != _BUSY:
            raise
        return wanted
    for plural in wanted:
        name = f"{CRDS}/{plural}.{_GROUP}"
        with suppress(NotFoundError):
            api.merge(name, {"metadata": {"finalizers": _foreign_finalizers(api.get(name))}})
        api.delete(name)
    left = {str(item["metadata"]["name"]) for item in api.get(CRDS)["items"]}
    return [plural for plural in wanted if f"{plural}.{_GROUP}" in left]


def _foreign_finalizers(item: Json) -> list[str]:
    """The API server's own finalizer on a definition stays: with it the kind's objects are cleaned up."""
    return [name for name in item["metadata"].get("finalizers", []) if name != _GROUP]


def remove_objects(api: KubeApi, plural: str) -> None:
    """Remove every object of a kind, whatever its finalizers say."""
    try:
        items: list[Json] = api.get(f"{API}/{plural}")["items"]
    except NotFoundError:
        return
    for item in items:
        namespace, name = key(item)
        path = f"{API}/namespaces/{namespace}/{plural}/{name}" if namespace else f"{API}/{plural}/{name}"
        with suppress(NotFoundError):
            api.merge(path, {"metadata": {"finalizers": None}})
        api.delete(path)
