"""How the operator uninstalls Trident, and how it wipes out its kinds (`tridentctl obliviate crd`).

Source: operator/controllers/orchestrator/installer/uninstaller.go and cli/cmd/obliviate_crd.go in NetApp/trident.
"""

from collections.abc import Collection
from contextlib import suppress
from typing import Final

from sandbox.kube.api import ApiError, KubeApi, NotFoundError
from sandbox.kube.objects import Json, key
from sandbox.trident.crds import API, CRDS, FINALIZER, GROUP, KINDS, force_delete
from sandbox.trident.operator.workloads import installed_paths

CHART_KINDS: Final = ("tridentconfigurators", "tridentorchestrators")
"""The kinds of the chart. Since 25.06 a wipeout removes them too, unless `skipCRDsToObliviate` names them."""
BUSY: Final = 429
"""The API server's answer for a kind whose definition has just been changed."""


def uninstall(api: KubeApi, namespace: str) -> None:
    """Delete what was installed; kinds and their objects stay."""
    for path in installed_paths(namespace):
        api.delete(path)


def obliviate(api: KubeApi, skip: Collection[str], chart_kinds: bool) -> list[str]:
    """Delete Trident's objects, whatever their finalizers say, and then its kinds, except those to skip.

    Returns the kinds that are still there: the API server deletes a kind's objects before its definition.
    """
    plurals = [kind.plural for kind in KINDS] + ([*CHART_KINDS] if chart_kinds else [])
    wanted = [plural for plural in plurals if f"{plural}.{GROUP}" not in skip]
    try:
        for plural in wanted:
            delete_objects(api, plural)
    except ApiError as error:
        if error.status != BUSY:
            raise
        return wanted
    for plural in wanted:
        path = f"{CRDS}/{plural}.{GROUP}"
        with suppress(NotFoundError):
            # The API server's own finalizer stays: with it the kind's objects are deleted.
            kept = [name for name in api.get(path)["metadata"].get("finalizers", []) if name != FINALIZER]
            api.merge(path, {"metadata": {"finalizers": kept}})
        api.delete(path)
    left = {str(item["metadata"]["name"]) for item in api.get(CRDS)["items"]}
    return [plural for plural in wanted if f"{plural}.{GROUP}" in left]


def delete_objects(api: KubeApi, plural: str) -> None:
    """Delete every object of a kind, whatever its finalizers say."""
    try:
        items: list[Json] = api.get(f"{API}/{plural}")["items"]
    except NotFoundError:
        return
    for item in items:
        namespace, name = key(item)
        force_delete(api, f"{API}/namespaces/{namespace}/{plural}/{name}" if namespace else f"{API}/{plural}/{name}")
