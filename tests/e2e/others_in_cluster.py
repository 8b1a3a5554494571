"""What another team has in the namespaces of a stack, and what must be the same after anything that the stack does."""

import json
from dataclasses import dataclass

from sandbox.testing import AzureClients
from tests.e2e.conftest import Stack

NAMESPACES = ("smb-static", "smb-dynamic")


@dataclass(frozen=True)
class Seen:
    """Identities: a deleted object that is there again has another one."""

    objects: dict[str, str]
    """UIDs of namespaces, PersistentVolumes, claims and the other team's objects by kind and name."""
    bound: dict[str, str]
    """The PersistentVolumes of the claims."""
    volumes: dict[str, str]
    """File system ids of the volumes in Azure by name."""
    files: dict[str, bytes]
    """The files of the shares."""


def move_in(stack: Stack) -> None:
    """Create another team's Deployment and ConfigMap, and a file in each share."""
    stack.kubectl("create", "deployment", "theirs", "--image=nginx", "-n", "smb-static")
    stack.kubectl("create", "configmap", "theirs", "--from-literal=who=others", "-n", "smb-dynamic")
    for namespace in NAMESPACES:
        wrote = ("cmd", "/c", rf"echo {namespace}> C:\inetpub\wwwroot\kept.txt")
        stack.kubectl("exec", "iis-pod", "-n", namespace, "--", *wrote)


def seen(stack: Stack) -> Seen:
    kinds = "namespaces,persistentvolumes,persistentvolumeclaims,deployments,configmaps"
    items = json.loads(stack.kubectl("get", kinds, "--all-namespaces", "-o", "json"))["items"]
    ours = [
        item
        for item in items
        if item["kind"] == "PersistentVolume"
        or item["metadata"]["name"] in {*NAMESPACES, "theirs"}
        or (item["kind"] == "PersistentVolumeClaim" and item["metadata"]["namespace"] in NAMESPACES)
    ]
    volumes = AzureClients(stack.paths).netapp.volumes.list("rg-anf-dev", "anf-dev", "pool-dev")
    return Seen(
        {f"{item['kind']} {item['metadata']['name']}": item["metadata"]["uid"] for item in ours},
        {
            item["metadata"]["name"]: f"{item['spec']['volumeName']} {item['status']['phase']}"
            for item in ours
            if item["kind"] == "PersistentVolumeClaim"
        },
        {str(volume.name): str(volume.properties and volume.properties.file_system_id) for volume in volumes},
        {str(file.relative_to(stack.paths.shares)): file.read_bytes() for file in stack.paths.shares.rglob("kept.txt")},
    )
