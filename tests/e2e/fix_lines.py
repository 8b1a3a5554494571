"""The printed commands that no case of broken_links.py runs, with what they get for their placeholders."""

from collections.abc import Mapping

from sandbox.testing import Json
from tests.e2e.live_stack import CLAIM, PERSISTENT_VOLUME, STATIC, LiveStack

NOT_HERE = {
    "kubectl debug node/{node} -it --image busybox -- chroot /host dmesg": "needs a terminal and a container that runs",
    "kubectl logs {pod} -n {namespace} --previous": "no container of the sandbox has ended and started again",
}
"""Commands that the sandbox does not carry out, each with the reason."""

OF_WARNINGS = ("mount-older-than-secret",)
"""Troubles that are no failure; tests/e2e/dev/test_verify.py runs their fixes."""

CHANGES = {
    'kubectl patch pv {pv} -p \'{{"spec":{{"persistentVolumeReclaimPolicy":"Retain"}}}}\'': "",
    "kubectl drain {node} --ignore-daemonsets --delete-emptydir-data --force": "",
    "kubectl cordon {node}": "",
    "kubectl uncordon {node}": "",
    "kubectl delete pod {pod} -n {namespace}": "",
    "pulumi config set --secret anf-smb:tridentClientSecret --stack {stack}": "made-up\n",
    "pulumi config set --path 'anf-smb:activeDirectory.aesEncryption' true --stack {stack}": "",
    "pulumi refresh --stack {stack}": "",
    "pulumi up --stack {stack}": "",
}
"""Commands that leave what holds as it is, in an order in which they can follow each other, each with its answer."""

_DRIVER = {"namespace": "kube-system"}
_TRIDENT = {"namespace": "trident", "config": "backend-tbc-anf-smb"}
_OF_COMMAND: Mapping[str, Mapping[str, str]] = {
    "kubectl delete pod": _DRIVER | {"pod": "{plugin}"},
    "kubectl describe daemonset": _DRIVER | {"workload": "csi-smb-node-win"},
    "kubectl describe deployment": _DRIVER | {"workload": "csi-smb-controller"},
    "kubectl describe tbc": _TRIDENT,
    "kubectl describe tridentbackend": _TRIDENT,
    "kubectl logs deployment/trident-operator": {"namespace": "trident"},
    "helm history": _DRIVER | {"release": "csi-driver-smb"},
}


def filled(live: LiveStack, command: str) -> str:
    """Return a command with values for objects of the stack, of its driver or of Trident."""
    volume = PERSISTENT_VOLUME.rpartition("/")[2]
    values = {"pod": "iis-pod", "namespace": STATIC, "claim": CLAIM, "pv": volume, "volume": volume}
    own = next((dict(more) for start, more in _OF_COMMAND.items() if command.startswith(start)), {})
    node = live.node_of(STATIC)
    values |= live.world().names | {"node": node} | own
    return command.format_map(values | {"pod": values["pod"].format(plugin=_plugin(live, node))})


def _plugin(live: LiveStack, node: str) -> str:
    selected = "/api/v1/namespaces/kube-system/pods?labelSelector=app%3Dcsi-smb-node-win"
    pods: list[Json] = live.api.get(selected)["items"]
    return next(str(pod["metadata"]["name"]) for pod in pods if pod["spec"].get("nodeName") == node)
