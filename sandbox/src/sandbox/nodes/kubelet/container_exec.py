"""kwok's Exec objects: what `kubectl exec` into a Windows Pod runs.

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

from sandbox.kube.api import KubeApi
from sandbox.kube.objects import Json, key, uid
from sandbox.nodes.kubelet.mounts import VolumeMount

_POD_UID = "ANF_SANDBOX_POD_UID"


def exec_object(pod: Json, mounts: Mapping[str, VolumeMount], root: Path) -> Json:
    """The Exec of a Pod, deleted with it: per container, what is mounted where."""
    namespace, name = key(pod)
    return {
        "apiVersion": "kwok.x-k8s.io/v1alpha1",
        "kind": "Exec",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": name, "uid": uid(pod)}],
        },
        "spec": {
            "execs": [
                {"containers": [container["name"]], "local": {"envs": _environment(pod, container, mounts, root)}}
                for container in pod["spec"]["containers"]
            ]
        },
    }


def answers_for(api: KubeApi, pod: Json) -> bool:
    """Whether kwok already runs commands for this Pod: it learns of an Exec by a watch, a moment after it was made.

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
        "ANF_SANDBOX_HOSTNAME": str(pod["metadata"]["name"]),
        _POD_UID: uid(pod),
        "ANF_SANDBOX_MOUNTS": json.dumps(mounted),
    }
    return [{"name": name, "value": value} for name, value in variables.items()]
