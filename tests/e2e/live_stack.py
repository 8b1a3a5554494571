"""A stack in a running sandbox with links that tests break and fix, by manifests and by Azure's store."""

import copy
import dataclasses
import os
import re
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sandbox.testing import (
    AccountState,
    Directory,
    Json,
    KubeApi,
    NotFoundError,
    Resource,
    ResourceId,
    SandboxPaths,
    Store,
    condition,
)
from verify.check import Result, State
from verify.cli import walk
from verify.clients.kubernetes_client import KubernetesClient
from verify.mounts import mounts_of
from verify.plan import checks_of
from verify.runner import Runner
from verify.stack.outputs import StackOutputs
from verify.world import World, azure_of

STATIC, DYNAMIC = "smb-static", "smb-dynamic"
CLAIM, DYNAMIC_CLAIM = "anf-pvc-smb", "anf-pvc-smb-dynamic"
_SECONDS = 120  # for what takes a few on a quiet machine
_FIX_SECONDS = 600


@dataclass
class LiveStack:
    """The deployed stack `dev`."""

    paths: SandboxPaths
    outputs: StackOutputs
    folder: Path
    """The program's folder."""
    state: Json
    """What `pulumi stack export` prints."""
    manifests: dict[str, Json] = field(default_factory=dict[str, Json])

    managers: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """Those of the fields of each object that was taken away, as they were then."""

    def __post_init__(self) -> None:
        self.api = KubeApi(self.paths.kubeconfig)
        self.store = Store(self.paths.arm_database)

    def world(self) -> World:
        """Return the current stack with the clients of the commands."""
        kubernetes = KubernetesClient.of_file(str(self.paths.kubeconfig), None)
        return World.of(self.outputs, kubernetes, azure_of(self.outputs), self.folder)

    def verify(self, *, write: bool = False) -> list[Result]:
        world = self.world()
        return Runner(checks_of(world, 30), world, lambda _: None).run(write=write)

    def diagnose(self, claim: str) -> Result:
        """Return the last checked link: the first broken one if any."""
        world = self.world()
        (mount,) = mounts_of(world, claim, None)
        return walk(world, mount)[-1]

    def carry_out(self, commands: Sequence[str], said: str = "") -> None:
        """Run commands in a shell of the sandbox, one after the other, with `said` on standard input.

        `pulumi` is agreed with beforehand, and saves the preview.
        """
        script = re.sub(r"\bpulumi (up|refresh)\b", r"pulumi \1 --yes --skip-preview", "\n".join(commands))
        argv = [sys.executable, "-m", "sandbox", "run", "--", "bash", "-eo", "pipefail", "-c", script]
        home = {"ANF_SANDBOX_HOME": str(self.paths.root)}
        done = subprocess.run(
            argv, input=said, env=os.environ | home, text=True, capture_output=True, check=False, timeout=_FIX_SECONDS
        )
        assert done.returncode == 0, f"{commands}:\n{done.stdout}{done.stderr}"

    # Objects, by path. Each is remembered as it was when it was first taken away.

    def find(self, path: str) -> Json | None:
        try:
            return self.api.get(path)
        except NotFoundError:
            return None

    def remember(self, path: str) -> None:
        found = self.api.get(path)
        self.manifests.setdefault(path, _manifest(found))
        self.managers[path] = [each["manager"] for each in found["metadata"]["managedFields"]]

    def delete(self, path: str) -> None:
        self.remember(path)
        self.api.delete(path)
        eventually(lambda: self.find(path) is None, f"{path} is gone")

    def create(self, path: str, change: Callable[[Json], None] | None = None) -> None:
        """Create an object from its manifest, with an optional change; the stack's Pods as pulumi creates them."""
        pod = next((each for each in self._pods() if path == pod_path(each["inputs"]["metadata"]["namespace"])), None)
        body = copy.deepcopy(pod["inputs"] if pod else self.manifests[path])
        if change:
            change(body)
        if pod:  # `up` is refused to change fields that another manager has set
            own = [name for name in self.managers[path] if name.startswith("pulumi-kubernetes-")]
            self.api.apply(path, body, own[0])
        else:
            self.api.create(path.rpartition("/")[0], body)

    def _pods(self) -> list[Json]:
        resources: list[Json] = self.state["deployment"]["resources"]
        return [each for each in resources if each["type"] == "kubernetes:core/v1:Pod"]

    def merge(self, path: str, body: Json) -> Callable[[], None]:
        """Change an object; return a function that reverts the change."""
        before = _restoring(self.api.get(path), body)
        self.api.merge(path, body)

        def revert() -> None:
            self.api.merge(path, before)

        return revert

    # What a mount consists of.

    def restart_pod(self, namespace: str) -> None:
        """Recreate the Pod from its manifest, without waiting until it is Ready."""
        self.delete(pod_path(namespace))
        self.create(pod_path(namespace))

    def await_pod(self, namespace: str) -> None:
        eventually(
            lambda: (pod := self.find(pod_path(namespace))) is not None and condition(pod, "Ready"),
            f"the Pod in {namespace} is Ready",
        )

    def recreate_static(self, source: str | None = None) -> None:
        """Recreate Pod, claim and PersistentVolume, which a change of the source requires."""
        paths = (pod_path(STATIC), claim_path(STATIC, CLAIM), PERSISTENT_VOLUME)
        for path in paths:
            if self.find(path):
                self.delete(path)

        def change(body: Json) -> None:
            if source is not None:
                body["spec"]["csi"]["volumeAttributes"]["source"] = source
                body["spec"]["csi"]["volumeHandle"] = source  # a node maps what it has staged for a handle

        self.create(PERSISTENT_VOLUME, change)
        for path in paths[1::-1]:
            self.create(path)

    def node_of(self, namespace: str) -> str:
        return str(self.api.get(pod_path(namespace))["spec"]["nodeName"])

    # Azure, behind its API: what a stack never asks for.

    def azure_volume(self) -> Resource:
        found = self.store.find(ResourceId.parse(self.outputs.volumes[0].volume_id).key)
        assert found is not None
        return found

    def set_azure_volume(self, **changes: object) -> Callable[[], None]:
        before = self.azure_volume()
        self.store.save(dataclasses.replace(before, **changes))  # pyright: ignore[reportArgumentType]
        return lambda: self.store.save(before)

    def set_directory_password(self, password: str) -> None:
        Directory(self.store).set_password("contoso.com", "svc-web", password)

    def set_account(self, state: str) -> None:
        Directory(self.store).set_state("contoso.com", "svc-web", AccountState(state))


