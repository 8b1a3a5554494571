"""IIS in several Pods on Windows nodes, all of them with one share."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as kubernetes


class WindowsDeploymentArgs(TypedDict):
    """Arguments of `WindowsDeployment`."""

    namespace: pulumi.Input[str]
    """The namespace of the claim: a Pod mounts no claim of another one."""
    claim_name: pulumi.Input[str]
    """The claim to mount; ReadWriteMany, so that every Pod has it, on whichever node it is."""
    mount_path: pulumi.Input[str]
    """The path of the mount on drive C:, such as /inetpub/wwwroot."""
    replicas: pulumi.Input[int]
    """The number of Pods."""
    share: NotRequired[pulumi.Input[str]]
    r"""The share behind the claim, \\server\share. Another share is a rollout: a Pod keeps its mounts."""
    timeout_minutes: NotRequired[int]
    """How long a rollout may take; a node's first pull of the image takes long. Default: 20."""


class WindowsDeployment(pulumi.ComponentResource):
    """A Deployment whose rollout is awaited: `up` ends when every Pod is ready, and so has mounted the share."""

    deployment_name: pulumi.Output[str]
    """The Deployment's name."""

    def __init__(self, name: str, args: WindowsDeploymentArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("anf-smb-consumer:index:WindowsDeployment", name, {}, opts)
        labels = {"app": name}
        size = {"cpu": "500m", "memory": "800M"}
        timeout = f"{args.get('timeout_minutes', 20)}m"
        deployment = kubernetes.apps.v1.Deployment(
            f"{name}-deployment",
            metadata={"name": name, "namespace": args["namespace"], "labels": labels},
            spec={
                "replicas": args["replicas"],
                "selector": {"match_labels": labels},
                # A share takes the new Pods beside the old ones.
                "strategy": {"type": "RollingUpdate", "rolling_update": {"max_unavailable": 0, "max_surge": 1}},
                "template": {
                    "metadata": {"labels": labels, "annotations": {"share": args.get("share", "")}},
                    "spec": {
                        "node_selector": {"kubernetes.io/os": "windows"},
                        "tolerations": [
                            {
                                "key": "node.kubernetes.io/os",
                                "operator": "Equal",
                                "value": "windows",
                                "effect": "NoSchedule",
                            }
                        ],
                        "topology_spread_constraints": [
                            {
                                "max_skew": 1,
                                "topology_key": "kubernetes.io/hostname",
                                "when_unsatisfiable": "ScheduleAnyway",
                                "label_selector": {"match_labels": labels},
                            }
                        ],
                        "containers": [
                            {
                                "name": "web",
                                "image": "mcr.microsoft.com/windows/servercore/iis:windowsservercore",
                                "resources": {"requests": size, "limits": size},
                                "ports": [{"container_port": 80}],
                                # Of the port alone: of an empty share IIS serves nothing but 403.
                                "readiness_probe": {"tcp_socket": {"port": 80}},
                                "volume_mounts": [{"name": "share", "mount_path": args["mount_path"]}],
                            }
                        ],
                        "volumes": [{"name": "share", "persistent_volume_claim": {"claim_name": args["claim_name"]}}],
                    },
                },
            },
            opts=pulumi.ResourceOptions(
                parent=self, custom_timeouts=pulumi.CustomTimeouts(create=timeout, update=timeout, delete=timeout)
            ),
        )
        self.deployment_name = deployment.metadata["name"]
        self.register_outputs({"deploymentName": self.deployment_name})
