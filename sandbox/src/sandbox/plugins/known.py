"""The engine's plugins that a sandbox has, in the engine's terms."""

import importlib.metadata
from dataclasses import dataclass
from pathlib import Path

from sandbox.paths import SandboxPaths
from sandbox.tools import TOOLS


@dataclass(frozen=True)
class Plugin:
    """A plugin: kind and name in the engine's terms, the SDK whose version the engine asks for, our module if any.

    The engine asks for a plugin without an SDK at no version: it is installed at that of the tool.
    """

    kind: str
    name: str
    distribution: str = ""
    module: str = ""

    @property
    def executable(self) -> str:
        return f"pulumi-{self.kind}-{self.name}"

    @property
    def version(self) -> str:
        return (
            importlib.metadata.version(self.distribution) if self.distribution else str(TOOLS[self.executable].version)
        )

    def folder(self, paths: SandboxPaths) -> Path:
        return paths.pulumi_home / "plugins" / f"{self.kind}-{self.name}-v{self.version}"


AZURE_NATIVE = Plugin("resource", "azure-native", "pulumi-azure-native", "sandbox.plugins.azure_native")
PYTHON = Plugin("language", "python", "pulumi", "sandbox.plugins.language")
KUBERNETES = Plugin("resource", "kubernetes", "pulumi-kubernetes")
YAML = Plugin("language", "yaml")
