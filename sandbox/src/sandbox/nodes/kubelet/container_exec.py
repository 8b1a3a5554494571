"""kwok's Exec objects, which make `kubectl exec` into a Windows Pod work.

kwok answers an exec by running the command on its own host, with the environment that the Pod's Exec object names.
`cmd` and `cmd.exe` are found in `windows/bin/`, which the control plane has first on its PATH, and play the
container's command interpreter on the mounted shares' folders and nothing else. Any other command is one of this
machine's: whoever may exec into the sandbox's Pods holds its administrator's kubeconfig, which is this user's own file.
Linux Pods get no Exec object: their commands would all be the host's.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from sandbox.kube.api import ApiError, KubeApi
from sandbox.kube.objects import Json, key, uid
from sandbox.nodes.kubelet.mounts import VolumeMount

EXECS: Final = "/apis/kwok.x-k8s.io/v1alpha1/execs"
_POD_UID: Final = "ANF_SANDBOX_POD_UID"


def allow_exec(api: KubeApi, present: Json | None, pod: Json, mounts: Mapping[str, VolumeMount], root: Path) -> None:
    """Create or update a Pod's Exec, deleted with it: per container, its mounts."""
    namespace, name = key(pod)
    owner = {"apiVersion": "v1", "kind": "Pod", "name": name, "uid": uid(pod)}
    wanted: Json = {
        "apiVersion": "kwok.x-k8s.io/v1alpha1",
        "kind": "Exec",
        "metadata": {"name": name, "namespace": namespace, "ownerReferences": [owner]},
        "spec": {
            "execs": [
                {"containers": [container["name"]], "local": {"envs": _environment(pod, container, mounts, root)}}
                for container in pod["spec"]["containers"]
            ]
        },
    }
    if present and present["spec"] == wanted["spec"] and present["metadata"].get("ownerReferences") == [owner]:
        return
    path = EXECS.replace("/execs", f"/namespaces/{namespace}/execs/{name}")
    try:
        api.apply(path, wanted, "anf-sandbox-nodes")
    except ApiError as error:
        if error.status not in {403, 404}:  # the namespace is being deleted: nobody will exec into this Pod
            raise


def answers_exec(api: KubeApi, pod: Json) -> bool:
    """Return True when kwok runs commands for this Pod: it learns of an Exec by a watch, a moment after its creation.

    Until then it refuses, or answers for an earlier Pod of that name.
    """
    container = str(pod["spec"]["containers"][0]["name"])
    return api.run_in_container(*key(pod), container, ["printenv", _POD_UID]).strip() == uid(pod)


def _environment(pod: Json, container: Json, mounts: Mapping[str, VolumeMount], root: Path) -> list[dict[str, str]]:
    mounted = [
        {
            "path": str(entry["mountPath"]),
            "server": mount.source.server,
            "share": mount.source.share,
            "folder": "/".join(filter(None, [mount.source.folder, str(entry.get("subPath", "")).strip("/\\")])),
            "readOnly": mount.read_only or bool(entry.get("readOnly")),
        }
        for entry in container.get("volumeMounts", [])
        if (mount := mounts.get(entry["name"])) and mount.source
    ]
    variables = {
        "ANF_SANDBOX_PYTHON": sys.executable,
        "ANF_SANDBOX_HOME": str(root),
        _POD_UID: uid(pod),
        "ANF_SANDBOX_MOUNTS": json.dumps(mounted),
    }
    return [{"name": name, "value": value} for name, value in variables.items()]
