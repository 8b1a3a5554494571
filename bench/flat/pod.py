"""A sample Pod that serves the files of a claim."""

import pulumi
import pulumi_kubernetes as k8s


def pod(
    name: str, pod_name: str, namespace: pulumi.Output[str], claim: pulumi.Output[str], opts: pulumi.ResourceOptions
) -> None:
    """Create a Pod with IIS on a Windows node."""
    size = {"cpu": "1", "memory": "800M"}
    k8s.core.v1.Pod(
        f"{name}-pod",
        metadata={"name": pod_name, "namespace": namespace, "labels": {"app": "web"}},
        spec={
            "node_selector": {"kubernetes.io/os": "windows"},
            "containers": [
                {
                    "name": "web",
                    "image": "mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022",
                    "resources": {"requests": size, "limits": size},
                    "ports": [{"container_port": 80}],
                    "volume_mounts": [{"name": "smb", "mount_path": "c:\\inetpub\\wwwroot"}],
                }
            ],
            "volumes": [{"name": "smb", "persistent_volume_claim": {"claim_name": claim}}],
        },
        opts=opts,
    )
