"""What a stack of the sandbox has made, read from its outputs and from the cluster, and what to do next."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sandbox.errors import SandboxError
from sandbox.paths import PROJECT

_LIMIT_SECONDS: Final = 60


@dataclass(frozen=True)
class Share:
    """A share and the Pod that mounts it, as a newcomer wants to see them."""

    title: str
    namespace: str | None = None
    pod: str | None = None
    node: str | None = None
    listing: str | None = None
    """What `dir C:\\inetpub\\wwwroot` says in the Pod."""


def look(stack: str, tools: Path, environment: Mapping[str, str]) -> list[Share]:
    """Read the stack's outputs and look at its Pods: the first share of each way that it has.

    Raises:
        SandboxError: the stack has not been made, or a Pod is not there or not ready.

    """
    outputs = json.loads(_say(tools / "pulumi", environment, "stack", "output", "--json", "--stack", stack))
    ways = {
        "static": outputs.get("uncPath"),
        "dynamic": f"claim {claim} of StorageClass {outputs.get('storageClassName')}"
        if (claim := outputs.get("dynamicClaimName"))
        else None,
    }
    if not any(ways.values()):
        raise SandboxError(f"Stack '{stack}' has no share yet. Make it: python -m sandbox pulumi up --stack {stack}")
    return [
        _share(title, outputs.get(f"{way}Namespace"), outputs.get(f"{way}PodName"), tools / "kubectl", environment)
        for way, title in ways.items()
        if title
    ]


def _share(title: str, namespace: str | None, name: str | None, kubectl: Path, environment: Mapping[str, str]) -> Share:
    if not (namespace and name):
        return Share(title, namespace)
    pod: dict[str, Any] = json.loads(_say(kubectl, environment, "get", "pod", name, "-n", namespace, "-o", "json"))
    conditions = {item["type"]: item["status"] for item in pod["status"].get("conditions", [])}
    if conditions.get("Ready") != "True":
        raise SandboxError(
            f"Pod {namespace}/{name} is not ready. Its events say why: python -m sandbox run -- "
            f"kubectl describe pod {name} -n {namespace}"
        )
    listing = _say(kubectl, environment, "exec", name, "-n", namespace, "--", "cmd", "/c", r"dir C:\inetpub\wwwroot")
    return Share(title, namespace, name, pod["spec"].get("nodeName"), listing)


def _say(tool: Path, environment: Mapping[str, str], *arguments: str) -> str:
    try:
        done = subprocess.run(
            [str(tool), *arguments],
            cwd=PROJECT,
            env=dict(environment),
            text=True,
            capture_output=True,
            check=False,
            timeout=_LIMIT_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise SandboxError(f"`{tool.name} {' '.join(arguments)}` did not answer in {_LIMIT_SECONDS} s.") from None
    if done.returncode:
        raise SandboxError(f"`{tool.name} {' '.join(arguments)}` failed: {(done.stderr or done.stdout).strip()}")
    return done.stdout
