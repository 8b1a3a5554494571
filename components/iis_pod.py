"""The sample workload: IIS on a Windows node, which serves the files of the share."""

from typing import Any, Final, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as kubernetes

from components import rules
from components.rules.windows_pods import IMAGE as IMAGE_RULE
from components.support.options import Limits, child_options
from components.support.windows_pods import WindowsPodsArgs, pod_spec

IMAGE: Final = "mcr.microsoft.com/windows/servercore/iis:windowsservercore"
WEB_ROOT: Final = "/inetpub/wwwroot"


class IisPodArgs(TypedDict):
    """Arguments of `IisPod`."""

    namespace: pulumi.Input[str]
    """The namespace of the claim."""
    claim_name: pulumi.Input[str]
    """The claim to mount as the web root."""
    pod_name: NotRequired[pulumi.Input[str]]
    """The Pod's name. Default: iis-pod."""
    image: NotRequired[pulumi.Input[str]]
    """The image of IIS; it must fit the Windows version of the nodes. It wins over that of Windows Pods in general."""
    windows_pods: NotRequired[WindowsPodsArgs]
    """The needs of Windows Pods in the cluster: image, labels and taints of nodes, pull Secrets. Default: none."""


class IisPod(pulumi.ComponentResource):
    r"""A Pod with IIS that mounts a claim at C:\inetpub\wwwroot; ready only when the share is mounted.

    The Pod may take as long to become ready as the custom timeouts of the options say, 15 minutes by default: the first
    pull of the image takes long. Names that Kubernetes would refuse are an error.
    """

    pod_name: pulumi.Output[str]
    """The Pod's name."""

    def __init__(self, name: str, args: IisPodArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("anf-smb:index:IisPod", name, {}, opts)
        rules.check_args(
            "IisPod",
            args,
            {
                "namespace": rules.NAMESPACE,
                "claim_name": rules.OBJECT_NAME,
                "pod_name": rules.OBJECT_NAME,
                "image": IMAGE_RULE,
            },
        )
        needs = args.get("windows_pods", WindowsPodsArgs())
        size = {"cpu": "1", "memory": "800M"}
        spec: Any = {
            **pod_spec(needs),
            "containers": [
                {
                    "name": "web",
                    "image": args.get("image", needs.get("image", IMAGE)),
                    "resources": {"requests": size, "limits": size},
                    "ports": [{"container_port": 80}],
                    "volume_mounts": [{"name": "smb", "mount_path": WEB_ROOT}],
                }
            ],
            "volumes": [{"name": "smb", "persistent_volume_claim": {"claim_name": args["claim_name"]}}],
        }
        pod = kubernetes.core.v1.Pod(
            f"{name}-pod",
            metadata={
                "name": args.get("pod_name", "iis-pod"),
                "namespace": args["namespace"],
                "labels": {"app": "web"},
            },
            spec=spec,
            # Kubernetes releases a claim only after its Pods: a new claim needs a new Pod first.
            opts=child_options(self, opts, fixed=("spec",), limits=Limits.of(opts, 15)),
        )
        self.pod_name = pod.metadata["name"]
        self.register_outputs({"podName": self.pod_name})
