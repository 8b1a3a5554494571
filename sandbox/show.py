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

    unc_path: str
    namespace: str | None
    pod: str | None
    node: str | None
    ready: bool
    listing: str | None
    """What `dir C:\\inetpub\\wwwroot` says in the Pod."""


def look(stack: str, tools: Path, environment: Mapping[str, str]) -> Share:
    """Read the stack's outputs and look at its Pod.

    Raises:
        SandboxError: the stack has not been made, or its Pod is not there or not ready.

    """
    outputs = json.loads(_say(tools / "pulumi", environment, "stack", "output", "--json", "--stack", stack))
    if "uncPath" not in outputs:
        raise SandboxError(f"Stack '{stack}' has no share yet. Make it: python -m sandbox pulumi up --stack {stack}")
    namespace, name = outputs.get("staticNamespace"), outputs.get("staticPodName")
    if not (namespace and name):
        return Share(outputs["uncPath"], namespace, None, None, ready=False, listing=None)
    kubectl = tools / "kubectl"
    pod: dict[str, Any] = json.loads(_say(kubectl, environment, "get", "pod", name, "-n", namespace, "-o", "json"))
    conditions = {item["type"]: item["status"] for item in pod["status"].get("conditions", [])}
    if conditions.get("Ready") != "True":
        raise SandboxError(
            f"Pod {namespace}/{name} is not ready. Its events say why: python -m sandbox run -- "
            f"kubectl describe pod {name} -n {namespace}"
        )
    listing = _say(kubectl, environment, "exec", name, "-n", namespace, "--", "cmd", "/c", r"dir C:\inetpub\wwwroot")
    return Share(outputs["uncPath"], namespace, name, pod["spec"].get("nodeName"), ready=True, listing=listing)


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
