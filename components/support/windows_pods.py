"""The needs of Windows Pods in a cluster, and the parts of a Pod and of a chart that follow from them."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

from components.rules.windows_pods import OS_LABEL, WINDOWS_TAINT


class TolerationArgs(TypedDict):
    """A taint of nodes that Pods tolerate, as in a Pod's `tolerations`."""

    key: NotRequired[str]
    """The taint's key. Default: every key, with operator Exists."""
    operator: NotRequired[str]
    """Equal, or Exists for any value. Default: Equal."""
    value: NotRequired[str]
    """The taint's value, with operator Equal. Default: empty."""
    effect: NotRequired[str]
    """The taint's effect: NoSchedule, PreferNoSchedule or NoExecute. Default: every effect."""
    toleration_seconds: NotRequired[int]
    """How long a Pod stays on a node that gets the taint, with effect NoExecute, in seconds. Default: for ever."""


class WindowsPodsArgs(TypedDict):
    """The needs of Windows Pods in a cluster with tainted node pools or a private registry."""

    image: NotRequired[str]
    """The image of IIS, which must fit the Windows version of the nodes. Default: that of the documentation."""
    node_selector: NotRequired[dict[str, str]]
    """The labels of the nodes for the Pods, besides kubernetes.io/os. The drivers run on every Windows node anyway."""
    tolerations: NotRequired[list[TolerationArgs]]
    """The taints that Pods and csi-driver-smb tolerate, besides node.kubernetes.io/os=windows:NoSchedule."""
    image_pull_secrets: NotRequired[list[str]]
    """The Secrets for a private registry, in the namespaces of the Pods. Both charts get their names too."""


def pod_spec(needs: WindowsPodsArgs) -> dict[str, Any]:
    """Return the fields of a Pod's spec that follow from the needs; the image is its container's."""
    secrets = [{"name": name} for name in needs.get("image_pull_secrets", ())]
    return {
        "node_selector": {OS_LABEL: "windows", **needs.get("node_selector", {})},
        "tolerations": [WINDOWS_TAINT, *needs.get("tolerations", ())],
        **({"image_pull_secrets": secrets} if secrets else {}),
    }


def pull_secrets(needs: WindowsPodsArgs) -> Mapping[str, Any]:
    """Return the value of both charts for the pull Secrets: their names."""
    names = needs.get("image_pull_secrets", [])
    return {"imagePullSecrets": names} if names else {}
