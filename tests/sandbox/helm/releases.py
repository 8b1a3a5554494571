"""A program's releases, driven as the engine drives them, and charts for them."""

import json
import os
import subprocess
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.providers.kubernetes.cluster import Cluster
from sandbox.providers.kubernetes.handler import Checked, Difference, Naming, Resource, State
from sandbox.providers.kubernetes.release import ReleaseHandler
from sandbox.providers.values import Properties, read
from sandbox.toolchain import Toolchain

TYPE = "kubernetes:helm.sh/v3:Release"


@dataclass
class Program:
    """One release of a program, with everything that was said about it."""

    cluster: Cluster
    name: str = "web"
    lines: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    statuses: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self.handler = ReleaseHandler(self.cluster)
        self.resource = Resource(
            urn=f"urn:pulumi:test::anf-smb::{TYPE}::{self.name}",
            type=TYPE,
            name=self.name,
            log=lambda severity, message: self.lines.append((severity, message)),
            status=lambda _, message: self.statuses.append(message),
        )

    def check(self, inputs: Mapping[str, Any], old: Properties | None = None, secrets: Any = ()) -> Checked:
        return self.handler.check(
            self.resource, old, Properties(dict(inputs), frozenset(secrets)), Naming(seed=b"seed of the resource")
        )

    def checked(self, inputs: Mapping[str, Any], old: Properties | None = None, secrets: Any = ()) -> Properties:
        checked = self.check(inputs, old, secrets)
        assert not checked.failures, checked.failures
        return checked.inputs

    def install(self, inputs: Mapping[str, Any], secrets: Any = ()) -> tuple[Properties, State]:
        wanted = self.checked(inputs, secrets=secrets)
        return wanted, through_the_engine(self.handler.create(self.resource, wanted, None, False))

    def diff(self, inputs: Properties, state: State, wanted: Properties) -> Difference:
        return self.handler.diff(self.resource, state.id, inputs, state.outputs, wanted)

    def upgrade(self, inputs: Properties, state: State, wanted: Properties, preview: bool = False) -> State:
        made = self.handler.update(self.resource, state.id, inputs, state.outputs, wanted, None, preview)
        return through_the_engine(made)

    def refresh(self, inputs: Properties, state: State) -> State | None:
        return self.handler.read(self.resource, state.id, inputs, state.outputs)

    def uninstall(self, inputs: Properties, state: State) -> None:
        self.handler.delete(self.resource, state.id, inputs, state.outputs, None)


def through_the_engine(state: State) -> State:
    """A state as it comes back from the engine's own."""
    outputs = read(state.outputs.struct())
    assert outputs == state.outputs
    return State(state.id, outputs, state.inputs)


@dataclass(frozen=True)
class HelmByHand:
    """The helm and the kubectl of someone who works on the same cluster."""

    toolchain: Toolchain
    kubeconfig: Path
    home: Path

    def helm(self, *arguments: str) -> str:
        return self._run("helm", *arguments)

    def kubectl(self, *arguments: str) -> Any:
        return json.loads(self._run("kubectl", *arguments, "-o", "json"))

    def _run(self, tool: str, *arguments: str) -> str:
        environment = {**os.environ, "KUBECONFIG": str(self.kubeconfig), "HOME": str(self.home)}
        done = subprocess.run(
            [self.toolchain.path(tool), *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def write_chart(folder: Path, *templates: str, version: str = "1.2.3", values: str = "{}", **metadata: str) -> Path:
    """A chart of these templates."""
    (folder / "templates").mkdir(parents=True, exist_ok=True)
    entries = {"apiVersion": "v2", "name": folder.name, "version": version, "appVersion": "7.0", **metadata}
    (folder / "Chart.yaml").write_text(json.dumps(entries))
    (folder / "values.yaml").write_text(values)
    for index, template in enumerate(templates):
        (folder / "templates" / f"{index}.yaml").write_text(textwrap.dedent(template))
    return folder


CONFIG_MAP = """
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: {{ .Release.Name }}-settings
      namespace: {{ .Release.Namespace }}
    data:
      greeting: {{ .Values.greeting | default "none" | quote }}
"""

DEPLOYMENT_WITHOUT_A_NODE = """
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: {{ .Release.Name }}-nowhere
      namespace: {{ .Release.Namespace }}
    spec:
      selector: {matchLabels: {app: nowhere}}
      template:
        metadata: {labels: {app: nowhere}}
        spec:
          nodeSelector: {no-such: node}
          containers: [{name: main, image: none}]
"""
