"""How the operator brings the cluster's objects to what it wants: by patches that remove nothing.

PutServiceAccount, PutDeployment and GenericPatch of the operator merge the wanted object into the live one, so that an
annotation, a label or a key that it no longer wants stays. Only another version of Trident or of Kubernetes makes it
delete ServiceAccounts and workloads and create them again; so does a ServiceAccount that is missing, for its workload
(operator/controllers/orchestrator/installer/installer.go and k8s_client.go in NetApp/trident).
"""

from collections.abc import Mapping
from typing import Final

from sandbox.kube.api import KubeApi
from sandbox.kube.objects import Json
from sandbox.trident.versions import release

_KEEPS_ANNOTATIONS_SINCE: Final = (26, 2)
"""Before, a Deployment that was created again lost the annotations of others (mergeAnnotationsFromExisting…)."""


def put(api: KubeApi, wanted: Mapping[str, Json], version: str, *, renew: bool) -> None:
    """Create or merge all objects, by their paths. `renew`: the version of Trident or of Kubernetes has changed."""
    new_accounts: set[str] = set()
    for path, body in wanted.items():
        kind, live = body["kind"], api.find(path)
        again = renew and kind in {"ServiceAccount", "Deployment", "DaemonSet"}
        if kind == "ServiceAccount" and (again or live is None):
            new_accounts.add(body["metadata"]["name"])
        elif kind in {"Deployment", "DaemonSet"}:
            again = again or body["spec"]["template"]["spec"]["serviceAccountName"] in new_accounts
        if live is not None and not again:
            if kind != "Secret":  # made once: its key outlives every update
                api.merge(path, body)
            continue
        if live is not None:
            api.delete(path)
            if kind == "Deployment" and release(version) >= _KEEPS_ANNOTATIONS_SINCE:
                _keep_annotations(live, body)
                _keep_annotations(live["spec"]["template"], body["spec"]["template"])
        api.create(path.rpartition("/")[0], body)


def _keep_annotations(live: Json, wanted: Json) -> None:
    kept = {**(live["metadata"].get("annotations") or {}), **wanted["metadata"].get("annotations", {})}
    if kept:
        wanted["metadata"]["annotations"] = kept