PERSISTENT_VOLUME = "/api/v1/persistentvolumes/anf-pv-smb"
TRIDENT = "/apis/trident.netapp.io/v1"
BACKEND_CONFIG = f"{TRIDENT}/namespaces/trident/tridentbackendconfigs/backend-tbc-anf-smb"


def pod_path(namespace: str) -> str:
    return f"/api/v1/namespaces/{namespace}/pods/iis-pod"


def claim_path(namespace: str, claim: str) -> str:
    return f"/api/v1/namespaces/{namespace}/persistentvolumeclaims/{claim}"


def secret_path(namespace: str) -> str:
    return f"/api/v1/namespaces/{namespace}/secrets/smbcreds"


def encoded(text: str) -> str:
    return b64encode(text.encode()).decode()


def failing(results: list[Result]) -> dict[str, str]:
    """Return the troubles of the failed checks by check name."""
    return {result.check.name: result.trouble for result in results if result.state is State.FAILS}


def eventually(look: Callable[[], bool], awaited: str) -> None:
    deadline = time.monotonic() + _SECONDS
    while not look():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {_SECONDS} s: {awaited}")
        time.sleep(0.1)


def _manifest(item: Json) -> Json:
    """Return an object without the server's fields."""
    made = copy.deepcopy(item)
    made.pop("status", None)
    for key in ("uid", "resourceVersion", "creationTimestamp", "managedFields", "generation", "deletionTimestamp"):
        made["metadata"].pop(key, None)
    annotations: dict[str, str] = made["metadata"].get("annotations") or {}
    for key in [key for key in annotations if key.startswith("pv.kubernetes.io/")]:
        del annotations[key]
    spec = made.get("spec") or {}
    for volume in [each for each in spec.get("volumes") or [] if each["name"].startswith("kube-api-access-")]:
        spec["volumes"].remove(volume)
        for container in spec["containers"]:
            mounts = container.get("volumeMounts") or []
            container["volumeMounts"] = [mount for mount in mounts if mount["name"] != volume["name"]]
    for key in ("uid", "resourceVersion"):
        (spec.get("claimRef") or {}).pop(key, None)
    if made["kind"] == "Pod":
        spec.pop("nodeName", None)
    return made


def _restoring(before: Json, change: Json) -> Json:
    """Return the merge patch that reverts another one."""
    return {
        key: _restoring(before.get(key) or {}, value)
        if isinstance(value, dict) and isinstance(before.get(key), dict)
        else copy.deepcopy(before.get(key))
        for key, value in change.items()
    }
